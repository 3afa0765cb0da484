"""Fetch many URLs at once with aiohttp: conditional, guarded, capped in time, bytes and redirects.

Why aiohttp: it shows the real address of every connect (`socket_factory`), counts decoded bytes as they
come, and holds one deadline over a whole request; of the clients that do, it costs the least CPU.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
from yarl import URL

from wiredesk.errors import FetchError
from wiredesk.fetch import failures
from wiredesk.fetch.guard import AddressGuard, Connecting, connecting
from wiredesk.fetch.headers import conditional_headers, max_age_s, printable, retry_after_s, user_agent
from wiredesk.fetch.urls import quoted, redirect_target, requestable, shown
from wiredesk.models import FetchOutcome, FetchReason, FetchRequest, FetchResult
from wiredesk.settings import Settings

Clock = Callable[[], datetime]

_CHUNK_BYTES = 64 * 1024  # aiohttp's own buffer; more only raises what a bomb may hold before it is counted
# News sites send Content-Security-Policy and Link headers beyond aiohttp's default of 8 KiB.
_HEADER_BYTES = 64 * 1024
# Requests under way or ended and not taken yet, for each connection: enough that none idles.
_AHEAD = 2
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Compressions that aiohttp passes on as they are; other unknown codings ("utf-8", "none") are harmless slips.
_NOT_UNDONE = frozenset({"x-gzip", "compress", "x-compress"})


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


async def fetch_each(
    requests: Sequence[FetchRequest], settings: Settings, *, max_bytes: int, clock: Clock = utc_now
) -> AsyncGenerator[tuple[int, FetchResult], None]:
    """Fetch all requests; yield (index of the request, its result) as each ends.

    Whatever happens to one URL is a result with a reason; only cancellation is raised. `max_bytes`
    caps a decoded body. Waiting for a free slot of the host costs nothing of `settings.fetch_timeout_s`.
    A caller that stops early cancels what is under way.
    """
    ended: asyncio.Queue[asyncio.Task[tuple[int, FetchResult]]] = asyncio.Queue()
    waiting = deque(_hosts_in_turn(requests))
    async with _open_session(settings) as session:
        fetcher = _Fetcher(session, settings, max_bytes, clock)
        tasks: set[asyncio.Task[tuple[int, FetchResult]]] = set()
        try:
            while waiting or tasks:
                # Results that nobody has taken count too, so a slow caller bounds the bodies in memory.
                while waiting and len(tasks) < _AHEAD * settings.fetch_concurrency:
                    tasks.add(task := asyncio.create_task(fetcher.fetch(*waiting.popleft())))
                    task.add_done_callback(ended.put_nowait)
                task = await ended.get()
                tasks.discard(task)
                yield task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def fetch_each_sync(
    requests: Sequence[FetchRequest], settings: Settings, *, max_bytes: int, clock: Clock = utc_now
) -> Generator[tuple[int, FetchResult], None, None]:
    """`fetch_each` for callers without an event loop. The loop stands still while the caller works, so a
    caller should do little between two results (commit one row), or deadlines of the others pass meanwhile.
    """
    with asyncio.Runner() as runner:  # on leaving it cancels what is under way and closes the iterator
        loop = runner.get_loop()
        results = fetch_each(requests, settings, max_bytes=max_bytes, clock=clock)

        async def following() -> tuple[int, FetchResult] | None:
            return await anext(results, None)

        # Not runner.run: it installs a signal handler anew for each result, which costs more than the fetch.
        while (item := loop.run_until_complete(following())) is not None:
            yield item


def fetch_all(
    requests: Sequence[FetchRequest], settings: Settings, *, max_bytes: int, clock: Clock = utc_now
) -> list[FetchResult]:
    """All results at once, in the order of the requests."""
    found = dict(fetch_each_sync(requests, settings, max_bytes=max_bytes, clock=clock))
    return [found[index] for index in range(len(requests))]


def _hosts_in_turn(requests: Sequence[FetchRequest]) -> list[tuple[int, FetchRequest]]:
    """The numbered requests, one of each host after the other: many of one host must not keep the rest waiting."""
    turns: Counter[str] = Counter()
    order: list[tuple[int, int]] = []
    for index, request in enumerate(requests):
        host = request.url.partition("://")[2].partition("/")[0].lower()
        order.append((turns[host], index))
        turns[host] += 1
    return [(index, requests[index]) for _, index in sorted(order)]


def _open_session(settings: Settings) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        socket_factory=AddressGuard(settings.allow_hosts),
        limit=0,  # _Slots limits: waiting in the connector would eat the request's own deadline
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": user_agent(settings.user_agent_contact)},
        timeout=aiohttp.ClientTimeout(total=None),  # _Fetcher keeps one deadline over all hops
        max_line_size=_HEADER_BYTES,
        max_field_size=_HEADER_BYTES,
        trust_env=False,  # a proxy from the environment would connect past the guard
    )


class _Slots:
    """At most `per_host` requests against one host name at a time, and `total` over all."""

    def __init__(self, total: int, per_host: int) -> None:
        self._total = asyncio.Semaphore(total)
        self._per_host = per_host
        self._hosts: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def hold(self, host: str) -> AsyncIterator[None]:
        """Always the host first: a task that waits for a busy host must not hold one of the total."""
        slot = self._hosts.setdefault(host.lower(), asyncio.Semaphore(self._per_host))
        async with slot, self._total:
            yield


@dataclass(slots=True)
class _Answer:
    """What is known so far of one request, over all its hops."""

    started_at: datetime
    active_s: float = 0.0  # without the waits for slots
    url: URL | None = None
    status: int | None = None
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_after_s: int | None = None
    max_age_s: int | None = None


class _Fetcher:
    def __init__(self, session: aiohttp.ClientSession, settings: Settings, max_bytes: int, clock: Clock) -> None:
        self._session = session
        self._settings = settings
        self._max_bytes = max_bytes
        self._clock = clock
        self._slots = _Slots(settings.fetch_concurrency, settings.per_host_concurrency)

    async def fetch(self, index: int, request: FetchRequest) -> tuple[int, FetchResult]:
        answer = _Answer(self._clock())
        try:
            body = await self._follow(request, answer)
        except FetchError as error:
            return index, _result(request, answer, FetchOutcome.FAILED, error.reason, detail=error.detail)
        except Exception as error:  # noqa: BLE001 (what nobody foresaw in one URL must not stop the other URLs)
            where = shown(answer.url) if answer.url else quoted(request.url)
            detail = f"{where}: unforeseen {type(error).__name__}: {error}"
            return index, _result(request, answer, FetchOutcome.FAILED, FetchReason.PROTOCOL, detail=detail)
        if body is None:
            return index, _result(request, answer, FetchOutcome.UNCHANGED, FetchReason.NOT_MODIFIED)
        return index, _result(request, answer, FetchOutcome.FETCHED, FetchReason.NEW_BYTES, body=body)

    async def _follow(self, request: FetchRequest, answer: _Answer) -> bytes | None:
        """Follow redirects by hand, so that every hop is vetted; the body, or None for a 304."""
        url = requestable(request.url)
        visited = [url]
        while True:
            found = await self._ask(url, request, answer)
            if not isinstance(found, URL):
                return found
            if found in visited:
                raise FetchError(FetchReason.REDIRECTS, f"{shown(visited[0])} redirects in a loop, at {shown(found)}")
            if len(visited) > self._settings.max_redirects:
                limit = self._settings.max_redirects
                text = f"{shown(visited[0])} redirects more than {limit} times, last to {shown(found)}"
                raise FetchError(FetchReason.REDIRECTS, text)
            visited.append(found)
            url = found

    async def _ask(self, url: URL, request: FetchRequest, answer: _Answer) -> bytes | URL | None:
        """One request: the body, the URL that it redirects to, or None for a 304."""
        loop = asyncio.get_running_loop()
        attempt = Connecting(url.host or "")
        connecting.set(attempt)
        timeout_s = self._settings.fetch_timeout_s
        async with self._slots.hold(attempt.host):
            if answer.url is None:
                answer.started_at = self._clock()
            answer.url = url
            begun = loop.time()
            try:
                async with (
                    asyncio.timeout(max(timeout_s - answer.active_s, 0)),
                    # Sent on every hop: a server that redirects ignores them (RFC 9110 section 13.2.1).
                    self._session.get(url, headers=conditional_headers(request), allow_redirects=False) as response,
                ):
                    return await self._read(url, response, request, answer)
            except failures.REQUEST_ERRORS as error:
                raise failures.of_exception(url, error, attempt, timeout_s) from error
            finally:
                answer.active_s += loop.time() - begun

    async def _read(
        self, url: URL, response: aiohttp.ClientResponse, request: FetchRequest, answer: _Answer
    ) -> bytes | URL | None:
        headers = response.headers
        now = self._clock()
        # Some sites refuse robots with 999, which no table of HTTP statuses has room for.
        answer.status = response.status if 100 <= response.status < 600 else None
        answer.retry_after_s = retry_after_s(headers, now)
        if response.status in _REDIRECTS:
            return redirect_target(url, headers.get("Location", ""))
        if response.status == 304:
            if not conditional_headers(request):
                raise failures.of_status(url, 304, "Not Modified, though no validator was sent")
            answer.etag = printable(headers.get("ETag")) or request.etag
            answer.last_modified = printable(headers.get("Last-Modified")) or request.last_modified
            answer.max_age_s = max_age_s(headers, now)
            return None
        if response.status not in {200, 203}:  # 203: a proxy on the way changed something (RFC 9110 15.3.4)
            raise failures.of_status(url, response.status, response.reason)
        answer.content_type = printable(headers.get("Content-Type"))
        body = await self._read_body(url, response)
        answer.etag = printable(headers.get("ETag"))
        answer.last_modified = printable(headers.get("Last-Modified"))
        answer.max_age_s = max_age_s(headers, now)
        return body

    async def _read_body(self, url: URL, response: aiohttp.ClientResponse) -> bytes:
        """The decoded body, never holding much more than `max_bytes` of it."""
        codings = response.headers.get("Content-Encoding", "").lower()
        if "," in codings or codings in _NOT_UNDONE:
            raise FetchError(
                FetchReason.BAD_ENCODING, f"{shown(url)} is encoded as {codings!r}, which was not asked for"
            )
        announced = response.content_length or 0
        body = bytearray()
        if announced <= self._max_bytes:
            async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
                body += chunk
                if len(body) > self._max_bytes:
                    break
        if max(announced, len(body)) > self._max_bytes:
            raise FetchError(
                FetchReason.TOO_LARGE,
                f"{shown(url)} is larger than {self._max_bytes} bytes; no more was read",
            )
        return bytes(body)


def _result(
    request: FetchRequest,
    answer: _Answer,
    outcome: FetchOutcome,
    reason: FetchReason,
    *,
    body: bytes | None = None,
    detail: str | None = None,
) -> FetchResult:
    return FetchResult(
        url=request.url,
        outcome=outcome,
        reason=reason,
        started_at=answer.started_at,
        duration_ms=round(answer.active_s * 1000),
        final_url=None if answer.url is None else str(answer.url),
        http_status=answer.status,
        body=body,
        content_type=answer.content_type,
        etag=answer.etag,
        last_modified=answer.last_modified,
        retry_after_s=answer.retry_after_s,
        max_age_s=answer.max_age_s,
        # Servers' own words may be in it; NUL and lone surrogates have no place in a database's text.
        detail=None if detail is None else detail.replace("\0", " ").encode("utf-8", "replace").decode(),
    )
