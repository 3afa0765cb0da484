"""Parse, clean and sign a captured payload, and store what it holds in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import median

from wiredesk.alarms import find_alarms
from wiredesk.bounded import BoundedWorker, parse_worker
from wiredesk.crashpoints import crash_point
from wiredesk.errors import PayloadError, StepFailed
from wiredesk.models import Feed, FeedAlarm, PreparedPayload, SignatureScheme, StoredPage
from wiredesk.prepare import prepare_payload
from wiredesk.schedule import plan_next_fetch
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.steps.capture import ended_at, follow_feed
from wiredesk.steps.cleaning import CleanWorkers
from wiredesk.steps.reading import Reading, each_capture, is_current, read_payload
from wiredesk.steps.shelve import shelve_articles, without_forgotten
from wiredesk.store import articles, changes, feeds, fetches, forget, overrides, quarantine, residue, stories
from wiredesk.store.database import Connection, Database
from wiredesk.store.fetches import Capture

# What a feed usually holds is the median of so many loads, and not said of fewer than three.
_USUAL_LOADS, _FEWEST_LOADS = 10, 3


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
    with parse_worker(settings) as reader, CleanWorkers(settings) as clean:

        def load(capture: Capture) -> LoadCounts:
            return _load(database, settings, reader, clean, capture, scheme, clock)

        counts, failures = each_capture(database, fetch_ids, load)
    if failures:
        told = "; ".join(f"{what}: {type(error).__name__}: {error}" for what, error in failures.items())
        raise StepFailed(f"{len(failures)} of {len(fetch_ids)} payloads could not be loaded: {told}") from next(
            iter(failures.values())
        )
    return sum(counts, LoadCounts())


def _load(
    database: Database,
    settings: Settings,
    reader: BoundedWorker,
    clean: CleanWorkers,
    capture: Capture,
    scheme: SignatureScheme,
    clock: Clock,
) -> LoadCounts:
    counts = None
    while counts is None:  # again where another payload of the feed was loaded since this one was read
        try:
            reading = read_payload(database, settings, reader, capture)
        except PayloadError as error:
            counts = database.run(_quarantine, settings, capture, error, clock)
        else:
            prepared = prepare_capture(database, settings, clean, capture, reading, scheme)
            counts = database.run(_store, settings, capture, reading, prepared, scheme, clock)
    crash_point("load.after_commit")
    return counts


def prepare_capture(
    database: Database,
    settings: Settings,
    clean: CleanWorkers,
    capture: Capture,
    reading: Reading,
    scheme: SignatureScheme,
    *,
    is_replay: bool = False,
) -> PreparedPayload:
    """All that costs processor time, outside the transaction that stores it.

    In a replay the page of an entry is the newest that there is, also where today's code reads the entry otherwise.
    """
    pages: dict[str, StoredPage] = {}
    override = None
    if capture.is_full_text:
        override = database.run(overrides.read_override, capture.source_id)
        changed = {entry.key: reading.as_stored(entry) for entry in reading.changed}
        found = database.run(fetches.read_pages, capture.feed_id, list(changed.values()), is_any_wording=is_replay)
        pages = {key: found[stored.key] for key, stored in changed.items() if stored.key in found}
    return prepare_payload(
        reading.parsed,
        reading.recognised.known,
        pages,
        feed_id=capture.feed_id,
        feed_url=capture.feed_url,
        feed_language=capture.feed_language,
        is_full_text=capture.is_full_text,
        scheme=scheme,
        min_words=settings.match_min_words,
        learned=database.run(residue.learned_keys, capture.source_id),
        override=override,
        clean=clean,
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
    reading: Reading,
    prepared: PreparedPayload,
    scheme: SignatureScheme,
    clock: Clock,
) -> LoadCounts | None:
    """Write all of it, and what follows for the schedule. None: what was known of the feed does not hold any more."""
    # Before the tombstones are read, and until what they let through is committed.
    forget.hold_off_forgetting(connection)
    if not fetches.lock_pending(connection, capture.fetch_id):
        return LoadCounts()
    feeds.lock_feed(connection, capture.feed_id)
    if not is_current(connection, capture, reading):
        return None
    now = clock()
    entry_ids = _store_entries(connection, capture, reading, prepared)
    new, revised = shelve_articles(connection, capture, prepared.articles, entry_ids, scheme)
    changes.record_revisions(connection, revised, now=now)
    quarantined = sum(
        quarantine.quarantine_entry(connection, capture, rejected, now=now)
        for rejected in without_forgotten(connection, capture, prepared.rejected, lambda entry: entry.key)
    )
    (feed,) = feeds.read_feeds(connection, [capture.feed_id])
    entry_count = len(reading.parsed.entries) + len(reading.parsed.seen_keys)
    fetches.finish_fetch(
        connection,
        capture.fetch_id,
        now=now,
        entry_count=entry_count,
        new_entry_count=prepared.new_entry_count,
        warning=reading.parsed.warning,
        alarms=_alarms(connection, capture, feed, reading, prepared, entry_count),
    )
    _plan(connection, settings, capture, feed, reading, prepared, entry_count)
    keys = [reading.as_stored(entry).key for entry in reading.parsed.entries]
    forget.empty_refusing_payload(connection, capture, [*keys, *reading.parsed.seen_keys], now=now)
    crash_point("load.before_commit")
    return LoadCounts(1, entry_count, prepared.new_entry_count, new, len(revised), quarantined)


def _store_entries(
    connection: Connection, capture: Capture, reading: Reading, prepared: PreparedPayload
) -> dict[str, int]:
    """Ids by key of the entries whose newest wording this payload brought."""
    articles.rename_entries(connection, capture.feed_id, reading.recognised.renames)
    entry_ids = articles.store_entries(connection, capture, prepared.changed, prepared.missing_pages)
    again = {entry.key: entry.item_digest for entry in prepared.unchanged}
    # Those that lost to a newer payload, and those whose present wording cannot be stored, are carried all the same.
    others = [entry.key for entry in prepared.changed if entry.key not in entry_ids]
    others += [rejected.key for rejected in prepared.rejected if rejected.key is not None]
    articles.see_entries_again(connection, capture, {**dict.fromkeys([*reading.parsed.seen_keys, *others]), **again})
    ours = entry_ids.keys() | again.keys()
    kept = {key: found for key, found in prepared.aliases.items() if key in ours}
    articles.keep_aliases(connection, capture.feed_id, kept)
    return entry_ids


def _alarms(
    connection: Connection,
    capture: Capture,
    feed: Feed,
    reading: Reading,
    prepared: PreparedPayload,
    entry_count: int,
) -> tuple[FeedAlarm, ...]:
    usual = fetches.usual_entry_counts(connection, capture, most=_USUAL_LOADS)
    return find_alarms(
        feed,
        capture.result,
        reading.parsed.entries,
        item_count=entry_count,
        new_entry_count=prepared.new_entry_count,
        usual_item_count=median(usual) if len(usual) >= _FEWEST_LOADS else None,
        churned_count=len(reading.recognised.renames),
    )


def _plan(
    connection: Connection,
    settings: Settings,
    capture: Capture,
    feed: Feed,
    reading: Reading,
    prepared: PreparedPayload,
    entry_count: int,
) -> None:
    """When the feed is polled next, now that it is known what this payload held."""
    plan = plan_next_fetch(
        feed,
        capture.result,
        now=ended_at(capture.result),
        settings=settings,
        entry_count=entry_count,
        new_entry_count=prepared.new_entry_count,
        hints=reading.parsed.hints,
    )
    plan = follow_feed(connection, feed, capture.result, plan)
    feeds.refine_plan(connection, capture.feed_id, plan, started_at=capture.result.started_at)
    feeds.keep_validators(connection, capture, reading.parsed)
