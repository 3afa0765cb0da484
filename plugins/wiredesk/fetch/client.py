"""Fetch many URLs at once with aiohttp: conditional, guarded, capped in time, bytes and redirects.

Why aiohttp: it shows the real address of every connect (`socket_factory`), counts decoded bytes as they
come, and holds one deadline over a whole request; of the clients that do, it costs the least CPU.
"""

from __future__ import annotations

import asyncio
import gc
from collections import Counter, deque
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime

import aiohttp
import uvloop
from isal import isal_zlib

from wiredesk.fetch import failures
from wiredesk.fetch.budget import HostBudget, LocalBudget
from wiredesk.fetch.guard import AddressGuard, connecting
from wiredesk.fetch.headers import ACCEPT_FEED, user_agent
from wiredesk.fetch.hops import Clock, Fetcher
from wiredesk.fetch.turns import Turns
from wiredesk.models import FetchRequest, FetchResult
from wiredesk.settings import Settings

# News sites send Content-Security-Policy and Link headers beyond aiohttp's default of 8 KiB.
_HEADER_BYTES = 64 * 1024
# Requests that may wait for their hosts while others go on. Each costs 10 kB; most hosts have fewer feeds.
_MOST_WAITING = 1000
# aiohttp holds up to four times as much decoded and unread, so it is what a bomb may weigh before it is counted.
_BUFFER_BYTES = 64 * 1024

# Inflating is a quarter of what a fetch costs; ISA-L does it in half the time of zlib.
aiohttp.set_zlib_backend(isal_zlib)


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


async def fetch_each(
    requests: Sequence[FetchRequest],
    settings: Settings,
    *,
    max_bytes: int,
    clock: Clock = utc_now,
    budget: HostBudget | None = None,
    accept: str = ACCEPT_FEED,
) -> AsyncGenerator[tuple[int, FetchResult], None]:
    """Fetch all requests; yield (index of the request, its result) as each ends.

    Whatever happens to one URL is a result with a reason; only cancellation and a StoreError of the budget are
    raised. `max_bytes` caps a decoded body. `budget` says who may start against a host; without one, this call keeps
    the limits of the settings by itself. Waiting for the host costs nothing of `settings.fetch_timeout_s`. What the
    budget does not let start is `deferred` and was not sent. A caller that stops early cancels what is under way.
    """
    batches = _fetch_batches(requests, settings, max_bytes, clock, budget, accept)
    async with aclosing(batches):
        async for batch in batches:
            for found in batch:
                yield found


def fetch_each_sync(
    requests: Sequence[FetchRequest],
    settings: Settings,
    *,
    max_bytes: int,
    clock: Clock = utc_now,
    budget: HostBudget | None = None,
    accept: str = ACCEPT_FEED,
) -> Generator[tuple[int, FetchResult], None, None]:
    """`fetch_each` for callers without an event loop. The loop stands still while the caller works, so a
    caller should do little between two results (commit one row), or deadlines of the others pass meanwhile.
    """
    # On leaving, the runner cancels what is under way and closes the iterator. libuv's loop does a batch in four fifths
    # of the time of asyncio's.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        loop = runner.get_loop()
        batches = _fetch_batches(requests, settings, max_bytes, clock, budget, accept)

        async def following() -> list[tuple[int, FetchResult]] | None:
            return await anext(batches, None)

        # Not runner.run: it installs a signal handler anew for each batch, which costs more than the fetch.
        while (batch := loop.run_until_complete(following())) is not None:
            yield from batch


def fetch_all(
    requests: Sequence[FetchRequest],
    settings: Settings,
    *,
    max_bytes: int,
    clock: Clock = utc_now,
    budget: HostBudget | None = None,
    accept: str = ACCEPT_FEED,
) -> list[FetchResult]:
    """All results at once, in the order of the requests."""
    stream = fetch_each_sync(requests, settings, max_bytes=max_bytes, clock=clock, budget=budget, accept=accept)
    found = dict(stream)
    return [found[index] for index in range(len(requests))]


async def _fetch_batches(
    requests: Sequence[FetchRequest],
    settings: Settings,
    max_bytes: int,
    clock: Clock,
    budget: HostBudget | None,
    accept: str,
) -> AsyncGenerator[list[tuple[int, FetchResult]], None]:
    """`fetch_each`, but all results at once that ended since the last ones were taken: each start and stop of an
    event loop costs about as much as a tenth of a fetch.
    """
    if budget is None:
        budget = LocalBudget(settings.per_host_concurrency, settings.per_host_gap_s)
    waiting = deque(_hosts_in_turn(requests))
    ended: list[asyncio.Task[tuple[int, FetchResult]]] = []
    tasks: set[asyncio.Task[tuple[int, FetchResult]]] = set()
    changed = asyncio.Event()  # something ended, or waits for its host and lets another begin

    def note(task: asyncio.Task[tuple[int, FetchResult]]) -> None:
        ended.append(task)
        changed.set()

    async with _open_session(settings, accept) as session:
        turns = Turns(budget, total=settings.fetch_concurrency, gap_s=settings.per_host_gap_s, on_wait=changed.set)
        fetcher = Fetcher(session, settings, max_bytes, clock, budget, turns)
        # What exists by now is not looked through again with each of a batch's thousands of short-lived objects.
        gc.freeze()
        try:
            while waiting or tasks:
                # Results that nobody has taken count too, so a slow caller bounds the bodies in memory.
                while waiting and len(tasks) < settings.fetch_concurrency + min(turns.waiting_count, _MOST_WAITING):
                    tasks.add(task := asyncio.create_task(fetcher.fetch(*waiting.popleft())))
                    task.add_done_callback(note)
                await changed.wait()
                changed.clear()
                batch = ended.copy()
                ended.clear()
                tasks.difference_update(batch)
                if found := [task.result() for task in batch if not task.exception()]:
                    yield found
                for task in batch:
                    task.result()  # raises what the budget raised
        finally:
            gc.unfreeze()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _hosts_in_turn(requests: Sequence[FetchRequest]) -> list[tuple[int, FetchRequest]]:
    """The numbered requests, one of each host after the other: many of one host must not keep the rest waiting."""
    turns: Counter[str] = Counter()
    order: list[tuple[int, int]] = []
    for index, request in enumerate(requests):
        host = request.url.partition("://")[2].partition("/")[0].lower()
        order.append((turns[host], index))
        turns[host] += 1
    return [(index, requests[index]) for _, index in sorted(order)]


def _open_session(settings: Settings, accept: str) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        socket_factory=AddressGuard(settings.allow_hosts),
        use_dns_cache=False,  # the names of a batch differ, and who comes back to one mostly finds its connection
        limit=0,  # Turns limits: waiting in the connector would eat the request's own deadline
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": user_agent(settings.user_agent_contact), "Accept": accept},
        timeout=aiohttp.ClientTimeout(total=None),  # Fetcher keeps one deadline over all hops
        read_bufsize=_BUFFER_BYTES,
        max_line_size=_HEADER_BYTES,
        max_field_size=_HEADER_BYTES,
        middlewares=[_ask_once],
        trust_env=False,  # a proxy from the environment would connect past the guard
    )


async def _ask_once(request: aiohttp.ClientRequest, ask: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Where a connection is lost aiohttp asks again at once, past the budget. That is right only for an idle
    connection that the server had closed meanwhile (RFC 9112 section 9.3.1): nobody was asked then.
    """
    try:
        return await ask(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        if connecting.get().is_new and not isinstance(error, aiohttp.ClientConnectorError):
            raise failures.ConnectionLost(str(error)) from error
        raise
