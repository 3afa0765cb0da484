"""One numbered case of the fuzzing: the same seed, number and feeds give the same bytes on every machine."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from wiredesk.models import ParsedFeed

from tests.corpus import feed_mutations as mutations
from tests.corpus.byte_mutations import damaged
from tests.corpus.feed_promises import broken_promise, is_delimited, lost_neighbours, parse
from tests.corpus.feed_seeds import Seed

_CONTENT_TYPES = (
    None,
    None,
    None,
    "text/xml",
    "application/json",
    "text/html; charset=utf-16",
    "text/xml; charset=latin1",
)


@dataclass(frozen=True)
class Material:
    """A sound feed, and what it says."""

    seed: Seed
    sound: ParsedFeed


@dataclass(frozen=True)
class Case:
    """What one case was, and what was wrong."""

    kind: str
    feed: str
    body: bytes
    problem: str | None


def material(seeds: Sequence[Seed]) -> list[Material]:
    """The seeds that are sound: read without a rejected item, an entry for each item, in their order."""
    found = []
    for seed in seeds:
        parsed = parse(seed.body())
        if not isinstance(parsed, ParsedFeed) or parsed.rejected or len(parsed.entries) != len(seed.items):
            continue
        alone = [parse(seed.body([item])) for item in seed.items]
        keys = [one.entries[0].key for one in alone if isinstance(one, ParsedFeed) and len(one.entries) == 1]
        if keys == [entry.key for entry in parsed.entries]:
            found.append(Material(seed, parsed))
    return found


def run_case(feeds: Sequence[Material], seed: int, number: int) -> Case:
    """Damage one of the feeds, and look whether all promises still hold."""
    chance = random.Random(f"{seed}/{number}")
    feed = chance.choice(feeds)
    kind = ("document", "items", "one item", "one item")[number % 4]
    if kind == "document":
        body = damaged(feed.seed.body(), chance, mutations.GLOBAL)
        problem = broken_promise(body, chance, chance.choice(_CONTENT_TYPES))
        return Case(kind, feed.seed.name, body, problem)
    if kind == "items":
        body = mutations.shuffled(feed.seed, chance)
        return Case(kind, feed.seed.name, body, broken_promise(body, chance) or _lost_when_shuffled(feed, body))
    position = chance.randrange(len(feed.seed.items))
    item = mutations.damaged_item(feed.seed.items[position], chance)
    body = feed.seed.with_item(position, item)
    problem = broken_promise(body, chance)
    if problem is None and is_delimited(feed.seed, position, item):
        kind = "neighbours"
        problem = lost_neighbours(feed.seed, position, item, feed.sound)
    return Case(kind, feed.seed.name, body, problem)


def _lost_when_shuffled(feed: Material, body: bytes) -> str | None:
    """Items in another order, repeated or left out are still the same entries."""
    parsed = parse(body)
    if not isinstance(parsed, ParsedFeed):
        return f"items in another order: {parsed}"
    sound = {entry.key: entry.digest for entry in feed.sound.entries}
    wanted = {entry.key for entry, item in zip(feed.sound.entries, feed.seed.items, strict=True) if item in body}
    if {entry.key for entry in parsed.entries} != wanted:
        return f"items in another order: {sorted(wanted)} became {sorted(entry.key for entry in parsed.entries)}"
    changed = [entry.key for entry in parsed.entries if entry.digest != sound[entry.key]]
    return f"items in another order: {changed} say something else" if changed else None
