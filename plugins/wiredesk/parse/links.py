"""Addresses in feeds: which of several is the entry's own, and what it is in full."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urljoin, urlsplit

from wiredesk.models import Enclosure
from wiredesk.parse.text import plain_text

_HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "html", "xhtml"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def absolute(link: object, base: str | None) -> str | None:
    """An http(s) URL in full. A relative one stays as it is where there is no base; other schemes are None."""
    text = plain_text(link)
    if not text:
        return None
    try:
        joined = urljoin(base, text) if base else text
        scheme, host = urlsplit(joined)[:2]
    except ValueError:
        return None
    if scheme in {"http", "https"}:
        return joined if host else None
    return None if base or _SCHEME.match(joined) else joined


def own_link(links: Iterable[Mapping[str, object]]) -> object:
    """The first plain alternate link, else the first alternate of any type (RFC 4287, section 4.2.7.2).

    feedparser's `entry.link` is the last one, which is often a translation or a mobile page.
    """
    alternates = [link for link in links if link.get("rel") == "alternate" and link.get("href")]
    plain = [link for link in alternates if str(link.get("type") or "").lower() in _HTML_TYPES]
    return (plain or alternates or [{}])[0].get("href")


def enclosure(url: object, media_type: object, length: object, base: str | None) -> Enclosure | None:
    """A file that an entry points to, or None where it has no http(s) address."""
    found = absolute(url, base)
    if found is None:
        return None
    digits = str(length).strip()
    # bigint's limit is 19 digits; a length of more than 15 (a petabyte) is nonsense
    size = int(digits) if re.fullmatch(r"[0-9]{1,15}", digits) else None
    return Enclosure(found, plain_text(media_type), size or None)
