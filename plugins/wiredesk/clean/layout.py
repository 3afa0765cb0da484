"""What the extractor loses of a page's layout: bodies that are cut in pieces, and headings between paragraphs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice

from lxml.html import HtmlElement

from wiredesk.clean.blocks import Block
from wiredesk.clean.text import fold, tidy_line

# How publishers' templates name the element that holds the story.
_BODY = re.compile(
    r"(?:^|[\s_-])(?:article|story|post|entry|content|body|text)(?:__|--|[_-])?(?:body|content|text|container|paywall)\b",
    re.IGNORECASE,
)
_MIN_PIECE_CHARS = 300  # of paragraphs: below it a piece is a caption or a box
_RESTORED = ("h2", "h3", "h4", "h5", "h6", "ul", "ol")
_MAX_RESTORED_CHARS = 400  # what is longer is set large, and no heading, or holds more than an item
_MOST_LINKED = 0.5
_READ = frozenset({*_RESTORED, "p", "blockquote"})
_MAX_CHILD_CHARS = 20_000  # of 728 lists beside paragraphs the longest has 6,646; nested ones are read once a level
_LOOKED_FOR_CHARS = 80
_KNOWN_CHARS = 25  # folded: by so much an item of a list is told


def join_bodies(tree: HtmlElement, blocks: Sequence[Block]) -> bool:
    """Join a body that stands in several elements of one class, if `blocks` hold one of them and lack the others.

    Between the pieces stand advertisements or asides, and an extractor takes one piece for the whole. Changes `tree`
    and says so by True: extract anew.
    """
    pieces: dict[tuple[str, str], list[HtmlElement]] = {}
    is_body: dict[str, bool] = {"": False}  # many elements have one class
    for element in tree.iter("div", "section"):
        name = element.get("class") or ""
        if name not in is_body:
            is_body[name] = bool(_BODY.search(name))
        if is_body[name] and _prose_chars(element) >= _MIN_PIECE_CHARS:
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


def restore_siblings(tree: HtmlElement, blocks: Sequence[Block]) -> list[Block]:
    """The blocks, with the headings and lists that stand between two of them in the page and are missing here.

    Only children of one parent, of which a block stands before and another behind: what stands elsewhere is the
    extractor's to judge. A list of links leads to other pages.
    """
    places: dict[str, int] = {}
    for index, block in enumerate(blocks):
        places.setdefault(block.text[:_LOOKED_FOR_CHARS], index)
    whole = cache(lambda: fold("".join(block.text for block in blocks)))  # seldom looked at
    parents = {element.getparent(): None for element in tree.iter(*_RESTORED)}
    missing: dict[int, list[Block]] = {}
    for parent in parents:
        # What is missing stands between two that are not.
        if parent is not None and len(list(islice(parent.iterchildren(*_READ), 3))) == 3:
            _find_missing(parent, places, whole, missing)
    restored: list[Block] = []
    for index, block in enumerate(blocks):
        restored.append(block)
        restored += missing.get(index, [])
    return restored


def _find_missing(
    parent: HtmlElement, places: dict[str, int], whole: Callable[[], str], missing: dict[int, list[Block]]
) -> None:
    """Add what is missing among the parent's children to `missing`, by the block that it stands behind.

    `whole`: all that is known, folded, for an item may be known in other lines than here.
    """
    last: int | None = None
    waiting: list[Block] = []
    for child in parent:
        lines = _child_lines(child)
        held = [places[line.text[:_LOOKED_FOR_CHARS]] for line in lines if line.text[:_LOOKED_FOR_CHARS] in places]
        if held:
            if waiting and last is not None and last not in missing and held[0] > last:
                missing[last] = waiting
            last, waiting = held[-1], []
        elif last is not None and lines and child.tag in _RESTORED and not _is_of_links(child):
            if lines[0].tag == "li" and any(
                fold(line.text[:_LOOKED_FOR_CHARS])[:_KNOWN_CHARS] in whole() for line in lines
            ):
                continue
            waiting += [line for line in lines if len(line.text) <= _MAX_RESTORED_CHARS]


def _child_lines(child: HtmlElement) -> list[Block]:
    """What an element would be as blocks."""
    if child.tag not in _READ:
        return []
    shown = child.text_content()
    if len(shown) > _MAX_CHILD_CHARS:
        return []
    if child.tag in ("ul", "ol"):
        return [Block(text, "li") for item in child.iterchildren("li") if (text := tidy_line(item.text_content()))]
    text = tidy_line(shown)
    return [Block(text, child.tag)] if text else []


def _is_of_links(element: HtmlElement) -> bool:
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    return linked > _MOST_LINKED * len(element.text_content())
