"""The gate: which format a payload is in, or why it is none."""

from __future__ import annotations

import re

from wiredesk.errors import PayloadError
from wiredesk.models import ParsedFeed, PayloadReason
from wiredesk.parse.jsonfeed import parse_json_feed
from wiredesk.parse.syndication import parse_syndication
from wiredesk.parse.text import clean_characters, decode_payload

# What may stand before the first element. Each match is bounded by its own end, and the whole cannot fail.
_PROLOG = re.compile(
    r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?:[^>\[]*\[.*?\]\s*|[^>\[]*)>)*", re.DOTALL | re.IGNORECASE
)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_HTML_ELEMENTS = frozenset(
    {"html", "head", "body", "title", "meta", "script", "style", "link", "div", "p", "h1", "h2", "center"}
    | {"table", "br", "b", "span", "a", "img", "form", "iframe", "noscript", "base", "pre", "font", "hr"}
)


def parse_entries(body: bytes, *, url: str | None = None, content_type: str | None = None) -> ParsedFeed:
    """Read a feed: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed 1.0 and 1.1.

    `url` is where the payload came from; relative links are resolved against it. `content_type` is the
    header as it came; its charset is honoured. Raises PayloadError, and nothing else, where the payload as a
    whole is no feed or no parser copes with it; single items that cannot be read are in `rejected`, and a feed
    without items is no error.
    """
    try:
        return _parse(body, url, content_type)
    except PayloadError:
        raise
    except Exception as error:  # what nobody foresaw in one payload must not stop the others
        raise PayloadError(PayloadReason.PARSER_FAILED, f"{_where(url)}: unforeseen {error!r}") from error


def _parse(body: bytes, url: str | None, content_type: str | None) -> ParsedFeed:
    if not body.strip():
        raise PayloadError(PayloadReason.EMPTY, f"{_where(url)} has no content")
    text, warning = decode_payload(body, content_type)
    text = text.lstrip("\ufeff").strip()
    if text.startswith(("{", "[")):
        return parse_json_feed(text, where=_where(url), url=url, warning=warning)
    text = clean_characters(text)
    root = _root(text)
    if root in _HTML_ELEMENTS:
        raise PayloadError(
            PayloadReason.HTML_NOT_FEED,
            f"{_where(url)} is an HTML page{_titled(text)}, not a feed: an error page, a login or a moved feed",
        )
    if root is None:
        raise PayloadError(PayloadReason.NOT_A_FEED, f"{_where(url)} is no markup; it begins with {text[:60]!r}")
    return parse_syndication(text, root=root, where=_where(url), url=url, warning=warning)


def _root(text: str) -> str | None:
    """Name of the first element, lower case; None where the text has none."""
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    first = _ELEMENT.match(text, start) or _ELEMENT.search(text, start)
    return first[1].lower() if first else None


def _titled(text: str) -> str:
    title = re.search(r"<title[^>]*>([^<]{1,100})", text[:20_000], re.IGNORECASE)
    return f" titled {title[1].strip()!r}" if title else ""


def _where(url: str | None) -> str:
    return url or "the payload"
