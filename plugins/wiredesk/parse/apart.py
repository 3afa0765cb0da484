"""A feed that is not well-formed, where the fault lies in some of its items: the others are read as if it did not.

feedparser reads such a document with its lenient parser from the first byte to the last. That one reads even sound
items otherwise than the strict one does, and an element that is not closed swallows the items behind it. Where the
items can be told apart and the document without them is well-formed, only the broken items need leniency, and each
gets it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from wiredesk.errors import EntryRejected
from wiredesk.models import Entry, EntryReason, ParsedFeed, RejectedEntry
from wiredesk.parse.document import Document
from wiredesk.parse.fields import Fields, read_entry
from wiredesk.parse.identity import settle_duplicates
from wiredesk.parse.items import item_spans
from wiredesk.parse.limits import ParseLimits
from wiredesk.parse.scan import scan_document
from wiredesk.parse.splice import parse_spliced

_TARGET = "wiredesk-item"  # of the processing instructions that stand for the items
_LENIENT_START = 400  # what each reading costs before it reads anything: two milliseconds
_LENIENT_TAG = 8  # what a tag costs the lenient parser, in references: 40 against 5 microseconds
# Half a second of it for one item, one and a half for all of them: what then is left of two is for the sound ones.
COSTLIEST_ITEM = 100_000
COSTLIEST_DOCUMENT = 300_000

# Reads a document leniently, as feedparser does; raises whatever it stumbles over.
ReadLeniently = Callable[[str], Fields]


@dataclass(frozen=True, slots=True)
class _Parted:
    """A document in pieces."""

    sound: str  # the document without its broken items
    broken: dict[int, str]  # by position among the items: each that is not well-formed
    head: str  # what stands before the first item
    tail: str  # what stands behind the last


def lenient_cost(text: str) -> int:
    """What reading the text leniently comes to, in references such as `&amp;`: 5 microseconds each."""
    return _LENIENT_TAG * text.count("<") + text.count("&")


def parse_apart(
    document: Document, fault: str, read_leniently: ReadLeniently, *, where: str, url: str | None, limits: ParseLimits
) -> ParsedFeed | None:
    """The feed, or None where its items cannot be told apart or the fault is not in them.

    Raises PayloadError(not_a_feed | parser_failed).
    """
    text = document.data.decode()
    spans = item_spans(text)
    parted = _part(text, spans)
    if parted is None or not parted.broken:
        return None
    data = parted.sound.encode()
    scan = scan_document(data, url, limits)
    sound_positions = [position for position in range(len(spans)) if position not in parted.broken]
    if scan.fault or len(scan.items) != len(sound_positions):
        return None
    parsed = parse_spliced(replace(document, data=data, scan=scan), where=where, url=url, known={}, limits=limits)
    places = {item.digest: position for item, position in zip(scan.items, sound_positions, strict=True)}
    placed, rejected = _read_broken(parted, parsed, read_leniently, url)
    place = -1
    for entry in parsed.entries:
        place = places.get(entry.item_digest or b"", place)
        placed.append((place, replace(entry, item_digest=None)))  # `scan_items` finds no item in such a document
    placed.sort(key=lambda one: one[0])
    entries, dropped = settle_duplicates([entry for _, entry in placed])
    notes = [parsed.warning, fault, f"{dropped} item(s) repeated the id of another" if dropped else None]
    return replace(
        parsed,
        entries=tuple(entries),
        rejected=(*parsed.rejected, *rejected),
        warning="; ".join(note for note in notes if note),
    )


def _read_broken(
    parted: _Parted, parsed: ParsedFeed, read_leniently: ReadLeniently, url: str | None
) -> tuple[list[tuple[int, Entry]], list[RejectedEntry]]:
    """The entries of the broken items with their positions: each item alone, or all at once where that costs less."""
    rejected = [_too_costly(source) for source in parted.broken.values() if lenient_cost(source) > COSTLIEST_ITEM]
    items = [item for item in parted.broken.items() if lenient_cost(item[1]) <= COSTLIEST_ITEM]
    frame_cost = lenient_cost(parted.head + parted.tail)
    cost = sum(lenient_cost(source) for _, source in items)
    if frame_cost + cost > COSTLIEST_DOCUMENT:
        return [], [*rejected, *(_too_costly(source) for _, source in items)]
    is_each_alone = (frame_cost + _LENIENT_START) * len(items) + cost <= COSTLIEST_DOCUMENT
    groups = [[item] for item in items] if is_each_alone else [items]
    base = url or (parsed.link if parsed.link and parsed.link.startswith("http") else None)
    placed: list[tuple[int, Entry]] = []
    while groups:
        group = groups.pop()
        source = "".join(one for _, one in group)
        try:
            found = read_leniently(f"{parted.head}{source}{parted.tail}")["entries"]
            placed += [(group[0][0], read_entry(item, parsed.kind, base)) for item in found]
        except Exception as error:  # noqa: BLE001 (feedparser raises what it stumbles over; no list of it exists)
            if len(group) > 1:
                half = len(group) // 2
                groups += [group[half:], group[:half]]
            else:
                rejected.append(_rejected(error, source))
    return placed, rejected


def _too_costly(source: str) -> RejectedEntry:
    detail = "the item is not well-formed, and has too many tags and references to be mended"
    return RejectedEntry(EntryReason.TOO_LARGE, detail, source.encode())


def _rejected(error: Exception, source: str) -> RejectedEntry:
    if isinstance(error, EntryRejected):
        return RejectedEntry(error.reason, error.detail, source.encode())
    return RejectedEntry(EntryReason.PARSER_FAILED, f"feedparser gave up: {error!r}", source.encode())


def _part(text: str, spans: Sequence[tuple[int, int]]) -> _Parted | None:
    """The pieces; None where there are no items, or the document is broken without them too."""
    contexts = _contexts(text, spans) if spans else None
    if contexts is None:
        return None
    broken: dict[int, str] = {}
    kept: list[str] = []
    end = 0
    for position, (start, stop) in enumerate(spans):
        if not _is_sound(text[start:stop], contexts[position]):
            broken[position] = text[start:stop]
            kept.append(text[end:start])
            end = stop
    return _Parted("".join([*kept, text[end:]]), broken, text[: spans[0][0]], text[spans[-1][1] :])


def _contexts(text: str, spans: Sequence[tuple[int, int]]) -> list[str] | None:
    """For each item, a start tag that declares the namespaces in force there; None: it is not the items' fault."""
    parts: list[str] = []
    position = 0
    for start, end in spans:
        parts.append(f"{text[position:start]}<?{_TARGET}?>")
        position = end
    contexts: list[str] = []
    declared: dict[str, list[str]] = {}

    def declare(prefix: str | None, uri: str | None) -> None:
        declared.setdefault(prefix or "", []).append(uri or "")

    def undeclare(prefix: str | None) -> None:
        declared[prefix or ""].pop()

    def note(target: str, _data: str) -> None:
        if target != _TARGET:
            return
        in_force = [(prefix, uris[-1]) for prefix, uris in declared.items() if uris and (uris[-1] or not prefix)]
        names = "".join(f" xmlns{':' if prefix else ''}{prefix}={quoteattr(uri)}" for prefix, uri in in_force)
        contexts.append(f"<frame{names}>")

    parser = expat.ParserCreate("utf-8", " ")
    parser.StartNamespaceDeclHandler = declare
    parser.EndNamespaceDeclHandler = undeclare
    parser.ProcessingInstructionHandler = note
    try:
        parser.Parse("".join([*parts, text[position:]]).encode(), True)
    except expat.ExpatError:
        return None
    return contexts if len(contexts) == len(spans) else None


def _is_sound(source: str, context: str) -> bool:
    parser = expat.ParserCreate("utf-8", " ")
    try:
        parser.Parse(f"{context}{source}</frame>".encode(), True)
    except expat.ExpatError:
        return False
    return True
