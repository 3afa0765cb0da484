"""When a feed is polled next, and how due feeds are cut into batches. Pure: `now` comes from the caller.

The rules are those of the large polite crawlers: the interval follows how much of each poll was new, the
server's own floor is kept, and a failure backs off by what it means. No failure ends the polling but one: a feed
that is gone (HTTP 410) twice in a row is retired, and comes back only by `wiredesk feed resume`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from wiredesk.models import Feed, FeedState, FetchOutcome, FetchReason, FetchResult, Plan

__all__ = ["Bounds", "Plan", "cut_batches", "plan_next_fetch"]

_GROW, _SHRINK = 1.5, 1 / 1.5  # a step that two polls undo; larger ones swing
_MOSTLY_SEEN, _HARDLY_SEEN = 0.67, 0.33  # a large crawler's marks: above, polls are wasted; below, items are missed
_JITTER = 0.05  # so that feeds that were added together do not stay together
_LONGEST_FLOOR_S = 86_400  # a server may ask for a day; beyond it a slip would silence the feed
_LONGEST_BACKOFF_S = 30 * 86_400  # feeds do come back: all but the retired are asked once a month

# How heavily a failure weighs: hard ones are answers that stay as they are until somebody acts, soft ones
# may pass by themselves, temporary ones mostly are the network's.
_HARD, _SOFT, _TEMPORARY = 1.0, 0.5, 0.25
_WEIGHTS = {
    FetchReason.NOT_FOUND: _SOFT,
    FetchReason.RATE_LIMITED: _SOFT,
    FetchReason.HTTP_SERVER: _SOFT,
    FetchReason.PROTOCOL: _SOFT,
    FetchReason.BAD_ENCODING: _SOFT,
    FetchReason.DNS: _TEMPORARY,
    FetchReason.CONNECT: _TEMPORARY,
    FetchReason.TIMEOUT: _TEMPORARY,
}


class Bounds(Protocol):
    """The settings that planning needs; `Settings` has them."""

    @property
    def interval_min_s(self) -> int: ...
    @property
    def interval_max_s(self) -> int: ...


def plan_next_fetch(
    feed: Feed,
    result: FetchResult,
    *,
    now: datetime,
    settings: Bounds,
    entry_count: int | None = None,
    new_entry_count: int | None = None,
    ttl_s: int | None = None,
    is_unusable: bool = False,
) -> Plan:
    """Plan from one attempt. `feed` is as it was before the attempt.

    A payload is planned for twice: when it is captured (no counts yet: nothing changes but the time) and
    when it is loaded, with `entry_count`, `new_entry_count` and the feed's `ttl_s`, or with `is_unusable`
    where it was quarantined, which counts as a soft failure.
    """
    if result.outcome is FetchOutcome.FAILED or is_unusable:
        return _after_failure(feed, result, now, is_unusable=is_unusable)
    interval_s, why = _interval(feed, result, settings, entry_count, new_entry_count)
    if ttl_s and min(ttl_s, _LONGEST_FLOOR_S) > interval_s:
        interval_s = min(ttl_s, _LONGEST_FLOOR_S)
        why += f"; the feed itself asks for {_in_words(interval_s)} (ttl)"
    delay_s, floor = _delay(feed, result, interval_s, now)
    is_judged = result.outcome is FetchOutcome.UNCHANGED or entry_count is not None
    return Plan(
        next_fetch_at=now + timedelta(seconds=delay_s),
        interval_s=interval_s,
        # Bytes that nobody has read yet may still turn out to be an error page.
        failure_count=0 if is_judged else feed.failure_count,
        state=feed.state,
        reason=f"{why}: next fetch in {_in_words(delay_s)}{floor}.",
    )


def cut_batches(feeds: Sequence[tuple[int, str]], batch_size: int) -> list[tuple[int, ...]]:
    """Cut (feed id, URL) pairs into batches of about `batch_size` feed ids.

    All feeds of one host are in one batch: one task polls them, so the limit per host that the task keeps
    holds over all workers of a run without a lock. Sizes differ as little as the hosts allow, and a batch
    is larger than `batch_size` only where a host has more feeds than fit.
    """
    by_host: dict[str, list[int]] = defaultdict(list)
    for feed_id, url in feeds:
        by_host[_host(url)].append(feed_id)
    batches: list[list[int]] = [[] for _ in range(-(-len(feeds) // batch_size))]
    # Largest first, each into what is emptiest (Graham's LPT rule: at most 4/3 of the best possible).
    for group in sorted(by_host.values(), key=lambda group: -len(group)):
        min(batches, key=len).extend(group)
    return [tuple(batch) for batch in batches if batch]


def _after_failure(feed: Feed, result: FetchResult, now: datetime, *, is_unusable: bool) -> Plan:
    failures = feed.failure_count + 1
    what = "unusable payload" if is_unusable else result.reason.value.replace("_", " ")
    state = feed.state
    is_gone_again = result.reason is FetchReason.GONE and feed.last_reason is FetchReason.GONE
    weight = _SOFT if is_unusable else _WEIGHTS.get(result.reason, _HARD)
    backoff_s = min(round(feed.interval_s * (1 + weight * failures)), _LONGEST_BACKOFF_S)
    if is_gone_again:
        state, backoff_s = FeedState.RETIRED, _LONGEST_BACKOFF_S
    delay_s, floor = _delay(feed, result, backoff_s, now)
    count = f"{what}, {failures} failures in a row" if failures > 1 else what
    reason = f"{count}: next fetch in {_in_words(delay_s)}{floor}."
    if is_gone_again:
        reason = "The publisher said twice that the feed is gone (HTTP 410): retired until a person resumes it."
    return Plan(
        next_fetch_at=now + timedelta(seconds=delay_s),
        interval_s=feed.interval_s,
        failure_count=failures,
        state=state,
        reason=reason[:1].upper() + reason[1:],
    )


def _interval(
    feed: Feed, result: FetchResult, bounds: Bounds, entry_count: int | None, new_entry_count: int | None
) -> tuple[int, str]:
    """The new interval in seconds, and why."""
    if result.outcome is FetchOutcome.UNCHANGED:
        return _changed(feed, bounds, _GROW, "Unchanged since the last fetch")
    if entry_count is None or new_entry_count is None:
        return feed.interval_s, "Fetched and not loaded yet"
    if feed.payload_digest is None:
        return feed.interval_s, f"First payload, {entry_count} entries"
    seen = 1 - new_entry_count / entry_count if entry_count else 1.0
    what = f"{new_entry_count} of {entry_count} entries were new"
    if seen > _MOSTLY_SEEN:
        return _changed(feed, bounds, _GROW, what)
    if seen < _HARDLY_SEEN:
        return _changed(feed, bounds, _SHRINK, what)
    return feed.interval_s, f"{what}, so every {_in_words(feed.interval_s)} is right"


def _changed(feed: Feed, bounds: Bounds, factor: float, why: str) -> tuple[int, str]:
    wanted = round(feed.interval_s * factor)
    interval_s = min(max(wanted, bounds.interval_min_s), bounds.interval_max_s)
    if interval_s == feed.interval_s:
        return interval_s, f"{why}, and every {_in_words(interval_s)} is already the limit"
    verb = "grows" if interval_s > feed.interval_s else "shrinks"
    return interval_s, f"{why}, so the interval {verb} from {_in_words(feed.interval_s)} to {_in_words(interval_s)}"


def _delay(feed: Feed, result: FetchResult, wanted_s: int, now: datetime) -> tuple[int, str]:
    """Seconds until the next fetch: what is wanted, jittered, but not below what the server asks for."""
    delay_s = round(wanted_s * (1 + _JITTER * _spread(feed.url, now)))
    floor_s = min(max(result.max_age_s or 0, result.retry_after_s or 0), _LONGEST_FLOOR_S)
    if floor_s <= delay_s:
        return delay_s, ""
    header = "Retry-After" if (result.retry_after_s or 0) >= (result.max_age_s or 0) else "Cache-Control or Expires"
    return floor_s, f", which the server asks for ({header})"


def _spread(url: str, now: datetime) -> float:
    """A number in [-1, 1) that looks random and is the same for the same feed and time."""
    digest = hashlib.sha256(f"{url}\n{now.isoformat()}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**63 - 1


def _in_words(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 2 * 86_400 else f"{seconds / 86_400:.1f} days"


def _host(url: str) -> str:
    """The host without www; a URL without one stands for itself."""
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url
