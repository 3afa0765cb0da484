"""Where each item of a well-formed document stands, and by what it is known again. One expat pass, no field read.

An item stands in a frame: the elements around it, with their namespaces, bases and languages. What it says is a
function of its bytes and of what the frame hands down, and of nothing else, because `strict` starts every item
from the state in which the frame left the parser. Its digest is therefore taken over both. Of the frame it takes
the tags and not the texts: a new <lastBuildDate> changes no item. Of the item it takes everything but counters
(views, ratings, comments), which rise from poll to poll and which no field of an entry is made of.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import NamedTuple
from xml.parsers import expat

import feedparser

from wiredesk import PIPELINE_VERSION
from wiredesk.parse.limits import ParseLimits

# Attributes by which an element changes how the ones after it are read, as feedparser reads them.
_STATE = frozenset({"lang", "base", "type", "mode", "version"})
_ITEMS = frozenset({"item", "entry"})
# Counters, as expat names them. They count as such only directly in the item or in what holds nothing else, because
# inside a text they would be part of it, and only in the plainest form, because an attribute may do more.
_MEDIA = "http://search.yahoo.com/mrss/"
_COUNTERS = frozenset(
    {f"{_MEDIA} statistics", f"{_MEDIA} starRating", "http://purl.org/rss/1.0/modules/slash/ comments"}
    | {"http://purl.org/syndication/thread/1.0 total"}
)
_HOLDERS = frozenset({f"{_MEDIA} group", f"{_MEDIA} community"})
_COUNTER = re.compile(
    rb"""<[\w.:-]+(?:\s+(?:count|average|min|max|views|favorites)\s*=\s*["'][0-9.]*["'])*\s*"""
    rb"""(?:/>|>\s*[0-9]*\s*</[\w.:-]+\s*>)"""
)
_DEEPEST_COUNTER = 4  # item, group, community, counter
# What reads an item decides what it says: with another reader every item is read again, once.
_READER = f"wiredesk {PIPELINE_VERSION}, feedparser {feedparser.__version__}"


class ScannedItem(NamedTuple):
    """One outermost item (RSS and RDF items, Atom entries)."""

    start: int  # offset of its first byte
    end: int  # offset behind its last byte
    digest: bytes
    depth: int  # of elements in it, itself included
    elements: int  # itself included
    attributes: int  # of the element that has most


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a document found."""

    items: tuple[ScannedItem, ...] = ()  # none where there are more than may be
    item_count: int = 0
    frame_depth: int = 0  # of elements around and between the items
    frame_elements: int = 0
    frame_attributes: int = 0  # of the element there that has most
    fault: str | None = None  # where it is not well-formed; then nothing else is known


def scan_document(data: bytes, url: str | None, limits: ParseLimits, *, is_netscape: bool = False) -> Scan:
    """Scan UTF-8 with a tame prolog.

    `url`: where it came from, which relative links depend on. `is_netscape`: its document type decided its format.
    """
    scanner = _Scanner(data, url, limits)
    scanner.frame.update(b"netscape " if is_netscape else b"")
    try:
        scanner.parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        return Scan(fault=f"not well-formed at line {error.lineno}, column {error.offset}: {reason}")
    except _TooMuchError:
        return Scan(frame_depth=scanner.depth, frame_elements=scanner.frame_elements)
    count = len(scanner.found)
    return Scan(
        scanner.items() if count <= limits.max_items else (),
        count,
        scanner.deepest_frame,
        scanner.frame_elements,
        scanner.frame_attributes,
    )


class _TooMuchError(Exception):
    """There are so many elements outside the items, or they are nested so deep, that going on is pointless."""


class _Scanner:
    """Handlers of one pass. Inside an item there is nothing to do but to find its end, so that is all they do."""

    def __init__(self, data: bytes, url: str | None, limits: ParseLimits) -> None:
        self.data = data
        self.url = url
        self.limits = limits
        self.frame = hashlib.sha256()
        self.depth = 0
        self.deepest_frame = 0
        self.frame_elements = 0
        self.frame_attributes = 0
        self.deepest_item = 0
        self.item_elements = 0
        self.item_attributes = 0  # names and values, as expat gives them
        self.opened_at = -1
        self.item_depth = 0
        self.path = [""] * (_DEEPEST_COUNTER + 1)  # names of the open elements of the item
        self.counters: list[tuple[int, int]] = []
        self.stretch = 0  # how many times a run of neighbouring items has begun
        self.in_stretch = False
        self.last_tag: tuple[object, ...] = ()
        self.namespaces: list[tuple[str | None, str | None]] = []
        self.found: list[tuple[ScannedItem, int, list[tuple[int, int]]]] = []  # without digests; stretch, counters
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.ordered_attributes = True
        self.parser.EntityDeclHandler = self._declare_entity
        self._watch_frame()

    def items(self) -> tuple[ScannedItem, ...]:
        """The items with their digests, in document order."""
        self.frame.update(repr((_READER, self.url)).encode())
        if self.url is None:  # then the feed's own link, a text of the frame, is what links are relative to
            outside = 0
            for item, _, _ in self.found:
                self.frame.update(self.data[outside : item.start])
                outside = item.end
            self.frame.update(self.data[outside:])
        items: list[ScannedItem] = []
        for item, stretch, counters in self.found:
            digest = self.frame.copy()
            digest.update(b"%d " % stretch)
            position = item.start
            for first, last in counters:
                digest.update(self.data[position:first])
                position = last
            digest.update(self.data[position : item.end])
            items.append(item._replace(digest=digest.digest()))
        return tuple(items)

    def _watch_frame(self) -> None:
        self.parser.StartElementHandler = self._start_in_frame
        self.parser.EndElementHandler = self._end_in_frame
        self.parser.StartNamespaceDeclHandler = self._declare_in_frame

    def _declare_entity(self, name: str, _is_parameter: bool, value: str | None, *_: object) -> None:
        self.frame.update(repr((name, value)).encode())

    def _declare_in_frame(self, prefix: str | None, uri: str | None) -> None:
        self.namespaces.append((prefix, uri))

    def _start_in_frame(self, name: str, attributes: list[str]) -> None:
        self.depth += 1
        namespaces, self.namespaces = tuple(self.namespaces), []
        if self.depth > 1 and name.rpartition(" ")[2].lower() in _ITEMS:
            self._open_item(attributes)
            return
        self.frame_elements += 1
        self.frame_attributes = max(self.frame_attributes, len(attributes) // 2)
        if self.depth > self.deepest_frame:
            self.deepest_frame = self.depth
        if self.depth > self.limits.max_depth or self.frame_elements > self.limits.max_frame_elements:
            raise _TooMuchError
        self.in_stretch = False
        pairs = zip(attributes[::2], attributes[1::2], strict=True)
        state = tuple(pair for pair in pairs if pair[0].rpartition(" ")[2].lower() in _STATE)
        tag = (self.depth, name, state, namespaces)
        if tag != self.last_tag:  # an RDF table of contents has a like element for each item
            self.last_tag = tag
            self.frame.update(repr(tag).encode())

    def _end_in_frame(self, _name: str) -> None:
        self.depth -= 1
        self.in_stretch = False

    def _open_item(self, attributes: list[str]) -> None:
        if not self.in_stretch:
            self.in_stretch = True
            self.stretch += 1
            self.last_tag = ()
            self.frame.update(b"%d %d" % (self.stretch, self.depth))
        self.opened_at = self.parser.CurrentByteIndex
        self.item_depth = self.deepest_item = self.item_elements = 1
        self.item_attributes = len(attributes)
        self.counters = []
        self.parser.StartElementHandler = self._start_in_item
        self.parser.EndElementHandler = self._end_in_item
        self.parser.StartNamespaceDeclHandler = None

    def _start_in_item(self, name: str, attributes: list[str]) -> None:
        self.item_depth = depth = self.item_depth + 1
        self.item_elements += 1
        if len(attributes) > self.item_attributes:
            self.item_attributes = len(attributes)
        if depth > self.deepest_item:
            self.deepest_item = depth
        if depth > _DEEPEST_COUNTER:
            return
        self.path[depth] = name
        if name in _COUNTERS and _HOLDERS.issuperset(self.path[2:depth]):
            counter = _COUNTER.match(self.data, self.parser.CurrentByteIndex)
            if counter:
                self.counters.append(counter.span())

    def _end_in_item(self, _name: str) -> None:
        self.item_depth -= 1
        if self.item_depth:
            return
        end = self.parser.CurrentByteIndex
        if self.data.startswith(b"</", end):  # else an empty element, behind which expat stands already
            end = self.data.index(b">", end) + 1
        item = ScannedItem(self.opened_at, end, b"", self.deepest_item, self.item_elements, self.item_attributes // 2)
        self.found.append((item, self.stretch, self.counters))
        self.depth -= 1
        self._watch_frame()
