"""The sample's answer sheet is true of its material: what is called a copy is one, and nothing else is."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest
from wiredesk.dedup.match import ComparedText, compare, take_apart, verify_match
from wiredesk.dedup.rule import MatchRule
from wiredesk.models import SignatureScheme

from local.sample import expected
from local.sample.material import Story, load_sample

CHECKOUT = Path(__file__).parents[2]
SAMPLE = load_sample()
SCHEME = SignatureScheme(2, "words2", 5, 128, 1, "affine32+golden64", 16, 20)


def articles(edition: int) -> dict[str, Story]:
    """By address, the wording that an address had first."""
    found: dict[str, Story] = {}
    for number in range(1, edition + 1):
        for feed in SAMPLE.feeds:
            for story in SAMPLE.carried_by(feed, number):
                if not story.is_bare and not story.is_blank:
                    found.setdefault(story.address, story)
    return found


def taken_apart(stories: dict[str, Story]) -> dict[str, ComparedText]:
    sources: dict[str, int] = {}
    return {
        address: take_apart(
            number,
            story.title,
            "\n\n".join(story.paragraphs or (story.summary,)),
            story.published_at,
            source_id=sources.setdefault(address.split("/")[1], len(sources)),
            scheme=SCHEME,
        )
        for number, (address, story) in enumerate(stories.items())
    }


@pytest.mark.parametrize("edition", [1, 2])
def test_stated_totals_are_those_of_the_material(edition: int) -> None:
    copies = [copy for copy in expected.COPIES if copy.edition <= edition]
    totals = expected.TOTALS[edition]
    assert totals.articles == len(articles(edition))
    assert totals.copies == len(copies)
    assert totals.stories == totals.articles - totals.copies
    assert totals.quarantined_entries == len(expected.QUARANTINED_ENTRIES)
    assert {copy.address for copy in copies} <= articles(edition).keys()


def test_stated_copies_and_no_others_repeat_a_text() -> None:
    story_of = {copy.address: copy.of for copy in expected.COPIES}
    for (one, text), (other, earlier) in combinations(taken_apart(articles(2)).items(), 2):
        is_same = story_of.get(one, one) == story_of.get(other, other)
        assert (verify_match(text, earlier, MatchRule()) is not None) == is_same, (one, other)


@pytest.mark.parametrize(("one", "other"), expected.LOOK_ALIKES)
def test_look_alikes_share_their_text_and_differ_in_their_numbers(one: str, other: str) -> None:
    texts = taken_apart(articles(2))
    similarity = compare(texts[one], texts[other])
    assert similarity.containment >= MatchRule().opening_containment
    assert similarity.number_agreement < MatchRule().correction_numbers


def test_each_copy_is_later_than_its_original_and_inside_the_window() -> None:
    stories = articles(2)
    for copy in expected.COPIES:
        gap = stories[copy.address].published_at - stories[copy.of].published_at
        assert timedelta(0) < gap <= timedelta(hours=MatchRule().window_h), copy.address


def test_no_sentence_of_the_sample_is_taken_from_the_customers_page() -> None:
    folder = CHECKOUT / "../shared/data/seed"
    if not folder.is_dir():
        pytest.skip("the shared data is not beside this checkout")
    seed = next(folder.glob("*.txt")).read_text(encoding="utf-8")
    theirs = take_apart(0, "", seed, SAMPLE.edition_times[0], source_id=0, scheme=SCHEME).distinct
    for address, text in taken_apart(articles(2)).items():
        assert not set(text.distinct.tolist()) & set(theirs.tolist()), address
