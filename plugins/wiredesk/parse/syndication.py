"""RSS and Atom: item by item where the document is well-formed, else as feedparser makes it out."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import feedparser

from wiredesk.errors import EntryRejected, PayloadError
from wiredesk.models import Entry, EntryReason, ParsedFeed, PayloadReason, RejectedEntry
from wiredesk.parse.apart import COSTLIEST_DOCUMENT, lenient_cost, parse_apart
from wiredesk.parse.captions import captions_apart
from wiredesk.parse.channel import Channel, assemble_channel, read_channel
from wiredesk.parse.document import Document
from wiredesk.parse.fields import Fields, read_entry
from wiredesk.parse.items import item_spans
from wiredesk.parse.limits import ParseLimits
from wiredesk.parse.splice import parse_spliced

_END = re.compile(r"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>?\s*$", re.IGNORECASE)
# The text is UTF-8 by now; saying so keeps feedparser from guessing with whatever detector is installed.
_HEADERS = {"content-type": "application/xml; charset=utf-8"}


def parse_syndication(
    document: Document, *, where: str, url: str | None, known: Mapping[bytes, str], limits: ParseLimits
) -> ParsedFeed:
    """Read RSS or Atom. Raises PayloadError(not_a_feed | malformed | parser_failed).

    What is not well-formed is read whole each time: how much of it an error spoils, only a parser can say.
    """
    if document.scan.fault is None:
        return parse_spliced(document, where=where, url=url, known=known, limits=limits)
    return _parse_broken(document, document.scan.fault, where, url, limits)


def _parse_broken(document: Document, fault: str, where: str, url: str | None, limits: ParseLimits) -> ParsedFeed:
    if parsed := parse_apart(document, fault, _feedparse, where=where, url=url, limits=limits):
        return parsed
    text, rejected = _without_giants(document.data.decode(), limits)
    if lenient_cost(text) > COSTLIEST_DOCUMENT:
        raise PayloadError(
            PayloadReason.TOO_COSTLY, f"{where} is {fault}, and has too many tags and references to be mended"
        )
    spans = item_spans(text)
    try:
        found = _feedparse(text)
        items = found["entries"]
    except MemoryError:
        raise
    except Exception as cause:  # noqa: BLE001 (feedparser raises what it stumbles over; no list of it exists)
        found, items, broken = _parse_by_item(text, spans, where, cause)
        rejected += broken
    channel = read_channel(document, found.get("version") or "", found["feed"], where=where, url=url)
    if not items and not rejected and not _END.search(text):
        raise PayloadError(PayloadReason.MALFORMED, f"{where} breaks off before any item: {fault}")
    entries, refused = _entries(text, spans, items, channel)
    return assemble_channel(
        channel,
        frame=_frame(text, spans),
        entries=entries,
        rejected=[*rejected, *refused],
        warnings=[document.warning, fault],
    )


def _feedparse(text: str) -> dict[str, Any]:
    """What feedparser reads; from a stream, so that no text can pass for a URL or a file name."""
    stream = io.BytesIO(captions_apart(text).encode("utf-8"))
    found: dict[str, Any] = feedparser.parse(
        stream, response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False
    )
    return found


def _without_giants(text: str, limits: ParseLimits) -> tuple[str, list[RejectedEntry]]:
    """The text without items that are too large to be read."""
    if len(text) <= limits.max_item_bytes // 4:  # four bytes are the most that a character takes
        return text, []
    rejected: list[RejectedEntry] = []
    parts: list[str] = []
    position = 0
    for start, end in item_spans(text):
        raw = text[start:end].encode()
        if len(raw) > limits.max_item_bytes:
            detail = f"the item has {len(raw)} bytes, and one may have {limits.max_item_bytes}"
            rejected.append(RejectedEntry(EntryReason.TOO_LARGE, detail, raw))
            parts.append(text[position:start])
            position = end
    return "".join([*parts, text[position:]]), rejected


def _frame(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text around the items."""
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True))


def _parse_by_item(
    text: str, spans: Sequence[tuple[int, int]], where: str, error: Exception
) -> tuple[dict[str, Any], list[Fields], list[RejectedEntry]]:
    """The document without the items that feedparser raises on, found by halving."""
    if not spans:
        raise PayloadError(PayloadReason.PARSER_FAILED, f"{where}: feedparser gave up: {error!r}") from error
    head, tail = text[: spans[0][0]], text[spans[-1][1] :]
    try:
        frame = _feedparse(head + tail)
    except MemoryError:
        raise
    except Exception as cause:
        raise PayloadError(
            PayloadReason.PARSER_FAILED, f"{where}: feedparser gave up outside the items: {cause!r}"
        ) from cause
    sources = [text[start:end] for start, end in spans]
    entries, rejected = _parse_some(head, sources, tail)
    if not entries and not frame.get("version"):
        raise PayloadError(PayloadReason.PARSER_FAILED, f"{where}: feedparser gave up: {error!r}") from error
    return frame, entries, rejected


def _parse_some(head: str, sources: Sequence[str], tail: str) -> tuple[list[Fields], list[RejectedEntry]]:
    try:
        return _feedparse(head + "".join(sources) + tail)["entries"], []
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (as above: the poison item is set aside, whatever it raises)
        if len(sources) == 1:
            detail = f"feedparser gave up: {error!r}"
            return [], [RejectedEntry(EntryReason.PARSER_FAILED, detail, sources[0].encode())]
    half = len(sources) // 2
    first, second = _parse_some(head, sources[:half], tail), _parse_some(head, sources[half:], tail)
    return first[0] + second[0], first[1] + second[1]


def _entries(
    text: str, spans: Sequence[tuple[int, int]], items: Sequence[Fields], channel: Channel
) -> tuple[list[Entry], list[RejectedEntry]]:
    entries: list[Entry] = []
    rejected: list[RejectedEntry] = []
    for position, item in enumerate(items):
        try:
            entries.append(read_entry(item, channel.kind, channel.base))
        except EntryRejected as refusal:
            if len(spans) == len(items):
                start, end = spans[position]
                raw = text[start:end].encode()
            else:  # the text does not show which item it was, so what feedparser made of it has to do
                raw = json.dumps(item, default=str, ensure_ascii=True, sort_keys=True).encode("ascii")
            rejected.append(RejectedEntry(refusal.reason, refusal.detail, raw))
    return entries, rejected
