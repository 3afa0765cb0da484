"""A well-formed feed, read by feedparser's own strict parser, each item for itself.

feedparser carries state from item to item: an element that it does not expect inside inline markup leaves its
counters wrong, a namespace declared in one item holds for the next, and what it raises on takes the document with
it. So each item begins from the state in which the frame left the parser, and leaves nothing behind but its
entries: what it says depends on nothing but itself and the frame, and a poison item is poison to itself alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.xmlreader import AttributesNSImpl

from feedparser.util import FeedParserDict

from wiredesk.parse.lean import LeanFeedparser

Fields = dict[str, Any]

_ITEMS = frozenset({"item", "entry"})
# Elements of the feed that have a title and a link of their own. That there are such, and no more, decides where
# feedparser puts the same elements of an item.
_PLACES = {"image": "image", "itunes:image": "image", "textinput": "textinput"}
# The elements around the items whose texts become fields of the feed, and those that hold others.
_KEPT = frozenset(
    {
        "title",
        "dc:title",
        "link",
        "id",
        "guid",
        "language",
        "dc:language",
        "ttl",
        "sy:updateperiod",
        "sy:updatefrequency",
    }
)
_HOLDERS = frozenset({"rss", "rdf:rdf", "feed", "channel"})
_STATE = frozenset({"base", "lang"})  # attributes that hold for what is inside an element


class _Part(Enum):
    """What an element around the items is to the reader."""

    HOLDER = 1  # items stand in it
    TEXT = 2  # it says something of the feed, or changes how what follows is read
    PLACE = 3
    OTHER = 4  # no field is made of it; but what stands in it may be any of these


_SEEN = frozenset({_Part.HOLDER, _Part.TEXT})


@dataclass(slots=True)
class ReadItem:
    """What one item of the document came to: mostly one entry."""

    entries: list[Fields]
    error: Exception | None = None  # what feedparser raised; then there is no entry


@dataclass(slots=True)
class StrictReading:
    """What feedparser made of a document."""

    version: str = ""
    feed: Fields = field(default_factory=dict)
    items: list[ReadItem] = field(default_factory=list)  # in document order
    stray: list[Fields] = field(default_factory=list)  # entries outside of any item: the root is one itself
    # False: an item decided on the format of the whole, so items may not be read apart from each other.
    is_apart: bool = True


def read_strict(data: bytes) -> StrictReading:
    """Read well-formed UTF-8. Raises whatever feedparser raises outside of the items."""
    reader = _Reader()
    try:
        reader.expat.Parse(data, True)
    finally:
        del reader.expat  # it knows the reader, which knows it: a cycle that would hold all that was read
    reader.reading.version = reader.parser.version
    reader.reading.feed = reader.parser.feeddata
    reader.reading.stray = reader.parser.entries
    return reader.reading


class _Reader:
    """Feeds expat's events to feedparser as xml.sax would, and keeps the items apart."""

    def __init__(self) -> None:
        self.reading = StrictReading()
        self.parser = LeanFeedparser("", None, "utf-8")
        self.frame: list[_Part] = []  # the open elements around the item
        self.item_depth = 0
        self.error: Exception | None = None
        self.namespaces: list[tuple[str | None, str | None]] = []
        self.frame_state: dict[str, Any] = {}
        self.names: dict[str, _Name] = {}
        self.expat = expat.ParserCreate("utf-8", " ")
        self.expat.namespace_prefixes = True
        self.expat.buffer_text = True
        self.expat.buffer_size = 2**16  # few texts are longer; each piece costs a call
        self.expat.StartElementHandler = self._start
        self.expat.EndElementHandler = self._end
        self.expat.StartNamespaceDeclHandler = self._declare
        self.expat.CharacterDataHandler = self._text

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self.namespaces.append((prefix, uri))  # not yet: an item's own come before its start tag

    def _start(self, text: str, attributes: dict[str, str]) -> None:
        name = self.names.get(text) or self._name(text)
        if self.item_depth:
            self.item_depth += 1
        elif self.frame and name.is_item:
            self.item_depth = 1
            self._open_item()
        else:
            self._start_in_frame(name, attributes)
            return
        if self.error is None:
            try:
                self._start_element(name, attributes)
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 (feedparser raises what it stumbles over; no list exists)
                self.error = error

    def _end(self, text: str) -> None:
        name = self.names[text]
        if not self.item_depth:
            self._end_in_frame(name)
            return
        if self.error is None:
            try:
                self._end_element(name)
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 (as above)
                self.error = error
        self.item_depth -= 1
        if not self.item_depth:
            self._close_item()

    def _text(self, text: str) -> None:
        if self.item_depth:
            if self.error is None:
                self.parser.handle_data(text)
        elif self.frame[-1] is _Part.TEXT:
            self.parser.handle_data(text)

    def _start_in_frame(self, name: _Name, attributes: dict[str, str]) -> None:
        """Show feedparser what becomes of the feed's own fields, and what holds for the items inside."""
        part = self._part(name, attributes)
        self.frame.append(part)
        if part in _SEEN:
            self._start_element(name, attributes)
        else:
            self.namespaces.clear()
            self.parser.depth += 1

    def _end_in_frame(self, name: _Name) -> None:
        if self.frame.pop() in _SEEN:
            self._end_element(name)
        else:
            self.parser.depth -= 1

    def _part(self, name: _Name, attributes: dict[str, str]) -> _Part:
        around = self.frame[-1] if self.frame else _Part.HOLDER
        tag = name.tag or name.qualified.lower()
        if around is _Part.TEXT or around is _Part.PLACE:
            return around
        if tag in _PLACES:
            self.parser.feeddata.setdefault(_PLACES[tag], FeedParserDict())
            return _Part.PLACE
        if tag in _HOLDERS:
            return _Part.HOLDER
        if tag in _KEPT or tag in _ITEMS or self.namespaces:
            return _Part.TEXT
        holds_state = any(one.rpartition(" ")[2].lower() in _STATE for one in attributes)
        return _Part.TEXT if holds_state else _Part.OTHER

    def _start_element(self, name: _Name, attributes: dict[str, str]) -> None:
        parser = self.parser
        if self.namespaces:
            for prefix, uri in self.namespaces:
                parser.startPrefixMapping(prefix, uri)
            self.namespaces.clear()
        if name.tag is None:  # how it is called depends on what else is declared, which feedparser knows
            self._start_unknown(name, attributes)
            return
        values, parser.decls = parser.decls, {}
        if attributes:
            found = [(self.names.get(text) or self._name(text), value) for text, value in attributes.items()]
            # feedparser would make every link below an unreadable base an empty one.
            found = [(one, value) for one, value in found if one.pair[1] != "base" or _is_address(value)]
            values |= {one.tag or one.pair[1].lower(): value for one, value in found}
            values |= {one.qualified.lower(): value for one, value in found}
        parser.unknown_starttag(name.tag, list(values.items()))

    def _start_unknown(self, name: _Name, attributes: dict[str, str]) -> None:
        found = [(self.names.get(text) or self._name(text), value) for text, value in attributes.items()]
        values = {one.pair: value for one, value in found if one.pair[1] != "base" or _is_address(value)}
        qualified = {one.pair: one.qualified for one, _ in found if one.pair in values}
        self.parser.startElementNS(name.pair, None, AttributesNSImpl(values, qualified))

    def _end_element(self, name: _Name) -> None:
        if name.tag:
            self.parser.unknown_endtag(name.tag)
        else:
            self.parser.endElementNS(name.pair, None)

    def _name(self, text: str) -> _Name:
        """What expat calls a name: namespace, local name and prefix, as far as there are any, separated by spaces."""
        parts = text.split(" ")
        namespace, local = (parts[0], parts[1]) if len(parts) > 1 else (None, text)
        prefix = self.parser._matchnamespaces.get((namespace or "").lower())  # noqa: SLF001 (as startElementNS does)
        name = self.names[text] = _Name(
            pair=(namespace, local),
            qualified=f"{parts[2]}:{local}" if len(parts) == 3 else local,
            tag=None if prefix is None else f"{prefix}:{local}".lower() if prefix else local.lower(),
            is_item=local.lower() in _ITEMS,
        )
        return name

    def _open_item(self) -> None:
        parser = self.parser
        self.frame_state = state = dict(parser.__dict__)
        for name, value in state.items():
            if name == "elementstack":
                parser.elementstack = [[tag, expecting, list(pieces)] for tag, expecting, pieces in value]
            elif name not in {"entries", "feeddata"} and isinstance(value, (list, dict)):
                setattr(parser, name, type(value)(value))
        # Whatever an item does, it must not reach the feed's own fields.
        parser.feeddata = FeedParserDict(
            {place: FeedParserDict() for place in _PLACES.values() if place in state["feeddata"]}
        )
        parser.entries = []

    def _close_item(self) -> None:
        parser, error = self.parser, self.error
        self.reading.items.append(ReadItem([] if error else parser.entries, error))
        version = parser.version
        parser.__dict__.clear()
        parser.__dict__.update(self.frame_state)
        if version and not parser.version:
            parser.version = version
            self.reading.is_apart = False
        self.error = None
        self.namespaces.clear()


def _is_address(value: str) -> bool:
    try:
        urlsplit(value)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Name:
    """The name of an element or an attribute."""

    pair: tuple[str | None, str]  # namespace and local name
    qualified: str  # as the document has it
    tag: str | None  # what feedparser calls it; None where that depends on what else is declared
    is_item: bool
