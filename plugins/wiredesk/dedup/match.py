"""Compare two texts exactly and say what they are to each other, with the evidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from wiredesk.dedup.rule import MatchRule, find_evidence, missing_evidence
from wiredesk.dedup.shingles import as_stored, shingle_hashes, window_minima
from wiredesk.dedup.sign import fingerprint_window
from wiredesk.dedup.text import Hashes, read_tokens, tokenise
from wiredesk.models import Match, Relation, SignatureScheme, Similarity

# From here on two texts are the same but for single words; below it something was cut, added or rewritten.
_SAME_TEXT = 0.8
# How much of the shorter text the longer one must hold to count as its whole: a byline or a dateline may differ.
_WHOLE = 0.8
# The first paragraph or two of a story: where news stands, before background that is told again and again.
_OPENING = 50
# Enough to show a person why; the numbers beside it say the rest.
_PASSAGES = 3
_PASSAGE_WORDS = 40


@dataclass(frozen=True, slots=True)
class ComparedText:
    """A text taken apart for comparison."""

    article_id: int
    source_id: int
    told_at: datetime
    text: str
    hashes: Hashes  # of every shingle, in order
    distinct: Hashes  # each once, ascending
    word_count: int
    numbers: frozenset[int]  # as hashes, like the title's words
    title: frozenset[int]
    scheme: SignatureScheme


def take_apart(
    article_id: int, title: str, text: str, told_at: datetime, *, source_id: int, scheme: SignatureScheme
) -> ComparedText:
    """Prepare one text for any number of comparisons."""
    tokens = read_tokens(text)
    hashes = shingle_hashes(tokens.hashes, scheme.shingle_words)
    return ComparedText(
        article_id=article_id,
        source_id=source_id,
        told_at=told_at,
        text=text,
        hashes=hashes,
        distinct=np.unique(hashes),
        word_count=len(tokens.hashes),
        numbers=tokens.numbers(),
        title=frozenset(read_tokens(title).hashes.tolist()),
        scheme=scheme,
    )


def compare(one: ComparedText, other: ComparedText, templates: Collection[int] = ()) -> Similarity:
    """Exact similarity of two texts, up to collisions of 64-bit hashes. Symmetric.

    `templates` are fingerprints that a publisher of either uses in other stories too: what is shared of them says
    nothing.
    """
    shared = len(np.intersect1d(one.distinct, other.distinct, assume_unique=True))
    smaller = min(len(one.distinct), len(other.distinct))
    union = len(one.distinct) + len(other.distinct) - shared
    openings = sorted((_told_by(other, one), _told_by(one, other)))
    return Similarity(
        jaccard=shared / union if union else 0.0,
        containment=shared / smaller if smaller else 0.0,
        number_agreement=_share(one.numbers, other.numbers),
        title_agreement=title_agreement(one, other),
        opening_agreement=openings[0],
        opening_containment=openings[1],
        fresh_containment=_fresh(one, other, templates),
    )


def title_agreement(one: ComparedText, other: ComparedText) -> float:
    """Jaccard similarity of the words of two titles; 0 where neither has a title."""
    union = len(one.title | other.title)
    return len(one.title & other.title) / union if union else 0.0


def why_not(one: ComparedText, other: ComparedText, similarity: Similarity, rule: MatchRule) -> str | None:
    """What keeps two texts apart, in words; None where they match."""
    gap = abs(one.told_at - other.told_at)
    if gap > timedelta(hours=rule.window_h):
        return f"they were told {gap.total_seconds() / 3600:.0f} h apart, more than {rule.window_h} h"
    if found_evidence(one, other, similarity, rule) is not None:
        return None
    return missing_evidence(similarity, rule, is_same_source=one.source_id == other.source_id)


def verify_match(
    one: ComparedText, other: ComparedText, rule: MatchRule, templates: Collection[int] = ()
) -> Match | None:
    """The match of `one` with `other`, which came first; None where nothing makes them one story."""
    if abs(one.told_at - other.told_at) > timedelta(hours=rule.window_h):
        return None
    similarity = compare(one, other, templates)
    evidence = found_evidence(one, other, similarity, rule)
    if evidence is None:
        return None
    relation = relate(one, other, similarity)
    return Match(one.article_id, other.article_id, relation, similarity, shared_passages(one, other), evidence)


def found_evidence(one: ComparedText, other: ComparedText, similarity: Similarity, rule: MatchRule) -> str | None:
    """The kind of evidence that makes them one story, whenever they were told; None where there is none."""
    return find_evidence(
        similarity,
        rule,
        is_same_source=one.source_id == other.source_id,
        number_count=min(len(one.numbers), len(other.numbers)),
    )


def relate(one: ComparedText, other: ComparedText, similarity: Similarity) -> Relation:
    """Name what `one` is to `other`, which came first."""
    if similarity.jaccard >= _SAME_TEXT:
        return Relation.DUPLICATE if one.numbers == other.numbers else Relation.VERSION
    if similarity.containment < _WHOLE:
        return Relation.VERSION
    return Relation.EXCERPT if len(one.distinct) < len(other.distinct) else Relation.EXTENDED


def shared_passages(one: ComparedText, other: ComparedText) -> tuple[str, ...]:
    """The longest runs of tokens of `one` whose every shingle `other` has, longest first: the evidence."""
    is_shared = np.isin(one.hashes, other.distinct).astype(np.int8)
    edges = np.flatnonzero(np.diff(is_shared, prepend=0, append=0))
    words = one.scheme.shingle_words
    runs = [(int(begin), int(end) - 1 + words) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
    runs.sort(key=lambda run: (run[0] - run[1], run[0]))
    tokens = tokenise(one.text) if runs else []
    return tuple(_quote(tokens[begin:end]) for begin, end in runs[:_PASSAGES])


def _fresh(one: ComparedText, other: ComparedText, templates: Collection[int]) -> float:
    """Share of the smaller set of fingerprints that both have and no template does."""
    window = max(fingerprint_window(len(text.hashes), text.scheme) for text in (one, other))
    mine, others = (as_stored(window_minima(text.hashes, window)) for text in (one, other))
    shared = np.intersect1d(mine, others, assume_unique=True)
    smaller = min(len(mine), len(others))
    return sum(value not in templates for value in shared.tolist()) / smaller if smaller else 0.0


def _told_by(other: ComparedText, one: ComparedText) -> float:
    """Share of the first words of `one` that stand in a shingle which `other` has: one edited word costs one word."""
    words = one.scheme.shingle_words
    is_shared = np.isin(one.hashes[:_OPENING], other.distinct)
    reach = np.convolve(is_shared, np.ones(words))[: min(_OPENING, one.word_count)]
    return float((reach > 0).mean()) if len(reach) else 0.0


def _quote(tokens: Sequence[str]) -> str:
    if len(tokens) <= _PASSAGE_WORDS:
        return " ".join(tokens)
    return f"{' '.join(tokens[:_PASSAGE_WORDS])} … ({len(tokens)} words)"


def _share(one: frozenset[int], other: frozenset[int]) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 1.0
