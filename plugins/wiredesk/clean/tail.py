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
from wiredesk.clean.soup import BLOCKS, Tree
from wiredesk.clean.text import tidy_line

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
    root = tree.root
    is_truncated = False
    for _ in range(_MAX_RULES):
        line = _last_line(root)
        text = tidy_line("".join(_text(node) for node in line))
        if not text:
            break
        if _has_appeared_first(text):
            _remove(tree, line)
            removed["appeared_first"] += 1
        elif _is_continue(line, text):
            _remove(tree, line)
            removed["continue_reading"] += 1
            is_truncated = True
        elif _cut_last_link(tree, line) or _cut_marker(line):
            removed["continue_reading"] += 1
            is_truncated = True
        else:
            is_short = len(root.get_text()) < _EXCERPT_CHARS
            return is_truncated or (is_short and text.endswith(("…", "...")))
    return is_truncated


def cut_learned_tail(tree: Tree, lines: Sequence[str], learned: Collection[bytes], removed: Counter[str]) -> bool:
    """Cut lines that are learned residue of the source off the very end, if that is not too much; whether any went."""
    known = learned_indexes(lines, learned)
    cut = list(takewhile(known.__contains__, range(len(lines) - 1, -1, -1)))
    if is_too_much(lines, cut):
        removed[LEARNED_TOO_MUCH] = len(cut)
        return False
    for index in cut:
        nodes = _last_line(tree.root)
        if (
            tidy_line("".join(_text(node) for node in nodes)) != lines[index]
        ):  # cells of a row: a line, but not of nodes
            break
        _remove(tree, nodes)
        removed["learned"] += 1
    return removed["learned"] > 0


def _has_appeared_first(text: str) -> bool:
    if len(text) > _MAX_APPEARED_CHARS:
        return False
    straight = text.translate(_STRAIGHT_QUOTES)
    return any(pattern.fullmatch(straight) for pattern in _APPEARED_FIRST)


def _last_line(tag: Tag) -> list[PageElement]:
    """The inline nodes behind the last block or line break: what is shown as the last line."""
    line: list[PageElement] = []
    for child in reversed(list(tag.children)):
        is_block = isinstance(child, Tag) and child.name in BLOCKS
        if not line and is_block and isinstance(child, Tag) and child.get_text(strip=True):
            return _last_line(child)
        if is_block or (isinstance(child, Tag) and child.name == "br"):
            if any(_text(node).strip() for node in line):
                break
            line.clear()
            if is_block and isinstance(child, Tag) and child.get_text(strip=True):
                return _last_line(child)
            continue
        line.insert(0, child)
    return line


def _text(node: PageElement) -> str:
    return node.get_text() if isinstance(node, Tag) else str(node) if isinstance(node, NavigableString) else ""


def _is_continue(line: list[PageElement], text: str) -> bool:
    """Either the bare phrase, or a link that begins with it."""
    folded = fold_phrase(text)
    if folded in _CONTINUE.whole:
        return True
    shown = [node for node in line if _text(node).strip()]
    is_link = len(shown) == 1 and isinstance(shown[0], Tag) and (shown[0].name == "a" or shown[0].find("a") is not None)
    return is_link and len(text) <= _MAX_LINK_CHARS and _CONTINUE.match(folded)


def _cut_last_link(tree: Tree, line: list[PageElement]) -> bool:
    """Cut "Continue reading" where it is a link at the end of a paragraph of text."""
    shown = [node for node in line if _text(node).strip()]
    last = shown[-1] if len(shown) > 1 else None
    if not isinstance(last, Tag) or (last.name != "a" and last.find("a") is None):
        return False
    text = tidy_line(_text(last))
    if len(text) > _MAX_LINK_CHARS or not (_CONTINUE.match(fold_phrase(text)) or _BRACKETED_DOTS.fullmatch(text)):
        return False
    _remove(tree, [last])
    return True


def _cut_marker(line: list[PageElement]) -> bool:
    """Cut a "[…]" off the last text of the line."""
    for node in reversed(line):
        strings = [node] if isinstance(node, NavigableString) else []
        if isinstance(node, Tag):
            strings = [string for string in node.descendants if isinstance(string, NavigableString)]
        for string in reversed(strings):
            if not string.strip():
                continue
            text = string.rstrip()
            found = _BRACKETED_DOTS.search(text, max(0, len(text) - _MARKER_CHARS))
            if found is None:
                return False
            string.replace_with(NavigableString(text[: found.start()].rstrip()))
            return True
    return False


def _remove(tree: Tree, nodes: list[PageElement]) -> None:
    for node in nodes:
        tree.drop(node)
