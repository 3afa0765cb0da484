"""Feeds that were damaged as the web damages them: no exception, no neighbour lost. At length: `make fuzz`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.corpus import feed_mutations as mutations
from tests.corpus.feed_cases import Material, material, run_case
from tests.corpus.feed_promises import is_delimited, lost_neighbours
from tests.corpus.feed_seeds import RSS2, SEEDS, Seed

CASES = 400  # five seconds
SEED = 3


@pytest.fixture(scope="module")
def feeds() -> list[Material]:
    return material(SEEDS)


def test_every_seed_is_a_sound_feed(feeds: list[Material]) -> None:
    assert [feed.seed.name for feed in feeds] == [seed.name for seed in SEEDS]


def test_damaged_feeds_keep_every_promise_of_parsing(feeds: list[Material]) -> None:
    cases = [run_case(feeds, SEED, number) for number in range(CASES)]
    failed = [(number, case.feed, case.problem) for number, case in enumerate(cases) if case.problem]
    assert failed == []
    assert sum(case.kind == "neighbours" for case in cases) >= CASES // 4


# Found by fuzzing. Each, between the tags of an item, took a neighbour with it.
POISON = {
    "an element that is not closed": "<title>Two<link>https://o.example/x</link>",
    "a misspelt end tag": "<title>Two</title><description>text</descriptio~>",
    "an end tag of the channel": "</channel><title>Two</title>",
    "a broken start tag": "<title>Two</title><link>https://o.example/x</link",
    "an attribute twice": '<title a="1" a="2">Two</title>',
    "a bare ampersand": "<title>Two & three</title>",
    "a base that is no address": '<title>Two</title><category xml:base="http://[">c</category>',
    "a base in an empty element": '<title>Two</title><category xml:base="../x/"/>',
    "markup that is not expected inline": '<description type="xhtml"><div><title>Two</title></div></description><svg/>',
    "a namespace of its own": '<dc:title xmlns:dc="urn:x">Two</dc:title><title xmlns="urn:y">Two</title>',
    "an image": "<image><title>Two</title><width>wide</width></image><textInput/>",
    "a place that is no number": '<gml:pos xmlns:gml="http://www.opengis.net/gml">north</gml:pos>',
    "content that is not closed": '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Two',
    "an undeclared prefix": "<nope:title>Two</nope:title>",
}


def _poisoned(seed: Seed, poison: str) -> bytes:
    start, end = mutations.inside(seed.items[1])
    return seed.items[1][:start] + poison.encode() + seed.items[1][end:]


# A sitemap that is not well-formed cannot be told apart, so only its other half of the list counts.
POISONED = [
    pytest.param(seed, _poisoned(seed, poison), id=f"{seed}, {name}")
    for seed in SEEDS
    for name, poison in POISON.items()
    if not seed.is_json and is_delimited(seed, 1, _poisoned(seed, poison))
]


@pytest.mark.parametrize(("seed", "item"), POISONED)
def test_a_poison_item_takes_no_neighbour_with_it(seed: Seed, item: bytes, feeds: list[Material]) -> None:
    sound = next(feed.sound for feed in feeds if feed.seed is seed)
    assert lost_neighbours(seed, 1, item, sound) is None


def test_a_lost_or_changed_neighbour_would_be_noticed(feeds: list[Material]) -> None:
    seed = RSS2
    sound = next(feed.sound for feed in feeds if feed.seed is seed)
    assert lost_neighbours(seed, 0, b"<item></item>", sound) is None
    more = replace(sound, entries=(*sound.entries, replace(sound.entries[0], key="another")))
    assert "lost" in (lost_neighbours(seed, 0, b"<item></item>", more) or "")
    other = replace(sound, entries=(*sound.entries[:-1], replace(sound.entries[-1], title="x", digest=bytes(32))))
    assert "title" in (lost_neighbours(seed, 0, b"<item></item>", other) or "")
