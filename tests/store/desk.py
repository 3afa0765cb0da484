"""What the tests of the store share: a site whose answers a test sets, a clock that it turns, and the line."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from xml.sax.saxutils import escape

import psycopg
from aiohttp import web
from psycopg.rows import dict_row
from wiredesk import steps
from wiredesk.models import Batch, Subscription
from wiredesk.settings import Settings
from wiredesk.steps import LoadCounts
from wiredesk.store import status
from wiredesk.store.database import Database

T = TypeVar("T")

TIMEOUT_S = 60  # longer than any wait here takes on a busy machine


class Clock:
    """The time that the line is told. It starts at the present, because the checks ask the database's own clock."""

    def __init__(self, start: datetime | None = None) -> None:
        self.now = start or datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass(frozen=True)
class Answer:
    body: bytes
    content_type: str
    status: int
    headers: dict[str, str]


@dataclass
class Site:
    """A web server on loopback that answers as the test says."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    sent_validators: list[tuple[str | None, str | None]] = field(default_factory=list)

    def put(
        self,
        path: str,
        body: bytes = b"",
        *,
        content_type: str = "application/rss+xml",
        status: int = 200,
        **headers: str,
    ) -> str:
        """Answer so at this path from now on; an ETag is compared as a server does. The path's URL."""
        self.answers[path] = Answer(body, content_type, status, headers)
        return f"{self.url}{path}"

    async def answer(self, request: web.Request) -> web.Response:
        self.asked[request.path] += 1
        self.sent_validators.append((request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")))
        found = self.answers.get(request.path)
        if found is None:
            return web.Response(status=404)
        headers = {"Content-Type": found.content_type, **found.headers}
        if found.headers.get("ETag") and found.headers["ETag"] == request.headers.get("If-None-Match"):
            return web.Response(status=304, headers={"ETag": found.headers["ETag"]})
        return web.Response(status=found.status, body=found.body, headers=headers)


@contextmanager
def running_site() -> Iterator[Site]:
    site = Site()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/{path:.*}", site.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result(TIMEOUT_S)
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield site
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(TIMEOUT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(TIMEOUT_S)
        loop.close()


_SYLLABLES = [f"{a}{b}" for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u")]


def prose(seed: str, words: int = 60) -> str:
    """That many words that mean nothing; texts of different seeds share no run of five of them."""
    pick = random.Random(seed)
    text = ["".join(pick.choices(_SYLLABLES, k=pick.choice((2, 3)))) for _ in range(words)]
    sentences = [" ".join(text[start : start + 12]).capitalize() for start in range(0, words, 12)]
    return ". ".join(sentences) + "."


def item(guid: str, text: str, *, link: str | None = None, title: str | None = None) -> str:
    """An RSS item; its link is its guid's, where none is given."""
    return (
        f'<item><guid isPermaLink="false">{escape(guid)}</guid><link>{escape(link or f"https://news.example/{guid}")}'
        f"</link><title>{escape(title or f'Report on {guid}')}</title><description>{escape(text)}</description>"
        "<pubDate>Tue, 06 Jan 2026 08:00:00 GMT</pubDate></item>"
    )


def rss(*items: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>A wire</title>'
        f"<link>https://news.example/</link>{''.join(items)}</channel></rss>"
    ).encode()


def page(title: str, text: str) -> bytes:
    """An article page with the text in paragraphs of two sentences."""
    sentences = text.split(". ")
    paragraphs = [". ".join(sentences[start : start + 2]) for start in range(0, len(sentences), 2)]
    body = "".join(f"<p>{paragraph.rstrip('.')}.</p>" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<main><article><h1>{title}</h1>{body}</article></main></body></html>"
    ).encode()


HTML = b"<!DOCTYPE html><html><head><title>Log in</title></head><body>Please log in.</body></html>"


@dataclass
class Desk:
    """A news database, the line that fills it, and the site that it polls."""

    dsn: str
    settings: Settings
    store: Database
    site: Site
    clock: Clock
    sql: psycopg.Connection[dict[str, Any]]
    runs: Iterator[int] = field(default_factory=lambda: count(1))

    def subscribe(self, *paths: str, full_text: bool = False) -> None:
        wanted = [Subscription(f"{self.site.url}{path}", is_full_text=full_text) for path in paths]
        assert steps.subscribe(self.store, self.settings, wanted, clock=self.clock) == len(paths)

    def claim(self, claimant: str = "test", run: str | None = None, **options: Any) -> list[Batch]:
        run = run or f"run-{next(self.runs)}"
        return steps.claim_batches(self.store, self.settings, claimant=claimant, run=run, clock=self.clock, **options)

    def make_due(self) -> None:
        """A minute later, every feed is due."""
        self.clock.advance(minutes=1)
        self.sql.execute("UPDATE desk.feeds SET next_fetch_at = %s WHERE state = 'active'", (self.clock.now,))

    def capture(self, batches: Sequence[Batch] | None = None) -> list[int]:
        """Poll what is claimed (every feed where nothing is given), and pages; the ids to load."""
        if batches is None:
            self.make_due()
            batches = self.claim()
        fetch_ids = [
            fetch_id
            for batch in batches
            for fetch_id in steps.capture_feeds(self.store, self.settings, batch, clock=self.clock)
        ]
        steps.capture_pages(self.store, self.settings, fetch_ids, clock=self.clock)
        return fetch_ids

    def load(self, fetch_ids: Sequence[int]) -> LoadCounts:
        return steps.load_fetches(self.store, self.settings, fetch_ids, clock=self.clock)

    def poll(self) -> LoadCounts:
        """Every feed, from the wire into the tables."""
        return self.load(self.capture())

    def settle(self) -> None:
        """Assign what waits for a story, and publish the changes."""
        steps.match_articles(self.store, self.settings, clock=self.clock)
        steps.publish_changes(self.store, clock=self.clock)

    def rows(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        return self.sql.execute(query, arguments or None).fetchall()

    def row(self, query: str, *arguments: Any) -> dict[str, Any]:
        (row,) = self.rows(query, *arguments)
        return row

    def value(self, query: str, *arguments: Any) -> Any:
        (value,) = self.row(query, *arguments).values()
        return value

    def feed(self, path: str) -> dict[str, Any]:
        """The feed as consumers see it."""
        return self.row("SELECT * FROM news_v1.feeds WHERE url = %s", f"{self.site.url}{path}")

    def versions(self) -> dict[str, list[tuple[str, str]]]:
        """Place and writer of every stored row: even a row rewritten as it was shows."""
        names = self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'desk' ORDER BY 1")
        tables = [f"desk.{name['tablename']}" for name in names]
        return {
            table: [
                tuple(row.values()) for row in self.rows(f"SELECT ctid::text, xmin::text FROM {table} ORDER BY ctid")
            ]
            for table in tables
        }

    def offences(self) -> dict[str, int]:
        """How many rows each check of sql/checks finds, where it finds any."""
        results = self.store.run(status.run_checks)
        return {result.name: len(result.rows) for result in results if result.rows}

    def at_once(self, work: Callable[[Database, int], T], *, threads: int = 8) -> list[T]:
        """Call `work(a session of its own, number)` in that many threads that start together; its results."""
        barrier = threading.Barrier(threads, timeout=TIMEOUT_S)

        def begin(number: int) -> T:
            with steps.open_database(self.settings) as session:
                barrier.wait()
                return work(session, number)

        with ThreadPoolExecutor(threads) as pool:
            return [future.result(TIMEOUT_S) for future in [pool.submit(begin, number) for number in range(threads)]]


@contextmanager
def opened_desk(dsn: str, site: Site) -> Iterator[Desk]:
    # All feeds are on one host here, which would be polled two at a time with a gap; and no poll is one in a hundred.
    settings = Settings(
        dsn=dsn,
        allow_hosts=("127.0.0.1",),
        per_host_concurrency=16,
        per_host_gap_s=0,
        fetch_timeout_s=10,
        unconditional_share=0,
    )
    with (
        steps.open_database(settings) as store,
        psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection,
    ):
        yield Desk(dsn, settings, store, site, Clock(), connection)
