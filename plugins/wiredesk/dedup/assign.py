"""Decide which story each article tells, and which article leads it.

An article is told after its parent: of all that it matches, the one most like it. Parents make trees, and a tree is a
story. That depends on the set of articles and of matches and on nothing else, so the order in which they arrive does
not matter; it only decides which ids the stories have.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

# Of articles that have nine tenths of the fullest one's words the earliest leads: a byline or a note on corrections
# does not make a copy more complete than its original.
_AS_COMPLETE = 0.9


@dataclass(frozen=True, slots=True)
class Member:
    """An article as assignment sees it."""

    article_id: int
    told_at: datetime
    first_seen_at: datetime
    url_key: str
    word_count: int
    is_preferred: bool  # its publisher is one whose articles lead


@dataclass(frozen=True, slots=True)
class Edge:
    """A verified match: `article_id` was told after `other_id`."""

    article_id: int
    other_id: int
    similarity: float
    containment: float


# By article those that it hangs together with, and the match that makes it so; None where a person did.
_Links = dict[int, list[tuple[int, Edge | None]]]


@dataclass(frozen=True, slots=True)
class Rulings:
    """What persons decided; it outranks every match."""

    together: frozenset[tuple[int, int]] = frozenset()
    apart: frozenset[tuple[int, int]] = frozenset()
    pinned: frozenset[int] = frozenset()  # leads
    not_news: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PlannedStory:
    """What a story shall be. Several `story_ids` become one, the first; none is a new story."""

    story_ids: tuple[int, ...]
    article_ids: tuple[int, ...]
    lead_id: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """The parent of each article that has one, and all stories concerned."""

    parents: Mapping[int, int]
    stories: tuple[PlannedStory, ...]


def assign_stories(
    members: Sequence[Member], edges: Sequence[Edge], leads: Mapping[int, int], rulings: Rulings | None = None
) -> Assignment:
    """Assign `members`, which are whole stories and articles without one, by the `edges` between them.

    `leads` gives the present lead of each story: its id stays with that article.
    """
    rulings = rulings or Rulings()
    by_id = {member.article_id: member for member in members}
    usable = [
        edge
        for edge in edges
        if {edge.article_id, edge.other_id} <= by_id.keys()
        and not {edge.article_id, edge.other_id} & rulings.not_news
        and _pair(edge.article_id, edge.other_id) not in rulings.apart
    ]
    # What is no news is in nobody's story, whoever tied it to one before or after.
    together = [pair for pair in sorted(rulings.together) if set(pair) <= by_id.keys() - rulings.not_news]
    while True:
        chosen = _parents(usable, by_id)
        links = _links(by_id, chosen.values(), together)
        groups = _groups(by_id, links)
        cut = _weakest_between(groups, links, rulings.apart, by_id)
        if cut is None:
            break
        usable.remove(cut)
    stories_of = _ids_of_groups(groups, leads)
    planned = [
        PlannedStory(tuple(stories_of[place]), tuple(group), _lead([by_id[member] for member in group], rulings.pinned))
        for place, group in enumerate(groups)
    ]
    return Assignment({article_id: edge.other_id for article_id, edge in chosen.items()}, tuple(planned))


def _parents(edges: Iterable[Edge], by_id: Mapping[int, Member]) -> dict[int, Edge]:
    """Of each article's edges the closest."""
    best: dict[int, Edge] = {}
    for edge in edges:
        known = best.get(edge.article_id)
        if known is None or _closeness(edge, by_id) > _closeness(known, by_id):
            best[edge.article_id] = edge
    return best


def _closeness(edge: Edge, by_id: Mapping[int, Member]) -> tuple[float, float, float, str]:
    """Most alike is greatest; of equals the one told first."""
    other = by_id[edge.other_id]
    return (edge.similarity, edge.containment, -other.told_at.timestamp(), other.url_key)


def _links(by_id: Mapping[int, Member], edges: Iterable[Edge], together: Iterable[tuple[int, int]]) -> _Links:
    links: _Links = {article_id: [] for article_id in by_id}
    made = [(edge.article_id, edge.other_id, edge) for edge in edges]
    for one, other, edge in [*made, *((*pair, None) for pair in together)]:
        links[one].append((other, edge))
        links[other].append((one, edge))
    return links


def _groups(by_id: Mapping[int, Member], links: _Links) -> list[list[int]]:
    """The articles that hang together, each group and all groups in the order of telling."""
    order = sorted(by_id, key=lambda article_id: _told(by_id[article_id]))
    seen: set[int] = set()
    groups: list[list[int]] = []
    for article_id in order:
        if article_id in seen:
            continue
        group, waiting = {article_id}, [article_id]
        while waiting:
            found = [other for other, _ in links[waiting.pop()] if other not in group]
            group.update(found)
            waiting += found
        seen |= group
        groups.append(sorted(group, key=lambda member: _told(by_id[member])))
    return groups


def _weakest_between(
    groups: Sequence[Sequence[int]],
    links: _Links,
    apart: Collection[tuple[int, int]],
    by_id: Mapping[int, Member],
) -> Edge | None:
    """Where two articles that a person keeps apart are in one group: the weakest edge on the way between them."""
    place = {article_id: number for number, group in enumerate(groups) for article_id in group}
    for one, other in sorted(apart):
        if one in place and place[one] == place.get(other):
            way = _way(one, other, links)
            if way:
                return min(way, key=lambda edge: _closeness(edge, by_id))
    return None


def _way(one: int, other: int, links: _Links) -> list[Edge]:
    """The edges on the shortest way from one article to another; what a person tied is not among them."""
    came: dict[int, tuple[int, Edge | None]] = {}
    waiting = deque([one])
    while waiting and other not in came:
        place = waiting.popleft()
        for following, link in links[place]:
            if following not in came and following != one:
                came[following] = (place, link)
                waiting.append(following)
    way: list[Edge] = []
    while other != one and other in came:
        other, step = came[other]
        if step is not None:
            way.append(step)
    return way


def _ids_of_groups(groups: Sequence[Sequence[int]], leads: Mapping[int, int]) -> list[list[int]]:
    """For each group the stories whose lead it holds, oldest first."""
    place = {article_id: number for number, group in enumerate(groups) for article_id in group}
    ids: list[list[int]] = [[] for _ in groups]
    for story_id in sorted(leads):
        if leads[story_id] in place:
            ids[place[leads[story_id]]].append(story_id)
    return ids


def _lead(group: Sequence[Member], pinned: Collection[int]) -> int:
    """Pinned by a person, else of a preferred publisher, else the most complete, else the earliest."""
    chosen = [member for member in group if member.article_id in pinned] or [
        member for member in group if member.is_preferred
    ]
    chosen = chosen or list(group)
    fullest = max(member.word_count for member in chosen)
    complete = [member for member in chosen if member.word_count >= _AS_COMPLETE * fullest]
    # Of those told at the same time the one that was here first, so that a copy does not take the lead from it.
    return min(complete, key=lambda member: (member.told_at, member.first_seen_at, member.url_key)).article_id


def _told(member: Member) -> tuple[datetime, str]:
    return (member.told_at, member.url_key)


def _pair(one: int, other: int) -> tuple[int, int]:
    return (min(one, other), max(one, other))
