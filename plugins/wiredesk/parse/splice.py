"""A well-formed feed, of which only those items are read that are not known.

The reader gets the document without the known items. That changes no other entry, because `strict` keeps the
items apart, unless a new item may claim the key of a known one: what `settle_duplicates` would make of the two
needs both, and then the whole document is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from wiredesk.errors import EntryRejected, PayloadError
from wiredesk.models import Entry, EntryReason, ParsedFeed, PayloadReason, RejectedEntry
from wiredesk.parse.channel import Channel, assemble_channel, read_channel
from wiredesk.parse.document import Document
from wiredesk.parse.fields import Fields, read_entry
from wiredesk.parse.identity import possible_keys
from wiredesk.parse.limits import ParseLimits
from wiredesk.parse.scan import ScannedItem
from wiredesk.parse.strict import ReadItem, StrictReading, read_strict


def parse_spliced(
    document: Document, *, where: str, url: str | None, known: Mapping[bytes, str], limits: ParseLimits
) -> ParsedFeed:
    """Read what is not known of a well-formed document. Raises PayloadError(not_a_feed | parser_failed)."""
    seen = {item.start: known[item.digest] for item in document.scan.items if item.digest in known}
    if seen and len(set(seen.values())) == len(seen):
        parsed = _parse(document, where, url, seen, limits)
        if parsed is not None:
            return parsed
    parsed = _parse(document, where, url, {}, limits)
    if parsed is None:
        raise AssertionError("without known items there is nothing that a new one could be in conflict with")
    return parsed


def _parse(
    document: Document, where: str, url: str | None, seen: Mapping[int, str], limits: ParseLimits
) -> ParsedFeed | None:
    """The document without the items that start where `seen` says; None where it must be read whole."""
    unseen = [item for item in document.scan.items if item.start not in seen]
    excessive = {item: refusal for item in unseen if (refusal := _excess(item, limits))}
    left = [item for item in unseen if item not in excessive]
    reading = _read(_without(document, left), where)
    if len(reading.items) != len(left):
        raise AssertionError(f"{len(left)} items were left in the document, and {len(reading.items)} were read")
    if seen and not reading.is_apart:
        return None
    channel = read_channel(document, reading.version, reading.feed, where=where, url=url)
    drafts: list[Entry] = []
    rejected = [_rejected(document, item, refusal) for item, refusal in excessive.items()]
    for item, read in [*zip(left, reading.items, strict=True), *((None, ReadItem([one])) for one in reading.stray)]:
        digest = item.digest if item and reading.is_apart and len(read.entries) == 1 else None
        drafts_of_item, refused = _drafts(read, channel, digest)
        drafts += drafts_of_item
        rejected += [_rejected(document, item, refusal) for refusal in refused]
    keys = frozenset(seen.values())
    if keys and any(not keys.isdisjoint(possible_keys(draft)) for draft in drafts):
        return None
    parsed = assemble_channel(
        channel,
        frame=_without(document, []).decode(),
        entries=drafts,
        rejected=rejected,
        warnings=[document.warning],
    )
    return replace(parsed, entries=_with_own_keys(drafts, parsed.entries), seen_keys=tuple(seen.values()))


def _read(data: bytes, where: str) -> StrictReading:
    try:
        return read_strict(data)
    except MemoryError:
        raise
    except Exception as cause:
        raise PayloadError(
            PayloadReason.PARSER_FAILED, f"{where}: feedparser gave up outside the items: {cause!r}"
        ) from cause


def _without(document: Document, left: Sequence[ScannedItem]) -> bytes:
    """The document without its items, but for those that are `left`."""
    kept = {item.start for item in left}
    parts: list[bytes] = []
    position = 0
    for item in document.scan.items:
        if item.start not in kept:
            parts.append(document.data[position : item.start])
            position = item.end
    return b"".join([*parts, document.data[position:]])


def _excess(item: ScannedItem, limits: ParseLimits) -> EntryRejected | None:
    """Why the item is not read at all, if it is not."""
    if item.depth > limits.max_depth:
        detail = f"the item nests {item.depth} elements in each other, and {limits.max_depth} are the most"
        return EntryRejected(EntryReason.TOO_DEEP, detail)
    for count, most, of_what in (
        (item.end - item.start, limits.max_item_bytes, "bytes"),
        (item.elements, limits.max_item_elements, "elements"),
        (item.attributes, limits.max_attributes, "attributes in one tag"),
    ):
        if count > most:
            return EntryRejected(EntryReason.TOO_LARGE, f"the item has {count} {of_what}, and {most} are the most")
    return None


def _drafts(read: ReadItem, channel: Channel, item_digest: bytes | None) -> tuple[list[Entry], list[EntryRejected]]:
    if read.error:
        return [], [EntryRejected(EntryReason.PARSER_FAILED, f"feedparser gave up: {read.error!r}")]
    drafts: list[Entry] = []
    refused: list[EntryRejected] = []
    for fields in read.entries:
        try:
            drafts.append(replace(_draft(fields, channel), item_digest=item_digest))
        except EntryRejected as refusal:
            refused.append(refusal)
    return drafts, refused


def _draft(fields: Fields, channel: Channel) -> Entry:
    try:
        return read_entry(fields, channel.kind, channel.base)
    except (EntryRejected, MemoryError):
        raise
    except Exception as error:  # what nobody foresaw in one item must not stop its neighbours
        raise EntryRejected(EntryReason.PARSER_FAILED, f"unforeseen {error!r}") from error


def _rejected(document: Document, item: ScannedItem | None, refusal: EntryRejected) -> RejectedEntry:
    raw = document.data[item.start : item.end] if item else document.data
    return RejectedEntry(refusal.reason, refusal.detail, raw)


def _with_own_keys(drafts: Sequence[Entry], settled: Sequence[Entry]) -> tuple[Entry, ...]:
    """The settled entries, with an item digest only where the item had its key to itself.

    Only such an item says the same again, whatever its neighbours are next time.
    """
    counts = Counter(draft.key for draft in drafts)
    own = {draft.key: draft.item_digest for draft in drafts if counts[draft.key] == 1}
    return tuple(
        entry
        if entry.item_digest is None or own.get(entry.key) == entry.item_digest
        else replace(entry, item_digest=None)
        for entry in settled
    )
