"""A parsed fragment that the steps of cleaning share: what they drop is marked, and left out of all that is read.

BeautifulSoup finds a tag's place among its siblings by asking each of them, so that to take thousands out of one
parent costs the square of their number; a mark costs the same wherever it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from html import escape

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString

_UNWRAPPED = "unwrapped"  # a name that no sanitizer allows: it drops the tag and keeps what is in it


class Tree:
    """A parsed fragment with all its tags in document order, walked once; comments leave it at once.

    A search of the tree for each step costs more than parsing did: so this keeps its own list.
    """

    def __init__(self, markup: str) -> None:
        # Plain dictionaries and strings, and classes as they are written, are a seventh faster to build.
        soup = BeautifulSoup(
            markup, "lxml", multi_valued_attributes=None, attribute_dict_class=dict, string_containers={}
        )
        self.root: Tag = soup.body or soup
        self._tags: list[Tag] = []
        self._gone: set[int] = set()  # by id(): nothing leaves BeautifulSoup's tree, so none is used again
        self._thinned: set[int] = set()  # the parents of what is gone
        for node in soup.descendants:
            if isinstance(node, Tag):
                self._tags.append(node)
            elif isinstance(node, PreformattedString):
                self.drop(node)

    def tags(self) -> Iterator[Tag]:
        """What is still there, outermost first."""
        return (tag for tag in self._tags if id(tag) not in self._gone)

    def innermost(self) -> Iterator[Tag]:
        """What is still there, last and innermost first."""
        return (tag for tag in reversed(self._tags) if id(tag) not in self._gone)

    def children(self, tag: Tag) -> list[PageElement]:
        """The tags and texts in a tag that are still there."""
        if id(tag) not in self._thinned:
            return tag.contents
        return [child for child in tag.contents if id(child) not in self._gone]

    def within(self, tag: Tag, *names: str) -> Iterator[Tag]:
        """The tags of these names in a tag, at any depth, that are still there."""
        for node in tag.descendants:
            if isinstance(node, Tag) and node.name in names and id(node) not in self._gone:
                yield node

    def strings(self, node: PageElement) -> Iterator[NavigableString]:
        """The texts of a node that are still there, in order."""
        waiting = [node]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Tag):
                waiting += self.children(node)[::-1]
            elif isinstance(node, NavigableString):
                yield node

    def text(self, node: PageElement) -> str:
        """The text of a node."""
        return "".join(self.strings(node))

    def has_text(self, node: PageElement) -> bool:
        """Whether it shows more than white space."""
        return any(string.strip() for string in self.strings(node))

    def drop(self, node: PageElement) -> None:
        """Take a node out, with everything in it."""
        self._gone.add(id(node))
        self._thinned.add(id(node.parent))
        if isinstance(node, Tag):
            self._gone.update(id(inner) for inner in node.descendants if isinstance(inner, Tag))

    def unwrap(self, tag: Tag) -> None:
        """Take a tag out and leave what is in it."""
        tag.name = _UNWRAPPED

    def markup(self, attributes: Mapping[str, Collection[str]]) -> str:
        """What is left as HTML, for the sanitizer: of each tag those attributes that it would keep ("*": of any)."""
        parts: list[str] = []
        waiting: list[PageElement | str] = [*reversed(self.children(self.root))]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Tag):
                parts.append(_start_tag(node, attributes) if node.attrs else f"<{node.name}>")
                if not node.can_be_empty_element:
                    waiting.append(f"</{node.name}>")
                waiting += self.children(node)[::-1]
            else:
                parts.append(node if type(node) is str else escape(str(node), quote=False))
        return "".join(parts)


def _start_tag(tag: Tag, attributes: Mapping[str, Collection[str]]) -> str:
    kept, everywhere = attributes.get(tag.name, ()), attributes["*"]
    # In one order, however the publisher's tool wrote them.
    given = sorted(item for item in tag.attrs.items() if item[0] in kept or item[0] in everywhere)
    written = (f' {name}="{escape(str(value))}"' for name, value in given)
    return f"<{tag.name}{''.join(written)}>"
