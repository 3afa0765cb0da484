"""Why two articles are one story, or why they are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wiredesk.dedup.match import ComparedText, MatchRule, compare, relate, shared_passages, take_apart, why_not
from wiredesk.models import Relation, SignatureScheme, Similarity


@dataclass(frozen=True, slots=True)
class Explanation:
    """The comparison of two articles beside the thresholds in force, and what was decided."""

    article: Mapping[str, Any]
    other: Mapping[str, Any]
    is_same_story: bool
    gap_h: float
    similarity: Similarity
    passages: tuple[str, ...]
    relation: Relation | None
    obstacle: str | None  # the first threshold that keeps them apart
    rule: MatchRule
    scheme_id: int

    def as_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """As a person reads it."""
        similarity, rule = self.similarity, self.rule
        lines = [
            _name(self.article),
            _name(self.other),
            f"decided: {'one story' if self.is_same_story else 'two stories'} ({_path(self.article, self.other)})",
            f"compared now: {f'they match, {self.relation}' if self.obstacle is None else self.obstacle}",
            "",
            f"containment        {similarity.containment:.3f}  at least {rule.min_containment:.2f}",
            f"agreeing numbers   {similarity.number_agreement:.3f}  at least {rule.min_numbers:.2f}",
            f"hours apart        {self.gap_h:.1f}  at most {rule.window_h}",
            f"similarity         {similarity.jaccard:.3f}  (Jaccard, no threshold)",
            f"agreeing titles    {similarity.title_agreement:.3f}  (no threshold)",
            f"signature scheme   {self.scheme_id}",
        ]
        if self.passages:
            lines += ["", "shared passages:", *(f"  {passage}" for passage in self.passages)]
        return "\n".join(lines)


def explain_match(
    article: Mapping[str, Any], other: Mapping[str, Any], rule: MatchRule, scheme: SignatureScheme
) -> Explanation:
    """Compare two stored articles (rows of `store.articles.read_article`) under the rule in force."""
    later, earlier = sorted((article, other), key=lambda row: (_told_at(row), row["article_id"]), reverse=True)
    one, two = _take_apart(later, scheme), _take_apart(earlier, scheme)
    similarity = compare(one, two)
    obstacle = why_not(one, two, similarity, rule)
    return Explanation(
        article=_public(later),
        other=_public(earlier),
        is_same_story=article["story_id"] is not None and article["story_id"] == other["story_id"],
        gap_h=abs((one.told_at - two.told_at).total_seconds()) / 3600,
        similarity=similarity,
        passages=shared_passages(one, two),
        relation=None if obstacle else relate(one, two, similarity),
        obstacle=obstacle,
        rule=rule,
        scheme_id=scheme.scheme_id,
    )


def _take_apart(row: Mapping[str, Any], scheme: SignatureScheme) -> ComparedText:
    return take_apart(row["article_id"], row["title"], row["text"], _told_at(row), words=scheme.shingle_words)


def _told_at(row: Mapping[str, Any]) -> Any:
    return row["published_at"] or row["first_seen_at"]


def _public(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "text"}


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['article_id']}: {row['title']} <{row['url'] or 'no link'}> of {_told_at(row):%Y-%m-%d %H:%M} UTC"


def _path(article: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """How each of the two came to its story."""
    return "; ".join(f"{row['article_id']} {_why_there(row)}" for row in (article, other))


def _why_there(row: Mapping[str, Any]) -> str:
    if row["story_id"] is None:
        return "was not compared yet"
    if row["matched_id"] is None:
        return f"began story {row['story_id']}"
    return f"joined story {row['story_id']} because of {row['matched_id']}"
