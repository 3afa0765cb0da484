"""Which story an article tells depends on the articles and their matches, and on what persons ruled; on no order."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from wiredesk.dedup.assign import Assignment, Edge, Member, Rulings, assign_stories

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def member(article_id: int, *, words: int = 100, is_preferred: bool = False) -> Member:
    """An article that is told as many minutes after noon as its id says."""
    told_at = NOON + timedelta(minutes=article_id)
    return Member(article_id, told_at, told_at, f"url-{article_id}", words, is_preferred)


def edge(later: int, earlier: int, similarity: float = 0.9) -> Edge:
    return Edge(later, earlier, similarity, similarity)


def groups(assignment: Assignment) -> set[tuple[int, ...]]:
    return {tuple(sorted(story.article_ids)) for story in assignment.stories}


@given(
    pairs=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from([0.5, 0.6, 0.9])), max_size=30),
    seed=st.integers(0, 1000),
)
def test_the_order_of_articles_and_matches_decides_nothing(pairs: list[tuple[int, int, float]], seed: int) -> None:
    members = [member(number) for number in range(1, 13)]
    edges = [edge(max(a, b), min(a, b), similarity) for a, b, similarity in pairs if a != b]
    wanted = assign_stories(members, edges, {})
    pick = random.Random(seed)
    shuffled = assign_stories(pick.sample(members, len(members)), pick.sample(edges, len(edges)), {})
    assert (groups(shuffled), dict(shuffled.parents)) == (groups(wanted), dict(wanted.parents))
    assert {story.lead_id for story in shuffled.stories} == {story.lead_id for story in wanted.stories}


@given(
    pairs=st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8), st.sampled_from([0.5, 0.6, 0.9])), max_size=20),
    seed=st.integers(0, 1000),
)
def test_articles_that_come_one_by_one_end_in_the_same_stories(pairs: list[tuple[int, int, float]], seed: int) -> None:
    """Each time those concerned are assigned anew: the new article and the stories that it matches."""
    edges = [edge(max(a, b), min(a, b), similarity) for a, b, similarity in pairs if a != b]
    story_of: dict[int, int] = {}
    leads: dict[int, int] = {}
    arrived: list[int] = []
    for article_id in random.Random(seed).sample(range(1, 9), 8):
        arrived.append(article_id)
        known = [found for found in edges if {found.article_id, found.other_id} <= set(arrived)]
        near = {found.article_id for found in known if found.other_id == article_id} | {
            found.other_id for found in known if found.article_id == article_id
        }
        concerned = {story_of[other] for other in near}
        members = [member(other) for other in arrived if other == article_id or story_of.get(other) in concerned]
        found = assign_stories(members, known, {story: leads[story] for story in concerned})
        for story in concerned:
            del leads[story]
        for planned in found.stories:
            story_id = planned.story_ids[0] if planned.story_ids else max([0, *leads, *story_of.values()]) + 1
            leads[story_id] = planned.lead_id
            story_of |= dict.fromkeys(planned.article_ids, story_id)
    ended = {tuple(sorted(a for a in story_of if story_of[a] == story)) for story in set(story_of.values())}
    assert ended == groups(assign_stories([member(number) for number in range(1, 9)], edges, {}))


def test_an_article_follows_the_one_most_like_it_of_those_told_before() -> None:
    found = assign_stories([member(1), member(2), member(3)], [edge(3, 1, 0.6), edge(3, 2, 0.9)], {})
    assert dict(found.parents) == {3: 2}
    assert groups(found) == {(1,), (2, 3)}


def test_two_stories_that_a_new_article_joins_become_the_older_one() -> None:
    members = [member(2), member(3), member(1)]
    found = assign_stories(members, [edge(2, 1), edge(3, 1)], {20: 2, 10: 3})
    (story,) = found.stories
    assert (story.story_ids, story.lead_id) == ((10, 20), 1)


def test_a_story_that_comes_apart_keeps_its_id_with_its_lead() -> None:
    """A closer original arrives late, and one copy goes to it."""
    members = [member(1), member(3), member(2)]
    found = assign_stories(members, [edge(3, 1, 0.6), edge(3, 2, 0.9)], {10: 1})
    assert {(story.story_ids, story.article_ids) for story in found.stories} == {((10,), (1,)), ((), (2, 3))}


def test_the_lead_is_pinned_else_preferred_else_complete_else_earliest() -> None:
    edges = [edge(2, 1), edge(3, 1), edge(4, 1)]
    short, full, fuller, preferred = member(1), member(2, words=190), member(3, words=200), member(4, is_preferred=True)

    def lead(*members: Member, rulings: Rulings | None = None) -> int:
        (story,) = assign_stories(members, edges, {}, rulings).stories
        return story.lead_id

    assert lead(short, member(2), member(3)) == 1
    assert lead(short, full, fuller) == 2  # the first of those that are complete
    assert lead(short, full, fuller, preferred) == 4
    assert lead(short, full, fuller, preferred, rulings=Rulings(pinned=frozenset({3}))) == 3


def test_what_a_person_keeps_apart_is_apart_though_others_tie_it_together() -> None:
    members, edges = [member(1), member(2), member(3)], [edge(2, 1, 0.9), edge(3, 2, 0.7)]
    assert groups(assign_stories(members, edges, {})) == {(1, 2, 3)}
    apart = Rulings(apart=frozenset({(1, 3)}))
    assert groups(assign_stories(members, edges, {}, apart)) == {(1, 2), (3,)}
    assert groups(assign_stories(members, [*edges, edge(3, 1, 0.8)], {}, apart)) == {(1, 2), (3,)}


def test_what_is_no_news_is_in_no_story_though_a_person_tied_it_to_one() -> None:
    rulings = Rulings(together=frozenset({(1, 2)}), not_news=frozenset({2}))
    found = assign_stories([member(1), member(2)], [], {}, rulings)
    assert [story.article_ids for story in found.stories] == [(1,), (2,)]


def test_what_a_person_keeps_together_is_one_story_without_any_match() -> None:
    found = assign_stories([member(1), member(2)], [], {}, Rulings(together=frozenset({(1, 2)})))
    assert groups(found) == {(1, 2)}
    assert dict(found.parents) == {}


def test_what_is_not_news_is_in_nobodys_story() -> None:
    found = assign_stories([member(1), member(2)], [edge(2, 1)], {}, Rulings(not_news=frozenset({1})))
    assert groups(found) == {(1,), (2,)}
