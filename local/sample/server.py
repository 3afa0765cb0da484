"""How the local wire answers: which bytes under which path, on which conditions, how fast."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

import brotli
from aiohttp import web

from local.sample.material import Sample, SampleFeed, load_sample
from local.sample.pages import render_error, render_front, render_opml, render_page
from local.sample.render import CONTENT_TYPES, render_feed

SLOW_SECONDS = 1.5  # long enough to be seen among the others, far below any fetch timeout
_DRIPS = 6  # pieces in which the slow feed's body comes
_LOG_LIMIT = 10_000  # requests remembered; a demo makes about a hundred
_LOGGED_HEADERS = (
    "User-Agent",
    "Accept",
    "Accept-Encoding",
    "If-None-Match",
    "If-Modified-Since",
    "Referer",
    "Cookie",
)
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One request as it came, and the status it got (499: the client went away first)."""

    method: str
    path: str  # with its query
    status: int
    headers: dict[str, str]  # those of _LOGGED_HEADERS that were sent


@dataclass(slots=True)
class Wire:
    """What is served: the sample at one edition. `url` is the base address, without a slash at its end."""

    url: str = ""
    edition: int = 1
    slow_seconds: float = SLOW_SECONDS
    sample: Sample = field(default_factory=load_sample)
    log: deque[SeenRequest] = field(default_factory=lambda: deque(maxlen=_LOG_LIMIT))

    @property
    def opml_url(self) -> str:
        """Where the subscriptions are."""
        return f"{self.url}/opml"

    @property
    def requests(self) -> tuple[SeenRequest, ...]:
        """The requests seen so far, oldest first."""
        return tuple(self.log)

    def feed_url(self, name: str) -> str:
        """The address under which a feed of feeds.toml is subscribed; KeyError if there is none."""
        return self.url + {feed.name: feed.address for feed in self.sample.feeds}[name]

    def publish(self, edition: int) -> None:
        """Serve this edition from now on; ValueError if there is none."""
        if not 1 <= edition <= len(self.sample.edition_times):
            raise ValueError(f"there is no edition {edition}; there are {len(self.sample.edition_times)}")
        self.edition = edition

    def find_feed(self, path: str) -> SampleFeed | None:
        """The feed that is subscribed under this path, or has moved to it."""
        return next((feed for feed in self.sample.feeds if path in (feed.address, feed.moved_to)), None)

    def find_page(self, path: str) -> bytes | None:
        """The HTML of the story or the front page under this path."""
        name, _, rest = path.lstrip("/").partition("/")
        if name not in self.sample.sites:
            return None
        if not rest:
            return render_front(self.sample, self.sample.sites[name], self.edition, self.url)
        shelf = self.sample.published_on(name, self.edition)
        story = next((story for story in shelf if story.path == rest), None)
        return render_page(self.sample, story, self.edition, self.url) if story else None


_WIRE: web.AppKey[Wire] = web.AppKey("wire", Wire)
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _write_log(request: web.Request, handler: _Handler) -> web.StreamResponse:
    status = 499
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        if not request.path.startswith("/-/"):
            headers = {name: request.headers[name] for name in _LOGGED_HEADERS if name in request.headers}
            request.app[_WIRE].log.append(SeenRequest(request.method, request.path_qs, status, headers))
    return response


async def _serve(request: web.Request) -> web.StreamResponse:
    wire, path = request.app[_WIRE], request.path
    feed = wire.find_feed(path)
    if feed is not None:
        return await _serve_feed(request, wire, feed)
    if path.endswith(".gif"):
        return web.Response(body=_PIXEL, content_type="image/gif")
    page = wire.find_page(path)
    if page is None:
        raise web.HTTPNotFound(text="There is nothing here.\n")
    return _answer(request, page, "text/html", "utf-8", {"ETag": _etag(page)}, "gzip")


async def _serve_feed(request: web.Request, wire: Wire, feed: SampleFeed) -> web.StreamResponse:
    if feed.moved_to is not None and request.path == feed.address:
        headers = {"Location": wire.url + feed.moved_to}
        return web.Response(status=feed.move_status, headers=headers, text="The feed is elsewhere.\n")
    if feed.fault == "not_found":
        raise web.HTTPNotFound(text="There is nothing here.\n")
    if feed.fault == "html_error":
        return web.Response(body=render_error(len(wire.log)), content_type="text/html", charset="utf-8")
    body = render_feed(wire.sample, feed, wire.edition, wire.url)
    response = _answer(
        request,
        body,
        CONTENT_TYPES[feed.format],
        feed.encoding,
        _validators(wire, feed, body),
        feed.compression,
    )
    if feed.max_age_s is not None:
        response.headers["Cache-Control"] = f"max-age={feed.max_age_s}"
    return await _drip(request, response, wire.slow_seconds) if feed.is_slow else response


def _validators(wire: Wire, feed: SampleFeed, body: bytes) -> dict[str, str]:
    if feed.validator == "last_modified":
        changed = min(wire.edition, len(feed.editions))
        return {"Last-Modified": format_datetime(wire.sample.edition_times[changed - 1], usegmt=True)}
    if feed.validator == "none":
        return {}
    return {"ETag": ("W/" if feed.validator == "weak_etag" else "") + _etag(body)}


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


def _answer(
    request: web.Request, body: bytes, kind: str, charset: str, validators: dict[str, str], compression: str
) -> web.Response:
    if _is_current(request, validators):
        return web.Response(status=304, headers=validators)
    headers = validators | {"Content-Type": f"{kind}; charset={charset}"}
    if compression != "identity":
        headers["Vary"] = "Accept-Encoding"
        accepted = request.headers.get("Accept-Encoding", "").split(",")
        if compression in {offer.partition(";")[0].strip() for offer in accepted}:
            headers["Content-Encoding"] = compression
            body = brotli.compress(body) if compression == "br" else gzip.compress(body, mtime=0)
    return web.Response(body=body, headers=headers)


def _is_current(request: web.Request, validators: dict[str, str]) -> bool:
    """Evaluate the conditions as RFC 9110 13.2.2 orders them: If-None-Match outranks If-Modified-Since."""
    # Stricter than the RFC's weak comparison: byte for byte, to catch a client that alters a tag.
    sent = request.headers.get("If-None-Match")
    if sent is not None:
        return "ETag" in validators and validators["ETag"] in sent.split(", ")
    since = request.headers.get("If-Modified-Since")
    if since is None or "Last-Modified" not in validators:
        return False
    with suppress(ValueError):
        return parsedate_to_datetime(validators["Last-Modified"]) <= _aware(parsedate_to_datetime(since))
    return False


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _drip(request: web.Request, response: web.Response, seconds: float) -> web.StreamResponse:
    """Send what `response` holds in pieces, over about this many seconds."""
    body = response.body if isinstance(response.body, bytes) else b""
    if not body:
        await asyncio.sleep(seconds)
        return response
    slow = web.StreamResponse(status=response.status, headers=response.headers)
    await slow.prepare(request)
    size = -(-len(body) // _DRIPS)
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / _DRIPS)
        await slow.write(body[start : start + size])
    await slow.write_eof()
    return slow


async def _serve_opml(request: web.Request) -> web.Response:
    wire = request.app[_WIRE]
    return web.Response(body=render_opml(wire.sample, wire.url), content_type="text/x-opml", charset="utf-8")


async def _serve_robots(_: web.Request) -> web.Response:
    return web.Response(text="User-agent: *\nAllow: /\n")


async def _serve_gone(_: web.Request) -> web.Response:
    raise web.HTTPGone(text="This feed has ended.\n")


async def _serve_same_error(_: web.Request) -> web.Response:
    """An error page in place of a feed, the same bytes each time; those of the sample's feeds differ."""
    return web.Response(body=render_error(0), content_type="text/html", charset="utf-8")


async def _serve_log(request: web.Request) -> web.Response:
    return web.json_response([asdict(seen) for seen in request.app[_WIRE].log])


async def _publish(request: web.Request) -> web.Response:
    wire = request.app[_WIRE]
    try:
        wire.publish(int(request.match_info["number"]))
    except ValueError as error:
        raise web.HTTPNotFound(text=f"{error}\n") from error
    return web.json_response({"edition": wire.edition})


async def start_server(wire: Wire, port: int) -> web.AppRunner:
    """Listen on 127.0.0.1 (port 0: any free one) and set `wire.url`; OSError if the port is taken."""
    app = web.Application(middlewares=[_write_log])
    app[_WIRE] = wire
    app.router.add_get("/opml", _serve_opml)
    app.router.add_get("/robots.txt", _serve_robots)
    app.router.add_get("/gone.xml", _serve_gone)
    app.router.add_get("/-/log", _serve_log)
    app.router.add_get("/-/same-error", _serve_same_error)
    app.router.add_post("/-/edition/{number}", _publish)
    app.router.add_get("/{path:.*}", _serve)
    # Whoever still waits for the slow feed at the end need not be waited for.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    except OSError:
        await runner.cleanup()
        raise
    host, bound = runner.addresses[0][:2]
    wire.url = f"http://{host}:{bound}"
    return runner
