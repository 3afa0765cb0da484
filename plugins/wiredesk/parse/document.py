"""A payload as it comes to the readers: decoded, cleaned, its prolog tame, its items found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from wiredesk.errors import PayloadError
from wiredesk.models import PayloadReason
from wiredesk.parse.items import item_spans
from wiredesk.parse.limits import ParseLimits
from wiredesk.parse.prolog import open_markup
from wiredesk.parse.scan import Scan, scan_document
from wiredesk.parse.text import clean_characters, decode_payload

_HTML_ELEMENTS = frozenset(
    {"html", "head", "body", "title", "meta", "script", "style", "link", "div", "p", "h1", "h2", "center"}
    | {"table", "br", "b", "span", "a", "img", "form", "iframe", "noscript", "base", "pre", "font", "hr"}
)
# How files begin that may hold a feed, packed or by chance, and are none.
_BINARY = (b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"%PDF", b"GIF8", b"\xff\xd8\xff", b"BZh", b"\x28\xb5\x2f\xfd")
_SITEMAPS = frozenset({"urlset", "sitemapindex"})  # read by `sitemap`, which has its own pass and caps
# What `clean_characters` may have to take out. A reference to a common character is none of it.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
_ODD_REFERENCE = re.compile(rb"&#(?!(?:[3-9][0-9]|[1-9][0-9]{2,3}|[xX][2-9a-fA-F][0-9a-fA-F]|[xX]20[0-9a-fA-F]{2});)")


_NO_SCAN = Scan()


@dataclass(frozen=True, slots=True)
class Document:
    """What the gate lets in."""

    text: str = ""  # JSON, or a sitemap; empty where `data` is
    data: bytes = b""  # RSS or Atom in UTF-8
    root: str = ""  # name of the first element, lower case; empty for JSON
    is_netscape: bool = False
    warning: str | None = None  # what is wrong with its encoding
    scan: Scan = _NO_SCAN


# One: `scan_items` and `parse_entries` of the same body follow each other.
@lru_cache(maxsize=1)
def open_document(body: bytes, url: str | None, content_type: str | None, limits: ParseLimits) -> Document:
    """Open a payload. Raises PayloadError (empty | html_not_feed | not_a_feed | too_deep | too_many_items)."""
    where = name_of(url)
    if not body.strip():
        raise PayloadError(PayloadReason.EMPTY, f"{where} has no content")
    if body.startswith(_BINARY):
        raise PayloadError(PayloadReason.NOT_A_FEED, f"{where} is a binary file; it begins with {body[:8]!r}")
    text, warning = decode_payload(body, content_type)
    text = text.lstrip("\ufeff").strip()
    if text.startswith(("{", "[")):
        return Document(text=text, warning=warning)
    markup = open_markup(text if _is_clean(text) else clean_characters(text))
    root = markup.root
    if root is None:
        raise PayloadError(PayloadReason.NOT_A_FEED, f"{where} is no markup; it begins with {text[:60]!r}")
    if root in _HTML_ELEMENTS:
        raise PayloadError(
            PayloadReason.HTML_NOT_FEED,
            f"{where} is an HTML page{_titled(text)}, not a feed: an error page, a login or a moved feed",
        )
    if root in _SITEMAPS:
        return Document(text=markup.text, root=root, warning=warning)
    data = markup.text.encode()
    scan = scan_document(data, url, limits, is_netscape=markup.is_netscape)
    _check_limits(scan, len(item_spans(markup.text)) if scan.fault else scan.item_count, limits, where)
    return Document(data=data, root=root, is_netscape=markup.is_netscape, warning=warning, scan=scan)


def name_of(url: str | None) -> str:
    """What to call a payload in messages."""
    return url or "the payload"


def _check_limits(scan: Scan, item_count: int, limits: ParseLimits, where: str) -> None:
    if scan.frame_depth > limits.max_depth:
        raise PayloadError(
            PayloadReason.TOO_DEEP, f"{where} nests its elements deeper than {limits.max_depth}, outside of any item"
        )
    if scan.frame_elements > limits.max_frame_elements or scan.frame_attributes > limits.max_attributes:
        raise PayloadError(
            PayloadReason.TOO_COSTLY,
            f"{where} has {scan.frame_elements} elements outside of any item, one of them with "
            f"{scan.frame_attributes} attributes; {limits.max_frame_elements} and {limits.max_attributes} are the most",
        )
    if item_count > limits.max_items:
        raise PayloadError(
            PayloadReason.TOO_MANY_ITEMS,
            f"{where} has {item_count} items, and {limits.max_items} may be read; to allow more, raise "
            "WIREDESK_FEED_MAX_ITEMS",
        )


def _is_clean(text: str) -> bool:
    """Whether `clean_characters` would return it as it is; False where that is not plain to see."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return False
    return (
        len(encoded.translate(None, _CONTROLS)) == len(encoded)
        and b"\xef\xbf\xbe" not in encoded
        and b"\xef\xbf\xbf" not in encoded
        and not _ODD_REFERENCE.search(encoded)
    )


def _titled(text: str) -> str:
    title = re.search(r"<title[^>]*>([^<]{1,100})", text[:20_000], re.IGNORECASE)
    return f" titled {title[1].strip()!r}" if title else ""
