"""Residue that no phrase names: short lines which one source puts at the head or tail of one story after another.

What is residue is learned elsewhere, from stories that are not copies of each other. Here stands which lines may be
judged so, and how they are cut: from the outside in, never past a sentence of the story, and never much of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from wiredesk.clean.residue import is_sentence
from wiredesk.clean.text import fold

# Where 25 to 35 % of extracted pages carry a line of residue, it is one of the outermost.
_HEAD_LINES, _TAIL_LINES = 3, 5
_MAX_CHARS, _MAX_WORDS = 160, 25  # a longer line is a paragraph
_MIN_FOLDED = 4  # "***", "1/3" and "End" say nothing
# More than this share of a text is no trimming: then something was learned wrongly, and nothing is cut.
MOST_SHARE = 0.25
LEARNED_TOO_MUCH = "learned_too_much"  # the count of lines that were left for it


def line_key(line: str) -> bytes:
    """By what a line is recognised: SHA-256 (16 bytes of it) of its letters and digits, caseless."""
    return hashlib.sha256(fold(line).encode()).digest()[:16]


def edge_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines of a text that may be residue: short ones among the first three and last five. In order, each once."""
    head, tail = lines[:_HEAD_LINES], lines[max(_HEAD_LINES, len(lines) - _TAIL_LINES) :]
    short = (line for line in [*head, *tail] if len(line) <= _MAX_CHARS and len(line.split()) <= _MAX_WORDS)
    return tuple(dict.fromkeys(line for line in short if len(fold(line)) >= _MIN_FOLDED))


def learned_indexes(lines: Sequence[str], learned: Collection[bytes]) -> set[int]:
    """Which of a text's lines are learned residue, by index, from either end up to the first sentence that is none.

    All of them, however much that is: see `is_too_much`.
    """
    if not learned:
        return set()
    count = len(lines)
    head = _zone(lines, range(min(_HEAD_LINES, count)), learned)
    return head | _zone(lines, range(count - 1, max(-1, count - 1 - _TAIL_LINES), -1), learned)


def is_too_much(lines: Sequence[str], cut: Collection[int]) -> bool:
    """Whether cutting these lines would take more of a text than trimming may."""
    return sum(len(lines[index]) for index in cut) > MOST_SHARE * sum(map(len, lines))


def _zone(lines: Sequence[str], order: range, learned: Collection[bytes]) -> set[int]:
    found: set[int] = set()
    for index in order:
        if line_key(lines[index]) in learned:
            found.add(index)
        elif is_sentence(lines[index]):
            break
    return found
