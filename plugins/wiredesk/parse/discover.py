"""Which feeds a web page names. Pure: the caller fetches the page, and whatever is found.

Order: what the page declares (`<link rel="alternate">`, RSS Advisory Board's and WHATWG's autodiscovery); where it
declares none, links that look like feeds; where there are none either, `usual_addresses` are worth a try.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree

from wiredesk.parse.text import plain_text

# Below a site's front page, the likeliest first: WordPress, static site generators, Ghost, Jekyll, Hugo, Movable
# Type and Drupal, JSON Feed, Blogger; news sitemaps last, as they carry no text.
USUAL_PATHS = (
    "feed/", "rss.xml", "feed.xml", "rss/", "atom.xml", "index.xml", "feed", "rss", "feed.json", "index.rdf",
    "feeds/posts/default", "feed/atom/", "rss/index.xml", "news-sitemap.xml", "sitemap-news.xml",
)  # fmt: skip

_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}
    | {"application/x-rss+xml", "application/x-atom+xml", "application/x.atom+xml", "text/rss+xml", "text/atom+xml"}
)
# Types of much else too; then the address decides.
_VAGUE_TYPES = frozenset({"", "text/xml", "application/xml", "application/json", "text/json"})
_FEED_PATH = re.compile(
    r"\.(?:rss|atom|rdf)$|(?:^|/)(?:feeds?|rss|atom|rdf|rss2|syndication)(?:\.(?:xml|json|php|aspx?))?/?$"
    r"|(?:^|/)index\.(?:xml|rdf)$|/feeds?/(?:rss2?|atom|posts/default|news|all)\b"
    r"|[-_./](?:feed|rss|atom)\.(?:xml|json)$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed|format|alt|type|output)=(?:rss2?|atom|feed|xml|json)\b", re.IGNORECASE)
# WordPress lists the feed of its comments beside that of its posts; nobody means it.
_COMMENTS = re.compile(r"/comments/|[?&]feed=comments|\bcomments?\b", re.IGNORECASE)
# On a page with more links than that, what looks like a feed is a directory of feeds.
_MOST = 100


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that a page names."""

    url: str  # absolute, http or https
    title: str | None = None
    media_type: str | None = None  # lower case, as the page declares it


def find_feeds(html: bytes | str, base_url: str) -> list[FoundFeed]:
    """The feeds that a page names, the likeliest first; [] where it names none, or is no page.

    `base_url` is where the page was found, after redirects.
    """
    root = _tree(html)
    if root is None:
        return []
    declared: list[FoundFeed] = []
    linked: list[FoundFeed] = []
    base = base_url
    for element in root.iter("base", "link", "a"):
        address = _joined(base, element.get("href"))
        if address is None:
            continue
        if element.tag == "base":
            # HTML 4.01, section 12.4: it counts for what stands after it, and the first one is the only one.
            base = address if base == base_url else base
        elif found := _found(element, address):
            (declared if element.tag == "link" else linked).append(found)
    return _likeliest_first(declared or linked)[:_MOST]


def usual_addresses(site_url: str) -> Iterator[str]:
    """Where a site's feed often is: below the page itself, then below the front page."""
    page = site_url if site_url.endswith("/") else f"{site_url}/"
    for start in dict.fromkeys((page, urljoin(site_url, "/"))):
        yield from (urljoin(start, path) for path in USUAL_PATHS)


def _tree(html: bytes | str) -> etree._Element | None:
    body = html.encode("utf-8", "replace") if isinstance(html, str) else html
    # UTF-8 shows itself, whatever the page says or forgets to say; of other encodings libxml2 reads the declaration.
    encoding = "utf-8" if isinstance(html, str) or _is_utf8(body) else None
    parser = etree.HTMLParser(recover=True, no_network=True, remove_comments=True, encoding=encoding)
    try:
        return etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError):  # nothing in it that could be an element
        return None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _found(element: etree._Element, address: str) -> FoundFeed | None:
    rel = (element.get("rel") or "").lower().split()
    media_type = (element.get("type") or "").partition(";")[0].strip().lower()
    if element.tag == "link" and "alternate" not in rel and "feed" not in rel:
        return None
    if "stylesheet" in rel:  # <link rel="alternate stylesheet">
        return None
    if media_type not in _FEED_TYPES and not (media_type in _VAGUE_TYPES and _looks_like_feed(address)):
        return None
    title = element.get("title") or (_text(element) if element.tag == "a" else None)
    return FoundFeed(address, plain_text(title), media_type or None)


def _text(element: etree._Element) -> str:
    return " ".join(" ".join(map(str, element.itertext())).split())


def _looks_like_feed(address: str) -> bool:
    parts = urlsplit(address)
    return bool(_FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))


def _joined(base: str, href: str | None) -> str | None:
    """An http(s) address, also of `feed:https://…` and `feed://…` (Apple's scheme)."""
    text = plain_text(href)
    if not text:
        return None
    if text[:5].lower() == "feed:":
        text = text[5:] if text[5:].lower().startswith("http") else f"http:{text[5:]}"
    try:
        address = urljoin(base, text).partition("#")[0]
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and parts.netloc else None


def _likeliest_first(found: Iterable[FoundFeed]) -> list[FoundFeed]:
    unique: dict[str, FoundFeed] = {}
    for feed in found:
        unique.setdefault(feed.url, feed)
    return sorted(unique.values(), key=lambda feed: bool(_COMMENTS.search(f"{feed.url} {feed.title or ''}")))
