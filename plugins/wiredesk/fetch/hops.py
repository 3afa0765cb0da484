"""One request with all its hops: each under the budget and the guard, one deadline over them, one result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from yarl import URL

from wiredesk.errors import FetchError, StoreError
from wiredesk.fetch import failures
from wiredesk.fetch.budget import HostBudget
from wiredesk.fetch.guard import Connecting, connecting
from wiredesk.fetch.headers import conditional_headers, max_age_s, pause_s, printable, retry_after_s
from wiredesk.fetch.turns import Deferral, Turns
from wiredesk.fetch.urls import host_of, quoted, redirect_target, requestable, shown
from wiredesk.models import FetchOutcome, FetchReason, FetchRequest, FetchResult
from wiredesk.settings import Settings

Clock = Callable[[], datetime]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_DOCUMENTS = frozenset({200, 203, 304})  # 203: a proxy on the way changed something (RFC 9110 section 15.3.4)
# Compressions that aiohttp passes on as they are; other unknown codings ("utf-8", "none") are harmless slips.
_NOT_UNDONE = frozenset({"x-gzip", "compress", "x-compress"})


@dataclass(slots=True)
class _Answer:
    """What is known so far of one request, over all its hops."""

    started_at: datetime
    active_s: float = 0.0  # without the waits for the host
    url: URL | None = None  # the hop that was asked last; what follows is of its answer
    status: int | None = None
    is_conditional: bool = False
    has_moved: bool = True  # no redirect so far was a temporary one
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_after_s: int | None = None
    max_age_s: int | None = None
    body_bytes: int | None = None


class Fetcher:
    def __init__(
        self,
        session: aiohttp.ClientSession,
        settings: Settings,
        max_bytes: int,
        clock: Clock,
        budget: HostBudget,
        turns: Turns,
    ) -> None:
        self._session = session
        self._settings = settings
        self._max_bytes = max_bytes
        self._clock = clock
        self._budget = budget
        self._turns = turns

    async def fetch(self, index: int, request: FetchRequest) -> tuple[int, FetchResult]:
        """The request's number and its result. Raises only cancellation and a StoreError of the budget."""
        answer = _Answer(self._clock())
        try:
            body = await self._follow(request, answer)
        except Deferral as deferral:
            return index, _deferred(request, answer, deferral)
        except FetchError as error:
            return index, _result(request, answer, FetchOutcome.FAILED, error.reason, detail=error.detail)
        except StoreError:
            raise  # of the budget: not this URL's fault, and it would hit all the others
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
        validators = conditional_headers(request)
        visited = [url]
        while True:
            found = await self._ask(url, validators, answer)
            if not isinstance(found, URL):
                break
            if found in visited:
                raise FetchError(FetchReason.REDIRECTS, f"{shown(visited[0])} redirects in a loop, at {shown(found)}")
            if len(visited) > self._settings.max_redirects:
                limit = self._settings.max_redirects
                text = f"{shown(visited[0])} redirects more than {limit} times, last to {shown(found)}"
                raise FetchError(FetchReason.REDIRECTS, text)
            visited.append(found)
            url = found
        # With a password in the address a move is for a person to follow: the new address must not lose it.
        answer.has_moved = answer.has_moved and len(visited) > 1 and shown(visited[0]) == str(visited[0])
        if found is None:  # a 304 need not repeat what it confirms (RFC 9110 section 15.4.5)
            answer.etag = answer.etag or printable(request.etag)
            answer.last_modified = answer.last_modified or printable(request.last_modified)
        return found

    async def _ask(self, url: URL, validators: dict[str, str], answer: _Answer) -> bytes | URL | None:
        """One request: the body, the URL that it redirects to, or None for a 304."""
        loop = asyncio.get_running_loop()
        host = host_of(url)
        attempt = Connecting(host)
        connecting.set(attempt)
        timeout_s = self._settings.fetch_timeout_s
        permit = await self._turns.begin(host)
        begun = loop.time()
        try:
            if answer.url is None:
                answer.started_at = self._clock()
            answer.url = url
            answer.status = answer.retry_after_s = None
            answer.is_conditional = bool(validators)
            async with (
                asyncio.timeout(max(timeout_s - answer.active_s, 0)),
                # Sent on every hop: a server that redirects ignores them (RFC 9110 section 13.2.1).
                self._session.get(url, headers=validators, allow_redirects=False) as response,
            ):
                return await self._read(url, response, answer)
        except failures.REQUEST_ERRORS as error:
            raise failures.of_exception(url, error, attempt, timeout_s) from error
        finally:
            answer.active_s += loop.time() - begun
            self._turns.end(host, permit)

    async def _read(self, url: URL, response: aiohttp.ClientResponse, answer: _Answer) -> bytes | URL | None:
        headers, status = response.headers, response.status
        now = self._clock()
        # Some sites refuse robots with 999, which no table of HTTP statuses has room for.
        answer.status = status if 100 <= status < 600 else None
        answer.retry_after_s = retry_after_s(headers, now)
        if silence_s := pause_s(status, answer.retry_after_s):
            self._budget.pause(host_of(url), silence_s)
        if status in _REDIRECTS:
            answer.has_moved = answer.has_moved and status in _PERMANENT
            return redirect_target(url, headers.get("Location", ""))
        if status not in _DOCUMENTS:
            raise failures.of_status(url, status, response.reason)
        if status == 304 and not answer.is_conditional:
            raise failures.of_status(url, 304, "Not Modified, though no validator was sent")
        body = None
        if status != 304:
            answer.content_type = printable(headers.get("Content-Type"))
            body = await self._read_body(url, response, answer)
        answer.etag = printable(headers.get("ETag"))
        answer.last_modified = printable(headers.get("Last-Modified"))
        answer.max_age_s = max_age_s(headers, now)
        return body

    async def _read_body(self, url: URL, response: aiohttp.ClientResponse, answer: _Answer) -> bytes:
        """The decoded body, never holding much more than `max_bytes` of it."""
        codings = response.headers.get("Content-Encoding", "").lower()
        if "," in codings or codings in _NOT_UNDONE:
            raise FetchError(
                FetchReason.BAD_ENCODING, f"{shown(url)} is encoded as {codings!r}, which was not asked for"
            )
        answer.body_bytes = 0
        chunks = []
        is_too_large = (response.content_length or 0) > self._max_bytes
        while not is_too_large and (chunk := await response.content.readany()):
            chunks.append(chunk)
            answer.body_bytes += len(chunk)
            is_too_large = answer.body_bytes > self._max_bytes
        if is_too_large:
            raise FetchError(
                FetchReason.TOO_LARGE,
                f"{shown(url)} is larger than {self._max_bytes} bytes; no more was read",
            )
        return b"".join(chunks)


def _deferred(request: FetchRequest, answer: _Answer, deferral: Deferral) -> FetchResult:
    return FetchResult(
        url=request.url,
        outcome=FetchOutcome.DEFERRED,
        reason=deferral.reason,
        started_at=answer.started_at,
        duration_ms=round(answer.active_s * 1000),
        retry_after_s=deferral.retry_after_s,
    )


def _result(
    request: FetchRequest,
    answer: _Answer,
    outcome: FetchOutcome,
    reason: FetchReason,
    *,
    body: bytes | None = None,
    detail: str | None = None,
) -> FetchResult:
    final_url = None if answer.url is None else shown(answer.url)
    return FetchResult(
        url=request.url,
        outcome=outcome,
        reason=reason,
        started_at=answer.started_at,
        duration_ms=round(answer.active_s * 1000),
        final_url=final_url,
        http_status=answer.status,
        body=body,
        content_type=answer.content_type,
        etag=answer.etag,
        last_modified=answer.last_modified,
        retry_after_s=answer.retry_after_s,
        max_age_s=answer.max_age_s,
        # Servers' own words may be in it; NUL and lone surrogates have no place in a database's text.
        detail=None if detail is None else detail.replace("\0", " ").encode("utf-8", "replace").decode(),
        is_conditional=answer.is_conditional,
        body_bytes=answer.body_bytes,
        moved_to=final_url if answer.has_moved and outcome is not FetchOutcome.FAILED else None,
    )
