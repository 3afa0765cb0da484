"""A stored payload as entries: read in a process of its own, and only what is not known already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from wiredesk.bounded import BoundedWorker, call_again, too_costly
from wiredesk.errors import ContractViolation, LimitExceeded, StoreError
from wiredesk.models import Entry, ParsedFeed
from wiredesk.parse import ParseLimits, parse_entries, scan_items
from wiredesk.parse.identity import renamed_keys
from wiredesk.prepare import changed_entries, entry_aliases
from wiredesk.settings import Settings
from wiredesk.store import articles, fetches
from wiredesk.store.database import Connection, Database
from wiredesk.store.fetches import Capture

T = TypeVar("T")

_HARMLESS = b'<rss version="2.0"><channel><item><title>A report</title></item></channel></rss>'
_read_harmless = partial(parse_entries, _HARMLESS)


@dataclass(frozen=True, slots=True)
class Recognised:
    """Which of a payload's entries are stored already."""

    known: Mapping[str, bytes]  # digest of the stored wording by the key that the payload has
    renames: Mapping[str, str]  # new key → the key under which the entry is stored


@dataclass(frozen=True, slots=True)
class Reading:
    """A payload, and what of it was known when it was read."""

    parsed: ParsedFeed
    items: Mapping[bytes, str]  # item digest → entry key, of the items that were not read again
    recognised: Recognised

    @property
    def changed(self) -> list[Entry]:
        """Entries that are new, or in a new wording."""
        return changed_entries(self.parsed.entries, self.recognised.known)

    def as_stored(self, entry: Entry) -> Entry:
        """The entry under the key that the database has for it now."""
        return replace(entry, key=self.recognised.renames.get(entry.key, entry.key))


def read_payload(database: Database, settings: Settings, worker: BoundedWorker, capture: Capture) -> Reading:
    """The entries of a stored payload. Raises PayloadError.

    Every item is found and its digest compared with those that are stored; only the others are parsed.
    """
    about = _about(settings, capture)
    body = capture.result.body or b""
    try:
        digests = call_again(worker, partial(scan_items, body, **about), _read_harmless)
        items = database.run(articles.known_items, capture.feed_id, digests)
        parsed = call_again(worker, partial(parse_entries, body, known=items, **about), _read_harmless)
    except LimitExceeded as error:
        raise too_costly(capture.feed_url, error) from error
    return Reading(parsed, items, database.run(_recognise, capture, parsed))


def read_whole(database: Database, settings: Settings, worker: BoundedWorker, capture: Capture) -> Reading:
    """All entries of a stored payload, as if none of them were known. Raises PayloadError.

    Those that are stored under another key, or were superseded under one, are left out: a newer payload renamed them.
    """
    whole = partial(parse_entries, capture.result.body or b"", **_about(settings, capture))
    try:
        parsed = call_again(worker, whole, _read_harmless)
    except LimitExceeded as error:
        raise too_costly(capture.feed_url, error) from error
    recognised = database.run(_recognise, capture, parsed)
    stored = database.run(articles.known_digests, capture.feed_id, [entry.key for entry in parsed.entries])
    elsewhere = recognised.known.keys() - stored.keys()
    entries = tuple(entry for entry in parsed.entries if entry.key not in elsewhere)
    return Reading(replace(parsed, entries=entries), {}, Recognised({}, {}))


def is_current(connection: Connection, capture: Capture, reading: Reading) -> bool:
    """Whether what was known when the payload was read still holds: another payload may have been loaded since."""
    items = articles.known_items(connection, capture.feed_id, list(reading.items))
    return items == reading.items and _recognise(connection, capture, reading.parsed) == reading.recognised


def each_capture(
    database: Database, fetch_ids: Sequence[int], work: Callable[[Capture], T]
) -> tuple[list[T], dict[str, Exception]]:
    """Call `work` for each stored payload that is not loaded yet; one that fails does not stop the others.

    Returns the results, and the failures by fetch and feed. Raises StoreError where the database itself fails: it
    would fail them all.
    """
    results: list[T] = []
    failures: dict[str, Exception] = {}
    for fetch_id in fetch_ids:
        capture = database.run(fetches.read_pending, fetch_id)
        if capture is None:
            continue
        try:
            results.append(work(capture))
        except Exception as error:
            if isinstance(error, StoreError) and not isinstance(error, ContractViolation):
                raise
            failures[f"fetch {fetch_id} of {capture.feed_url}"] = error
    return results, failures


def _about(settings: Settings, capture: Capture) -> dict[str, Any]:
    """What a parser is told besides the bytes."""
    limits = ParseLimits(max_items=settings.feed_max_items)
    return {"url": capture.feed_url, "content_type": capture.result.content_type, "limits": limits}


def _recognise(connection: Connection, capture: Capture, parsed: ParsedFeed) -> Recognised:
    """Entries by their key; those whose key is unknown by their aliases."""
    known = articles.known_digests(connection, capture.feed_id, [entry.key for entry in parsed.entries])
    unknown = [entry for entry in parsed.entries if entry.key not in known]
    renames, late = _renames(connection, capture, unknown, present=_keys(parsed))
    stored = articles.known_digests(connection, capture.feed_id, list(renames.values()))
    # One that a newer payload brought under a newer key is known: its older wording would overwrite that.
    superseded = {entry.key: entry.digest for entry in unknown if entry.key in late}
    return Recognised({**known, **superseded, **{new: stored[old] for new, old in renames.items()}}, renames)


def _renames(
    connection: Connection, capture: Capture, unknown: Sequence[Entry], *, present: Collection[str]
) -> tuple[dict[str, str], set[str]]:
    """New key → stored key; and the keys of those whose entry was seen in a newer payload."""
    aliases = entry_aliases(unknown)
    found = articles.find_aliased(connection, capture.feed_id, {alias for own in aliases.values() for alias in own})
    holders: dict[bytes, set[str]] = {}
    for holder in found:
        holders.setdefault(holder.alias, set()).add(holder.entry_key)
    newer = {holder.entry_key for holder in found if holder.last_seen_at > capture.result.started_at}
    renames = renamed_keys(aliases, holders, present)
    late = {new for new, old in renames.items() if old in newer}
    return {new: old for new, old in renames.items() if new not in late}, late


def _keys(parsed: ParsedFeed) -> set[str]:
    rejected = {item.key for item in parsed.rejected if item.key}
    return {entry.key for entry in parsed.entries} | set(parsed.seen_keys) | rejected
