"""How often a feed is worth polling: an estimate of its news, and the interval that follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wiredesk.models import Feed, FetchOutcome, FetchResult

_HOUR_S, _DAY_S = 3600, 86_400

# Polling a feed of r new entries an hour every T hours makes them wait r·T/2 hours an hour in all, and costs 1/T
# requests. With a price in hours of waiting on a request, the sum is least at T = sqrt(2·price/r): four times the
# news, twice the polls. (K. C. Sia, J. Cho, H.-K. Cho, Efficient Monitoring Algorithm for Fast News Alerts, IEEE TKDE
# 19(7), 2007, find the same root for many feeds under one budget of polls.) The price: one request may cost one
# reader 18 minutes. In the simulated week (benchmarks/simulated_week.py) that is a quarter of the requests of a
# poller that asks every 15 minutes, and one new item a request; half the price is 30 % more requests for 5 minutes.
_REQUEST_PRICE_H = 0.3

# The estimate forgets with a time constant of so many intervals: long enough that chance does not swing it, short
# enough that a feed which never says a word is asked daily after two weeks. It matters little:
# between 6 and 24 the simulated week changes by a tenth. A pattern of the day could save 8 % at most, because only
# its root counts, and is left out.
_MEMORY_POLLS = 8

# Between two polls no more than half of what the feed shows at a time is expected, so that twice the usual is not lost.
_WINDOW_SHARE = 0.5


class Bounds(Protocol):
    """The settings that bound an interval; `Settings` has them."""

    @property
    def interval_min_s(self) -> int: ...
    @property
    def interval_max_s(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often to poll, from what is known of the feed; `why` is the beginning of a sentence."""

    interval_s: int
    news_per_day: float | None
    judged_at: datetime | None
    item_count: int | None
    why: str


def judge(
    feed: Feed, result: FetchResult, bounds: Bounds, entry_count: int | None, new_entry_count: int | None
) -> Rhythm:
    """What a poll that brought something usable says about the feed's rhythm.

    `feed` is as it was before. Without counts nothing is known yet of fetched bytes, and nothing changes.
    """
    is_unchanged = result.outcome is FetchOutcome.UNCHANGED
    if not is_unchanged and (entry_count is None or new_entry_count is None):
        return Rhythm(feed.interval_s, feed.news_per_day, feed.judged_at, feed.item_count, "Fetched and not loaded yet")
    item_count = feed.item_count if entry_count is None else entry_count
    new = new_entry_count or 0
    if is_unchanged:
        what = "Unchanged since the last fetch"
    elif feed.payload_digest is None:
        what = f"First payload, {entry_count} entries"
    else:
        what = f"{new} of {entry_count} entries were new"
    if feed.judged_at is None or (not is_unchanged and feed.payload_digest is None):
        return Rhythm(feed.interval_s, feed.news_per_day, result.started_at, item_count, what)
    elapsed_h = (result.started_at - feed.judged_at).total_seconds() / _HOUR_S
    if elapsed_h <= 0:  # planned again, or clocks that disagree: nothing to learn from
        return Rhythm(feed.interval_s, feed.news_per_day, feed.judged_at, item_count, what)
    news_per_day = 24 * _news_per_hour(feed, new, elapsed_h, bounds)
    interval_s, limit = _interval(news_per_day, item_count, bounds)
    look = f"worth a look every {in_words(interval_s)}{limit}"
    why = f"{what}, and {expected(news_per_day)} are expected, which is {look}"
    return Rhythm(interval_s, news_per_day, result.started_at, item_count, why)


def _news_per_hour(feed: Feed, new: int, elapsed_h: float, bounds: Bounds) -> float:
    """Exponentially weighted by time, so that polls at uneven distances count for the time that they cover."""
    if feed.news_per_day is None:
        # As if the interval had been right so far.
        before = 2 * _REQUEST_PRICE_H / (feed.interval_s / _HOUR_S) ** 2
    else:
        before = feed.news_per_day / 24
    memory_h = _MEMORY_POLLS * _interval(before * 24, feed.item_count, bounds)[0] / _HOUR_S
    weight = math.exp(-elapsed_h / memory_h)
    return before * weight + new / elapsed_h * (1 - weight)


def _interval(news_per_day: float, item_count: int | None, bounds: Bounds) -> tuple[int, str]:
    """The interval in seconds, and what limits it."""
    news_per_hour = max(news_per_day / 24, 1e-9)
    wanted_s = math.sqrt(2 * _REQUEST_PRICE_H / news_per_hour) * _HOUR_S
    limit = ""
    if item_count and (window_s := _WINDOW_SHARE * item_count / news_per_hour * _HOUR_S) < wanted_s:
        wanted_s, limit = window_s, f", because it shows only {item_count} items"
    return round(min(max(wanted_s, bounds.interval_min_s), bounds.interval_max_s)), limit


def expected(news_per_day: float) -> str:
    """An estimate of new entries as a person says it."""
    if news_per_day < 0.1:
        return "hardly any"
    return f"about {news_per_day:.0f} a day" if news_per_day >= 3 else f"about {news_per_day:.1f} a day"


def in_words(seconds: float) -> str:
    """A duration as a person says it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR_S:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / _HOUR_S:.1f} h" if seconds < 2 * _DAY_S else f"{seconds / _DAY_S:.1f} days"
