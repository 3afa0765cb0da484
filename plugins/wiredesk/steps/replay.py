"""Stored payloads once more, with the code of today: what it would find new, and what it reads differently."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from wiredesk.bounded import BoundedWorker, parse_worker
from wiredesk.crashpoints import crash_point
from wiredesk.errors import ConfigurationError, PayloadError
from wiredesk.models import PreparedArticle, PreparedPayload, RejectedEntry, SignatureScheme
from wiredesk.prepare import PAGE_FAILED
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.steps.cleaning import CleanWorkers
from wiredesk.steps.load import prepare_capture
from wiredesk.steps.match import assign_articles
from wiredesk.steps.reading import read_whole
from wiredesk.steps.shelve import shelve_articles, without_forgotten
from wiredesk.store import articles, changes, feeds, fetches, forget, quarantine, stories
from wiredesk.store.articles import StoredArticle, StoredEntry
from wiredesk.store.database import Connection, Database
from wiredesk.store.fetches import Capture
from wiredesk.store.stories import StoryChange

_SHOWN = 20  # addresses of a kind, in what a person reads


@dataclass(frozen=True, slots=True)
class ReplayedPayload:
    """What became of one payload."""

    fetch_id: int
    feed_url: str
    added: tuple[str, ...] = ()  # addresses of articles that there were not
    changed: tuple[str, ...] = ()  # addresses of articles that have another wording now
    refreshed: tuple[str, ...] = ()  # addresses of articles with the same wording, and other HTML or metadata
    superseded: int = 0  # entries that a newer payload had too: that one decides
    rejected: tuple[RejectedEntry, ...] = ()
    error: str | None = None  # it could not be read at all
    changes: tuple[StoryChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replay came to, or would."""

    is_dry_run: bool
    payloads: tuple[ReplayedPayload, ...]
    expired: int  # payloads of that time whose bytes are gone


def replay_fetches(
    database: Database,
    settings: Settings,
    *,
    since: datetime,
    until: datetime | None = None,
    feed: str | None = None,
    dry_run: bool = True,
    clock: Clock = utc_now,
) -> ReplayResult:
    """Replay the payloads that were fetched in a stretch of time, oldest first, of one feed (URL or id) or of all;
    without `until` up to now.

    Each is read, cleaned, stored, compared and assigned in a transaction of its own, which a dry run takes back: so a
    dry run shows what each payload by itself would change. What a newer payload said stays; an article whose words
    stay as they are is refreshed in its place. Nothing differs: nothing is written. The publisher gives positions.
    """
    found = database.run(fetches.replayable_fetches, since=since, until=until or clock(), feed=feed)
    there = [one.fetch_id for one in found if not one.is_expired]
    payloads = replay_payloads(database, settings, there, dry_run=dry_run, clock=clock)
    return ReplayResult(dry_run, tuple(payloads), len(found) - len(there))


def replay_payloads(
    database: Database, settings: Settings, fetch_ids: Sequence[int], *, dry_run: bool, clock: Clock = utc_now
) -> list[ReplayedPayload]:
    """Replay these payloads. Raises NotFound where the bytes of one are gone."""
    with parse_worker(settings) as reader, CleanWorkers(settings) as clean:
        return [
            _replay(database, settings, reader, clean, database.run(fetches.read_capture, fetch_id), dry_run, clock)
            for fetch_id in fetch_ids
        ]


def _replay(
    database: Database,
    settings: Settings,
    reader: BoundedWorker,
    clean: CleanWorkers,
    capture: Capture,
    dry_run: bool,
    clock: Clock,
) -> ReplayedPayload:
    scheme = database.run(stories.active_scheme)
    try:
        reading = read_whole(database, settings, reader, capture)
    except PayloadError as error:
        return ReplayedPayload(capture.fetch_id, capture.feed_url, error=str(error))
    prepared = prepare_capture(database, settings, clean, capture, reading, scheme, is_replay=True)

    def store(connection: Connection) -> ReplayedPayload:
        with connection.transaction(force_rollback=dry_run):
            done = _store(connection, settings, capture, prepared, scheme, clock())
            crash_point("replay.before_commit")
            return done

    done = database.run(store)
    crash_point("replay.after_commit")
    return done


def _store(
    connection: Connection,
    settings: Settings,
    capture: Capture,
    prepared: PreparedPayload,
    scheme: SignatureScheme,
    now: datetime,
) -> ReplayedPayload:
    forget.hold_off_forgetting(connection)
    feeds.lock_feed(connection, capture.feed_id)
    keys = [entry.key for entry in prepared.changed]
    stored = articles.stored_entries(connection, capture.feed_id, keys, seen_at=capture.result.started_at)
    entry_ids = _entry_ids(connection, capture, prepared, stored)
    rows = [row for row in prepared.articles if row.entry_keys[0] in entry_ids]
    before = articles.lock_articles(connection, [row.url_key for row in rows])
    rows = [row for row in rows if not _has_lost_its_page(row, before, stored)]
    digests = {key: known.text_digest for key, known in before.items()}
    differing = [row for row in rows if digests.get(row.url_key) != row.text_digest]
    _, revised = shelve_articles(connection, capture, differing, entry_ids, scheme)
    changes.record_revisions(connection, revised, now=now)
    same = [row for row in rows if digests.get(row.url_key) == row.text_digest]
    refreshed = _refresh(connection, same, entry_ids, before, now)
    for rejected in without_forgotten(connection, capture, prepared.rejected, lambda entry: entry.key):
        quarantine.quarantine_entry(connection, capture, rejected, now=now)
    after = articles.lock_articles(connection, [row.url_key for row in differing])
    added = {key: found.article_id for key, found in after.items() if key not in before}
    texts = list(stories.read_texts(connection, {*added.values(), *revised}).values())
    run = f"replay at {now:%Y-%m-%dT%H:%MZ}"
    changed = assign_articles(connection, texts, settings, scheme, run=run, now=now) if texts else []
    return ReplayedPayload(
        capture.fetch_id,
        capture.feed_url,
        added=tuple(_address(row) for row in differing if row.url_key in added),
        changed=tuple(
            _address(row) for row in differing if row.url_key in after and after[row.url_key].article_id in revised
        ),
        refreshed=tuple(_address(row) for row in same if before[row.url_key].article_id in refreshed),
        superseded=sum(found.is_superseded for found in stored.values()),
        rejected=prepared.rejected,
        changes=tuple(changed),
    )


def _refresh(
    connection: Connection,
    rows: Sequence[PreparedArticle],
    entry_ids: Mapping[str, int],
    before: Mapping[str, StoredArticle],
    now: datetime,
) -> list[int]:
    """Give articles whose words are the same their HTML and metadata anew; ids of those of which any differed.

    Only the entry that gives an article's words says the rest of it, and only one that has its page, if it should.
    """
    found = [(row, entry_ids[row.entry_keys[0]], before[row.url_key]) for row in rows]
    told = [
        (row, entry_id, known.article_id)
        for row, entry_id, known in found
        if known.entry_id == entry_id and PAGE_FAILED not in row.article.flags
    ]
    refreshed = articles.refresh_articles(connection, told)
    changes.record_refreshed(connection, refreshed, now=now)
    return refreshed


def _entry_ids(
    connection: Connection, capture: Capture, prepared: PreparedPayload, stored: Mapping[str, StoredEntry]
) -> dict[str, int]:
    """Ids of the entries that this payload has the last word on. Not of those whose article is gone for good."""
    open_ones = {key: found for key, found in stored.items() if not found.is_superseded and not found.is_refused}
    new = [
        entry
        for entry in prepared.changed
        if entry.key not in stored or (entry.key in open_ones and open_ones[entry.key].entry_digest != entry.digest)
    ]
    ids = {key: found.entry_id for key, found in open_ones.items()}
    if new:
        # That a page is gone by now does not make it wanted again.
        missing = {key for key in prepared.missing_pages if key not in stored or stored[key].is_page_missing}
        ids |= articles.store_entries(connection, capture, new, missing)
    return ids


def _has_lost_its_page(
    row: PreparedArticle, before: Mapping[str, StoredArticle], stored: Mapping[str, StoredEntry]
) -> bool:
    """Whether the article was read from its page, whose bytes are gone: what is left says less than what is stored."""
    known, entry = before.get(row.url_key), stored.get(row.entry_keys[0])
    if known is None or entry is None or PAGE_FAILED not in row.article.flags:
        return False
    return entry.had_page and known.entry_id == entry.entry_id and not known.is_page_missing


def _address(row: PreparedArticle) -> str:
    return row.article.url or row.url_key


def is_rejected_again(payload: ReplayedPayload, *, kind: str, sha256: str, entry_key: str | None) -> bool:
    """Whether what was in quarantine could not be processed this time either."""
    if payload.error is not None or kind == "payload":
        return payload.error is not None
    return any(
        hashlib.sha256(one.raw).hexdigest() == sha256 or (entry_key is not None and one.key == entry_key)
        for one in payload.rejected
    )


def summarise(result: ReplayResult) -> list[str]:
    """What a replay came to, in lines for a person or a log."""
    kinds = [change.kind for payload in result.payloads for change in payload.changes]
    added = sorted({url for payload in result.payloads for url in payload.added})
    changed = sorted({url for payload in result.payloads for url in payload.changed})
    refreshed = sorted({url for payload in result.payloads for url in payload.refreshed})
    merged, split, led = (kinds.count(kind) for kind in ("stories_merged", "story_split", "lead_changed"))
    lines = [
        f"{len(result.payloads)} payloads read, {result.expired} expired",
        f"{len(added)} articles added, {len(changed)} changed, {len(refreshed)} refreshed (the same words)",
        f"{merged} stories merged, {split} split, {led} led by another article",
    ]
    lines += [f"+ {url}" for url in added[:_SHOWN]]
    lines += [f"~ {url}" for url in changed[:_SHOWN]]
    lines += [f"= {url}" for url in refreshed[:_SHOWN]]
    problems = [
        f"! {payload.feed_url}: {one.reason}: {one.detail}" for payload in result.payloads for one in payload.rejected
    ]
    problems += [
        f"! fetch {payload.fetch_id} of {payload.feed_url}: {payload.error}"
        for payload in result.payloads
        if payload.error is not None
    ]
    lines += [problem[:300] for problem in problems[:_SHOWN]]
    return [*lines, "dry run: nothing was written"] if result.is_dry_run else lines


def parse_moment(text: str) -> datetime:
    """A time as a person writes it, in UTC where no zone is given. Raises ConfigurationError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{text!r} is no time: write 2026-11-27 or 2026-11-27T06:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
