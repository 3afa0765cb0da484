"""What feeds put behind a fragment: "The post … appeared first on …", "Continue reading", "[…]"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import takewhile

from bs4 import Tag
from bs4.element import NavigableString, PageElement

from wiredesk.clean.learned import LEARNED_TOO_MUCH, is_too_much, learned_indexes
from wiredesk.clean.phrases import fold_phrase, load_patterns, load_phrases
from wiredesk.clean.soup import BLOCKS
from wiredesk.clean.text import tidy_line
from wiredesk.clean.tree import Tree

_APPEARED_FIRST = load_patterns("appeared_first")
_CONTINUE = load_phrases("continue")
_STRAIGHT_QUOTES = str.maketrans({"’": "'", "‘": "'"})
_BRACKETED_DOTS = re.compile(r"[\[(](?:…|\.{3}|&hellip;)[\])]?[\s»>→]*$")
_MARKER_CHARS = 40  # a marker with its arrows, looked for at the very end
_MAX_RULES = 6  # lines looked at from the end; a fragment carries at most two or three such lines
_MAX_APPEARED_CHARS = 700  # two titles and the words between
_MAX_LINK_CHARS = 120  # "Continue reading" and perhaps the title
_EXCERPT_CHARS = 600  # below it, an open end is a cut excerpt and not the writer's style


def cut_tail(tree: Tree, removed: Counter[str]) -> bool:
    """Cut such lines off the end of the tree. True if they say that the story goes on elsewhere."""
    is_truncated = False
    for _ in range(_MAX_RULES):
        line = _last_line(tree, tree.root)
        text = tidy_line("".join(map(tree.text, line)))
        if not text:
            break
        if _has_appeared_first(text):
            _remove(tree, line)
            removed["appeared_first"] += 1
        elif _is_continue(tree, line, text):
            _remove(tree, line)
            removed["continue_reading"] += 1
            is_truncated = True
        elif _cut_last_link(tree, line) or _cut_marker(tree, line):
            removed["continue_reading"] += 1
            is_truncated = True
        else:
            is_open = text.endswith(("…", "..."))
            return is_truncated or (is_open and len(tree.text(tree.root)) < _EXCERPT_CHARS)
    return is_truncated


def cut_learned_tail(tree: Tree, lines: Sequence[str], learned: Collection[bytes], removed: Counter[str]) -> bool:
    """Cut lines that are learned residue of the source off the very end, if that is not too much; whether any went."""
    known = learned_indexes(lines, learned)
    cut = list(takewhile(known.__contains__, range(len(lines) - 1, -1, -1)))
    if is_too_much(lines, cut):
        removed[LEARNED_TOO_MUCH] = len(cut)
        return False
    for index in cut:
        nodes = _last_line(tree, tree.root)
        if tidy_line("".join(map(tree.text, nodes))) != lines[index]:  # cells of a row: a line, but not of nodes
            break
        _remove(tree, nodes)
        removed["learned"] += 1
    return removed["learned"] > 0


def _has_appeared_first(text: str) -> bool:
    if len(text) > _MAX_APPEARED_CHARS:
        return False
    straight = text.translate(_STRAIGHT_QUOTES)
    return any(pattern.fullmatch(straight) for pattern in _APPEARED_FIRST)


def _last_line(tree: Tree, tag: Tag) -> list[PageElement]:
    """The inline nodes behind the last block or line break: what is shown as the last line."""
    line: list[PageElement] = []
    for child in reversed(tree.children(tag)):
        is_block = isinstance(child, Tag) and child.name in BLOCKS
        if is_block or (isinstance(child, Tag) and child.name == "br"):
            if any(map(tree.has_text, line)):
                break
            line.clear()
            if is_block and isinstance(child, Tag) and tree.has_text(child):
                return _last_line(tree, child)
            continue
        line.append(child)
    return line[::-1]


def _is_continue(tree: Tree, line: list[PageElement], text: str) -> bool:
    """Either the bare phrase, or a link that begins with it."""
    folded = fold_phrase(text)
    if folded in _CONTINUE.whole:
        return True
    shown = [node for node in line if tree.has_text(node)]
    is_link = len(shown) == 1 and _is_link(tree, shown[0])
    return is_link and len(text) <= _MAX_LINK_CHARS and _CONTINUE.match(folded)


def _is_link(tree: Tree, node: PageElement) -> bool:
    return isinstance(node, Tag) and (node.name == "a" or next(tree.within(node, "a"), None) is not None)


def _cut_last_link(tree: Tree, line: list[PageElement]) -> bool:
    """Cut "Continue reading" where it is a link at the end of a paragraph of text."""
    shown = [node for node in line if tree.has_text(node)]
    if len(shown) < 2 or not _is_link(tree, shown[-1]):
        return False
    text = tidy_line(tree.text(shown[-1]))
    if len(text) > _MAX_LINK_CHARS or not (_CONTINUE.match(fold_phrase(text)) or _BRACKETED_DOTS.fullmatch(text)):
        return False
    tree.drop(shown[-1])
    return True


def _cut_marker(tree: Tree, line: list[PageElement]) -> bool:
    """Cut a "[…]" off the last text of the line."""
    strings = [string for node in line for string in tree.strings(node) if string.strip()]
    if not strings:
        return False
    text = strings[-1].rstrip()
    found = _BRACKETED_DOTS.search(text, max(0, len(text) - _MARKER_CHARS))
    if found is None:
        return False
    strings[-1].replace_with(NavigableString(text[: found.start()].rstrip()))
    return True


def _remove(tree: Tree, nodes: list[PageElement]) -> None:
    for node in nodes:
        tree.drop(node)
