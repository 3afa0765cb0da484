"""The fetcher against a real HTTP server on loopback: requests, answers, redirects, failures."""

import gzip
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from wiredesk.fetch import fetch_each
from wiredesk.models import FetchOutcome, FetchReason, FetchRequest

from tests.unit.fetch_wire import FEED, LIMIT, NOW, Wire, get, get_each, get_raw, serve_wire, settings


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with serve_wire() as server:
        yield server


async def test_first_request_carries_no_validator_and_brings_new_bytes(wire: Wire) -> None:
    url = wire.answer("/feed", ETag='W/"a,b  c"', Last_Modified="yesterday or so", Content_Type="text/xml")
    result = await get(url)
    assert (result.outcome, result.reason, result.http_status) == (
        FetchOutcome.FETCHED,
        FetchReason.NEW_BYTES,
        200,
    )
    assert (result.body, result.content_type, result.final_url) == (FEED, "text/xml", url)
    assert (result.etag, result.last_modified) == ('W/"a,b  c"', "yesterday or so")
    assert (result.started_at, result.detail) == (NOW, None)
    assert not {"If-None-Match", "If-Modified-Since"} & set(wire.requests[0].headers)


async def test_validators_are_sent_back_byte_exact_and_304_is_unchanged(wire: Wire) -> None:
    url = wire.answer("/feed", body=b"", status=304, Cache_Control="max-age=900")
    result = await get(FetchRequest(url, etag='W/"a,b  c"', last_modified="yesterday or so"))
    assert (result.outcome, result.reason) == (FetchOutcome.UNCHANGED, FetchReason.NOT_MODIFIED)
    assert wire.requests[0].headers["If-None-Match"] == 'W/"a,b  c"'
    assert wire.requests[0].headers["If-Modified-Since"] == "yesterday or so"
    assert (result.etag, result.last_modified, result.max_age_s) == ('W/"a,b  c"', "yesterday or so", 900)
    assert result.body is None


async def test_304_without_a_validator_sent_is_no_success(wire: Wire) -> None:
    result = await get(wire.answer("/feed", body=b"", status=304))
    assert (result.outcome, result.reason) == (FetchOutcome.FAILED, FetchReason.PROTOCOL)


async def test_validator_that_is_not_ascii_is_dropped(wire: Wire) -> None:
    result = await get(wire.answer("/feed", ETag='"grün"'))
    assert (result.outcome, result.etag) == (FetchOutcome.FETCHED, None)


async def test_request_names_itself_and_keeps_no_cookie_and_sends_no_referer(wire: Wire) -> None:
    wire.answer("/old", status=302, body=b"", Location="/feed", Set_Cookie="id=1; Path=/")
    wire.answer("/feed", Set_Cookie="id=2; Path=/")
    contact = "https://example.org/about-our-reader"
    requests = [FetchRequest(wire.url("/old")), FetchRequest(wire.url("/feed"))]
    found = [
        r
        async for _, r in fetch_each(
            requests, settings(user_agent_contact=contact, per_host_concurrency=1), max_bytes=LIMIT
        )
    ]
    assert {result.outcome for result in found} == {FetchOutcome.FETCHED}
    assert len(wire.requests) == 3
    for request in wire.requests:
        assert request.headers["User-Agent"].startswith("wiredesk/")
        assert request.headers["User-Agent"].endswith(f"(+{contact})")
        assert not {"Cookie", "Referer"} & set(request.headers)
        assert {"gzip", "br"} <= set(request.headers["Accept-Encoding"].replace(" ", "").split(","))


async def test_url_goes_out_as_it_was_written(wire: Wire) -> None:
    wire.answer("/a%2Fb")
    wire.handlers["/a/b"] = wire.handlers["/a%2Fb"]
    result = await get(wire.url("/a%2Fb?x=%2f&y=1+2#part"))
    assert result.outcome is FetchOutcome.FETCHED
    assert wire.requests[0].raw_path == "/a%2Fb?x=%2f&y=1+2"


async def test_gzip_is_undone(wire: Wire) -> None:
    result = await get(wire.answer("/feed", body=gzip.compress(FEED), Content_Encoding="gzip"))
    assert result.body == FEED


async def test_broken_gzip_is_bad_encoding(wire: Wire) -> None:
    result = await get(wire.answer("/feed", body=b"not gzip at all", Content_Encoding="gzip"))
    assert (result.outcome, result.reason) == (FetchOutcome.FAILED, FetchReason.BAD_ENCODING)
    assert wire.url("/feed") in (result.detail or "")


async def test_coding_that_cannot_be_undone_is_bad_encoding(wire: Wire) -> None:
    body = gzip.compress(gzip.compress(FEED))
    result = await get(wire.answer("/feed", body=body, Content_Encoding="gzip, gzip"))
    assert result.reason is FetchReason.BAD_ENCODING


async def test_body_that_breaks_off_is_no_payload(wire: Wire) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(FEED)
        request.transport.close()
        return response

    wire.handlers["/feed"] = break_off
    result = await get(wire.url("/feed"))
    assert (result.outcome, result.reason, result.body) == (FetchOutcome.FAILED, FetchReason.PROTOCOL, None)


async def test_redirects_are_followed_up_to_the_cap(wire: Wire) -> None:
    for hop in range(4):
        wire.answer(f"/{hop}", status=301, body=b"", Location=f"{hop + 1}?a=%2F")
    wire.answer("/4", ETag='"four"')
    result = await get(FetchRequest(wire.url("/0"), etag='"three"'), max_redirects=4)
    assert (result.outcome, result.final_url, result.etag) == (
        FetchOutcome.FETCHED,
        wire.url("/4?a=%2F"),
        '"four"',
    )
    result = await get(wire.url("/0"), max_redirects=3)
    assert (result.outcome, result.reason) == (FetchOutcome.FAILED, FetchReason.REDIRECTS)


async def test_redirect_loop_is_named(wire: Wire) -> None:
    wire.answer("/a", status=302, body=b"", Location="/b")
    wire.answer("/b", status=302, body=b"", Location="/a")
    result = await get(wire.url("/a"))
    assert result.reason is FetchReason.REDIRECTS
    assert "loop" in (result.detail or "")
    assert len(wire.requests) == 2


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/feed", "http://[::1/", "gopher:x"])
async def test_redirect_to_anything_but_http_is_refused(wire: Wire, target: str) -> None:
    result = await get(wire.answer("/a", status=302, body=b"", Location=target))
    assert (result.outcome, result.reason) == (FetchOutcome.FAILED, FetchReason.BAD_URL)
    assert wire.url("/a") in (result.detail or "")


@pytest.mark.parametrize("target", ["http://a:99999/", "//a:-1/feed", "http://a:b/"])
async def test_redirect_to_an_impossible_port_is_a_bad_url_and_stops_no_other(wire: Wire, target: str) -> None:
    urls = [wire.answer("/a", status=302, body=b"", Location=target), wire.answer("/feed")]
    broken, healthy = await get_each(urls)
    assert (broken.outcome, broken.reason) == (FetchOutcome.FAILED, FetchReason.BAD_URL)
    assert urls[0] in (broken.detail or "")
    assert (healthy.outcome, healthy.body) == (FetchOutcome.FETCHED, FEED)


@pytest.mark.parametrize("is_redirect", [False, True])
async def test_exception_that_nobody_foresaw_fails_its_own_url_only(wire: Wire, is_redirect: bool) -> None:
    # aiohttp raises a plain ValueError for a user name with a colon (RFC 7617 section 2).
    odd = f"http://a%3Ab:tide@127.0.0.1:{wire.port}/odd"
    urls = [wire.answer("/a", status=302, body=b"", Location=odd) if is_redirect else odd, wire.answer("/feed")]
    broken, healthy = await get_each(urls)
    assert (broken.outcome, broken.reason) == (FetchOutcome.FAILED, FetchReason.PROTOCOL)
    assert "ValueError" in (broken.detail or "")
    assert f"http://127.0.0.1:{wire.port}/odd" in (broken.detail or "")
    assert "tide" not in (broken.detail or "")
    assert (healthy.outcome, healthy.body) == (FetchOutcome.FETCHED, FEED)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (204, FetchReason.PROTOCOL),
        (300, FetchReason.PROTOCOL),
        (401, FetchReason.HTTP_CLIENT),
        (404, FetchReason.NOT_FOUND),
        (410, FetchReason.GONE),
        (429, FetchReason.RATE_LIMITED),
        (500, FetchReason.HTTP_SERVER),
        (503, FetchReason.HTTP_SERVER),
    ],
)
async def test_status_becomes_a_reason_and_a_sentence(wire: Wire, status: int, reason: FetchReason) -> None:
    result = await get(wire.answer("/feed", status=status, body=b""))
    assert (result.outcome, result.reason, result.http_status) == (FetchOutcome.FAILED, reason, status)
    assert f"{wire.url('/feed')} answered {status}" in (result.detail or "")


async def test_invented_status_is_a_protocol_failure_without_a_status() -> None:
    result = await get_raw(b"HTTP/1.1 999 Request denied\r\nContent-Length: 0\r\n\r\n")
    assert (result.reason, result.http_status) == (FetchReason.PROTOCOL, None)
    assert "999" in (result.detail or "")


@pytest.mark.parametrize("reply", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"])
async def test_peer_that_does_not_speak_http_is_a_protocol_failure(reply: bytes) -> None:
    result = await get_raw(reply)
    assert (result.outcome, result.reason) == (FetchOutcome.FAILED, FetchReason.PROTOCOL)


async def test_server_that_hangs_up_without_a_word_is_a_connection_failure() -> None:
    result = await get_raw(b"")
    assert (result.outcome, result.reason) == (FetchOutcome.FAILED, FetchReason.CONNECT)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Sun, 01 Mar 2026 12:10:00 GMT", 600),
        ("Sun, 01 Mar 2099 12:10:00 GMT", 86400),
        ("soon", None),
    ],
)
async def test_retry_after_is_read_in_both_forms(wire: Wire, value: str, seconds: int | None) -> None:
    result = await get(wire.answer("/feed", status=503, Retry_After=value))
    assert result.retry_after_s == seconds


@pytest.mark.parametrize(
    "url", ["", "feed", "ftp://127.0.0.1/", "http:///feed", "http://127.0.0.1:99999/", "http://a b/"]
)
async def test_what_is_no_http_url_is_a_bad_url(url: str) -> None:
    result = await get(url)
    assert (result.outcome, result.reason, result.final_url) == (
        FetchOutcome.FAILED,
        FetchReason.BAD_URL,
        None,
    )


async def test_unresolvable_name_is_dns_and_closed_port_is_connect(wire: Wire) -> None:
    result = await get("http://no-such-name.invalid/feed")
    assert result.reason is FetchReason.DNS
    wire.port = 1  # nothing listens on tcpmux
    result = await get(wire.url("/feed"))
    assert result.reason is FetchReason.CONNECT


async def test_plain_http_where_tls_was_asked_for_is_tls(wire: Wire) -> None:
    result = await get(f"https://127.0.0.1:{wire.port}/feed")
    assert result.reason is FetchReason.TLS


async def test_password_in_a_url_is_used_and_never_shown(wire: Wire) -> None:
    wire.answer("/feed", status=403)
    result = await get(f"http://reader:tide@127.0.0.1:{wire.port}/feed")
    assert wire.requests[0].headers["Authorization"].startswith("Basic ")
    assert "tide" not in (result.detail or "")
