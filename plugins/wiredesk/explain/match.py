"""Why two articles are one story, or why they are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from wiredesk.dedup.match import (
    ComparedText,
    compare,
    found_evidence,
    relate,
    shared_passages,
    take_apart,
    why_not,
)
from wiredesk.dedup.rule import Evidence, MatchRule, agreement
from wiredesk.dedup.templates import Use, template_fingerprints
from wiredesk.models import Relation, SignatureScheme, Similarity

_FRESH = "of the shorter's fingerprints, what both have and no other story of their publishers"
_AGREEMENTS = ("containment", "numbers", "titles", "openings")


@dataclass(frozen=True, slots=True)
class Explanation:
    """The comparison of two articles beside the thresholds in force, and what was decided."""

    article: Mapping[str, Any]
    other: Mapping[str, Any]
    is_same_story: bool
    path: tuple[str, ...]  # how each came to its story
    rulings: tuple[Mapping[str, Any], ...]
    gap_h: float
    similarity: Similarity
    passages: tuple[str, ...]
    relation: Relation | None
    evidence: str | None  # the kind that makes them one story
    obstacle: str | None  # what keeps them apart
    rule: MatchRule
    scheme_id: int
    found: Mapping[str, Any] | None = None  # the stored match of the two: when, by which run, under which scheme

    def as_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {**asdict(self), "kinds": [asdict(kind) for kind in self.rule.kinds()]}

    def as_text(self) -> str:
        """As a person reads it."""
        similarity, rule = self.similarity, self.rule
        compared = self.obstacle or f"they match, {self.relation}: {self.evidence}"
        lines = [
            _name(self.article),
            _name(self.other),
            f"decided: {'one story' if self.is_same_story else 'two stories'} ({'; '.join(self.path)})",
            *(f"ruled: {_ruling(ruling)}" for ruling in self.rulings),
            f"compared now: {compared}",
            "",
            f"hours apart       {self.gap_h:.1f}, at most {rule.window_h}",
            f"fresh             {similarity.fresh_containment:.2f} of {rule.min_fresh:.2f} ({_FRESH})",
            *(_kind_line(kind, similarity) for kind in rule.kinds()),
            f"similarity        {similarity.jaccard:.3f} (Jaccard; no threshold)",
            f"signature scheme  {self.scheme_id}",
            *([] if self.found is None else [f"match was found   {_found(self.found)}"]),
        ]
        if self.passages:
            lines += ["", "shared passages:", *(f"  {passage}" for passage in self.passages)]
        return "\n".join(lines)


def explain_match(
    article: Mapping[str, Any],
    other: Mapping[str, Any],
    rule: MatchRule,
    scheme: SignatureScheme,
    *,
    uses: Iterable[Use] = (),
    rulings: Sequence[Mapping[str, Any]] = (),
    found: Mapping[str, Any] | None = None,
) -> Explanation:
    """Compare two stored articles (rows of `store.articles.read_article`) under the rule in force.

    `uses` are who else has the fingerprints of the later told of them (`later_of`).
    """
    later = later_of(article, other)
    earlier = other if later is article else article
    one, two = _take_apart(later, scheme), _take_apart(earlier, scheme)
    story_of = {row["article_id"]: row["story_id"] for row in (article, other)}
    similarity = compare(one, two, template_fingerprints(one, two, uses, story_of, min_titles=rule.min_titles))
    obstacle = why_not(one, two, similarity, rule)
    return Explanation(
        article=_public(later),
        other=_public(earlier),
        is_same_story=article["story_id"] is not None and article["story_id"] == other["story_id"],
        path=tuple(f"{row['article_id']} {_why_there(row)}" for row in (later, earlier)),
        rulings=tuple(rulings),
        gap_h=abs((one.told_at - two.told_at).total_seconds()) / 3600,
        similarity=similarity,
        passages=shared_passages(one, two),
        relation=None if obstacle else relate(one, two, similarity),
        evidence=None if obstacle else found_evidence(one, two, similarity, rule),
        obstacle=obstacle,
        rule=rule,
        scheme_id=scheme.scheme_id,
        found=found,
    )


def _found(match: Mapping[str, Any]) -> str:
    run = match["run"] or "of an older release"
    return f"{match['matched_at']:%Y-%m-%d %H:%M} UTC by run {run}, under scheme {match['scheme_id']}"


def later_of(article: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one that was told later."""
    return max(article, other, key=lambda row: (row["told_at"], row["url_key"]))


def _take_apart(row: Mapping[str, Any], scheme: SignatureScheme) -> ComparedText:
    return take_apart(
        row["article_id"], row["title"], row["text"], row["told_at"], source_id=row["source_id"], scheme=scheme
    )


def _public(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("text", "url_key")}


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['article_id']}: {row['title']} <{row['url'] or 'no link'}> of {row['told_at']:%Y-%m-%d %H:%M} UTC"


def _kind_line(kind: Evidence, similarity: Similarity) -> str:
    """What a kind of evidence asks for, beside what there is."""
    wanted = [
        f"{name} {agreement(similarity, name):.2f} of {getattr(kind, name):.2f}"
        for name in _AGREEMENTS
        if getattr(kind, name)
    ]
    if kind.one_opening:
        wanted.append(f"one opening {similarity.opening_containment:.2f} of {kind.one_opening:.2f}")
    return f"{kind.name:<18}{', '.join(wanted)}{' (between two publishers)' if kind.across_sources else ''}"


def _why_there(row: Mapping[str, Any]) -> str:
    """How an article came to its story."""
    if row["story_id"] is None:
        return "was not compared yet"
    place = f"leads story {row['story_id']}" if row["is_lead"] else f"is a copy in story {row['story_id']}"
    return place if row["matched_id"] is None else f"{place}, because of {row['matched_id']}"


def _ruling(ruling: Mapping[str, Any]) -> str:
    pair = " and ".join(str(ruling[name]) for name in ("article_id", "other_id") if ruling[name] is not None)
    undone = f", undone by {ruling['undone_by']} at {ruling['undone_at']:%Y-%m-%d %H:%M}" if ruling["undone_at"] else ""
    return (
        f"{ruling['kind']} {pair} by {ruling['ruled_by']} at {ruling['ruled_at']:%Y-%m-%d %H:%M} UTC"
        f"{undone}: {ruling['why']} (ruling {ruling['ruling_id']})"
    )
