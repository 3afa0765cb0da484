"""The gate: which format a payload is in, or why it is none."""

from __future__ import annotations

from collections.abc import Mapping

from wiredesk.errors import PayloadError
from wiredesk.models import ParsedFeed, PayloadReason
from wiredesk.parse.document import name_of, open_document
from wiredesk.parse.jsonfeed import parse_json_feed
from wiredesk.parse.limits import ParseLimits
from wiredesk.parse.sitemap import SITEMAP_ROOTS, parse_news_sitemap
from wiredesk.parse.syndication import parse_syndication

_NOTHING: Mapping[bytes, str] = {}
_LIMITS = ParseLimits()


def scan_items(
    body: bytes, *, url: str | None = None, content_type: str | None = None, limits: ParseLimits = _LIMITS
) -> tuple[bytes, ...]:
    """Digests of the items of RSS or Atom, in document order: what to look up before `parse_entries`.

    A digest (SHA-256) is of the item's source, the frame that it stands in, `url` and this code. Empty where items
    cannot be told apart for certain (not well-formed, JSON, a sitemap), and where the payload is no feed:
    `parse_entries` says so. Costs about a fortieth of reading the items.
    """
    try:
        return tuple(item.digest for item in open_document(body, url, content_type, limits).scan.items)
    except PayloadError:
        return ()


def parse_entries(
    body: bytes,
    *,
    url: str | None = None,
    content_type: str | None = None,
    known: Mapping[bytes, str] = _NOTHING,
    limits: ParseLimits = _LIMITS,
) -> ParsedFeed:
    """Read a feed: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed 1.0 and 1.1, Google News sitemaps.

    `url` is where the payload came from; relative links are resolved against it. `content_type` is the
    header as it came; its charset is honoured. `known` maps digests of `scan_items` to the keys that their entries
    had: such items are not read again, and their keys are in `seen_keys`; all else is as if the whole were read.

    Raises PayloadError, and nothing else but MemoryError, where the payload as a whole is no feed or no parser copes
    with it; single items that cannot be read are in `rejected`, and a feed without items is no error.
    """
    where = name_of(url)
    try:
        document = open_document(body, url, content_type, limits)
        if not document.root:
            return parse_json_feed(
                document.text, where=where, url=url, warning=document.warning, max_items=limits.max_items
            )
        if document.root in SITEMAP_ROOTS:
            return parse_news_sitemap(
                document.text, where=where, url=url, warning=document.warning, max_items=limits.max_items
            )
        return parse_syndication(document, where=where, url=url, known=known, limits=limits)
    except (PayloadError, MemoryError):
        raise
    except Exception as error:  # what nobody foresaw in one payload must not stop the others
        raise PayloadError(PayloadReason.PARSER_FAILED, f"{where}: unforeseen {error!r}") from error
