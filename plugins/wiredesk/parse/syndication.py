"""RSS and Atom, read by feedparser and item by item where it gives up."""

from __future__ import annotations

import io
import json
import re
import xml.sax
from collections.abc import Sequence
from typing import Any

import feedparser

from wiredesk.errors import EntryRejected, PayloadError
from wiredesk.models import Entry, EntryReason, ParsedFeed, PayloadReason, RejectedEntry
from wiredesk.parse.assemble import as_language, assemble, unique
from wiredesk.parse.dates import to_utc
from wiredesk.parse.identity import identified
from wiredesk.parse.items import item_spans
from wiredesk.parse.links import absolute, enclosure, own_link
from wiredesk.parse.text import plain_text

_END = re.compile(r"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>?\s*$", re.IGNORECASE)
# The text is UTF-8 by now; saying so keeps feedparser from guessing with whatever detector is installed.
_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_BODY_TYPES = re.compile(r"text/.*|.*[+/]xml|html|xhtml", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|/", re.IGNORECASE)
_LONGEST_TTL_S = 365 * 86400  # beyond it a number, not a wish; keeps what is stored within an int

Fields = dict[str, Any]


def parse_syndication(text: str, *, root: str, where: str, url: str | None, warning: str | None) -> ParsedFeed:
    """Read RSS or Atom from clean characters. Raises PayloadError(not_a_feed | malformed | parser_failed)."""
    broken: list[RejectedEntry] = []
    try:
        found = _feedparse(text)
        items = found["entries"]
    except Exception as cause:  # noqa: BLE001 (feedparser raises what it stumbles over; no list of it exists)
        found, items, broken = _parse_by_item(text, where, cause)
    kind = found.get("version") or ("cdf" if root == "channel" else "")
    if not kind:
        raise PayloadError(PayloadReason.NOT_A_FEED, f"{where} is XML, but no feed: its root is <{root}>")
    fault = _fault(found)
    if fault and not items and not broken and not _END.search(text):
        raise PayloadError(PayloadReason.MALFORMED, f"{where} breaks off before any item: {fault}")
    feed = found["feed"]
    link = absolute(own_link(_dicts(feed, "links")) or dict.get(feed, "link"), url)
    base = url or (link if link and link.startswith("http") else None)
    entries, rejected = _entries(text, items, kind, base)
    return assemble(
        kind=kind,
        title=dict.get(feed, "title"),
        link=link,
        language=dict.get(feed, "language"),
        entries=entries,
        rejected=[*broken, *rejected],
        warnings=[warning, fault],
        ttl_s=_ttl_s(dict.get(feed, "ttl")),
    )


def _feedparse(text: str) -> Fields:
    """What feedparser reads; from a stream, so that no text can pass for a URL or a file name."""
    stream = io.BytesIO(text.encode("utf-8"))
    found: Fields = feedparser.parse(
        stream, response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False
    )
    return found


def _parse_by_item(text: str, where: str, error: Exception) -> tuple[Fields, list[Fields], list[RejectedEntry]]:
    """The document without the items that feedparser raises on, found by halving."""
    spans = item_spans(text)
    if not spans:
        raise PayloadError(PayloadReason.PARSER_FAILED, f"{where}: feedparser gave up: {error!r}") from error
    head, tail = text[: spans[0][0]], text[spans[-1][1] :]
    try:
        frame = _feedparse(head + tail)
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
    except Exception as error:  # noqa: BLE001 (as above: the poison item is set aside, whatever it raises)
        if len(sources) == 1:
            detail = f"feedparser gave up: {error!r}"
            return [], [RejectedEntry(EntryReason.PARSER_FAILED, detail, sources[0].encode())]
    half = len(sources) // 2
    first, second = _parse_some(head, sources[:half], tail), _parse_some(head, sources[half:], tail)
    return first[0] + second[0], first[1] + second[1]


def _entries(
    text: str, items: Sequence[Fields], kind: str, base: str | None
) -> tuple[list[Entry], list[RejectedEntry]]:
    entries: list[Entry] = []
    refused: list[tuple[int, EntryRejected]] = []
    for position, item in enumerate(items):
        try:
            entries.append(_entry(item, kind, base))
        except EntryRejected as error:
            refused.append((position, error))
    if not refused:
        return entries, []
    spans = item_spans(text)
    rejected = []
    for position, refusal in refused:
        if len(spans) == len(items):
            start, end = spans[position]
            raw = text[start:end].encode()
        else:  # the text does not show which item it was, so what feedparser made of it has to do
            raw = json.dumps(items[position], default=str, ensure_ascii=True, sort_keys=True).encode("ascii")
        rejected.append(RejectedEntry(refusal.reason, refusal.detail, raw))
    return entries, rejected


def _entry(item: Fields, kind: str, base: str | None) -> Entry:
    """One item. Fields are read with dict.get: feedparser's own access maps some names to others."""
    item_id = plain_text(dict.get(item, "id"))
    published = to_utc(dict.get(item, "published"), dict.get(item, "published_parsed"))
    updated = to_utc(dict.get(item, "updated"), dict.get(item, "updated_parsed"))
    if published is None and not kind.startswith("atom"):
        published = updated  # RSS has one date; feedparser calls dc:date an update
    body, summary = _bodies(item)
    draft = Entry(
        key="",
        digest=b"",
        url=_url(item, item_id, base),
        title=plain_text(dict.get(item, "title")),
        html=body,
        summary=summary,
        authors=_authors(item),
        published_at=published,
        updated_at=updated,
        categories=unique(dict.get(tag, "term") or dict.get(tag, "label") for tag in _dicts(item, "tags")),
        enclosures=tuple(
            found
            for link in _dicts(item, "links")
            if dict.get(link, "rel") == "enclosure"
            and (found := enclosure(dict.get(link, "href"), dict.get(link, "type"), dict.get(link, "length"), base))
        ),
        language=_language(item),
    )
    return identified(draft, item_id)


def _url(item: Fields, item_id: str | None, base: str | None) -> str | None:
    link = own_link(_dicts(item, "links"))
    if link is None:
        # feedparser takes any guid for a link; it is one only where it looks like an address.
        fallback = plain_text(dict.get(item, "link"))
        link = fallback if fallback != item_id or _ADDRESS.match(fallback or "") else None
    return absolute(link, base)


def _bodies(item: Fields) -> tuple[str | None, str | None]:
    """The fullest body, and the shorter one beside it (the declared summary, if that is not the fullest)."""
    contents = [
        plain_text(dict.get(one, "value"))
        for one in _dicts(item, "content")
        if _BODY_TYPES.fullmatch(str(dict.get(one, "type") or "text/html"))
    ]
    summary = plain_text(dict.get(item, "summary"))
    texts = [text for text in (*contents, summary) if text]
    fullest = max(texts, key=len, default=None)
    others = [text for text in (summary, *contents) if text and text != fullest]
    return fullest, others[0] if others else None


def _authors(item: Fields) -> tuple[str, ...]:
    people = _dicts(item, "authors")
    names = unique(dict.get(person, "name") or dict.get(person, "email") for person in people)
    return names or unique([dict.get(item, "author")])


def _language(item: Fields) -> str | None:
    details = [*_dicts(item, "content"), dict.get(item, "summary_detail"), dict.get(item, "title_detail")]
    declared = (dict.get(detail, "language") for detail in details if isinstance(detail, dict))
    found = (as_language(value) for value in (dict.get(item, "language"), *declared))
    return next((language for language in found if language), None)


def _dicts(fields: Fields, name: str) -> list[Fields]:
    values = dict.get(fields, name)
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _fault(found: Fields) -> str | None:
    """Where the document is not well-formed, in words."""
    error = found.get("bozo_exception")
    if isinstance(error, xml.sax.SAXParseException):
        return (
            f"not well-formed at line {error.getLineNumber()}, column {error.getColumnNumber()}: {error.getMessage()}"
        )
    return str(error) if found.get("bozo") and error else None


def _ttl_s(value: object) -> int | None:
    """RSS 2.0 <ttl>, minutes."""
    text = plain_text(value) or ""
    return min(int(text) * 60, _LONGEST_TTL_S) if re.fullmatch(r"[1-9][0-9]{0,8}", text) else None
