"""What must hold for any bytes at all, as checks that return what is wrong, or None."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from datetime import UTC
from xml.parsers import expat

from wiredesk.errors import PayloadError
from wiredesk.models import Entry, ParsedFeed
from wiredesk.parse import parse_entries, scan_items
from wiredesk.parse.dates import EARLIEST, LATEST
from wiredesk.parse.items import item_spans

from tests.corpus.feed_seeds import Seed

URL = "https://wire.example/feed"
_ITEM_TAG = re.compile(rb"</?(?:[\w.-]+:)?(?:item|entry|url)[\s/>]", re.IGNORECASE)


def parse(body: bytes, content_type: str | None = None, **options: object) -> ParsedFeed | PayloadError:
    """The parsed feed, or the error with its reason; whatever else is raised is a failure."""
    try:
        return parse_entries(body, url=URL, content_type=content_type, **options)  # type: ignore[arg-type]
    except PayloadError as error:
        return error


def broken_promise(body: bytes, chance: random.Random, content_type: str | None = None) -> str | None:
    """Anything that parse_entries and scan_items do with the bytes and must not do."""
    parsed = parse(body, content_type)
    again = parse(body, content_type)
    if isinstance(parsed, PayloadError):
        if "unforeseen" in parsed.detail:
            return f"not foreseen: {parsed}"
        return None if str(again) == str(parsed) else f"two readings differ: {parsed} / {again}"
    if parsed != again:
        return "two readings differ"
    return _ill_typed(parsed) or _unspliced(body, parsed, chance, content_type)


def _ill_typed(parsed: ParsedFeed) -> str | None:
    keys = [entry.key for entry in parsed.entries]
    if len(keys) != len(set(keys)):
        return "a key stands for two entries"
    if problem := next(
        filter(None, map(_bad_text, (parsed.title, parsed.link, parsed.language, parsed.warning))), None
    ):
        return f"the feed's own fields: {problem}"
    for entry in parsed.entries:
        if problem := _bad_entry(entry):
            return f"entry {entry.key[:80]!r}: {problem}"
    for one in parsed.rejected:
        if not isinstance(one.raw, bytes) or (problem := _bad_text(one.detail)):
            return f"rejected item: {problem or 'its source is not in bytes'}"
    return None


def _bad_entry(entry: Entry) -> str | None:
    if not 1 <= len(entry.key.encode()) <= 1024:
        return "its key is empty or too long for an index"
    if len(entry.digest) != 32 or (entry.item_digest is not None and len(entry.item_digest) != 32):
        return "a digest is not 32 bytes long"
    for moment in (entry.published_at, entry.updated_at):
        if moment is not None and (moment.tzinfo is not UTC or not EARLIEST <= moment < LATEST):
            return f"{moment!r} is no moment of this age in UTC"
    texts: list[object] = [entry.key, entry.url, entry.title, entry.html, entry.summary, entry.language]
    texts += [*entry.authors, *entry.categories, *(file.url for file in entry.enclosures)]
    texts += [file.media_type for file in entry.enclosures]
    if any(file.length_bytes is not None and not 0 < file.length_bytes < 2**63 for file in entry.enclosures):
        return "a length that no bigint holds"
    return next(filter(None, map(_bad_text, texts)), None)


def _bad_text(text: object) -> str | None:
    if text is None:
        return None
    if not isinstance(text, str):
        return f"{text!r} is no text"
    if not text or text != text.strip():
        return f"{text[:80]!r} is empty, or not stripped"
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        return f"{text[:80]!r} holds what Postgres refuses"
    return None


def _unspliced(body: bytes, whole: ParsedFeed, chance: random.Random, content_type: str | None) -> str | None:
    """With some items known, the others must be read as they are in the whole document."""
    digests = set(scan_items(body, url=URL, content_type=content_type))
    if stray := [entry.key for entry in whole.entries if entry.item_digest and entry.item_digest not in digests]:
        return f"the scan does not know the items of {stray[:3]}"
    tellable = [entry for entry in whole.entries if entry.item_digest]
    known = {entry.item_digest: entry.key for entry in tellable if chance.random() < 0.6 and entry.item_digest}
    if not known:
        return None
    spliced = parse(body, content_type, known=known)
    if isinstance(spliced, PayloadError):
        return f"with {len(known)} items known: {spliced}"
    wanted = [entry for entry in whole.entries if entry.item_digest not in known]
    if list(spliced.entries) != wanted:
        return f"spliced differs from whole: {_difference(wanted, spliced.entries)}"
    if set(spliced.seen_keys) != set(known.values()):
        return f"seen keys: {spliced.seen_keys}, known {tuple(known.values())}"
    for name in ("kind", "title", "link", "language", "hints", "rejected"):
        if getattr(spliced, name) != getattr(whole, name):
            return f"spliced differs from whole in {name}: {getattr(whole, name)!r} / {getattr(spliced, name)!r}"
    return None


def _difference(wanted: Sequence[Entry], got: Sequence[Entry], *ignored: str) -> str:
    missing = [entry.key for entry in wanted if entry.key not in {other.key for other in got}]
    added = [entry.key for entry in got if entry.key not in {other.key for other in wanted}]
    if missing or added:
        return f"missing {missing[:3]}, added {added[:3]}"
    by_key = {entry.key: entry for entry in got}
    for entry in wanted:
        for name in (field for field in Entry.__dataclass_fields__ if field not in ignored):
            if getattr(entry, name) != getattr(by_key[entry.key], name):
                return f"{entry.key[:60]!r}.{name}: {getattr(entry, name)!r} / {getattr(by_key[entry.key], name)!r}"
    return "in order"


def is_delimited(seed: Seed, position: int, item: bytes) -> bool:
    """Whether the damaged item is still one item between its tags, so that its neighbours have nothing to fear.

    Exactly: it is UTF-8, and in JSON one object; in XML it names no item between its tags, and either the document
    is well-formed both with its neighbours and without them, or a reader that knows only tags, comments and CDATA
    sections finds the same items in the document. (Without them, because a CDATA section that is not closed ends
    where one of a neighbour does.)
    """
    try:
        text = seed.with_item(position, item).decode()
        alone = item.decode()
    except UnicodeDecodeError:
        return False
    if seed.is_json:
        return _is_json_object(alone)
    start, end = item.find(b">") + 1, item.rfind(b"</")
    if _ITEM_TAG.search(item, start, max(start, end)):
        return False
    if is_well_formed(text) and is_well_formed(seed.body([item]).decode()):
        return True
    spans = [text[start:end] for start, end in item_spans(text)]
    wanted = [one.decode().strip() for one in seed.items]
    wanted[position] = alone.strip()
    return spans == wanted


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text, strict=False), dict)
    except ValueError:
        return False


def is_well_formed(text: str) -> bool:
    parser = expat.ParserCreate(namespace_separator=" ")  # with one, a prefix that nobody declared is a fault
    try:
        parser.Parse(text.encode(), True)
    except (expat.ExpatError, UnicodeError):
        return False
    return True


def lost_neighbours(seed: Seed, position: int, item: bytes, sound: ParsedFeed) -> str | None:
    """Where the item at `position` is damaged, all others must read as they do in the `sound` feed."""
    parsed = parse(seed.with_item(position, item))
    if isinstance(parsed, PayloadError):
        return f"one damaged item lost the feed: {parsed}"
    neighbours = [entry for at, entry in enumerate(sound.entries) if at != position]
    alone = parse(seed.body([item]))
    if not isinstance(alone, PayloadError) and _claims(alone.entries) & _claims(neighbours):
        return None  # the damaged item took another's name: then the two are settled, as they would be in a sound feed
    by_key = {entry.key: entry for entry in parsed.entries}
    if lost := [entry.key for entry in neighbours if entry.key not in by_key]:
        return f"neighbours lost: {lost}"
    found = [by_key[entry.key] for entry in neighbours]
    return (
        None
        if list(map(_said, found)) == list(map(_said, neighbours))
        else f"neighbour: {_difference(neighbours, found, 'digest', 'item_digest')}"
    )


def _claims(entries: Sequence[Entry]) -> set[str]:
    return {name for entry in entries for name in (entry.key, entry.url) if name}


def _said(entry: Entry) -> tuple[str, bytes]:
    return entry.key, entry.digest
