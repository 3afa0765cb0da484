"""A publisher on loopback for the tests of the fetcher: handlers by path, and every request remembered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime

from aiohttp import web
from wiredesk.fetch import HostBudget, fetch_each
from wiredesk.models import FetchRequest, FetchResult
from wiredesk.settings import Settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIMIT = 100_000
FEED = b"<rss version='2.0'><channel><title>Tidewater Gazette</title></channel></rss>"
# Bound for any wait on the server's side: far above what the tests take, so a hang fails instead of hanging.
PATIENCE_S = 10


class Wire:
    """A publisher on 127.0.0.1: handlers by path; it remembers every request."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.requests: list[web.Request] = []
        self.arrivals: list[float] = []  # when each request came, in seconds of the loop's clock
        self.port = 0

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def answer(self, path: str, body: bytes = FEED, status: int = 200, **headers: str) -> str:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}

        async def handler(request: web.Request) -> web.Response:
            return web.Response(body=body, status=status, headers=fields)

        self.handlers[path] = handler
        return self.url(path)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.arrivals.append(asyncio.get_running_loop().time())
        handler = self.handlers.get(request.path)
        return web.Response(status=404) if handler is None else await handler(request)


@asynccontextmanager
async def serve_wire() -> AsyncIterator[Wire]:
    """A wire on a free port; its handlers are cancelled when their client hangs up."""
    server = Wire()
    runner = web.ServerRunner(web.Server(server.handle, handler_cancellation=True))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    yield server
    await runner.cleanup()


def settings(**changes: object) -> Settings:
    values: dict[str, object] = {
        "allow_hosts": ("127.0.0.1", "localhost"),
        "fetch_timeout_s": PATIENCE_S,
        "per_host_gap_s": 0,  # what needs a gap says so
    }
    return Settings(**(values | changes))


async def get(request: str | FetchRequest, max_bytes: int = LIMIT, **changes: object) -> FetchResult:
    if isinstance(request, str):
        request = FetchRequest(request)
    stream = fetch_each([request], settings(**changes), max_bytes=max_bytes, clock=lambda: NOW)
    async with aclosing(stream):
        results = [result async for _, result in stream]
    assert len(results) == 1
    return results[0]


async def get_each(
    urls: Sequence[str | FetchRequest], budget: HostBudget | None = None, **changes: object
) -> list[FetchResult]:
    """What becomes of several URLs of one batch, in their order."""
    requests = [FetchRequest(url) if isinstance(url, str) else url for url in urls]
    stream = fetch_each(requests, settings(**changes), max_bytes=LIMIT, clock=lambda: NOW, budget=budget)
    async with aclosing(stream):
        found = {index: result async for index, result in stream}
    return [found[index] for index in range(len(urls))]


async def get_raw(reply: bytes) -> FetchResult:
    """What becomes of a peer that sends these bytes and hangs up."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        return await get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed")
