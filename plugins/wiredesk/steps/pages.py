"""Fetch the article pages of full-text feeds, where robots.txt allows it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from wiredesk.bounded import parse_worker
from wiredesk.crashpoints import crash_point
from wiredesk.errors import ContractViolation, PayloadError
from wiredesk.fetch import ACCEPT_PAGE, fetch_each_sync
from wiredesk.models import Entry, FetchKind, FetchOutcome, FetchReason, FetchRequest, FetchResult
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.steps.budget import SharedBudget
from wiredesk.steps.reading import each_capture, read_payload
from wiredesk.steps.robots import read_robots
from wiredesk.steps.shelve import without_forgotten
from wiredesk.store import fetches
from wiredesk.store.database import Connection, Database
from wiredesk.store.fetches import Capture

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Page:
    """The page that an entry of a full-text feed lacks."""

    url: str
    feed_id: int
    claim_key: str
    entry: Entry  # under the key that it is stored by


def capture_pages(database: Database, settings: Settings, fetch_ids: Sequence[int], *, clock: Clock = utc_now) -> int:
    """Fetch and commit the article pages of new entries of full-text feeds; return how many were asked for.

    A page that robots.txt forbids is an attempt too, failed with robots_denied. A payload whose pages cannot be
    captured is logged and goes on without them: its articles are loaded with the feed's own text, flagged
    `page_failed`, and their pages are asked for again.
    """
    with parse_worker(settings) as worker:

        def find(capture: Capture) -> list[_Page]:
            if not capture.is_full_text:
                return []
            try:
                reading = read_payload(database, settings, worker, capture)
            except PayloadError:
                return []  # loading it will quarantine it, with the reason
            linked = [reading.as_stored(entry) for entry in reading.changed if entry.url]
            changed = database.run(without_forgotten, capture, linked, lambda entry: entry.url)
            asked = database.run(fetches.asked_pages, capture.feed_id, capture.claim_key, changed)
            return [
                _Page(entry.url or "", capture.feed_id, capture.claim_key, entry)
                for entry in changed
                if entry.key not in asked
            ]

        found, failures = each_capture(database, fetch_ids, find)
    for what, error in failures.items():
        log.error("no pages for %s", what, exc_info=error)
    return _capture(database, settings, [page for pages in found for page in pages], clock)


def _capture(database: Database, settings: Settings, pages: Sequence[_Page], clock: Clock) -> int:
    """Ask for each URL once, whoever wants it; all of them under one budget. How many were asked for."""
    if not pages:
        return 0
    budget = SharedBudget(database, settings)
    wanted = [(page.url, page.feed_id, page.claim_key) for page in pages]
    robots = read_robots(database, settings, budget, wanted, clock)
    by_url: dict[str, list[_Page]] = {}
    for page in pages:
        by_url.setdefault(page.url, []).append(page)
    for url in [url for url in by_url if robots.allows(url) is False]:
        _store(database, by_url[url], _denied(url, clock))
    urls = [url for url in by_url if robots.allows(url)]
    requests = [FetchRequest(url) for url in urls]
    limit = settings.page_max_bytes
    asked = 0
    with closing(
        fetch_each_sync(requests, settings, max_bytes=limit, clock=clock, budget=budget, accept=ACCEPT_PAGE)
    ) as results:
        for index, result in results:
            if result.outcome is not FetchOutcome.DEFERRED:
                asked += 1
                _store(database, by_url[urls[index]], result)
    return asked


def _denied(url: str, clock: Clock) -> FetchResult:
    return FetchResult(
        url=url,
        outcome=FetchOutcome.FAILED,
        reason=FetchReason.ROBOTS_DENIED,
        started_at=clock(),
        duration_ms=0,
        detail=f"{url} was not asked for: the site's robots.txt forbids it, or could not be had",
    )


def _store(database: Database, pages: Sequence[_Page], result: FetchResult) -> None:
    """Commit one answer for each entry that wanted it; one that the database refuses does not stop the others."""
    for page in pages:
        try:
            database.run(_store_page, page, result)
        except ContractViolation:
            log.exception("no page for entry %s of feed %s", page.entry.key, page.feed_id)
        crash_point("page.after_commit")


def _store_page(connection: Connection, page: _Page, result: FetchResult) -> None:
    fetches.store_fetch(
        connection,
        result,
        kind=FetchKind.PAGE,
        feed_id=page.feed_id,
        claim_key=page.claim_key,
        entry=page.entry,
    )
    crash_point("page.before_commit")
