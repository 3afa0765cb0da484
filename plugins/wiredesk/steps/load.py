"""Parse, clean and sign a captured payload, and store what it holds in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from wiredesk.crashpoints import crash_point
from wiredesk.errors import PayloadError, StepFailed
from wiredesk.models import PreparedArticle, PreparedPayload, SignatureScheme, StoredPage
from wiredesk.prepare import changed_entries, is_revision, prepare_payload
from wiredesk.schedule import plan_next_fetch
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.steps.capture import each_capture, ended_at, parse_capture
from wiredesk.store import articles, changes, feeds, fetches, quarantine, stories
from wiredesk.store.database import Connection, Database
from wiredesk.store.fetches import Capture


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """What loading some payloads came to."""

    payloads: int = 0
    entries: int = 0
    new_entries: int = 0
    new_articles: int = 0
    revised_articles: int = 0
    quarantined: int = 0

    def __add__(self, other: LoadCounts) -> LoadCounts:
        return LoadCounts(**{item.name: getattr(self, item.name) + getattr(other, item.name) for item in fields(self)})


def load_fetches(
    database: Database, settings: Settings, fetch_ids: Sequence[int], *, clock: Clock = utc_now
) -> LoadCounts:
    """Load these payloads, one transaction each; a bad payload is quarantined, a loaded one left alone.

    Raises StepFailed, after the others are loaded, where the database refused what one of them holds.
    """
    scheme = database.run(stories.active_scheme)

    def load(capture: Capture) -> LoadCounts:
        return LoadCounts() if capture.is_loaded else _load(database, settings, capture, scheme, clock)

    counts, failures = each_capture(database, fetch_ids, load)
    if failures:
        told = "; ".join(f"{what}: {type(error).__name__}: {error}" for what, error in failures.items())
        raise StepFailed(f"{len(failures)} of {len(fetch_ids)} payloads could not be loaded: {told}") from next(
            iter(failures.values())
        )
    return sum(counts, LoadCounts())


def _load(
    database: Database, settings: Settings, capture: Capture, scheme: SignatureScheme, clock: Clock
) -> LoadCounts:
    try:
        prepared = _prepare(database, settings, capture, scheme)
    except PayloadError as error:
        counts = database.run(_quarantine, settings, capture, error, clock)
    else:
        counts = database.run(_store, settings, capture, prepared, scheme, clock)
    crash_point("load.after_commit")
    return counts


def _prepare(database: Database, settings: Settings, capture: Capture, scheme: SignatureScheme) -> PreparedPayload:
    """All that costs CPU, outside the transaction."""
    parsed = parse_capture(capture)
    keys = [entry.key for entry in parsed.entries]
    known = database.run(articles.known_digests, capture.feed_id, keys)
    pages: dict[str, StoredPage] = {}
    if capture.is_full_text:
        changed = changed_entries(parsed.entries, known)
        pages = database.run(fetches.read_pages, capture.feed_id, changed)
    return prepare_payload(
        parsed,
        known,
        pages,
        feed_id=capture.feed_id,
        feed_url=capture.feed_url,
        feed_language=capture.feed_language,
        is_full_text=capture.is_full_text,
        scheme=scheme,
        min_words=settings.match_min_words,
    )


def _quarantine(
    connection: Connection, settings: Settings, capture: Capture, error: PayloadError, clock: Clock
) -> LoadCounts:
    if not fetches.lock_pending(connection, capture.fetch_id):
        return LoadCounts()
    now = clock()
    quarantined = quarantine.quarantine_payload(connection, capture, error, now=now)
    fetches.finish_fetch(connection, capture.fetch_id, now=now, entry_count=None, new_entry_count=None, warning=None)
    (feed,) = feeds.read_feeds(connection, [capture.feed_id])
    plan = plan_next_fetch(feed, capture.result, now=ended_at(capture.result), settings=settings, is_unusable=True)
    feeds.refine_plan(connection, capture.feed_id, plan, started_at=capture.result.started_at)
    crash_point("load.before_commit")
    return LoadCounts(payloads=1, quarantined=quarantined)


def _store(
    connection: Connection,
    settings: Settings,
    capture: Capture,
    prepared: PreparedPayload,
    scheme: SignatureScheme,
    clock: Clock,
) -> LoadCounts:
    if not fetches.lock_pending(connection, capture.fetch_id):
        return LoadCounts()
    now = clock()
    parsed = prepared.parsed
    entry_ids = articles.store_entries(connection, capture, prepared.changed, prepared.missing_pages)
    articles.see_entries_again(connection, capture, prepared.unchanged_keys)
    new, revised = _store_articles(connection, capture, prepared.articles, entry_ids, scheme)
    changes.record_revisions(connection, revised, now=now)
    quarantined = sum(
        quarantine.quarantine_entry(connection, capture, rejected, now=now) for rejected in prepared.rejected
    )
    entry_count = len(parsed.entries)
    fetches.finish_fetch(
        connection,
        capture.fetch_id,
        now=now,
        entry_count=entry_count,
        new_entry_count=prepared.new_entry_count,
        warning=parsed.warning,
    )
    (feed,) = feeds.read_feeds(connection, [capture.feed_id])
    plan = plan_next_fetch(
        feed,
        capture.result,
        now=ended_at(capture.result),
        settings=settings,
        entry_count=entry_count,
        new_entry_count=prepared.new_entry_count,
        ttl_s=parsed.ttl_s,
    )
    feeds.refine_plan(connection, capture.feed_id, plan, started_at=capture.result.started_at)
    feeds.keep_validators(connection, capture, title=parsed.title, language=parsed.language)
    crash_point("load.before_commit")
    return LoadCounts(1, entry_count, prepared.new_entry_count, new, len(revised), quarantined)


def _store_articles(
    connection: Connection,
    capture: Capture,
    prepared: Sequence[PreparedArticle],
    entry_ids: dict[str, int],
    scheme: SignatureScheme,
) -> tuple[int, list[int]]:
    """Insert, revise or merely sight each article; return how many are new and the ids of the revised."""
    # An entry without an id lost to a newer payload that was loaded first.
    rows = [row for row in prepared if row.entry_keys[0] in entry_ids]
    stored = articles.lock_articles(connection, [row.url_key for row in rows])
    new = [row for row in rows if row.url_key not in stored]
    article_ids = articles.insert_articles(connection, capture, [(row, entry_ids[row.entry_keys[0]]) for row in new])
    revisions = []
    for row in rows:
        if (known := stored.get(row.url_key)) is None:
            continue
        article_ids[row.url_key] = known.article_id
        entry_id = entry_ids[row.entry_keys[0]]
        if is_revision(
            row,
            is_same_entry=known.entry_id == entry_id,
            stored_digest=known.text_digest,
            stored_word_count=known.word_count,
            stored_at=known.revised_at,
            seen_at=capture.result.started_at,
        ):
            revisions.append((row, entry_id, known.article_id))
    revised = articles.revise_articles(connection, capture, revisions)
    resigned = [*new, *(row for row, _, _ in revisions)]
    stories.store_signatures(connection, scheme, {article_ids[row.url_key]: row.signature for row in resigned})
    pairs = [(article_ids[row.url_key], entry_ids[key]) for row in rows for key in row.entry_keys if key in entry_ids]
    articles.see_articles(connection, capture, pairs)
    return len(new), revised
