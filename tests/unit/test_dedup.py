"""Two texts are compared exactly, and each kind of evidence asks for what it says."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wiredesk.dedup.match import compare, found_evidence, relate, shared_passages, take_apart, verify_match, why_not
from wiredesk.dedup.rule import MatchRule, find_evidence
from wiredesk.dedup.shingles import low_bits, shingle_hashes, window_minima
from wiredesk.dedup.sign import sign_texts
from wiredesk.dedup.templates import Use, template_fingerprints
from wiredesk.dedup.text import read_all_tokens, read_tokens, tokenise
from wiredesk.errors import ConfigurationError
from wiredesk.models import Relation, SignatureScheme, Similarity

SCHEME = SignatureScheme(2, "words2", 5, 128, 1, "affine32+golden64", 16, 20)
RULE = MatchRule()
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def named(name: str, count: int) -> list[str]:
    """Words without a digit, which would be a token of its own."""
    return [f"{name}{'abcdefghij'[number // 10]}{'abcdefghij'[number % 10]}" for number in range(count)]


WORDS = named("word", 100)
TEXT = " ".join(WORDS)
# Computed by the release that made scheme 2.
SIGNED = "348b96000ed66000"
BAND = 1332724115
FINGERPRINTS = (840293, 39307152, 45351389, 73800114, 149097312, 180770440, 420394950, 757141724, 789979472)


def taken(article_id: int, text: str, title: str = "Title", told_at: datetime = NOON, source_id: int = 1):
    return take_apart(article_id, title, text, told_at, source_id=source_id, scheme=SCHEME)


def made_up(seed: int, words: int) -> list[str]:
    pick = random.Random(seed)
    return ["".join(pick.choices("abcdefghijklmnop", k=6)) for _ in range(words)]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don’t panic — don't!", ["dont", "panic", "dont"]),
        ("It cost 1,000.50 or 1.000,50", ["it", "cost", "100050", "or", "100050"]),
        ("At 10.30am, 5th row; no. 7, covid19.", ["at", "1030", "am", "5", "th", "row", "no", "7", "covid", "19"]),
        ("ﬁnance ＦＵＬＬ", ["finance", "full"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("كِتَابٌ جديد", ["كِتَابٌ", "جديد"]),
        ("東京の新聞 abc", ["東", "京", "の", "新", "聞", "abc"]),
        ("«Да», — сказал он…", ["да", "сказал", "он"]),
        ("", []),
    ],
)
def test_tokens_do_not_depend_on_typography(text: str, tokens: list[str]) -> None:
    assert tokenise(text) == tokens
    assert len(read_tokens(text).hashes) == len(tokens)


@given(text=st.text(max_size=200) | st.text(alphabet="ab1.,' 東ก\u0301٣", max_size=40))
def test_hashes_of_tokens_are_those_of_the_words(text: str) -> None:
    """Read as code points or as words: the same tokens, equal where the words are equal, numbers known as such."""
    words, tokens = tokenise(text), read_tokens(text)
    assert len(tokens.hashes) == len(words)
    by_word = dict(zip(words, tokens.hashes.tolist(), strict=True))
    assert [by_word[word] for word in words] == tokens.hashes.tolist()
    assert len(set(by_word.values())) == len(by_word)
    assert tokens.is_number.tolist() == [word[0].isdecimal() for word in words]


ANY_TEXT = st.text(max_size=60) | st.text(alphabet="ab1.,' 東ก\u0301٣\U0010ffff", max_size=20)


@given(texts=st.lists(ANY_TEXT, max_size=6))
def test_texts_read_in_one_go_are_read_as_each_alone(texts: list[str]) -> None:
    found, alone = read_all_tokens(texts), [read_tokens(text) for text in texts]
    assert [tokens.hashes.tolist() for tokens in found] == [tokens.hashes.tolist() for tokens in alone]
    assert [tokens.is_number.tolist() for tokens in found] == [tokens.is_number.tolist() for tokens in alone]


@given(words=st.lists(st.lists(st.sampled_from(WORDS), min_size=18, max_size=30), max_size=5))
def test_a_signature_does_not_depend_on_what_is_signed_with_it(words: list[list[str]]) -> None:
    texts = [" ".join(own) for own in words]
    alone = [sign_texts([text], SCHEME, min_words=20)[0] for text in texts]
    assert sign_texts(texts, SCHEME, min_words=20) == alone
    for text, own in zip(texts, alone, strict=True):
        shingles = set(low_bits(shingle_hashes(read_tokens(text).hashes, 5)).tolist())
        assert own.signature is None or own.signature.shingle_count == len(shingles)


def hashed(words: list[str]):
    return read_tokens(" ".join(words)).hashes


def test_a_text_shorter_than_a_shingle_is_one_shingle() -> None:
    assert len(shingle_hashes(hashed(["a", "b"]), 5)) == 1
    assert len(shingle_hashes(hashed([]), 5)) == 0
    assert len(shingle_hashes(hashed(WORDS), 5)) == 96


def test_the_order_of_words_is_part_of_a_shingle() -> None:
    assert (
        len(
            set(
                shingle_hashes(hashed(["a", "b", "c"]), 2).tolist()
                + shingle_hashes(hashed(["c", "b", "a"]), 2).tolist()
            )
        )
        == 4
    )


@given(
    seed=st.integers(0, 10_000),
    before=st.integers(0, 60),
    after=st.integers(0, 60),
    window=st.integers(2, 30),
)
def test_a_shared_run_of_window_and_shingle_is_always_found(seed: int, before: int, after: int, window: int) -> None:
    """The promise of winnowing: whatever stands around the run."""
    run = made_up(seed, window + 5 - 1)
    one = [*made_up(seed + 1, before), *run]
    other = [*made_up(seed + 2, 30), *run, *made_up(seed + 3, after)]
    minima = [set(window_minima(shingle_hashes(hashed(tokens), 5), window).tolist()) for tokens in (one, other)]
    assert minima[0] & minima[1]


@given(seed=st.integers(0, 10_000), words=st.integers(90, 400))
def test_the_minima_of_wide_windows_are_among_those_of_narrow_ones(seed: int, words: int) -> None:
    hashes = shingle_hashes(hashed(made_up(seed, words)), 5)
    assert set(window_minima(hashes, 40).tolist()) <= set(window_minima(hashes, 20).tolist())


def test_window_minima_are_the_minima_of_windows() -> None:
    hashes = shingle_hashes(hashed(made_up(1, 70)), 5)
    values = low_bits(hashes).tolist()
    wanted = sorted({min(values[start : start + 20]) for start in range(len(values) - 19)})
    assert window_minima(hashes, 20).tolist() == wanted


def test_similarity_is_the_share_of_common_shingles() -> None:
    half = " ".join(WORDS[:50])
    similarity = compare(taken(1, half), taken(2, TEXT))
    assert similarity.jaccard == pytest.approx(46 / 96)
    assert (similarity.containment, similarity.opening_agreement) == (1.0, 1.0)
    assert similarity.fresh_containment == 1.0
    (passage,) = shared_passages(taken(1, half), taken(2, TEXT))
    assert passage.startswith("wordaa wordab")
    assert passage.endswith("(50 words)")


def test_one_edited_word_costs_the_opening_one_word() -> None:
    edited = [*WORDS[:20], "edited", *WORDS[21:]]
    assert compare(taken(1, TEXT), taken(2, " ".join(edited))).opening_agreement == pytest.approx(49 / 50)


@given(seed=st.integers(0, 1000), cut=st.integers(0, 90))
def test_comparing_is_symmetric(seed: int, cut: int) -> None:
    one, other = taken(1, TEXT), taken(2, " ".join([*WORDS[cut:], *made_up(seed, 20)]), "Another title")
    assert compare(one, other) == compare(other, one)


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        (TEXT, Relation.DUPLICATE),
        (f"{TEXT} 17", Relation.VERSION),
        (" ".join(WORDS[:50]), Relation.EXCERPT),
        (TEXT + " and" + " more" * 3 + " ".join(f" {word}" for word in named("new", 60)), Relation.EXTENDED),
        (" ".join(WORDS[:60] + named("new", 40)), Relation.VERSION),
    ],
)
def test_the_relation_names_what_the_later_text_is(text: str, relation: Relation) -> None:
    later, earlier = taken(2, text), taken(1, TEXT)
    assert relate(later, earlier, compare(later, earlier)) is relation


FULL = Similarity(
    jaccard=0.5,
    containment=0.9,
    number_agreement=1.0,
    title_agreement=0.0,
    opening_agreement=0.0,
    opening_containment=0.4,
    fresh_containment=0.9,
)


@pytest.mark.parametrize(
    ("similarity", "is_same_source", "numbers", "evidence"),
    [
        (replace(FULL, jaccard=0.96, title_agreement=0.5, fresh_containment=0.0), True, 3, "identical"),
        (replace(FULL, jaccard=0.96, title_agreement=0.4, fresh_containment=0.0), True, 3, None),
        (replace(FULL, jaccard=0.96, title_agreement=0.5, fresh_containment=0.0), True, 0, None),
        (FULL, True, 3, "same text"),
        (replace(FULL, opening_containment=0.3), True, 3, None),
        (replace(FULL, opening_containment=0.3, title_agreement=0.5), True, 3, "same text"),
        (replace(FULL, number_agreement=0.6), True, 3, None),
        (replace(FULL, number_agreement=0.0), True, 1, "same text"),
        (replace(FULL, fresh_containment=0.19), True, 3, None),
        (replace(FULL, containment=0.7), False, 3, "long passages"),
        (replace(FULL, containment=0.7), True, 3, None),
        (
            replace(FULL, containment=0.45, number_agreement=0.6, title_agreement=0.5, opening_agreement=0.33),
            True,
            3,
            "correction",
        ),
        (replace(FULL, containment=0.5, opening_agreement=0.65), True, 3, "same opening"),
        (replace(FULL, containment=0.5, opening_agreement=0.65, number_agreement=0.79), True, 3, None),
        (replace(FULL, containment=0.35, opening_agreement=0.33, title_agreement=0.5), True, 3, "same headline"),
        (replace(FULL, containment=0.35, opening_agreement=0.32, title_agreement=0.5), True, 3, None),
        (replace(FULL, containment=0.34, opening_agreement=0.9, title_agreement=0.9), True, 3, None),
    ],
)
def test_each_kind_of_evidence_asks_for_what_it_says(
    similarity: Similarity, is_same_source: bool, numbers: int, evidence: str | None
) -> None:
    found = find_evidence(similarity, RULE, is_same_source=is_same_source, number_count=numbers)
    assert found == evidence


@pytest.mark.parametrize(
    ("other", "told_at", "obstacle"),
    [
        (" ".join(named("other", 100)), NOON, "containment 0.00; the least"),
        (f"{TEXT} 1 2 3", NOON, "numbers 0.00 of 0.70"),
        (f"{TEXT} 7 8 9", NOON + timedelta(hours=73), "73 h apart, more than 72 h"),
    ],
)
def test_what_keeps_two_texts_apart_is_said(other: str, told_at: datetime, obstacle: str) -> None:
    one, two = taken(1, f"{TEXT} 7 8 9", "One"), taken(2, other, "Two", told_at=told_at)
    assert obstacle in (why_not(one, two, compare(one, two), RULE) or "")
    assert verify_match(one, two, RULE) is None


def test_a_template_is_not_a_match_and_says_so() -> None:
    """A form with other figures, told by the same publisher on another day in another story."""
    form = " ".join(made_up(7, 150))
    one, other = taken(1, f"{form} {' '.join(made_up(8, 12))}"), taken(2, f"{form} {' '.join(made_up(9, 12))}")
    assert found_evidence(one, other, compare(one, other), RULE) == "same text"
    used = sign_texts([form], SCHEME, min_words=20)[0].signature
    assert used is not None
    uses = [Use(3, 1, date(2026, 3, 3), 77, used.fingerprints)]
    templates = template_fingerprints(one, other, uses, {1: None, 2: 5}, min_titles=0.5)
    similarity = compare(one, other, templates)
    assert "publisher says on other days" in (why_not(one, other, similarity, RULE) or "")
    assert verify_match(one, other, RULE, templates) is None


@pytest.mark.parametrize(
    ("use", "is_template"),
    [
        (Use(3, 1, date(2026, 3, 3), 77, (11,)), True),
        (Use(3, 2, date(2026, 3, 3), 77, (11,)), False),  # another publisher
        (Use(3, 1, date(2026, 3, 3), 5, (11,)), False),  # the story itself
        (Use(3, 1, date(2026, 3, 3), None, (11,)), False),  # not compared yet
        (Use(3, 1, NOON.date(), 77, (11,)), False),  # the same day, once
        (Use(2, 1, date(2026, 3, 3), 77, (11,)), False),  # the other text
    ],
)
def test_a_fingerprint_is_a_template_where_the_publisher_uses_it_in_other_stories(use: Use, is_template: bool) -> None:
    found = template_fingerprints(taken(1, TEXT), taken(2, TEXT), [use], {1: None, 2: 5}, min_titles=0.5)
    assert found == (frozenset({11}) if is_template else frozenset())


def test_what_three_other_stories_of_a_day_have_is_a_template() -> None:
    uses = [Use(3 + number, 1, NOON.date(), 70 + number, (11,)) for number in range(3)]
    one, other = taken(1, TEXT), taken(2, TEXT)
    assert template_fingerprints(one, other, uses, {1: None, 2: 5}, min_titles=0.5) == {11}
    assert template_fingerprints(one, other, uses[:2], {1: None, 2: 5}, min_titles=0.5) == frozenset()


def test_what_four_articles_under_headlines_of_their_own_have_is_a_template() -> None:
    uses = [Use(3 + number, 1, NOON.date(), 5, (11,)) for number in range(2)]
    one, other = taken(1, TEXT, "A fire at the harbour"), taken(2, TEXT, "Budget passed by one vote")
    assert template_fingerprints(one, other, uses, {1: None, 2: 5}, min_titles=0.5) == {11}
    assert template_fingerprints(one, taken(2, TEXT, "A fire at the harbour"), uses, {2: 5}, min_titles=0.5) == set()


def test_equal_texts_have_equal_signatures_and_others_do_not() -> None:
    one, same, other, short = sign_texts([TEXT, TEXT.upper(), "x " * 30, "too short"], SCHEME, min_words=20)
    assert one == same
    assert one.signature is not None
    assert other.signature is not None
    assert (short.signature, short.word_count) == (None, 2)
    assert len(one.signature.values) == 128 * 4
    assert len(one.signature.band_keys) == 16
    assert one.signature.shingle_count == 96
    assert not set(one.signature.band_keys) & set(other.signature.band_keys)


def test_signature_is_that_of_datasketch() -> None:
    """What consumers compare with their own MinHash is one: the same values from datasketch's own door."""
    from datasketch import MinHash

    (signed,) = sign_texts([TEXT], SCHEME, min_words=20)
    minhash = MinHash(num_perm=128, seed=1, hashfunc=int, scheme="affine32")
    for value in low_bits(shingle_hashes(read_tokens(TEXT).hashes, 5)).tolist():
        minhash.update(value)
    assert signed.signature is not None
    assert np.frombuffer(signed.signature.values, dtype="<u4").tolist() == minhash.hashvalues.tolist()


def test_signature_does_not_change_between_releases() -> None:
    """A changed value would silently part old articles from new: that needs a new scheme row."""
    (signed,) = sign_texts([TEXT], SCHEME, min_words=20)
    assert signed.signature is not None
    assert signed.signature.values[:8].hex() == SIGNED
    assert signed.signature.band_keys[0] == BAND
    assert signed.signature.fingerprints == FINGERPRINTS


def test_a_scheme_that_this_code_cannot_compute_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="scheme 9"):
        sign_texts([TEXT], replace(SCHEME, scheme_id=9, normaliser="words7"), min_words=20)
