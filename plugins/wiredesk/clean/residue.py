"""What an extracted page carries that is not the story, found line by line.

The chain works on plain lines and gives back which to keep, so that text and HTML follow one decision and a
step can be added without touching the others. Phrases come from data files (`phrases/`). Two rules keep it off
the story: a line that ends like a sentence is residue only where a phrase says so in full, and what is judged
by its position is judged only before the first and after the last sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from wiredesk.clean.phrases import fold_phrase, load_phrases
from wiredesk.clean.text import fold, words

_ANYWHERE = load_phrases("anywhere")
_EDGE = load_phrases("edge")
_NEIGHBOUR = load_phrases("neighbour")
_RELATED = load_phrases("related")
_BYLINE = load_phrases("byline").whole
_CLOSING = load_phrases("closing").whole
_CREDIT = load_phrases("credit").whole
_DATE_WORDS = frozenset(word for line in load_phrases("date_words").whole for word in line.split())

# What a label may begin with, to tell most lines apart at their first word.
_FIRST_WORDS = frozenset(
    fold_phrase(phrase.split()[0]) for part in (_ANYWHERE, _EDGE, _NEIGHBOUR) for phrase in part.whole if phrase
)

_SENTENCE_END = re.compile(r"[.!?…:。！？؟।۔][\"'»”’“)\]›」』]*$")
_QUESTION_END = re.compile(r"[!?…！？؟][\"'»”’“)\]›」』]*$")
_WORD = re.compile(r"[^\W\d_]+")
_AGENCY_SIGN = re.compile(r"\(?[a-zäöü]{2,5}(?:[/,][ ]?[a-zäöü]{2,5})*\)?|[A-Z]{2,5}(?:/[A-Za-z]{2,5})+")
_COPYRIGHT = re.compile(r"©|\(c\)\s|copyright\b", re.IGNORECASE)
_ALL_RIGHTS = re.compile(r"©[^.]{0,80}\. All rights reserved\b", re.IGNORECASE)
_BARE_DATE = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.]\d{2}\b")
_NUMBER = re.compile(r"\W*\d{1,6}\W*")

_NAME_PARTICLES = words(
    "a al and bin da de del della den der des di do dos du e el et i in la le of the und van von y и"
)

# What a note on its author goes on with behind the name.
_NOTE_WORDS = words(
    "is was are covers writes reports edits leads works lives ist war schreibt berichtet arbeitet leitet est couvre "
    "écrit es cubre escribe è scrive é escreve är skriver schrijft werkt jest pisze"
)
_CLOSING_WORDS = 250  # notes on two authors, or what a bank must say
_NAME_WORDS = 5  # with initials and particles
_HEADLINE_WORDS = 30  # the longest of the titles known for 583 pages has 23
_HEADLINE_CHARS = 250
_LONG_WORDS = 25  # a line this long is a paragraph even where its author forgot the full stop
_LONG_CHARS = 160
_PHRASE_WORDS = 12  # the longest of the phrases that widgets run together
_PREFIX_WORDS = 25  # a phrase with more text behind it is still one line of a widget
_BYLINE_WORDS = 12  # "By", three names, an agency
_DATE_LINE_WORDS = 16
_CREDIT_WORDS = 14
_KICKER_CHARS = 60  # "Category: ", as some sites write before the repeated title
_MIN_TITLE_CHARS = 15  # folded; a shorter title could be a word of the text


@dataclass(frozen=True, slots=True)
class Kept:
    """Which lines stay, by index, and why the others went."""

    indexes: tuple[int, ...]
    dropped: Mapping[int, str]  # kind of residue by index

    @property
    def removed(self) -> dict[str, int]:
        """How many went, by kind."""
        return dict(Counter(self.dropped.values()))


def strip_residue(lines: Sequence[str], *, titles: Iterable[str] = (), authors: Iterable[str] = ()) -> Kept:
    """Decide which of a page's lines are the story. `titles` are all that the page calls itself."""
    chain = _Lines(lines)
    _drop_closing(chain)
    _drop_phrases(chain)
    _drop_titles(chain, [fold(title) for title in titles])
    _drop_neighbours(chain)
    _drop_related(chain)
    _drop_author_notes(chain, {author.split()[-1] for author in authors if len(author.split()) > 1})
    _drop_credits(chain, {fold(author) for author in authors} - {""})
    kept = tuple(i for i in range(len(lines)) if i not in chain.dropped)
    return Kept(kept, dict(sorted(chain.dropped.items())))


@lru_cache(maxsize=4096)  # the menus of one source are asked about again on each of its pages
def is_label(text: str) -> bool:
    """Whether an element's whole text is a phrase of some widget, so that it is no part of its neighbour's line."""
    folded = fold_phrase(text)
    return bool(folded) and (folded in _ANYWHERE.whole or folded in _EDGE.whole or folded in _NEIGHBOUR.whole)


def split_labels(line: str) -> list[str]:
    """A line that is nothing but phrases of widgets, run together by an extractor, as one line each."""
    tokens = line.split()
    if len(tokens) > _PREFIX_WORDS:
        return [line]
    parts: list[str] = []
    start = 0
    while start < len(tokens):
        if (first := fold_phrase(tokens[start])) and first not in _FIRST_WORDS:
            return [line]
        ends = range(min(len(tokens), start + _PHRASE_WORDS), start, -1)
        end = next((end for end in ends if is_label(" ".join(tokens[start:end]))), None)
        if end is None:
            return [line]
        parts.append(" ".join(tokens[start:end]))
        start = end
    return parts


class _Lines:
    """The lines with what was decided so far: index → kind of residue."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.folded = [fold_phrase(line) for line in lines]
        self.dropped: dict[int, str] = {}

    def drop(self, index: int, kind: str) -> None:
        self.dropped.setdefault(index, kind)

    def head(self) -> list[int]:
        """Indexes that still stand before the first sentence."""
        return self._until_sentence(range(len(self.lines)))

    def tail(self) -> list[int]:
        """Indexes that still stand behind the last sentence, in order."""
        return self._until_sentence(range(len(self.lines) - 1, -1, -1))[::-1]

    def _until_sentence(self, order: range) -> list[int]:
        zone: list[int] = []
        for index in order:
            folded = self.folded[index]
            is_label = folded in _RELATED.whole or folded in _NEIGHBOUR.whole  # a colon ends a label like a sentence
            if index in self.dropped or is_label or _EDGE.match(folded) or _is_date_line(self.lines[index]):
                zone.append(index)
            elif is_sentence(self.lines[index]) and not self._is_asking_headline(index):
                break
            else:
                zone.append(index)
        return [index for index in zone if index not in self.dropped]

    def _is_asking_headline(self, index: int) -> bool:
        """A headline with a question mark, right behind its label."""
        before = next((i for i in range(index - 1, -1, -1) if self.lines[i].strip()), None)
        is_labelled = before is not None and self.folded[before] in _NEIGHBOUR.whole
        return is_labelled and _is_headline(self.lines[index], may_ask=True)


def _drop_phrases(chain: _Lines) -> None:
    for index, folded in enumerate(chain.folded):
        # What lists follow is left for whoever drops the lists.
        if _ANYWHERE.match(folded) and len(folded.split()) <= _PREFIX_WORDS and folded not in _RELATED.whole:
            chain.drop(index, "residue_phrase")
    is_phrase = [
        _EDGE.match(folded)
        and len(folded.split()) <= _PREFIX_WORDS
        and i not in chain.dropped
        and folded not in _RELATED.whole
        for i, folded in enumerate(chain.folded)
    ]
    for index in range(1, len(is_phrase)):  # two at once are a widget, wherever they stand
        if is_phrase[index - 1] and is_phrase[index] and chain.folded[index - 1] != chain.folded[index]:
            chain.drop(index - 1, "residue_phrase")
            chain.drop(index, "residue_phrase")
    for index in [*chain.head(), *chain.tail()]:
        if is_phrase[index]:
            chain.drop(index, "residue_phrase")


def _drop_closing(chain: _Lines) -> None:
    """All behind "About the author" or "© … All rights reserved", where that is little beside what stands before it."""
    counts = [len(line.split()) for line in chain.lines]
    for index, folded in enumerate(chain.folded):
        is_closing = folded in _CLOSING or bool(_ALL_RIGHTS.match(chain.lines[index]))
        if is_closing and sum(counts[index:]) <= min(_CLOSING_WORDS, sum(counts[:index]) // 2):
            for following in range(index, len(chain.lines)):
                chain.drop(following, "closing")
            return


def _drop_titles(chain: _Lines, titles: list[str]) -> None:
    """Lines before the first sentence, and that one, that repeat a title, with or without a kicker before it."""
    head = chain.head()
    seen = frozenset(head)
    first = next((i for i in range(len(chain.lines)) if i not in chain.dropped and i not in seen), None)
    for index in head if first is None else [*head, first]:
        line = fold(chain.lines[index])
        for title in titles:
            is_repeated = bool(title) and line == title
            has_kicker = len(title) >= _MIN_TITLE_CHARS and line.endswith(title) and index != first
            if is_repeated or (has_kicker and len(line) - len(title) <= _KICKER_CHARS):
                chain.drop(index, "repeated_title")


def _drop_neighbours(chain: _Lines) -> None:
    """Labels such as "Previous Article", and for each the one headline that follows."""
    for zone, is_tail in ((chain.head(), False), (chain.tail(), True)):
        labels = 0
        for index in zone:
            line, folded = chain.lines[index], chain.folded[index]
            if folded in _NEIGHBOUR.whole:
                chain.drop(index, "neighbour")
                labels += 1
            elif _is_label_with_headline(line, folded, is_tail):
                chain.drop(index, "neighbour")
            elif labels and _is_headline(line, may_ask=is_tail):
                chain.drop(index, "neighbour")
                labels -= 1


def _is_label_with_headline(line: str, folded: str, is_tail: bool) -> bool:
    label = next((label for label in _NEIGHBOUR.whole if folded.startswith((f"{label} ", f"{label}:"))), None)
    return label is not None and _is_headline(line, may_ask=is_tail)


def _drop_related(chain: _Lines) -> None:
    """A line "Read also: …" of its own anywhere; a bare label anywhere, and at the end the list behind it."""
    for index, folded in enumerate(chain.folded):
        label, colon, rest = folded.partition(":")
        is_linking = (
            label.strip() in _RELATED.whole and colon and rest and _is_headline(chain.lines[index], may_ask=True)
        )
        if folded in _RELATED.whole or is_linking:
            chain.drop(index, "related")
    dropping = False
    for index in chain.tail():
        dropping = dropping or any(chain.dropped.get(i) == "related" for i in _gap_before(chain, index))
        if dropping and _is_headline(chain.lines[index], may_ask=False):
            chain.drop(index, "related")


def _gap_before(chain: _Lines, index: int) -> Iterable[int]:
    """The dropped lines directly before a line."""
    for before in range(index - 1, -1, -1):
        if before not in chain.dropped:
            return
        yield before


def _drop_author_notes(chain: _Lines, surnames: Collection[str]) -> None:
    """Who the author is, before or behind the text: "Jane Doe covers the courts. Follow her at …"."""
    for order in (range(len(chain.lines) - 1, 0, -1), range(len(chain.lines) - 1)):
        for index in order:
            if index in chain.dropped or not chain.lines[index].strip():
                continue
            if not _is_author_note(chain.lines[index], surnames):
                break
            chain.drop(index, "author_note")


def _is_author_note(line: str, surnames: Collection[str]) -> bool:
    """A name that ends with an author's surname, and then what somebody does."""
    tokens = line.split(maxsplit=_NAME_WORDS + 1)
    end = next((place for place, token in enumerate(tokens[:_NAME_WORDS]) if token in surnames and place), None)
    if end is None or not all(token[0].isupper() or token in _NAME_PARTICLES for token in tokens[: end + 1]):
        return False
    return len(tokens) > end + 1 and tokens[end + 1].casefold() in _NOTE_WORDS


def _drop_credits(chain: _Lines, authors: set[str]) -> None:
    """Bylines, dates, sources and signs of agencies at either end; credits of pictures anywhere."""
    for index, line in enumerate(chain.lines):
        if index not in chain.dropped and _is_credit(line):
            chain.drop(index, "credit")
    head, tail = chain.head(), frozenset(chain.tail())
    for index in [*head, *sorted(tail.difference(head))]:
        line = chain.lines[index]
        if _is_date_line(line) or _NUMBER.fullmatch(line):
            chain.drop(index, "date_line")
        elif fold(line) in authors or _is_byline(chain.folded[index], line) or (index in tail and _is_signature(line)):
            chain.drop(index, "byline")
        elif index in tail and (_AGENCY_SIGN.fullmatch(line) or (_COPYRIGHT.match(line) and _is_short(line))):
            chain.drop(index, "credit")


def is_sentence(line: str) -> bool:
    """Whether a line ends like a sentence, or is too long to be anything else."""
    return bool(_SENTENCE_END.search(line.rstrip())) or not _is_short(line)


def _is_short(line: str) -> bool:
    return len(line.split()) < _LONG_WORDS and len(line) < _LONG_CHARS


def _is_headline(line: str, *, may_ask: bool) -> bool:
    if len(line.split()) > _HEADLINE_WORDS or len(line) > _HEADLINE_CHARS:
        return False
    return not _SENTENCE_END.search(line) or (may_ask and bool(_QUESTION_END.search(line)))


def _is_credit(line: str) -> bool:
    label, colon, rest = line.partition(":")
    is_labelled = bool(colon) and fold_phrase(label) in _CREDIT and bool(rest.strip())
    is_short = len(line.split()) <= _CREDIT_WORDS or (line.count(":") > 1 and _is_short(line))
    return is_labelled and is_short and not _SENTENCE_END.search(line)


def _is_date_line(line: str) -> bool:
    """Digits, and no word that is not of dates: "Published 3 March 2024, 14:05 CET • 4 min read"."""
    count = len(line.split())
    if not 0 < count <= _DATE_LINE_WORDS or not any(c.isdigit() for c in line):
        return False
    named = [word for word in _WORD.findall(fold_phrase(line)) if len(word) > 1 or not word.isascii()]
    return all(word in _DATE_WORDS for word in named) and bool(named or _BARE_DATE.search(line))


def _is_signature(line: str) -> bool:
    """Nothing but a name, as a writer signs behind the text."""
    names = line.split()
    return 1 < len(names) <= _NAME_WORDS and all(name.isalpha() and name.istitle() for name in names)


def _is_byline(folded: str, line: str) -> bool:
    """As "By Jane Doe and John Roe, Reuters": a word for "by", then names, each with a capital."""
    tokens = line.split()
    if not 1 < len(tokens) <= _BYLINE_WORDS or line.endswith((".", "!", "?")):
        return False
    marker = next((m for m in _BYLINE if folded.startswith((f"{m} ", f"{m}: "))), None)
    if marker is None:
        return False
    names = _WORD.findall(" ".join(tokens[len(marker.split()) :]))
    return bool(names) and all(name[0].isupper() or name in _NAME_PARTICLES for name in names)
