"""What publishers write around a story, one data file a language: add a phrase there, not in code.

A file has sections, one phrase a line, `#` for comments. Phrases are compared after `fold_phrase`. A `*` at the
end stands for the rest of a short line.

    [anywhere]        whole lines that are never part of a story
    [edge]            whole lines that are residue only before its first or after its last sentence
    [neighbour]       labels that one other story's headline follows
    [related]         labels that a list of other stories' headlines follows
    [byline]          words that a byline begins with
    [credit]          labels of credits, written with a colon
    [date_words]      all words that a line of dates may hold
    [closing]         labels of what stands behind a story to its end: who wrote it, disclaimers
    [continue]        links from an excerpt to the whole story
    [appeared_first]  what a blog's software adds to its feed; {} stands for a title
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources

_SECTIONS = (
    "anywhere", "edge", "neighbour", "related", "byline", "credit", "date_words", "closing", "continue",
    "appeared_first",
)  # fmt: skip
_MAX_CHARS = 400  # a longer line is no phrase, and the patterns are for short ones
_EDGES = re.compile(r"^[\W_]+|[^\w.)%]+$")
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-", "ё": "е", "İ": "i", "ı": "i"}
)


@dataclass(frozen=True, slots=True)
class Phrases:
    """All phrases of one section, of all languages."""

    whole: frozenset[str]
    prefixes: tuple[str, ...]  # from lines that end with `*`

    def match(self, folded: str) -> bool:
        """Whether a line, folded by `fold_phrase`, is one of them."""
        return folded in self.whole or folded.startswith(self.prefixes)


def fold_phrase(line: str) -> str:
    """A line for comparison: caseless, one kind of quotes and dashes, no arrows or marks at its ends.

    Empty for a long line. A full stop at the end stays: with it, most phrases are a sentence of somebody's story.
    """
    if len(line) > _MAX_CHARS:
        return ""
    return _EDGES.sub("", " ".join(line.translate(_QUOTES).casefold().split()))


def load_phrases(section: str) -> Phrases:
    """One section of all languages. Read once, when a module is imported."""
    lines = _LINES[section]
    whole = frozenset(fold_phrase(line) for line in lines if not line.endswith("*"))
    prefixes = tuple(fold_phrase(line[:-1]) for line in lines if line.endswith("*"))
    return Phrases(whole, prefixes)


def load_patterns(section: str) -> tuple[re.Pattern[str], ...]:
    """One section of all languages as patterns for whole lines; {} stands for 1 to 300 characters."""
    return tuple(
        re.compile(re.escape(line.translate(_QUOTES)).replace(r"\{\}", ".{1,300}?") + r"\W*", re.IGNORECASE)
        for line in _LINES[section]
    )


def _read_all() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {section: [] for section in _SECTIONS}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".txt"):
            continue
        section = ""
        for raw in file.read_text("utf-8").splitlines():
            line = raw.partition("#")[0].strip()
            if line.startswith("["):
                section = line.strip("[]")
            elif line:
                found[section].append(line)
    return found


_LINES = _read_all()
