"""Addresses in feeds: which of several is the entry's own, and what it is in full."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urljoin, urlsplit

from wiredesk.models import Enclosure
from wiredesk.parse.text import plain_text

_HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "html", "xhtml"})
# One quick look before the slow one: most markup has addresses in full, and nothing to do. It begins with "=", which
# the regex engine finds as fast as str.find.
_MAYBE_RELATIVE = re.compile(
    r"""=["'](?:(?<=[hH][rR][eE][fF]=.)|(?<=[sS][rR][cC]=.)|(?<=[cC][iI][tT][eE]=.)|(?<=[tT][eE][rR]=.))"""
    r"""(?![A-Za-z][A-Za-z0-9+.-]{0,20}:|\#)"""
)
# `[^<>]` and not `[^>]`: a flood of "<a<a" must not be read again and again.
_TAG = re.compile(r"<[A-Za-z][^<>]*>")
_ATTRIBUTE = re.compile(
    r"""(?P<name>\s(?:href|src|cite|poster))\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""", re.IGNORECASE
)
_PLAIN = re.compile(r"https?://[!-~]+[!\"$->@-~]")  # and with no empty query or fragment to lose
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def absolute(link: object, base: str | None) -> str | None:
    """An http(s) URL in full. A relative one stays as it is where there is no base; other schemes are None."""
    text = plain_text(link)
    if not text:
        return None
    try:
        # Nearly all are in full already; joining costs three times as much as looking.
        joined = text if not base or _PLAIN.fullmatch(text) else urljoin(base, text)
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


def declared_base(declared: object, document: str | None) -> str | None:
    """The base of a field: its xml:base, itself relative to the document where there is one; else the document."""
    if not isinstance(declared, str) or not declared:
        return document
    try:
        return urljoin(document or "", declared)
    except ValueError:
        return document


def resolve_markup(markup: str | None, base: str | None) -> str | None:
    """Markup whose relative addresses are made absolute against `base`; without one it stays as it is."""
    if not markup or not base or not _MAYBE_RELATIVE.search(markup):
        return markup
    return _TAG.sub(lambda tag: _ATTRIBUTE.sub(lambda found: _resolved(found, base), tag[0]), markup)


def _resolved(attribute: re.Match[str], base: str) -> str:
    given = html.unescape(attribute["double"] or attribute["single"] or "").strip()
    if not given or _SCHEME.match(given) or given.startswith("#"):
        return attribute[0]
    try:
        address = urljoin(base, given)
    except ValueError:
        return attribute[0]
    return f'{attribute["name"]}="{html.escape(address)}"'


def enclosure(url: object, media_type: object, length: object, base: str | None) -> Enclosure | None:
    """A file that an entry points to, or None where it has no http(s) address."""
    found = absolute(url, base)
    if found is None:
        return None
    digits = str(length).strip()
    # bigint's limit is 19 digits; a length of more than 15 (a petabyte) is nonsense
    size = int(digits) if re.fullmatch(r"[0-9]{1,15}", digits) else None
    return Enclosure(found, plain_text(media_type), size or None)
