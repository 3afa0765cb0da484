"""Decide which story each article tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from wiredesk.dedup.match import ComparedText, MatchRule, verify_match
from wiredesk.models import Match


def assign_stories(
    pending: Sequence[int],
    candidates: Mapping[int, Sequence[int]],
    texts: Mapping[int, ComparedText],
    settled: Collection[int],
    rule: MatchRule,
) -> list[tuple[int, Match | None]]:
    """One decision for each pending article, in order: the match by which it joins a story, or None: a new story.

    `pending` is in the order of telling; an article is compared with the candidates that are `settled` (have a
    story) or were decided before it here. It joins the story of the closest text, verified against that text.
    """
    decided = set(settled)
    decisions: list[tuple[int, Match | None]] = []
    for article_id in pending:
        matches = [
            match
            for other_id in candidates.get(article_id, ())
            if other_id in decided and (match := verify_match(texts[article_id], texts[other_id], rule))
        ]
        decisions.append((article_id, max(matches, key=lambda match: _closeness(match, texts), default=None)))
        decided.add(article_id)
    return decisions


def _closeness(match: Match, texts: Mapping[int, ComparedText]) -> tuple[float, float, float]:
    """Most alike is greatest; of equals the one told first."""
    told_at = texts[match.other_id].told_at.timestamp()
    return (match.similarity.jaccard, match.similarity.containment, -told_at)
