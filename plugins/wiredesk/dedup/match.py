"""Compare two texts exactly and say what they are to each other, with the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from wiredesk.dedup.text import shingles, tokenise
from wiredesk.models import Match, Relation, Similarity

# From here on two texts are the same but for single words; below it something was cut, added or rewritten.
_SAME_TEXT = 0.8
# How much of the shorter text the longer one must hold to count as its whole: a byline or a dateline may differ.
_WHOLE = 0.8
# Enough to show a person why; the numbers beside it say the rest.
_PASSAGES = 3
_PASSAGE_WORDS = 40


@dataclass(frozen=True, slots=True)
class MatchRule:
    """The thresholds of a match; each one's reason is in settings.py."""

    window_h: int
    min_containment: float
    min_numbers: float


@dataclass(frozen=True, slots=True)
class ComparedText:
    """A text taken apart for comparison."""

    article_id: int
    told_at: datetime
    tokens: tuple[str, ...]
    shingles: frozenset[str]
    numbers: frozenset[str]
    title: frozenset[str]
    words: int  # tokens a shingle


def take_apart(article_id: int, title: str, text: str, told_at: datetime, *, words: int) -> ComparedText:
    """Prepare one text for any number of comparisons; `words` tokens make a shingle."""
    tokens = tokenise(text)
    return ComparedText(
        article_id=article_id,
        told_at=told_at,
        tokens=tuple(tokens),
        shingles=frozenset(shingles(tokens, words)),
        numbers=frozenset(token for token in tokens if token[0].isdigit()),
        title=frozenset(tokenise(title)),
        words=words,
    )


def compare(one: ComparedText, other: ComparedText) -> Similarity:
    """Exact similarity of two texts. Symmetric."""
    shared = one.shingles & other.shingles
    smaller = min(len(one.shingles), len(other.shingles))
    union = len(one.shingles) + len(other.shingles) - len(shared)
    return Similarity(
        jaccard=len(shared) / union if union else 0.0,
        containment=len(shared) / smaller if smaller else 0.0,
        number_agreement=_share(one.numbers, other.numbers),
        title_agreement=_jaccard(one.title, other.title),
    )


def why_not(one: ComparedText, other: ComparedText, similarity: Similarity, rule: MatchRule) -> str | None:
    """The first threshold that keeps two texts apart, in words; None where they match."""
    gap = abs(one.told_at - other.told_at)
    if similarity.containment < rule.min_containment:
        return f"containment {similarity.containment:.2f} is below {rule.min_containment:.2f}"
    if similarity.number_agreement < rule.min_numbers:
        return f"agreement of numbers {similarity.number_agreement:.2f} is below {rule.min_numbers:.2f}"
    if gap > timedelta(hours=rule.window_h):
        return f"they were told {gap.total_seconds() / 3600:.0f} h apart, more than {rule.window_h} h"
    return None


def verify_match(one: ComparedText, other: ComparedText, rule: MatchRule) -> Match | None:
    """The match of `one` with `other`, which came first; None where a threshold keeps them apart."""
    similarity = compare(one, other)
    if why_not(one, other, similarity, rule) is not None:
        return None
    relation = relate(one, other, similarity)
    return Match(one.article_id, other.article_id, relation, similarity, shared_passages(one, other))


def relate(one: ComparedText, other: ComparedText, similarity: Similarity) -> Relation:
    """Name what `one` is to `other`, which came first."""
    if similarity.jaccard >= _SAME_TEXT:
        return Relation.DUPLICATE if one.numbers == other.numbers else Relation.VERSION
    if similarity.containment < _WHOLE:
        return Relation.VERSION
    return Relation.EXCERPT if len(one.shingles) < len(other.shingles) else Relation.EXTENDED


def shared_passages(one: ComparedText, other: ComparedText) -> tuple[str, ...]:
    """The longest runs of tokens of `one` whose every shingle `other` has, longest first: the evidence."""
    shared = one.shingles & other.shingles
    runs: list[tuple[int, int]] = []
    start: int | None = None
    ordered = shingles(list(one.tokens), one.words)
    for place, shingle in enumerate([*ordered, None]):
        if shingle in shared:
            start = place if start is None else start
        elif start is not None:
            runs.append((start, place - 1 + one.words))
            start = None
    runs.sort(key=lambda run: (run[0] - run[1], run[0]))
    return tuple(_quote(one.tokens[begin:end]) for begin, end in runs[:_PASSAGES])


def _quote(tokens: tuple[str, ...]) -> str:
    if len(tokens) <= _PASSAGE_WORDS:
        return " ".join(tokens)
    return f"{' '.join(tokens[:_PASSAGE_WORDS])} … ({len(tokens)} words)"


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 1.0


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    union = len(one | other)
    return len(one & other) / union if union else 0.0
