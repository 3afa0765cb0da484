"""The fetcher against a real HTTP server on loopback: bytes, time, connections, cancellation."""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, closing

import pytest
from aiohttp import web
from wiredesk.fetch import fetch_all, fetch_each, fetch_each_sync
from wiredesk.models import FetchOutcome, FetchReason, FetchRequest

from tests.unit.fetch_wire import FEED, LIMIT, PATIENCE_S, Handler, Wire, get, serve_wire, settings


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with serve_wire() as server:
        yield server


async def test_bomb_stops_at_the_cap_on_decoded_bytes(wire: Wire) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < LIMIT
    result = await get(wire.answer("/feed", body=bomb, Content_Encoding="gzip"))
    assert (result.outcome, result.reason, result.body) == (FetchOutcome.FAILED, FetchReason.TOO_LARGE, None)


async def test_announced_length_above_the_cap_is_not_read(wire: Wire) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(LIMIT + 1)})
        await response.prepare(request)
        await asyncio.wait_for(asyncio.Event().wait(), PATIENCE_S)
        return response

    wire.handlers["/feed"] = endless
    result = await get(wire.url("/feed"))
    assert (result.outcome, result.reason) == (FetchOutcome.FAILED, FetchReason.TOO_LARGE)


async def test_body_of_exactly_the_cap_is_read(wire: Wire) -> None:
    result = await get(wire.answer("/feed"), max_bytes=len(FEED))
    assert result.body == FEED


async def drip(write: Callable[[bytes], Awaitable[None]], piece: bytes) -> None:
    """One piece every 20 ms, until the peer has had enough."""
    never = asyncio.Event()
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await write(piece)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(never.wait(), 0.02)


async def test_dripped_body_is_cut_at_the_deadline(wire: Wire) -> None:
    async def drip_body(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await drip(response.write, b" ")
        return response

    wire.handlers["/feed"] = drip_body
    result = await get(wire.url("/feed"), fetch_timeout_s=0.2)
    assert (result.outcome, result.reason) == (FetchOutcome.FAILED, FetchReason.TIMEOUT)
    assert 200 <= result.duration_ms < 1000 * PATIENCE_S


async def test_dripped_headers_are_cut_at_the_deadline() -> None:
    async def drip_headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def write(piece: bytes) -> None:
            writer.write(piece)
            await writer.drain()

        try:
            await write(b"HTTP/1.1 200 OK\r\n")
            await drip(write, b"X-Drip: 1\r\n")
        except ConnectionError:
            ended.set()  # the client hung up
        finally:
            writer.close()

    ended = asyncio.Event()
    server = await asyncio.start_server(drip_headers, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        result = await get(f"http://127.0.0.1:{port}/feed", fetch_timeout_s=0.2)
        await asyncio.wait_for(ended.wait(), PATIENCE_S)
    assert (result.outcome, result.reason) == (FetchOutcome.FAILED, FetchReason.TIMEOUT)


async def test_one_host_never_gets_more_than_its_share(wire: Wire) -> None:
    active, peak, released = 0, 0, asyncio.Event()

    async def hold(request: web.Request) -> web.Response:
        nonlocal active, peak
        active += 1
        peak = max(peak, active)
        await asyncio.wait_for(released.wait(), PATIENCE_S)
        active -= 1
        return web.Response(body=FEED)

    wire.handlers["/held"] = hold
    wire.answer("/free")
    requests = [FetchRequest(wire.url(f"/held?{n}")) for n in range(6)]
    requests.append(FetchRequest(wire.url("/free", host="localhost")))
    order = []
    stream = fetch_each(requests, settings(per_host_concurrency=2), max_bytes=LIMIT)
    async with aclosing(stream):
        async for index, result in stream:
            # The free host was asked last and is done first: the held ones had every chance to start.
            order.append(index)
            assert result.outcome is FetchOutcome.FETCHED
            released.set()
    assert order[0] == 6
    assert sorted(order) == list(range(7))
    assert peak == 2


async def test_redirects_between_busy_hosts_do_not_block_each_other(wire: Wire) -> None:
    def send_to(path: str, host: str) -> Handler:
        async def redirect(request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": wire.url(path, host)})

        return redirect

    wire.handlers["/here"] = send_to("/feed", "localhost")
    wire.handlers["/there"] = send_to("/feed", "127.0.0.1")
    wire.answer("/feed")
    requests = [FetchRequest(wire.url("/here")), FetchRequest(wire.url("/there", "localhost"))] * 5
    narrow = settings(per_host_concurrency=1, fetch_concurrency=1)
    async with asyncio.timeout(PATIENCE_S), aclosing(fetch_each(requests, narrow, max_bytes=LIMIT)) as stream:
        found = [result.outcome async for _, result in stream]
    assert found == [FetchOutcome.FETCHED] * 10


async def test_waiting_for_a_slot_costs_nothing_of_the_deadline(wire: Wire) -> None:
    async def slow(request: web.Request) -> web.Response:
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.15)
        except TimeoutError:
            return web.Response(body=FEED)
        raise AssertionError

    wire.handlers["/feed"] = slow
    requests = [FetchRequest(wire.url("/feed"))] * 4  # 0.6 s one after the other
    one = settings(per_host_concurrency=1, fetch_timeout_s=0.5)
    found = [result.outcome async for _, result in fetch_each(requests, one, max_bytes=LIMIT)]
    assert found == [FetchOutcome.FETCHED] * 4


async def test_cancelling_the_caller_cancels_the_requests(wire: Wire) -> None:
    reached, ended = asyncio.Event(), asyncio.Event()

    async def hold(request: web.Request) -> web.Response:
        reached.set()
        try:
            await asyncio.wait_for(asyncio.Event().wait(), PATIENCE_S)
        finally:
            ended.set()
        raise AssertionError

    wire.handlers["/feed"] = hold
    task = asyncio.create_task(get(wire.url("/feed")))
    async with asyncio.timeout(PATIENCE_S):
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await ended.wait()  # the server saw the connection go


async def test_sync_callers_get_results_in_the_order_of_their_requests(wire: Wire) -> None:
    wire.answer("/a", body=b"a")
    wire.answer("/b", body=b"b")
    requests = [FetchRequest(wire.url(path)) for path in ("/a", "/missing-scheme", "/b")]
    requests[1] = FetchRequest("not a url")
    results = await asyncio.to_thread(fetch_all, requests, settings(), max_bytes=LIMIT)
    assert [result.body for result in results] == [b"a", None, b"b"]
    assert [result.url for result in results] == [request.url for request in requests]


async def test_sync_caller_that_stops_early_leaves_no_request_behind(wire: Wire) -> None:
    reached, ended = asyncio.Event(), asyncio.Event()

    async def hold(request: web.Request) -> web.Response:
        reached.set()
        try:
            await asyncio.wait_for(asyncio.Event().wait(), PATIENCE_S)
        finally:
            ended.set()
        raise AssertionError

    async def after_hold(request: web.Request) -> web.Response:
        await asyncio.wait_for(reached.wait(), PATIENCE_S)
        return web.Response(body=FEED)

    wire.handlers |= {"/held": hold, "/feed": after_hold}
    requests = [FetchRequest(wire.url("/held")), FetchRequest(wire.url("/feed"))]

    def take_one() -> int:
        with closing(fetch_each_sync(requests, settings(), max_bytes=LIMIT)) as stream:
            return next(stream)[0]

    assert await asyncio.to_thread(take_one) == 1
    await asyncio.wait_for(ended.wait(), PATIENCE_S)
