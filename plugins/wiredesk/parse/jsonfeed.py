"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any

from wiredesk.errors import EntryRejected, PayloadError
from wiredesk.models import Entry, EntryReason, ParsedFeed, PayloadReason, RejectedEntry
from wiredesk.parse.assemble import as_language, assemble, unique
from wiredesk.parse.dates import from_iso
from wiredesk.parse.identity import identified
from wiredesk.parse.links import absolute, enclosure
from wiredesk.parse.text import plain_text

_MAX_ITEMS = 5000  # as settings.feed_max_items

_LONGEST_INTEGER = 4000  # digits; sys.int_info.default_max_str_digits is 4300
_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(\d+(?:\.\d+)?)/?")


def parse_json_feed(
    text: str, *, where: str, url: str | None, warning: str | None, max_items: int = _MAX_ITEMS
) -> ParsedFeed:
    """Read a JSON Feed. Raises PayloadError(malformed | not_a_feed | too_many_items)."""
    try:
        # strict=False: control characters in strings are sloppy, and harmless here
        feed = json.loads(text, strict=False, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise PayloadError(PayloadReason.MALFORMED, f"{where} is not readable as JSON: {error}") from error
    version = _VERSION.fullmatch(str(feed.get("version"))) if isinstance(feed, dict) else None
    if version is None:
        raise PayloadError(PayloadReason.NOT_A_FEED, f"{where} is JSON, but names no jsonfeed.org version")
    items = feed.get("items")
    if not isinstance(items, list):
        raise PayloadError(PayloadReason.MALFORMED, f"{where} is a JSON Feed whose `items` is no list")
    if len(items) > max_items:
        raise PayloadError(
            PayloadReason.TOO_MANY_ITEMS,
            f"{where} has {len(items)} items, and {max_items} may be read; to allow more, raise "
            "WIREDESK_FEED_MAX_ITEMS",
        )
    authors = _authors(feed)
    base = url or absolute(feed.get("feed_url"), None) or absolute(feed.get("home_page_url"), None)
    entries: list[Entry] = []
    rejected: list[RejectedEntry] = []
    for item in items:
        try:
            entries.append(_entry(item, base, authors))
        except EntryRejected as error:
            raw = json.dumps(item, ensure_ascii=True).encode("ascii")
            rejected.append(RejectedEntry(error.reason, error.detail, raw))
    return assemble(
        kind="json10" if version[1] in {"1", "1.0"} else "json11",
        title=feed.get("title"),
        link=absolute(feed.get("home_page_url"), base),
        language=feed.get("language"),
        entries=entries,
        rejected=rejected,
        warnings=[warning],
    )


def _integer(digits: str) -> int | None:
    """A number; None where it is too long for Python to read, so that it does not take the feed with it."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else None


def _entry(item: object, base: str | None, feed_authors: tuple[str, ...]) -> Entry:
    """One item. Its authors are the feed's where it names none (version 1.1, Items)."""
    if not isinstance(item, dict):
        raise EntryRejected(EntryReason.PARSER_FAILED, "the item is no JSON object")
    body = plain_text(item.get("content_html")) or _as_html(plain_text(item.get("content_text")))
    summary = plain_text(item.get("summary"))
    if body is None:
        body, summary = summary and html.escape(summary, quote=False), None
    draft = Entry(
        key="",
        digest=b"",
        url=absolute(item.get("url"), base) or absolute(item.get("external_url"), base),
        title=plain_text(item.get("title")),
        html=body,
        summary=summary,
        authors=_authors(item) or feed_authors,
        published_at=from_iso(item.get("date_published")),
        updated_at=from_iso(item.get("date_modified")),
        categories=unique(_list(item, "tags")),
        enclosures=tuple(
            found
            for file in _list(item, "attachments")
            if isinstance(file, dict)
            and (found := enclosure(file.get("url"), file.get("mime_type"), file.get("size_in_bytes"), base))
        ),
        language=as_language(item.get("language")),
    )
    return identified(draft, _identifier(item.get("id")))


def _identifier(value: object) -> str | None:
    """Version 1 asks for readers that take numbers too."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return plain_text(json.dumps(value) if is_number else value)


def _as_html(text: str | None) -> str | None:
    """Plain text as markup: escaped, and with its paragraphs marked if it has several."""
    if text is None:
        return None
    paragraphs = re.split(r"\n\s*\n", html.escape(text, quote=False))
    return paragraphs[0] if len(paragraphs) == 1 else "".join(f"<p>{one.strip()}</p>" for one in paragraphs)


def _authors(said: dict[str, Any]) -> tuple[str, ...]:
    """Version 1 has one author, version 1.1 several; feeds have both, for readers of either."""
    return unique(_name(author) for author in [*_list(said, "authors"), said.get("author")])


def _name(author: object) -> object:
    return author.get("name") if isinstance(author, Mapping) else None


def _list(item: dict[str, Any], name: str) -> list[Any]:
    value = item.get(name)
    return value if isinstance(value, list) else []
