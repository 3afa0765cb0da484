"""A week of 1,000 feeds under the real planner and an injected clock, beside other ways to poll the same feeds.

    python -m benchmarks.simulated_week [--feeds 1000] [--days 7] [--seed 1] [--json]

Feeds are drawn from `benchmarks.cadences`: rates, windows, batches and hours of the day as measured. Assumed, for
want of a measurement: one poll in fifty fails (a timeout or HTTP 503), one feed in twenty is unreachable once for up
to twelve hours, one in ten sends max-age=300 and one in thirty max-age=3600. Due feeds are polled every five
minutes, as the DAG does. The seed decides everything.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from wiredesk.models import Feed, FetchOutcome, FetchReason, FetchResult, Plan, PollingHints
from wiredesk.schedule import plan_next_fetch
from wiredesk.settings import Settings

from benchmarks.cadences import FLOORS, HOURS, NEWS, OTHERS, TOUCHED

T = TypeVar("T")

SETTINGS = Settings()
START = datetime(2026, 3, 2, tzinfo=UTC)
DAY_S = 86_400
RUN_S = 300  # how often the DAG looks for due feeds
NEWS_SHARE = 0.8  # of the feeds; a desk also follows ministries and blogs
FAILING_SHARE = 0.02  # of the polls
DOWN_SHARE, LONGEST_DOWN_H = 0.05, 12
MAX_AGES = {None: 1 - 0.1 - 1 / 30, 300: 0.1, 3600: 1 / 30}


@dataclass(frozen=True, slots=True)
class Publisher:
    """A feed as it publishes; times are seconds from the start of the week."""

    url: str
    window: int  # items that it shows
    published: tuple[float, ...]  # ascending
    hints: PollingHints
    max_age_s: int | None
    is_touched: bool  # its bytes differ though no item does
    down: tuple[float, float]
    first_poll_s: float

    @property
    def is_hindered(self) -> bool:
        """Whether anything but the planner makes its items wait."""
        return self.down[1] > 0 or max(self.hints.floor_s or 0, self.max_age_s or 0) > SETTINGS.interval_min_s


@dataclass(frozen=True, slots=True)
class Poll:
    """What a planner is told of one poll."""

    feed: Feed
    result: FetchResult
    now: datetime
    hints: PollingHints
    entry_count: int | None = None
    new_entry_count: int | None = None


Planner = Callable[[Poll], Plan]


@dataclass(slots=True)
class Tally:
    """What a way of polling came to."""

    requests: list[int] = field(default_factory=list)  # a feed
    useful: int = 0  # polls with a new item
    lags_s: list[float] = field(default_factory=list)  # an item: from its publication to the poll that brought it
    worst_unhindered_s: float = 0.0
    lost: int = 0  # items that had left the window before anybody looked
    too_soon: int = 0  # polls before the server's or the feed's word allows


def by_wiredesk(poll: Poll) -> Plan:
    return plan_next_fetch(
        poll.feed,
        poll.result,
        now=poll.now,
        settings=SETTINGS,
        entry_count=poll.entry_count,
        new_entry_count=poll.new_entry_count,
        hints=poll.hints,
    )


def by_share(poll: Poll) -> Plan:
    """A large crawler's rule: half as long again where over 67 % were seen, shorter where less than 33 % were."""
    factor = 1.0
    if poll.result.outcome is FetchOutcome.UNCHANGED:
        factor = 1.5
    elif poll.entry_count and poll.new_entry_count is not None and poll.feed.payload_digest is not None:
        seen = 1 - poll.new_entry_count / poll.entry_count
        factor = 1.5 if seen > 0.67 else 1 / 1.5 if seen < 0.33 else 1.0
    wanted = round(poll.feed.interval_s * factor)
    interval_s = min(max(wanted, SETTINGS.interval_min_s), SETTINGS.interval_max_s)
    wait_s = max(interval_s, poll.result.max_age_s or 0, poll.hints.floor_s or 0)
    return Plan(poll.now + timedelta(seconds=wait_s), interval_s, 0, poll.feed.state, "")


def every(seconds: int) -> Planner:
    """A poller that asks at fixed intervals, whatever anybody says."""
    return lambda poll: Plan(poll.now + timedelta(seconds=seconds), seconds, 0, poll.feed.state, "")


def make_publishers(count: int, days: int, seed: int) -> list[Publisher]:
    """Feeds that publish as the measured ones do, each a week of its own."""
    return [_publisher(number, days, random.Random(f"{seed} {number}")) for number in range(count)]


def _publisher(number: int, days: int, rng: random.Random) -> Publisher:
    window, a_day, batch = rng.choice(NEWS if rng.random() < NEWS_SHARE else OTHERS)
    a_day *= rng.lognormvariate(0, 0.3)  # no two feeds are equally busy
    start, length_s = rng.uniform(0, days * DAY_S), rng.uniform(1, LONGEST_DOWN_H) * 3600
    return Publisher(
        url=f"https://publisher{number}.example/feed",
        window=window,
        published=tuple(_publications(a_day, batch, days, rng)),
        hints=PollingHints(_draw(FLOORS, rng)),
        max_age_s=_draw(MAX_AGES, rng),
        is_touched=rng.random() < TOUCHED,
        down=(start, start + length_s) if rng.random() < DOWN_SHARE else (0.0, 0.0),
        first_poll_s=rng.uniform(0, SETTINGS.interval_default_s),
    )


def _publications(a_day: float, batch: float, days: int, rng: random.Random) -> Iterator[float]:
    """Batches of geometric size at the times of a Poisson process that follows the hours of the day.

    By thinning (P. A. W. Lewis, G. S. Shedler: Simulation of Nonhomogeneous Poisson Processes by Thinning, 1979).
    """
    zone_h, peak, moment = rng.randrange(24), max(HOURS), 0.0
    while (moment := moment + rng.expovariate(a_day / batch / DAY_S * peak)) < days * DAY_S:
        if rng.random() * peak > HOURS[int(moment / 3600 + zone_h) % 24]:
            continue
        yield moment
        while rng.random() > 1 / batch:
            yield moment


def _draw(shares: Mapping[T, float], rng: random.Random) -> T:
    return rng.choices(list(shares), list(shares.values()))[0]


def simulate(publishers: Sequence[Publisher], days: int, planner: Planner, seed: int) -> Tally:
    """Poll all of them for so many days."""
    tally = Tally()
    for number, publisher in enumerate(publishers):
        _follow(publisher, days, planner, tally, random.Random(f"{seed} polls {number}"))
    return tally


def _follow(publisher: Publisher, days: int, planner: Planner, tally: Tally, rng: random.Random) -> None:
    feed = Feed(1, publisher.url, interval_s=SETTINGS.interval_default_s)
    due_s, asked_until_s, known, requests = publisher.first_poll_s, 0.0, 0, 0
    while (at_s := -(-due_s // RUN_S) * RUN_S) < days * DAY_S:
        requests += 1
        tally.too_soon += at_s < asked_until_s
        there = bisect_right(publisher.published, at_s)
        poll = _ask(publisher, feed, at_s, there - known, rng)
        if poll.result.outcome is not FetchOutcome.FAILED:
            asked_until_s = at_s + max(publisher.hints.floor_s or 0, publisher.max_age_s or 0)
            if feed.payload_digest is not None:
                _count(publisher, at_s, known, there, tally)
            known = there
        plan = planner(poll)
        feed = _planned(feed, plan, poll)
        due_s = (plan.next_fetch_at - START).total_seconds()
    tally.requests.append(requests)


def _ask(publisher: Publisher, feed: Feed, at_s: float, new: int, rng: random.Random) -> Poll:
    """What the publisher answers. A first payload has the whole window, which says nothing about what is new."""
    now = START + timedelta(seconds=at_s)

    def poll(outcome: FetchOutcome, reason: FetchReason, *, shown: int | None = None, new: int | None = None) -> Poll:
        max_age_s = None if outcome is FetchOutcome.FAILED else publisher.max_age_s
        result = FetchResult(publisher.url, outcome, reason, now, 0, max_age_s=max_age_s)
        return Poll(feed, result, now, feed.hints if shown is None else publisher.hints, shown, new)

    if publisher.down[0] <= at_s < publisher.down[1] or rng.random() < FAILING_SHARE:
        return poll(FetchOutcome.FAILED, rng.choice((FetchReason.TIMEOUT, FetchReason.HTTP_SERVER)))
    if feed.payload_digest is None:
        new = publisher.window
    elif not new and not publisher.is_touched:
        return poll(FetchOutcome.UNCHANGED, FetchReason.NOT_MODIFIED)
    shown = publisher.window
    return poll(FetchOutcome.FETCHED, FetchReason.NEW_BYTES, shown=shown, new=min(new, shown))


def _count(publisher: Publisher, at_s: float, known: int, there: int, tally: Tally) -> None:
    """Items numbered `known` to `there` are new; those that do not fit the window any more are lost."""
    first = max(known, there - publisher.window)
    tally.lost += first - known
    tally.useful += there > first
    lags_s = [at_s - moment for moment in publisher.published[first:there]]
    tally.lags_s += lags_s
    if lags_s and not publisher.is_hindered:
        tally.worst_unhindered_s = max(tally.worst_unhindered_s, *lags_s)


def _planned(feed: Feed, plan: Plan, poll: Poll) -> Feed:
    """The feed's row after the plan is stored."""
    is_known = poll.result.outcome is not FetchOutcome.FAILED or feed.payload_digest is not None
    if is_known == (feed.payload_digest is not None) and plan.judged_at is None and plan.interval_s == feed.interval_s:
        return feed  # of a way that remembers no more: a copy costs more than all else here
    return replace(
        feed,
        payload_digest=bytes(32) if is_known else None,
        hints=poll.hints,
        interval_s=plan.interval_s,
        failure_count=plan.failure_count,
        news_per_day=plan.news_per_day,
        judged_at=plan.judged_at,
        item_count=plan.item_count,
    )


def measure(tally: Tally, days: int) -> dict[str, float]:
    """What is compared, by name."""
    requests, lags = sum(tally.requests), sorted(tally.lags_s)
    a_day = [count / days for count in tally.requests]
    return {
        "requests a feed a day, mean": statistics.mean(a_day),
        "requests a feed a day, median": statistics.median(a_day),
        "% of polls that brought something": 100 * tally.useful / requests,
        "new items a request": len(lags) / requests,
        "minutes an item waits, mean": statistics.mean(lags) / 60,
        "minutes an item waits, median": statistics.median(lags) / 60,
        "minutes an item waits, p95": lags[int(len(lags) * 0.95)] / 60,
        "hours an item waits, worst": lags[-1] / 3600,
        "  of feeds that nothing hinders": tally.worst_unhindered_s / 3600,
        "items lost, of 10,000": 10_000 * tally.lost / (len(lags) + tally.lost),
        "polls sooner than asked for": tally.too_soon,
    }


WAYS: dict[str, Planner] = {
    "wiredesk": by_wiredesk,
    "every 15 min": every(900),
    "every 60 min": every(3600),
    "67 % / 33 %": by_share,
}


def run(way: str, feeds: int, days: int, seed: int) -> dict[str, float]:
    """One way of polling, measured; each may run in a process of its own."""
    return measure(simulate(make_publishers(feeds, days, seed), days, WAYS[way], seed), days)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    chosen = parser.parse_args(arguments)
    began = time.perf_counter()
    with ProcessPoolExecutor() as pool:
        results = [pool.submit(run, name, chosen.feeds, chosen.days, chosen.seed) for name in WAYS]
        measured = {name: result.result() for name, result in zip(WAYS, results, strict=True)}
    if chosen.json:
        print(json.dumps(measured))
        return
    print(f"{chosen.feeds} feeds, {chosen.days} days, simulated in {time.perf_counter() - began:.0f} s\n")
    print(f"{'':<34}" + "".join(f"{name:>14}" for name in WAYS))
    for line in measured["wiredesk"]:
        print(f"{line:<34}" + "".join(f"{values[line]:>14,.1f}" for values in measured.values()))


if __name__ == "__main__":
    main()
