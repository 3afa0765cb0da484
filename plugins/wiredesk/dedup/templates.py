"""What a publisher says in story after story: templates, notices, the blocks around a text.

Two stories told from one template, or inside the same page furniture, share much text and are not the same story. The
index knows who used a fingerprint and when, so the text that is shared for that reason can be left out of account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from wiredesk.dedup.match import ComparedText, title_agreement

# On one other day is enough: a story that is told again is in its own story, and that does not count.
_OTHER_DAYS = 1
# On the same days it takes more, because a story's versions may have been missed.
_OTHER_STORIES = 3
# Two articles with headlines of their own, and two more of the same publisher that say the same: what they share is a
# notice that hides their texts, or a block around them. So no such notice makes a story of more than three.
_OTHER_ARTICLES = 2


@dataclass(frozen=True, slots=True)
class Use:
    """One article of the index that shares fingerprints with another."""

    article_id: int
    source_id: int
    told_on: date
    story_id: int | None  # None where it was not compared yet
    hashes: tuple[int, ...]


def template_fingerprints(
    one: ComparedText,
    other: ComparedText,
    uses: Iterable[Use],
    story_of: Mapping[int, int | None],
    *,
    min_titles: float,
) -> frozenset[int]:
    """The fingerprints that a publisher of either text also uses in other stories.

    `uses` are those of the fingerprints of `one`; `story_of` gives the story of `other` and of whoever else is known.
    Where the titles agree less than `min_titles`, other articles count whatever story they are in.
    """
    own_stories = {story_of.get(one.article_id), story_of.get(other.article_id)} - {None}
    own_days = {one.told_at.date(), other.told_at.date()}
    days: dict[int, set[date]] = {}
    stories: dict[int, set[int]] = {}
    articles: dict[int, set[int]] = {}
    for use in uses:
        if use.source_id not in (one.source_id, other.source_id) or use.article_id == other.article_id:
            continue
        for value in use.hashes:
            articles.setdefault(value, set()).add(use.article_id)
        if use.story_id is None or use.story_id in own_stories:
            continue
        for value in use.hashes:
            stories.setdefault(value, set()).add(use.story_id)
            days.setdefault(value, set()).update({use.told_on} - own_days)
    found = {value for value, told in stories.items() if len(days[value]) >= _OTHER_DAYS or len(told) >= _OTHER_STORIES}
    if title_agreement(one, other) < min_titles:
        found |= {value for value, told in articles.items() if len(told) >= _OTHER_ARTICLES}
    return frozenset(found)
