"""What a request says, and what it does not: who asks, in which codings, with which validators.

Where a rule needs a database it is proved elsewhere: validators are stored only when the load has committed
(tests/store), and the gap between two starts over all workers is that of the budget in Postgres (tests/store).
"""

import gzip
import zlib
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from backports import zstd
from wiredesk.fetch import ACCEPT_PAGE, fetch_each
from wiredesk.models import Feed, FetchOutcome, FetchReason, FetchRequest, FetchResult
from wiredesk.schedule import sends_validators
from wiredesk.settings import Settings

from tests.unit.fetch_wire import FEED, LIMIT, NOW, Wire, get, get_each, settings

CONTACT = "https://reader.example/about"
WEIRD_ETAGS = [
    '"plain"',
    'W/"weak"',
    'w/"lower-case weak"',
    "no-quotes-at-all",
    '"unbalanced',
    "'single'",
    '"with ""quotes"" inside"',
    '"a, b"',
    '  "spaces around and   inside"  '.strip(),
    '"gzip-suffix-gzip"',
    '"%2F%2f;ä"'.replace("ä", "a"),
    "*",
]
WEIRD_DATES = [
    "Sun, 01 Mar 2026 12:00:00 GMT",
    "sun, 1 mar 2026 12:00:00 gmt",
    "Sun, 01 Mar 2026 12:00:00 +0000",
    "2026-03-01T12:00:00Z",
    "Sunday, 01-Mar-26 12:00:00 GMT",
    "1772366400",
    "Sun,  01   Mar 2026",
]


async def test_user_agent_names_the_reader_its_version_and_a_contact(wire: Wire) -> None:
    """RFC 9110 section 10.1.5; a publisher must be able to reach whoever polls."""
    await get(wire.answer("/feed"), user_agent_contact=CONTACT)
    agent = wire.requests[0].headers["User-Agent"]
    name, _, rest = agent.partition("/")
    assert (name, rest.endswith(f" (+{CONTACT})")) == ("wiredesk", True)


async def test_one_user_agent_on_every_hop(wire: Wire) -> None:
    wire.answer("/old", status=301, body=b"", Location="/feed")
    wire.answer("/feed")
    await get(wire.url("/old"), user_agent_contact=CONTACT)
    assert len({request.headers["User-Agent"] for request in wire.requests}) == 1
    assert len(wire.requests) == 2


async def test_gzip_brotli_and_zstandard_are_asked_for(wire: Wire) -> None:
    """RFC 9110 section 12.5.3, RFC 7932, RFC 8878."""
    await get(wire.answer("/feed"))
    codings = {coding.partition(";")[0].strip() for coding in wire.requests[0].headers["Accept-Encoding"].split(",")}
    assert {"gzip", "br", "zstd"} <= codings


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(FEED, mtime=0)),
        ("gzip", gzip.compress(FEED[:30], mtime=0) + gzip.compress(FEED[30:], mtime=0)),
        ("GZIP", gzip.compress(FEED, mtime=0)),
        ("deflate", zlib.compress(FEED)),
        ("br", brotli.compress(FEED)),
        ("zstd", zstd.compress(FEED)),
        ("zstd", zstd.compress(FEED[:30]) + zstd.compress(FEED[30:])),
    ],
)
async def test_each_coding_asked_for_is_undone(wire: Wire, coding: str, body: bytes) -> None:
    result = await get(wire.answer("/feed", body=body, Content_Encoding=coding))
    assert (result.body, result.body_bytes) == (FEED, len(FEED))


async def test_accept_prefers_feeds_and_takes_anything(wire: Wire) -> None:
    """RFC 9110 section 12.5.1: a server with both a page and a feed at one address is told which."""
    await get(wire.answer("/feed"))
    accept = wire.requests[0].headers["Accept"]
    assert accept.startswith("application/rss+xml, application/atom+xml, application/feed+json")
    assert "*/*" in accept


async def test_accept_for_pages_prefers_html(wire: Wire) -> None:
    requests = [FetchRequest(wire.answer("/story"))]
    assert [r.outcome async for _, r in fetch_each(requests, settings(), max_bytes=LIMIT, accept=ACCEPT_PAGE)]
    assert wire.requests[0].headers["Accept"].startswith("text/html")


async def test_cookies_are_never_sent_back(wire: Wire) -> None:
    """RFC 6265: a reader needs no state, and a cookie would make it a tracked one."""
    wire.answer("/old", status=302, body=b"", Location="/feed", Set_Cookie="id=1; Path=/")
    wire.answer("/feed", Set_Cookie="id=2; Path=/; Max-Age=9999")
    await get_each([wire.url("/old"), wire.url("/feed")], per_host_concurrency=1)
    await get(wire.url("/feed"))
    assert len(wire.requests) == 4
    assert not [request for request in wire.requests if "Cookie" in request.headers]


async def test_no_referer_after_a_redirect(wire: Wire) -> None:
    """RFC 9110 section 10.1.3: nobody is told where we came from."""
    wire.answer("/old", status=301, body=b"", Location="/feed")
    wire.answer("/feed")
    await get(wire.url("/old?subscriber=7"))
    assert len(wire.requests) == 2
    assert not [request for request in wire.requests if "Referer" in request.headers]


@pytest.mark.parametrize("path", ["/feed", "/feed?", "/feed?a=1&a=2", "/feed?x=%2f+&utm_source=rss", "/a%20b;c=d?é=1"])
async def test_no_query_is_added_and_none_is_changed(wire: Wire, path: str) -> None:
    """A cache-busting query would miss every cache on the way."""
    wire.answer("/feed")
    wire.answer("/a b;c=d")
    await get(wire.url(path))
    assert wire.requests[0].raw_path.removesuffix("?") == path.replace("é", "%C3%A9").removesuffix("?")


async def test_nothing_but_get_without_a_body_is_sent(wire: Wire) -> None:
    await get(wire.answer("/feed"))
    request = wire.requests[0]
    assert (request.method, request.body_exists, request.headers.get("Content-Length")) == ("GET", False, None)
    assert not {"Authorization", "Cache-Control", "Pragma", "Range"} & set(request.headers)


@pytest.mark.parametrize("etag", WEIRD_ETAGS)
async def test_etag_is_opaque_and_sent_back_byte_for_byte(wire: Wire, etag: str) -> None:
    """RFC 9110 section 8.8.3: opaque to the client, W/ and quotes included."""
    first = await get(wire.answer("/feed", ETag=etag))
    await get(FetchRequest(wire.url("/feed"), first.etag, first.last_modified))
    assert wire.requests[1].headers["If-None-Match"] == etag


@pytest.mark.parametrize("date", WEIRD_DATES)
async def test_last_modified_is_opaque_and_sent_back_byte_for_byte(wire: Wire, date: str) -> None:
    """RFC 9110 section 13.1.3: as the server said it, and never a date of our own making."""
    first = await get(wire.answer("/feed", Last_Modified=date))
    await get(FetchRequest(wire.url("/feed"), first.etag, first.last_modified))
    assert wire.requests[1].headers["If-Modified-Since"] == date


async def test_both_validators_are_sent_where_both_are_known(wire: Wire) -> None:
    """RFC 9110 section 13.1.3: servers that know neither ETag nor dates well use the other."""
    first = await get(wire.answer("/feed", ETag='"1"', Last_Modified="Sun, 01 Mar 2026 12:00:00 GMT"))
    second = await get(FetchRequest(wire.url("/feed"), first.etag, first.last_modified))
    headers = wire.requests[1].headers
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('"1"', "Sun, 01 Mar 2026 12:00:00 GMT")
    assert (first.is_conditional, second.is_conditional) == (False, True)


async def test_validators_of_a_304_replace_the_stored_ones_and_what_it_omits_stays(wire: Wire) -> None:
    """RFC 9110 section 15.4.5, RFC 9111 section 4.3.4."""
    wire.answer("/feed", status=304, body=b"", ETag='"2"')
    result = await get(FetchRequest(wire.url("/feed"), '"1"', "yesterday"))
    assert (result.outcome, result.reason, result.body) == (FetchOutcome.UNCHANGED, FetchReason.NOT_MODIFIED, None)
    assert (result.etag, result.last_modified, result.body_bytes) == ('"2"', "yesterday", None)


async def test_validators_survive_a_redirect_to_the_feed(wire: Wire) -> None:
    wire.answer("/old", status=302, body=b"", Location="/feed")
    wire.answer("/feed", status=304, body=b"")
    result = await get(FetchRequest(wire.url("/old"), '"1"'))
    assert result.outcome is FetchOutcome.UNCHANGED
    assert [request.headers["If-None-Match"] for request in wire.requests] == ['"1"', '"1"']


def polls(feed: Feed, count: int, **changes: object) -> list[bool]:
    """Whether each of `count` polls, one an hour, sends the validators."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    chosen = Settings(**changes)
    return [sends_validators(feed, now=start + timedelta(hours=hour), settings=chosen) for hour in range(count)]


def test_no_request_is_unconditional_after_the_first() -> None:
    """But for the share that finds lying servers, which a setting turns off."""
    feed = Feed(1, "https://paper.example/feed", etag='"1"')
    assert all(polls(feed, 5000, unconditional_share=0.0))


def test_about_one_poll_in_a_hundred_finds_out_whether_the_server_lies() -> None:
    feed = Feed(1, "https://paper.example/feed", etag='"1"')
    unconditional = polls(feed, 20_000).count(False)
    assert 120 <= unconditional <= 280  # 200 expected; 80 are more than five standard deviations


def test_feed_that_a_person_opted_out_is_asked_without_validators() -> None:
    feed = Feed(1, "https://paper.example/feed", etag='"1"', is_conditional=False)
    assert not any(polls(feed, 100))


async def test_poll_without_validators_carries_none(wire: Wire) -> None:
    await get(FetchRequest(wire.answer("/feed", ETag='"1"')))
    assert not {"If-None-Match", "If-Modified-Since"} & set(wire.requests[0].headers)


def moves(*statuses: int) -> list[tuple[str, int, str]]:
    return [(f"/{hop}", status, f"/{hop + 1}") for hop, status in enumerate(statuses)]


@pytest.mark.parametrize(
    ("statuses", "has_moved"),
    [((), False), ((301,), True), ((308,), True), ((301, 308), True), ((302,), False), ((301, 302), False),
     ((307, 301), False), ((303,), False)],
)  # fmt: skip
async def test_only_permanent_redirects_say_that_a_feed_has_moved(
    wire: Wire, statuses: tuple[int, ...], has_moved: bool
) -> None:
    """RFC 9110 sections 15.4.2 and 15.4.9: 301 and 308 name the new address, the others do not."""
    for path, status, target in moves(*statuses):
        wire.answer(path, status=status, body=b"", Location=target)
    last = wire.answer(f"/{len(statuses)}")
    result = await get(wire.url("/0"))
    assert (result.final_url, result.moved_to) == (last, last if has_moved else None)


async def test_failure_behind_a_permanent_redirect_is_no_move(wire: Wire) -> None:
    wire.answer("/old", status=301, body=b"", Location="/feed")
    wire.answer("/feed", status=404, body=b"")
    assert (await get(wire.url("/old"))).moved_to is None


async def test_user_name_and_password_are_in_no_address_that_is_kept(wire: Wire) -> None:
    """RFC 9110 section 4.2.4. And whoever needs them is not moved to an address without."""
    wire.answer("/old", status=301, body=b"", Location="/feed")
    wire.answer("/feed")
    result: FetchResult = await get(f"http://reader:tide@127.0.0.1:{wire.port}/old")
    assert (result.outcome, result.final_url, result.moved_to) == (FetchOutcome.FETCHED, wire.url("/feed"), None)
    assert result.started_at == NOW
