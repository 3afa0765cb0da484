"""How hard one host is asked: few at once, a gap between two starts, and silence for as long as it asks for."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from wiredesk.errors import StoreError
from wiredesk.fetch import LocalBudget, Wait, fetch_each, pause_scope
from wiredesk.models import Feed, FeedState, FetchOutcome, FetchReason, FetchRequest
from wiredesk.schedule import plan_next_fetch
from wiredesk.settings import Settings

from tests.unit.fetch_wire import FEED, LIMIT, NOW, PATIENCE_S, Wire, get, get_each, get_raw, settings

GAP_S = 0.15
# Sockets and a busy machine move what is started exactly in time; the clock of an event loop is good to 1 ms.
TOLERANCE_S = 0.05


class CountingBudget(LocalBudget):
    """A LocalBudget that remembers what was asked of it."""

    def __init__(self, concurrency: int = 2, gap_s: float = 0.0) -> None:
        super().__init__(concurrency, gap_s)
        self.asked: Counter[str] = Counter()
        self.held: Counter[str] = Counter()

    def try_start(self, host: str) -> str | Wait:
        self.asked[host] += 1
        answer = super().try_start(host)
        self.held[host] += isinstance(answer, str)
        return answer

    def finish(self, host: str, permit: str) -> None:
        self.held[host] -= 1
        super().finish(host, permit)


def gaps(wire: Wire) -> list[float]:
    return [later - earlier for earlier, later in zip(wire.arrivals, wire.arrivals[1:], strict=False)]


async def test_between_two_starts_on_one_host_there_is_a_gap(wire: Wire) -> None:
    """Seen at the server."""
    wire.answer("/feed")
    results = await get_each([wire.url(f"/feed?{n}") for n in range(5)], per_host_gap_s=GAP_S)
    assert {result.outcome for result in results} == {FetchOutcome.FETCHED}
    assert len(wire.arrivals) == 5
    assert min(gaps(wire)) >= GAP_S - TOLERANCE_S


async def test_gap_holds_between_a_redirect_and_what_follows_on_the_same_host(wire: Wire) -> None:
    wire.answer("/old", status=301, body=b"", Location="/feed")
    wire.answer("/feed")
    result = await get(wire.url("/old"), per_host_gap_s=GAP_S)
    assert (result.outcome, len(wire.arrivals)) == (FetchOutcome.FETCHED, 2)
    assert min(gaps(wire)) >= GAP_S - TOLERANCE_S


async def test_wait_for_the_gap_costs_nothing_of_the_deadline(wire: Wire) -> None:
    wire.answer("/feed")
    urls = [wire.url(f"/feed?{n}") for n in range(4)]
    results = await get_each(urls, per_host_gap_s=0.2, fetch_timeout_s=0.3)
    assert {result.outcome for result in results} == {FetchOutcome.FETCHED}
    assert max(result.duration_ms for result in results) < 300


async def test_another_host_does_not_wait_for_the_gap(wire: Wire) -> None:
    """The first is in its gap of ten minutes; the second starts at once."""
    wire.answer("/feed")
    urls = [wire.url("/feed"), wire.url("/feed", host="localhost")]
    async with asyncio.timeout(PATIENCE_S):
        results = await get_each(urls, per_host_gap_s=600)
    assert [result.outcome for result in results] == [FetchOutcome.FETCHED] * 2


async def test_at_most_two_at_once_against_one_host(wire: Wire) -> None:
    """The default. Seen at the server."""
    active, most, pair = 0, 0, asyncio.Barrier(2)

    async def slow(request: web.Request) -> web.Response:
        nonlocal active, most
        active += 1
        most = max(most, active)
        async with asyncio.timeout(PATIENCE_S):
            await pair.wait()  # a second one must come
        for _ in range(200):  # and a third would come meanwhile: so often the loop looks at its sockets
            await asyncio.sleep(0)
        active -= 1
        return web.Response(body=FEED)

    wire.handlers["/feed"] = slow
    results = await get_each([wire.url(f"/feed?{n}") for n in range(10)])
    assert ({result.outcome for result in results}, most) == ({FetchOutcome.FETCHED}, 2)


async def test_different_hosts_are_asked_at_the_same_time(wire: Wire) -> None:
    both = asyncio.Barrier(2)

    async def meet(request: web.Request) -> web.Response:
        async with asyncio.timeout(PATIENCE_S):
            await both.wait()
        return web.Response(body=FEED)

    wire.handlers["/feed"] = meet
    results = await get_each([wire.url("/feed"), wire.url("/feed", host="localhost")], per_host_concurrency=1)
    assert {result.outcome for result in results} == {FetchOutcome.FETCHED}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "seconds"), [("120", 120), ("Sun, 01 Mar 2026 12:10:00 GMT", 600), ("999999999", 86_400)]
)
async def test_host_that_asks_for_silence_gets_no_further_request(
    wire: Wire, status: int, value: str, seconds: int
) -> None:
    """RFC 6585 section 4, RFC 9110 section 10.2.3: seconds or a date; what waited for the host is deferred."""
    wire.answer("/feed", status=status, body=b"", Retry_After=value)
    results = await get_each([wire.url(f"/feed?{n}") for n in range(10)], per_host_concurrency=1)
    assert len(wire.requests) == 1
    refused = [result for result in results if result.http_status == status]
    deferred = [result for result in results if result.outcome is FetchOutcome.DEFERRED]
    assert (len(refused), refused[0].retry_after_s, len(deferred)) == (1, seconds, 9)
    assert {result.reason for result in deferred} == {FetchReason.HOST_PAUSED}
    assert {(result.http_status, result.final_url) for result in deferred} == {(None, None)}
    assert all(seconds - 10 < (result.retry_after_s or 0) <= seconds for result in deferred)


async def test_those_who_wait_for_the_gap_hear_of_the_silence_at_once(wire: Wire) -> None:
    wire.answer("/feed", status=503, body=b"", Retry_After="120")
    async with asyncio.timeout(PATIENCE_S):
        results = await get_each([wire.url(f"/feed?{n}") for n in range(4)], per_host_gap_s=100)
    assert len(wire.requests) == 1
    assert [result.reason for result in results[1:]] == [FetchReason.HOST_PAUSED] * 3


async def test_429_without_retry_after_silences_for_a_minute(wire: Wire) -> None:
    wire.answer("/feed", status=429, body=b"")
    results = await get_each([wire.url(f"/feed?{n}") for n in range(3)], per_host_concurrency=1)
    assert len(wire.requests) == 1
    assert [result.reason for result in results[1:]] == [FetchReason.HOST_PAUSED] * 2
    assert all(50 < (result.retry_after_s or 0) <= 60 for result in results[1:])


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "0"}, {"Retry_After": "soon"}])
async def test_503_without_a_wish_for_silence_is_an_ordinary_failure(wire: Wire, headers: dict[str, str]) -> None:
    wire.answer("/feed", status=503, body=b"", **headers)
    results = await get_each([wire.url(f"/feed?{n}") for n in range(3)])
    assert [result.reason for result in results] == [FetchReason.HTTP_SERVER] * 3
    assert len(wire.requests) == 3


async def test_silence_is_that_host_s_alone(wire: Wire) -> None:
    wire.answer("/busy", status=503, body=b"", Retry_After="120")
    wire.answer("/feed")
    budget = LocalBudget(2, 0)
    assert (await get_each([wire.url("/busy")], budget))[0].retry_after_s == 120
    silent, free = await get_each([wire.url("/feed"), wire.url("/feed", host="localhost")], budget)
    assert (silent.outcome, free.outcome) == (FetchOutcome.DEFERRED, FetchOutcome.FETCHED)


async def test_redirect_to_a_silenced_host_is_not_followed(wire: Wire) -> None:
    wire.answer("/old", status=302, body=b"", Location=wire.url("/feed", host="localhost"))
    wire.answer("/feed")
    budget = LocalBudget(2, 0)
    budget.pause("localhost", 300)
    [result] = await get_each([wire.url("/old")], budget)
    assert (result.outcome, result.reason, result.http_status) == (
        FetchOutcome.DEFERRED,
        FetchReason.HOST_PAUSED,
        None,
    )
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    ("host", "scope"),
    [
        ("www.paper.example", "www.paper.example"),
        ("Paper.Example.", "paper.example"),
        ("news.paper.co.uk", "news.paper.co.uk"),
        ("tides.blogspot.com", "blogspot.com"),
        ("www.tides.blogspot.com", "blogspot.com"),
        ("blogspot.com", "blogspot.com"),
        ("harbour.github.io", "github.io"),
        ("harbour.netlify.app", "netlify.app"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("", ""),
        ("..", ""),
    ],
)
def test_silence_is_for_the_host_or_for_the_site_of_many_tenants(host: str, scope: str) -> None:
    """The private section of the Public Suffix List: blogs on one site share its servers and its limits."""
    assert pause_scope(host) == scope


def test_one_tenant_s_silence_holds_for_its_neighbours() -> None:
    budget = LocalBudget(2, 0, now=lambda: 1000.0)
    budget.pause("tides.blogspot.com", 90)
    assert budget.try_start("harbour.blogspot.com") == Wait(90.0, is_paused=True)
    assert isinstance(budget.try_start("harbour.example"), str)


async def test_host_with_too_long_a_queue_is_asked_another_time(wire: Wire) -> None:
    """A batch waits ten minutes; what would start later is deferred, each a gap after the one before."""
    wire.answer("/feed")
    async with asyncio.timeout(PATIENCE_S):
        results = await get_each([wire.url(f"/feed?{n}") for n in range(4)], per_host_gap_s=600)
    assert len(wire.requests) == 1
    deferred = [result for result in results if result.outcome is FetchOutcome.DEFERRED]
    assert {result.reason for result in deferred} == {FetchReason.HOST_BUSY}
    assert [result.retry_after_s for result in deferred] == [660, 1260, 1860]


async def test_many_waiting_for_one_host_hold_nobody_else_up(wire: Wire) -> None:
    """More than there are connections wait for a host in its gap; the others go on."""
    wire.answer("/feed")
    urls = [wire.url(f"/feed?{n}") for n in range(20)] + [wire.url("/feed", host="localhost")]
    stream = fetch_each(
        [FetchRequest(url) for url in urls], settings(per_host_gap_s=100, fetch_concurrency=2), max_bytes=LIMIT
    )
    first = [await asyncio.wait_for(anext(stream), PATIENCE_S) for _ in range(2)]
    await stream.aclose()
    assert {index for index, _ in first} == {0, 20}


async def test_only_the_first_in_line_asks_the_budget(wire: Wire) -> None:
    """Each question may be a statement in a database: ten that wait must not ask ten times as often."""
    wire.answer("/feed")
    budget = CountingBudget(concurrency=1, gap_s=0.02)
    await get_each([wire.url(f"/feed?{n}") for n in range(10)], budget)
    assert len(wire.requests) == 10
    assert budget.asked["127.0.0.1"] <= 30  # when it is first, when one ends, when the gap is over


async def test_each_permit_is_given_back_however_the_request_ends(wire: Wire) -> None:
    reached = asyncio.Event()

    async def hold(request: web.Request) -> web.Response:
        reached.set()
        await asyncio.wait_for(asyncio.Event().wait(), PATIENCE_S)
        raise AssertionError

    wire.handlers["/held"] = hold
    wire.answer("/feed")
    wire.answer("/gone", status=410, body=b"")
    wire.answer("/old", status=302, body=b"", Location="ftp://127.0.0.1/")
    budget = CountingBudget(concurrency=1)
    urls = [wire.url(path) for path in ("/feed", "/gone", "/old")] + ["http://127.0.0.1:1/", "http://no.invalid/"]
    await get_each(urls, budget)
    assert set(budget.held.values()) == {0}
    task = asyncio.create_task(get_each([wire.url("/held"), wire.url("/feed")], budget))
    await asyncio.wait_for(reached.wait(), PATIENCE_S)
    assert budget.held["127.0.0.1"] == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert set(budget.held.values()) == {0}


async def test_budget_that_fails_ends_the_batch_and_is_no_feed_s_fault(wire: Wire) -> None:
    class Broken(LocalBudget):
        def try_start(self, host: str) -> str | Wait:
            raise StoreError(f"the database is gone, nobody knows of {host}")

    wire.answer("/feed")
    with pytest.raises(StoreError, match="the database is gone"):
        await get_each([wire.url("/feed"), wire.url("/feed?2")], Broken(2, 0))
    assert wire.requests == []


async def test_server_that_hangs_up_is_not_asked_again_at_once() -> None:
    """aiohttp would, past the budget. RFC 9110 section 9.2.2 allows it, politeness does not."""
    connects = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connects
        connects += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        result = await get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed")
    assert (result.reason, connects) == (FetchReason.CONNECT, 1)


async def test_idle_connection_that_the_server_closed_is_no_failure() -> None:
    """RFC 9112 section 9.3.1: nobody was asked, so asking on a new connection is the first question."""
    connects = 0
    closed = asyncio.Event()

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connects
        connects += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        if connects == 1:  # takes the second question and closes without a word
            await reader.readuntil(b"\r\n\r\n")
            closed.set()
        writer.close()

    async with await asyncio.start_server(answer_once, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"
        results = await get_each([url, url + "?2"], per_host_concurrency=1)
    assert ([result.body for result in results], connects, closed.is_set()) == ([b"ok", b"ok"], 2, True)


# --- when the same feed is asked again: fetched from the server, then planned -----------------------------------


async def poll_and_plan(wire: Wire, feed: Feed | None = None, **headers: str) -> timedelta:
    """In how long a feed is asked again after an answer with these headers; its interval is ten minutes."""
    url = wire.answer("/feed", **headers)
    result = await get(url)
    feed = feed or Feed(1, url, interval_s=600)
    return plan_next_fetch(feed, result, now=NOW, settings=Settings()).next_fetch_at - NOW


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache_Control": "max-age=3600"},
        {"Cache_Control": "public, MAX-AGE=3600, must-revalidate"},
        {"Expires": "Sun, 01 Mar 2026 13:00:00 GMT", "Date": "Sun, 01 Mar 2026 12:00:00 GMT"},
        {"Cache_Control": "max-age=4000", "Age": "400"},
    ],
)
async def test_feed_is_not_asked_before_its_answer_is_stale(wire: Wire, headers: dict[str, str]) -> None:
    """RFC 9111 sections 4.2 and 5.3. `next_fetch_at` is stored, so it holds across restarts too."""
    assert await poll_and_plan(wire, **headers) >= timedelta(hours=1)


async def test_server_that_asks_for_an_hour_gets_one_poll_an_hour() -> None:
    """Over a day, from the plan alone: nothing but the stored time decides, however often wiredesk restarts."""
    now, asked = datetime(2026, 3, 1, tzinfo=UTC), 0
    end = now + timedelta(days=1)
    result = await get_raw(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\nContent-Length: 0\r\n\r\n")
    while now < end:
        asked += 1
        now = plan_next_fetch(
            Feed(1, "https://paper.example/feed", interval_s=600), result, now=now, settings=Settings()
        ).next_fetch_at
    assert 20 <= asked <= 24


async def test_freshness_beyond_a_day_is_taken_for_a_day(wire: Wire) -> None:
    assert await poll_and_plan(wire, Cache_Control="max-age=31536000") <= timedelta(hours=26)


@pytest.mark.parametrize("status", [429, 503])
async def test_refused_feed_is_not_asked_before_retry_after(wire: Wire, status: int) -> None:
    url = wire.answer("/feed", status=status, body=b"", Retry_After="7200")
    result = await get(url)
    plan = plan_next_fetch(Feed(1, url, interval_s=600), result, now=NOW, settings=Settings())
    assert plan.next_fetch_at - NOW >= timedelta(hours=2)


async def test_feed_that_is_gone_twice_is_asked_no_more(wire: Wire) -> None:
    """RFC 9110 section 15.5.11. Once may be a slip of the server's."""
    url = wire.answer("/feed", status=410, body=b"")
    result = await get(url)
    assert result.reason is FetchReason.GONE
    once = plan_next_fetch(Feed(1, url), result, now=NOW, settings=Settings())
    twice = plan_next_fetch(
        Feed(1, url, failure_count=1, last_reason=FetchReason.GONE), result, now=NOW, settings=Settings()
    )
    assert (once.state, twice.state) == (FeedState.ACTIVE, FeedState.RETIRED)


async def test_feed_that_is_not_found_is_asked_less_and_less_and_never_given_up(wire: Wire) -> None:
    """RFC 9110 section 15.5.5: 404 does not say for how long."""
    url = wire.answer("/feed", status=404, body=b"")
    result = await get(url)
    plans = [
        plan_next_fetch(Feed(1, url, interval_s=3600, failure_count=n), result, now=NOW, settings=Settings())
        for n in (0, 3, 10, 50, 5000)
    ]
    delays = [plan.next_fetch_at - NOW for plan in plans]
    assert delays[0] < delays[1] < delays[2] < delays[3] <= delays[4] <= timedelta(days=32)
    assert {plan.state for plan in plans} == {FeedState.ACTIVE}
