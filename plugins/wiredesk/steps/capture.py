"""Fetch, and commit what came before anybody looks into it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from wiredesk.crashpoints import crash_point
from wiredesk.errors import ContractViolation, PayloadError, StoreError
from wiredesk.fetch import fetch_each_sync
from wiredesk.models import (
    Batch,
    Entry,
    Feed,
    FetchKind,
    FetchOutcome,
    FetchReason,
    FetchRequest,
    FetchResult,
    ParsedFeed,
)
from wiredesk.parse import parse_entries
from wiredesk.prepare import changed_entries
from wiredesk.schedule import plan_next_fetch
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.store import articles, feeds, fetches
from wiredesk.store.database import Connection, Database
from wiredesk.store.fetches import Capture

T = TypeVar("T")

log = logging.getLogger(__name__)


def capture_feeds(database: Database, settings: Settings, batch: Batch, *, clock: Clock = utc_now) -> list[int]:
    """Poll the batch's feeds, committing each attempt as it ends; return the ids of payloads to load."""
    attempts = database.run(fetches.claim_attempts, batch.claim_key, batch.feed_ids)
    attempted = {attempt.feed_id for attempt in attempts}
    wanted = [feed_id for feed_id in batch.feed_ids if feed_id not in attempted]
    to_poll = database.run(feeds.read_feeds, wanted)
    requests = [FetchRequest(feed.url, feed.etag, feed.last_modified) for feed in to_poll]
    pending = [*batch.fetch_ids, *(attempt.fetch_id for attempt in attempts if attempt.is_pending)]
    for index, result in fetch_each_sync(requests, settings, max_bytes=settings.feed_max_bytes, clock=clock):
        fetch_id = _capture_feed(database, settings, to_poll[index], batch.claim_key, result)
        if fetch_id is not None:
            pending.append(fetch_id)
    return sorted(set(pending))


def capture_pages(database: Database, settings: Settings, fetch_ids: Sequence[int], *, clock: Clock = utc_now) -> int:
    """Fetch and commit the article pages of new entries of full-text feeds; return how many were asked for.

    A payload whose pages cannot be captured is logged and goes on without them: its articles are loaded with the
    feed's own text, flagged `page_failed`, and their pages are asked for again.
    """

    def ask(capture: Capture) -> int:
        if not capture.is_full_text or capture.is_loaded:
            return 0
        return _capture_pages(database, settings, capture, clock)

    asked, failures = each_capture(database, fetch_ids, ask)
    for what, error in failures.items():
        log.error("no pages for %s", what, exc_info=error)
    return sum(asked)


def each_capture(
    database: Database, fetch_ids: Sequence[int], work: Callable[[Capture], T]
) -> tuple[list[T], dict[str, Exception]]:
    """Call `work` for each stored payload; one that fails does not stop the others.

    Returns the results, and the failures by fetch and feed. Raises StoreError where the database itself fails: it
    would fail them all.
    """
    results: list[T] = []
    failures: dict[str, Exception] = {}
    for fetch_id in fetch_ids:
        capture = database.run(fetches.read_capture, fetch_id)
        try:
            results.append(work(capture))
        except Exception as error:
            if isinstance(error, StoreError) and not isinstance(error, ContractViolation):
                raise
            failures[f"fetch {fetch_id} of {capture.feed_url}"] = error
    return results, failures


def _capture_feed(
    database: Database, settings: Settings, feed: Feed, claim_key: str, result: FetchResult
) -> int | None:
    """Commit one attempt and what follows for the schedule; the fetch's id if it brought bytes to load."""
    result = _same_bytes(feed, result)
    plan = plan_next_fetch(feed, result, now=ended_at(result), settings=settings)

    def capture(connection: Connection) -> int | None:
        fetch_id = fetches.store_fetch(
            connection, result, kind=FetchKind.FEED, feed_id=feed.feed_id, claim_key=claim_key
        )
        if fetch_id is None:
            return None
        feeds.plan_feed(connection, feed.feed_id, plan, claim_key=claim_key, result=result)
        if result.outcome is FetchOutcome.UNCHANGED:
            feeds.refresh_validators(connection, feed.feed_id, result)
        crash_point("capture.before_commit")
        return fetch_id

    fetch_id = database.run(capture)
    crash_point("capture.after_commit")
    return fetch_id if result.outcome is FetchOutcome.FETCHED else None


def _same_bytes(feed: Feed, result: FetchResult) -> FetchResult:
    """A 200 with the bytes that were loaded last is as good as a 304."""
    if result.body is None or fetches.payload_digest(result.body) != feed.payload_digest:
        return result
    return replace(result, outcome=FetchOutcome.UNCHANGED, reason=FetchReason.SAME_BYTES, body=None)


def parse_capture(capture: Capture) -> ParsedFeed:
    """The entries of a stored payload. Raises PayloadError."""
    return parse_entries(capture.result.body or b"", url=capture.feed_url, content_type=capture.result.content_type)


def ended_at(result: FetchResult) -> datetime:
    """When an attempt ended: the moment that its plan counts from, so that a replay plans the same."""
    return result.started_at + timedelta(milliseconds=result.duration_ms)


def _capture_pages(database: Database, settings: Settings, capture: Capture, clock: Clock) -> int:
    try:
        parsed = parse_capture(capture)
    except PayloadError:
        return 0  # loading it will quarantine it, with the reason
    wanted = database.run(_wanted_pages, capture, parsed.entries)
    requests = [FetchRequest(entry.url or "") for entry in wanted]
    for index, result in fetch_each_sync(requests, settings, max_bytes=settings.page_max_bytes, clock=clock):
        _capture_page(database, capture, wanted[index], result)
    return len(wanted)


def _wanted_pages(connection: Connection, capture: Capture, entries: Sequence[Entry]) -> list[Entry]:
    """Entries in a wording not seen before, whose page nobody has and this claim has not asked for."""
    known = articles.known_digests(connection, capture.feed_id, [entry.key for entry in entries])
    changed = changed_entries(entries, known)
    asked = fetches.asked_pages(connection, capture.feed_id, capture.claim_key, changed)
    return [entry for entry in changed if entry.url and entry.key not in asked]


def _capture_page(database: Database, capture: Capture, entry: Entry, result: FetchResult) -> None:
    def store(connection: Connection) -> None:
        fetches.store_fetch(
            connection,
            result,
            kind=FetchKind.PAGE,
            feed_id=capture.feed_id,
            claim_key=capture.claim_key,
            entry=entry,
        )
        crash_point("page.before_commit")

    database.run(store)
    crash_point("page.after_commit")
