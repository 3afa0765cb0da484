"""Google News sitemaps: `urlset` with the elements of http://www.google.com/schemas/sitemap-news/0.9.

Many publishers list their last two days there, more completely than in any feed. An entry has an address, a
title, a date and keywords, and no text: such a feed wants `full_text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from wiredesk.errors import EntryRejected, PayloadError
from wiredesk.models import Enclosure, Entry, EntryReason, ParsedFeed, PayloadReason, RejectedEntry
from wiredesk.parse.assemble import as_language, assemble, unique
from wiredesk.parse.dates import from_iso, to_utc
from wiredesk.parse.identity import identified
from wiredesk.parse.links import absolute
from wiredesk.parse.text import plain_text

SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/"
_NEWS = "http://www.google.com/schemas/sitemap-news/"
_IMAGE = "http://www.google.com/schemas/sitemap-image/"
# As settings.feed_max_items. The protocol's own limit is 50,000 URLs a file, 1,000 of them with news elements.
_MAX_ITEMS = 5000
_MAX_DEPTH = 32  # a news sitemap has 5 levels
_FAMILIES = ((_SITEMAP, ""), ("http://www.google.com/schemas/sitemap/", ""), (_NEWS, "news-"), (_IMAGE, "image-"))
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def parse_news_sitemap(
    text: str, *, where: str, url: str | None, warning: str | None = None, max_items: int = _MAX_ITEMS
) -> ParsedFeed:
    """Read a news sitemap from clean characters: kind `news_sitemap`.

    Raises PayloadError(not_a_feed) for an index of sitemaps and for a sitemap without news elements,
    PayloadError(malformed) where it is not well-formed before its first entry, and PayloadError(too_many_items |
    too_deep). What comes before a fault is read, with a warning.
    """
    reader = _Reader(where, max_items)
    fault = reader.read(text)
    if reader.root == "sitemapindex":
        named = ", ".join(filter(None, map(plain_text, reader.indexed[:3]))) or "nothing"
        raise PayloadError(
            PayloadReason.NOT_A_FEED,
            f"{where} is an index of sitemaps: subscribe to the news sitemap among those that it names ({named} …)",
        )
    if fault and not reader.items:
        raise PayloadError(PayloadReason.MALFORMED, f"{where} breaks off before any entry: {fault}")
    items = [(item, source) for item, source in reader.items if item.find("news-news") is not None]
    passed_over = len(reader.items) - len(items)
    if reader.items and not items:
        raise PayloadError(
            PayloadReason.NOT_A_FEED,
            f"{where} is a sitemap (<urlset>) whose pages have no news:news elements; robots.txt of its site may name "
            "a news sitemap",
        )
    entries: list[Entry] = []
    rejected: list[RejectedEntry] = []
    for item, source in items:
        try:
            entries.append(_entry(item, url))
        except EntryRejected as error:
            rejected.append(RejectedEntry(error.reason, error.detail, source))
    publications = unique(item.findtext("news-news/news-publication/news-name") for item, _ in items)
    languages = unique(entry.language for entry in entries)
    return assemble(
        kind="news_sitemap",
        title=publications[0] if len(publications) == 1 else None,
        link=None,
        language=languages[0] if len(languages) == 1 else None,
        entries=entries,
        rejected=rejected,
        warnings=[warning, fault, f"{passed_over} page(s) without news elements passed over" if passed_over else None],
    )


class _Reader:
    """Expat without entities: a document type declaration with entities ends the reading."""

    def __init__(self, where: str, max_items: int) -> None:
        self.root: str | None = None
        self.items: list[tuple[Element, bytes]] = []  # with their source
        self.indexed: list[str | None] = []
        self._where = where
        self._max_items = max_items
        self._depth = 0
        self._builder: TreeBuilder | None = None
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._source = b""
        self._start_byte = 0

    def read(self, text: str) -> str | None:
        """Where the document is not well-formed, in words; None where it is."""
        parser = self._parser
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.EntityDeclHandler = self._refuse_entities
        try:
            self._source = _XML_DECLARATION.sub("", text).encode("utf-8")
            parser.Parse(self._source, True)
        except expat.ExpatError as error:
            return f"not well-formed: {error}"
        return None

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise PayloadError(PayloadReason.TOO_DEEP, f"{self._where} nests elements deeper than {_MAX_DEPTH} levels")
        name = _short(tag)
        self.root = self.root or name.lower()
        if self._depth == 2 and name in {"url", "sitemap"}:
            if len(self.items) >= self._max_items:
                raise PayloadError(
                    PayloadReason.TOO_MANY_ITEMS,
                    f"{self._where} has more than {self._max_items} entries; to allow more, raise "
                    "WIREDESK_FEED_MAX_ITEMS",
                )
            self._builder = TreeBuilder()
            self._start_byte = self._parser.CurrentByteIndex
        if self._builder:
            self._builder.start(name, {})

    def _end(self, tag: str) -> None:
        if self._builder:
            self._builder.end(_short(tag))
            if self._depth == 2:
                self._keep(self._builder.close())
                self._builder = None
        self._depth -= 1

    def _keep(self, item: Element) -> None:
        if item.tag == "url":
            end = self._source.find(b">", self._parser.CurrentByteIndex) + 1
            self.items.append((item, self._source[self._start_byte : end]))
        elif len(self.indexed) < self._max_items:
            self.indexed.append(item.findtext("loc"))

    def _data(self, text: str) -> None:
        if self._builder:
            self._builder.data(text)

    def _refuse_entities(self, *_: object) -> None:
        raise PayloadError(
            PayloadReason.MALFORMED, f"{self._where} is a sitemap that declares entities, which none needs"
        )


def _entry(item: Element, base: str | None) -> Entry:
    said = next(item.iterfind("news-news"))
    location = absolute(item.findtext("loc"), base)
    if location is None:
        raise EntryRejected(EntryReason.NO_IDENTITY, "the sitemap's entry has no http address in <loc>")
    published = said.findtext("news-publication_date")
    draft = Entry(
        key="",
        digest=b"",
        url=location,
        title=plain_text(said.findtext("news-title")),
        published_at=from_iso(published) or to_utc(published, None),
        updated_at=from_iso(item.findtext("lastmod")),
        categories=unique(_keywords(said)),
        enclosures=tuple(Enclosure(found, _media_type(found)) for found in _images(item, base)),
        language=as_language(said.findtext("news-publication/news-language")),
    )
    return identified(draft, None)


def _keywords(said: Element) -> Iterator[str]:
    """`news:keywords` and the older `news:genres`: both separated by commas."""
    for name in ("news-keywords", "news-genres"):
        yield from (said.findtext(name) or "").split(",")


def _images(item: Element, base: str | None) -> Iterator[str]:
    found = (absolute(image.findtext("image-loc"), base) for image in item.iterfind("image-image"))
    return (address for address in dict.fromkeys(found) if address)


def _media_type(address: str) -> str | None:
    """By its ending, because a sitemap says nothing of it."""
    ending = re.search(r"\.(jpe?g|png|gif|webp|avif)(?:$|[?#])", address, re.IGNORECASE)
    return f"image/{ending[1].lower().replace('jpg', 'jpeg')}" if ending else "image/*"


def _short(tag: str) -> str:
    """`news-title` for what expat calls "http://www.google.com/schemas/sitemap-news/0.9 title"."""
    namespace, _, name = tag.rpartition(" ")
    namespace = namespace.replace("https://", "http://")
    prefix = next((prefix for family, prefix in _FAMILIES if namespace.startswith(family)), None)
    return f"{prefix}{name}" if prefix is not None else name if not namespace else f"other-{name}"
