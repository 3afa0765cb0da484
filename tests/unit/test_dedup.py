"""Two texts are compared exactly, and an article joins the story of the closest one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from wiredesk.dedup.assign import assign_stories
from wiredesk.dedup.match import MatchRule, compare, relate, shared_passages, take_apart, verify_match, why_not
from wiredesk.dedup.sign import sign_texts
from wiredesk.dedup.text import shingles, tokenise
from wiredesk.errors import ConfigurationError
from wiredesk.models import Relation, SignatureScheme

SCHEME = SignatureScheme(1, "words1", 5, 128, 1, "affine32+xxh32", 32)
RULE = MatchRule(window_h=72, min_containment=0.45, min_numbers=0.7)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
WORDS = [f"word{number}" for number in range(100)]
TEXT = " ".join(WORDS)
# Computed by the release that made scheme 1.
SIGNED = "7607a60656327c02"
BAND = -1604690783009310973


def taken(article_id: int, text: str, title: str = "Title", told_at: datetime = NOON):
    return take_apart(article_id, title, text, told_at, words=5)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don’t panic — don't!", ["dont", "panic", "dont"]),
        ("It cost 1,000.50 or 1.000,50", ["it", "cost", "100050", "or", "100050"]),
        ("ﬁnance ＦＵＬＬ", ["finance", "full"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("東京の新聞", ["東", "京", "の", "新", "聞"]),
        ("", []),
    ],
)
def test_tokens_do_not_depend_on_typography(text: str, tokens: list[str]) -> None:
    assert tokenise(text) == tokens


def test_a_text_shorter_than_a_shingle_is_one_shingle() -> None:
    assert shingles(["a", "b"], 5) == ["a b"]
    assert shingles([], 5) == []


def test_similarity_is_the_share_of_common_shingles() -> None:
    half = " ".join(WORDS[:50])
    similarity = compare(taken(1, half), taken(2, TEXT))
    assert similarity.jaccard == pytest.approx(46 / 96)
    assert similarity.containment == 1.0
    (passage,) = shared_passages(taken(1, half), taken(2, TEXT))
    assert passage.startswith("word0 word1")
    assert passage.endswith("(50 words)")


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        (TEXT, Relation.DUPLICATE),
        (f"{TEXT} 17", Relation.VERSION),
        (" ".join(WORDS[:50]), Relation.EXCERPT),
        (TEXT + " and" + " more" * 3 + " ".join(f" new{number}" for number in range(60)), Relation.EXTENDED),
        (" ".join(WORDS[:60] + [f"new{number}" for number in range(40)]), Relation.VERSION),
    ],
)
def test_the_relation_names_what_the_later_text_is(text: str, relation: Relation) -> None:
    later, earlier = taken(2, text), taken(1, TEXT)
    assert relate(later, earlier, compare(later, earlier)) is relation


@pytest.mark.parametrize(
    ("other", "told_at", "obstacle"),
    [
        (" ".join(f"other{number}" for number in range(100)), NOON, "containment"),
        (f"{TEXT} 1 2 3", NOON, "numbers"),
        (f"{TEXT} 7 8 9", NOON + timedelta(hours=73), "apart"),
    ],
)
def test_each_threshold_keeps_two_texts_apart_and_says_so(other: str, told_at: datetime, obstacle: str) -> None:
    one, two = taken(1, f"{TEXT} 7 8 9"), taken(2, other, told_at=told_at)
    assert obstacle in (why_not(one, two, compare(one, two), RULE) or "")
    assert verify_match(one, two, RULE) is None


def test_an_article_joins_the_closest_of_the_texts_that_came_before() -> None:
    close = " ".join([*WORDS[:95], "a", "b", "c", "d", "e"])
    texts = {1: taken(1, " ".join(WORDS[:60])), 2: taken(2, TEXT), 3: taken(3, close)}
    decisions = dict(assign_stories([3], {3: [1, 2]}, texts, {1, 2}, RULE))
    assert decisions[3] is not None
    assert decisions[3].other_id == 2


def test_an_article_is_not_compared_with_one_told_after_it() -> None:
    texts = {1: taken(1, TEXT), 2: taken(2, TEXT)}
    decisions = assign_stories([1, 2], {1: [2], 2: [1]}, texts, set(), RULE)
    assert [(article_id, match and match.other_id) for article_id, match in decisions] == [(1, None), (2, 1)]


def test_equal_texts_have_equal_signatures_and_others_do_not() -> None:
    one, same, other, short = sign_texts([TEXT, TEXT.upper(), "x " * 30, "too short"], SCHEME, min_words=20)
    assert one == same
    assert one is not None
    assert other is not None
    assert short is None
    assert len(one.values) == 128 * 4
    assert len(one.band_keys) == 32
    assert one.shingle_count == 96
    assert not set(one.band_keys) & set(other.band_keys)


def test_signature_does_not_change_between_releases() -> None:
    """A changed value would silently part old articles from new: that needs a new scheme row."""
    (signature,) = sign_texts([TEXT], SCHEME, min_words=20)
    assert signature is not None
    assert signature.values[:8].hex() == SIGNED
    assert signature.band_keys[0] == BAND


def test_a_scheme_that_this_code_cannot_compute_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="scheme 9"):
        sign_texts([TEXT], SignatureScheme(9, "words7", 5, 128, 1, "affine32+xxh32", 32), min_words=20)
