"""When two texts are the same story: the kinds of evidence, and what each one asks for.

No single threshold does. A share of common shingles that is plain proof between two texts of two hundred words is a
paragraph of background between two of a thousand; agreeing headlines or openings tell the two apart. Each kind was
chosen on labelled pairs of a news agency and of web news by cross-validation over time (docs/dedup.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from wiredesk.models import Similarity

# Equal but for a word or two, with the same numbers under the same headline: no template is told twice so within days.
_IDENTICAL = 0.95
# One number that differs in a text that is otherwise the whole of the other is a correction, not a template's slot.
_WHOLE = 0.9
_FEW_NUMBERS = 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """One kind of evidence: the least of each agreement. All of them must be reached."""

    name: str
    containment: float
    numbers: float
    titles: float = 0.0
    openings: float = 0.0
    one_opening: float = 0.0  # of the openings at least one must stand in the other text, unless the titles agree
    across_sources: bool = False  # only between two publishers

    def shortfalls(self, similarity: Similarity, *, is_same_source: bool, min_titles: float) -> Iterator[str]:
        """What is missing, in words."""
        if similarity.opening_containment < self.one_opening and similarity.title_agreement < min_titles:
            told = f"{similarity.opening_containment:.2f} of {self.one_opening:.2f}"
            yield f"neither opening is in the other text ({told})"
        if self.across_sources and is_same_source:
            yield "both are of one publisher"
        for name, least in (
            ("containment", self.containment),
            ("numbers", self.numbers),
            ("titles", self.titles),
            ("openings", self.openings),
        ):
            found = agreement(similarity, name)
            if found < least:
                yield f"{name} {found:.2f} of {least:.2f}"


@dataclass(frozen=True, slots=True)
class MatchRule:
    """The thresholds of a match; each one's reason is in settings.py."""

    window_h: int = 72
    min_fresh: float = 0.2
    min_titles: float = 0.5
    min_openings: float = 0.65
    text_containment: float = 0.8
    passages_containment: float = 0.65
    correction_containment: float = 0.45
    opening_containment: float = 0.5
    headline_containment: float = 0.35
    text_numbers: float = 0.7
    correction_numbers: float = 0.6
    part_numbers: float = 0.8

    def kinds(self) -> tuple[Evidence, ...]:
        """The kinds of evidence, strongest first. With an agreeing headline half an agreeing opening is enough."""
        half_opening = self.min_openings / 2
        return (
            Evidence("same text", self.text_containment, self.text_numbers, one_opening=half_opening),
            Evidence(
                "long passages",
                self.passages_containment,
                self.text_numbers,
                one_opening=half_opening,
                across_sources=True,
            ),
            Evidence("correction", self.correction_containment, self.correction_numbers, self.min_titles, half_opening),
            Evidence("same opening", self.opening_containment, self.part_numbers, openings=self.min_openings),
            Evidence("same headline", self.headline_containment, self.part_numbers, self.min_titles, half_opening),
        )


def agreement(similarity: Similarity, name: str) -> float:
    """One of the agreements by the name that messages use."""
    return {
        "containment": similarity.containment,
        "numbers": similarity.number_agreement,
        "titles": similarity.title_agreement,
        "openings": similarity.opening_agreement,
    }[name]


def find_evidence(similarity: Similarity, rule: MatchRule, *, is_same_source: bool, number_count: int) -> str | None:
    """The kind of evidence that makes one story of two texts, or None. `number_count`: of the text with fewer."""
    is_titled_alike = similarity.title_agreement >= rule.min_titles
    if similarity.jaccard >= _IDENTICAL and similarity.number_agreement == 1 and number_count and is_titled_alike:
        return "identical"
    if similarity.fresh_containment < rule.min_fresh:
        return None
    if similarity.containment >= _WHOLE and number_count <= _FEW_NUMBERS:
        return "same text"
    for kind in rule.kinds():
        if not any(kind.shortfalls(similarity, is_same_source=is_same_source, min_titles=rule.min_titles)):
            return kind.name
    return None


def missing_evidence(similarity: Similarity, rule: MatchRule, *, is_same_source: bool) -> str:
    """Why there is none, in words."""
    least = min(kind.containment for kind in rule.kinds())
    if similarity.containment < least:
        return f"containment {similarity.containment:.2f}; the least that any evidence asks for is {least:.2f}"
    if similarity.fresh_containment < rule.min_fresh:
        return (
            f"what they share is what their publisher says on other days too: fresh {similarity.fresh_containment:.2f} "
            f"of {rule.min_fresh:.2f}"
        )
    told = (
        f"{kind.name}: "
        + ", ".join(kind.shortfalls(similarity, is_same_source=is_same_source, min_titles=rule.min_titles))
        for kind in rule.kinds()
    )
    return f"no kind of evidence is complete ({'; '.join(told)})"


RULE_FIELDS = tuple(field.name for field in fields(MatchRule))
