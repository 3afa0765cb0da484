"""Every step run twice, and eight at once, beside a database where each runs once. `python -m benchmarks.race_steps`

Two databases poll the same feeds, which bring new stories, copies, other wordings, broken items and error pages, over
months of a clock that is set forward. In the one each step of the line and of its upkeep runs once; in the other twice
in a row and in eight sessions at once, in turns the one and the other first. After each step both must hold the same:
not one row may differ, by natural keys; and after each round the checks of sql/checks must find nothing.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from wiredesk import steps
from wiredesk.store.database import Database
from wiredesk.store.evaluation import scratch_database
from wiredesk.store.sources import Retention, set_source
from wiredesk.store.status import assert_invariants

from local.guard import temporary_postgres
from tests.store.contents import content
from tests.store.desk import HTML, Desk, item, opened_desk, prose, rss, running_site

ROUNDS = 100
FEEDS = ("/one", "/two", "/three")
SESSIONS = 8
# Short, so that in the months of a run everything comes to its end.
RETENTION = Retention(payload_days=10, revision_days=15, article_days=20, change_days=25)

Step = Callable[[Desk, Database], Any]


def editions(pick: random.Random, number: int) -> dict[str, bytes]:
    """What the feeds carry in this round: some of what they carried before, some of it in other words."""

    def told(one: int) -> str:
        # Four of ten share their text with the one before, a few have new words in each round.
        text = prose(f"story {one - one % 5 % 2}", 60)
        return f"{text} {number} more." if one % 7 == number % 7 else text

    def carried(place: int) -> bytes:
        if pick.random() < 0.05:
            return HTML
        latest = number * 3 + place
        ids = pick.sample(range(max(0, latest - 12), latest + 1), min(latest + 1, 8))
        broken = '<item><guid isPermaLink="false">broken</guid><title></title></item>' if pick.random() < 0.2 else ""
        return rss(*(item(f"{place}-{one}", told(one)) for one in ids), broken)

    return {path: carried(place) for place, path in enumerate(FEEDS)}


def line(run: str, forgotten: str | None) -> Iterator[tuple[str, Step]]:
    """The steps of a round, in order; each gets by what the one before left in its database."""
    held: dict[str, dict[str, list[Any]]] = {"batches": {}, "fetches": {}}

    def claim(desk: Desk, session: Database) -> None:
        batches = steps.claim_batches(session, desk.settings, claimant="race", run=run, clock=desk.clock)
        held["batches"][desk.dsn] = batches

    def capture(desk: Desk, session: Database) -> None:
        batches = held["batches"][desk.dsn]
        captured = [steps.capture_feeds(session, desk.settings, batch, clock=desk.clock) for batch in batches]
        held["fetches"][desk.dsn] = [fetch_id for ids in captured for fetch_id in ids]

    yield "claim", claim
    yield "capture", capture
    yield (
        "pages",
        lambda desk, one: steps.capture_pages(one, desk.settings, held["fetches"][desk.dsn], clock=desk.clock),
    )
    yield "load", lambda desk, one: steps.load_fetches(one, desk.settings, held["fetches"][desk.dsn], clock=desk.clock)
    yield "match", lambda desk, one: steps.match_articles(one, desk.settings, run=run, clock=desk.clock)
    yield "learn", lambda desk, one: steps.learn_residue(one, desk.settings, clock=desk.clock)
    yield "publish", lambda desk, one: steps.publish_changes(one, clock=desk.clock)
    yield (
        "replay",
        lambda desk, one: steps.replay_fetches(
            one, desk.settings, since=desk.clock.now - timedelta(days=4), dry_run=False, clock=desk.clock
        ),
    )
    if forgotten is not None:
        yield (
            "forget",
            lambda desk, one: steps.forget_articles(
                one, why="a race", by="race", url_prefix=forgotten, dry_run=False, clock=desk.clock
            ),
        )
    yield "resign", lambda desk, one: steps.resign_articles(one, desk.settings, clock=desk.clock)
    yield "expire payloads", lambda desk, one: steps.expire_payloads(one, desk.settings, clock=desk.clock)
    yield "expire news", lambda desk, one: steps.expire_news(one, clock=desk.clock)
    yield "expire postings", lambda desk, one: steps.expire_postings(one, clock=desk.clock)
    yield "publish removals", lambda desk, one: steps.publish_changes(one, clock=desk.clock)
    yield "index", lambda _desk, one: steps.index_stories(one)


def run_again(desk: Desk, step: Step, *, is_first_at_once: bool) -> None:
    """Twice in a row and in eight sessions at once."""

    def twice() -> None:
        step(desk, desk.store)
        step(desk, desk.store)

    def at_once() -> None:
        desk.at_once(lambda session, _number: step(desk, session), threads=SESSIONS)

    for way in (at_once, twice) if is_first_at_once else (twice, at_once):
        way()


def differing(one: Desk, other: Desk) -> Counter[str]:
    """How many rows only one of the two has, by kind."""
    here, there = content(one.dsn), content(other.dsn)
    found: Counter[str] = Counter()
    for name in here:
        only = Counter(here[name]), Counter(there[name])
        rows = [*(only[0] - only[1]).elements(), *(only[1] - only[0]).elements()]
        if rows:
            found[name] = len(rows)
            print(f"  {name}: {rows[0][:600]}", flush=True)
    return found


def race(once: Desk, again: Desk, rounds: int, seed: int) -> Counter[str]:
    """So many rounds; the rows that differ after the first that leaves any."""
    pick = random.Random(seed)
    for number in range(rounds):
        for path, body in editions(pick, number).items():
            once.site.put(path, body)
        once.clock.advance(hours=pick.randrange(6, 60))
        for desk in (once, again):
            desk.sql.execute("UPDATE desk.feeds SET next_fetch_at = %s", (once.clock.now,))
        forgotten = (
            f"https://news.example/{pick.randrange(3)}-{pick.randrange(number * 3 + 1)}" if number % 5 == 4 else None
        )
        for place, (name, step) in enumerate(line(f"round {number}", forgotten)):
            step(once, once.store)
            run_again(again, step, is_first_at_once=(number + place) % 2 == 0)
            if found := differing(once, again):
                print(f"round {number}, after {name}: {dict(found)}")
                return found
        for desk in (once, again):
            desk.store.run(assert_invariants)
    return Counter()


@contextmanager
def two_desks() -> Iterator[tuple[Desk, Desk]]:
    """Two databases on one server that poll one site by one clock."""
    with ExitStack() as stack:
        server = stack.enter_context(temporary_postgres())
        site = stack.enter_context(running_site())
        desks = []
        for _ in range(2):
            dsn = stack.enter_context(scratch_database(server.superuser_dsn()))
            desk = stack.enter_context(opened_desk(dsn, site))
            desk.settings = replace(desk.settings, residue_min_stories=3)
            desk.subscribe(*FEEDS)
            desk.store.run(set_source, desk.value("SELECT host FROM desk.sources"), retention=RETENTION)
            desks.append(desk)
        desks[1].clock = desks[0].clock
        yield desks[0], desks[1]


def main(argv: list[str] | None = None) -> int:
    """Run the rounds; 1 where a row differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    began = time.monotonic()
    with two_desks() as (once, again):
        found = race(once, again, given.rounds, given.seed)
        kinds = once.rows("SELECT kind, count(*) FROM desk.changes GROUP BY kind ORDER BY kind")
        told = {
            **{row["kind"]: row["count"] for row in kinds},
            "tombstones": once.value("SELECT count(*) FROM desk.tombstones"),
        }
    print(f"{given.rounds} rounds, each step twice and in {SESSIONS} sessions at once: {found.total()} rows differ")
    print(f"what happened in them: {told}; {time.monotonic() - began:.0f} s")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
