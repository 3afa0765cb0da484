"""What the extractor loses of a page's layout: bodies that are cut in pieces, and headings between paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from wiredesk.clean.blocks import Block
from wiredesk.clean.text import tidy_line

# How publishers' templates name the element that holds the story.
_BODY = re.compile(
    r"(?:^|[\s_-])(?:article|story|post|entry|content|body|text)(?:__|--|[_-])?(?:body|content|text|container|paywall)\b",
    re.IGNORECASE,
)
_MIN_PIECE_CHARS = 300  # of paragraphs: below it a piece is a caption or a box
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_MAX_HEADING_CHARS = 200  # what is longer is set large, and no heading
_LOOKED_FOR_CHARS = 80


def join_bodies(tree: HtmlElement, blocks: Sequence[Block]) -> bool:
    """Join a body that stands in several elements of one class, if `blocks` hold one of them and lack the others.

    Between the pieces stand advertisements or asides, and an extractor takes one piece for the whole. Changes `tree`
    and says so by True: extract anew.
    """
    pieces: dict[tuple[str, str], list[HtmlElement]] = {}
    for element in tree.iter("div", "section"):
        name = element.get("class") or ""
        if _BODY.search(name) and _prose_chars(element) >= _MIN_PIECE_CHARS:
            pieces.setdefault((element.tag, name), []).append(element)
    known = {block.text[:_LOOKED_FOR_CHARS] for block in blocks}
    is_joined = False
    for found in pieces.values():
        held = [_is_held(element, known) for element in found]
        is_nested = any(ancestor in found for element in found for ancestor in element.iterancestors())
        if is_nested or not any(held) or all(held):
            continue
        for element in found[1:]:
            found[0].extend(list(element))
        is_joined = True
    return is_joined


def _is_held(element: HtmlElement, known: set[str]) -> bool:
    """Whether most of its paragraphs are known."""
    starts = [start for p in element.iter("p") if (start := tidy_line(p.text_content())[:_LOOKED_FOR_CHARS])]
    return sum(start in known for start in starts) > len(starts) / 2


def _prose_chars(element: HtmlElement) -> int:
    """Characters of paragraphs directly in the element, or in its only wrapper."""
    holder = element
    while len(holder) == 1 and holder[0].tag == "div":
        holder = holder[0]
    return sum(len(child.text_content()) for child in holder.iterchildren("p"))


def restore_headings(tree: HtmlElement, blocks: Sequence[Block]) -> list[Block]:
    """The blocks with the headings that stand directly between two of them in the page and are missing here."""
    places: dict[str, int] = {}
    for index, block in enumerate(blocks):
        places.setdefault(block.text[:_LOOKED_FOR_CHARS], index)
    missing: dict[int, list[Block]] = {}
    for element in tree.iter(*_HEADINGS):
        before, after = _neighbour(element, -1), _neighbour(element, 1)
        if before is None or after is None:
            continue
        last, following = _place(before, places), _place(after, places)
        text = tidy_line(element.text_content())
        if last is None or following != last + 1 or not 0 < len(text) <= _MAX_HEADING_CHARS:
            continue
        missing.setdefault(following, []).append(Block(text, element.tag))
    restored: list[Block] = []
    for index, block in enumerate(blocks):
        restored += missing.get(index, [])
        restored.append(block)
    return restored


def _neighbour(element: HtmlElement, step: int) -> HtmlElement | None:
    """The next element in that direction that shows text."""
    sibling = element.getprevious() if step < 0 else element.getnext()
    while sibling is not None and (not isinstance(sibling.tag, str) or not sibling.text_content().strip()):
        sibling = sibling.getprevious() if step < 0 else sibling.getnext()
    return sibling


def _place(element: HtmlElement, places: dict[str, int]) -> int | None:
    return places.get(tidy_line(element.text_content())[:_LOOKED_FOR_CHARS])
