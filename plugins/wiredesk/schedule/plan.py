"""When a feed is polled next, and why."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Protocol

from wiredesk.models import Feed, FeedState, FetchOutcome, FetchReason, FetchResult, Plan, PollingHints
from wiredesk.schedule.rhythm import Bounds, in_words, judge
from wiredesk.schedule.wishes import LONGEST_SKIP, allowed_moment, longest_wish

_JITTER = 0.05  # so that feeds that were added together do not stay together
_PUT_OFF_SPREAD_S = 600  # those that skipped hours, or a paused host, put off come within ten minutes, not at once
_LONGEST_BACKOFF = timedelta(days=30)  # feeds do come back: all but the retired are asked once a month
_NEXT_RUN_S = 300  # when a host that names no time is asked again: the next run of the DAG

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


class Doubt(Protocol):
    """The setting that says how often validators are left out; `Settings` has it."""

    @property
    def unconditional_share(self) -> float: ...


def plan_next_fetch(
    feed: Feed,
    result: FetchResult,
    *,
    now: datetime,
    settings: Bounds,
    entry_count: int | None = None,
    new_entry_count: int | None = None,
    hints: PollingHints | None = None,
    is_unusable: bool = False,
) -> Plan:
    """Plan from one attempt. `feed` is as it was before the attempt.

    A payload is planned for twice: when it is captured (no counts yet: nothing changes but the time) and
    when it is loaded, with `entry_count`, `new_entry_count` and the payload's own `hints`, or with `is_unusable`
    where it was quarantined, which counts as a soft failure. Where no hints are given, the feed's last ones hold.
    """
    if result.outcome is FetchOutcome.DEFERRED:
        return plan_deferred(feed, result, now=now)
    hints = feed.hints if hints is None else hints
    if result.outcome is FetchOutcome.FAILED or is_unusable:
        return _after_failure(feed, result, hints, now, is_unusable=is_unusable)
    rhythm = judge(feed, result, settings, entry_count, new_entry_count)
    next_fetch_at, who = _moment(feed, result, hints, timedelta(seconds=rhythm.interval_s), now)
    is_judged = result.outcome is FetchOutcome.UNCHANGED or entry_count is not None
    return Plan(
        next_fetch_at=next_fetch_at,
        interval_s=rhythm.interval_s,
        # Bytes that nobody has read yet may still turn out to be an error page.
        failure_count=0 if is_judged else feed.failure_count,
        state=feed.state,
        reason=f"{rhythm.why}: next fetch in {_until(next_fetch_at, now)}{who}.",
        news_per_day=rhythm.news_per_day,
        judged_at=rhythm.judged_at,
        item_count=rhythm.item_count,
    )


def plan_deferred(feed: Feed, result: FetchResult, *, now: datetime) -> Plan:
    """Plan for a feed that was not asked at all, because its host wants to be left alone or is busy.

    It is due as soon as the host may be asked again (`retry_after_s`, or at the next run where no time is known).
    Nothing was learnt about the feed, so all else stays.
    """
    is_paused = result.reason is FetchReason.HOST_PAUSED
    wanted = timedelta(seconds=0 if result.retry_after_s else _NEXT_RUN_S)
    next_fetch_at, _ = _moment(feed, result, PollingHints(), wanted, now)
    if result.retry_after_s:
        # Whatever waits for this host would otherwise ask it in the same second.
        next_fetch_at += timedelta(seconds=_spread_s(feed, now))
    next_fetch_at = allowed_moment(next_fetch_at, feed.hints, _spread_s(feed, now))
    why = "Its host asked not to be polled for a while" if is_paused else "Its host was busy with our other requests"
    return _unchanged_plan(feed, next_fetch_at, f"{why}: next fetch in {_until(next_fetch_at, now)}.")


def sends_validators(feed: Feed, *, now: datetime, settings: Doubt) -> bool:
    """Whether to ask only for what has changed, with the validators that the feed has.

    False for about `unconditional_share` of all polls, so that a server that answers "unchanged" for ever is found
    out, and always for a feed of which a person knows that its server does.
    """
    return feed.is_conditional and _chance(f"validators of {feed.url}", now) >= settings.unconditional_share


def _after_failure(feed: Feed, result: FetchResult, hints: PollingHints, now: datetime, *, is_unusable: bool) -> Plan:
    failures = feed.failure_count + 1
    what = "unusable payload" if is_unusable else result.reason.value.replace("_", " ")
    state = feed.state
    is_gone_again = result.reason is FetchReason.GONE and feed.last_reason is FetchReason.GONE
    weight = _SOFT if is_unusable else _WEIGHTS.get(result.reason, _HARD)
    backoff = min(timedelta(seconds=round(feed.interval_s * (1 + weight * min(failures, 10**6)))), _LONGEST_BACKOFF)
    if is_gone_again:
        state, backoff = FeedState.RETIRED, _LONGEST_BACKOFF
    next_fetch_at, who = _moment(feed, result, hints, backoff, now)
    count = f"{what}, {failures} failures in a row" if failures > 1 else what
    reason = f"{count}: next fetch in {_until(next_fetch_at, now)}{who}."
    if is_gone_again:
        reason = "The publisher said twice that the feed is gone (HTTP 410): retired until a person resumes it."
    return _unchanged_plan(feed, next_fetch_at, reason[:1].upper() + reason[1:], failures=failures, state=state)


def _unchanged_plan(
    feed: Feed, next_fetch_at: datetime, reason: str, *, failures: int | None = None, state: FeedState | None = None
) -> Plan:
    """A plan of an attempt that says nothing about the feed's rhythm."""
    return Plan(
        next_fetch_at=next_fetch_at,
        interval_s=feed.interval_s,
        failure_count=feed.failure_count if failures is None else failures,
        state=state or feed.state,
        reason=reason,
        news_per_day=feed.news_per_day,
        judged_at=feed.judged_at,
        item_count=feed.item_count,
    )


def _moment(
    feed: Feed, result: FetchResult, hints: PollingHints, wanted: timedelta, now: datetime
) -> tuple[datetime, str]:
    """What is wanted, jittered, but not before anybody's wish, nor when the feed skips; and who had a say in it."""
    delay = wanted * (1 + _JITTER * (2 * _chance(feed.url, now) - 1))
    floor_s, who = longest_wish(result, hints)
    # What is put off by skipped hours or days must still come within the longest back-off.
    skips = bool(hints.skip_hours or hints.skip_days)
    delay = min(delay, _LONGEST_BACKOFF - LONGEST_SKIP if skips else _LONGEST_BACKOFF)
    reason = ""
    if floor_s > delay.total_seconds():
        delay, reason = timedelta(seconds=floor_s), f", as {who} asks"
    moment = now + timedelta(seconds=round(delay.total_seconds()))
    allowed = allowed_moment(moment, hints, _spread_s(feed, now))
    if allowed != moment:
        reason += ", because the feed asks not to be polled at the hours or days before (skipHours, skipDays)"
    return allowed, reason


def _spread_s(feed: Feed, now: datetime) -> int:
    return round(_PUT_OFF_SPREAD_S * _chance(f"spread of {feed.url}", now))


def _chance(text: str, now: datetime) -> float:
    """A number in [0, 1) that looks random and is the same for the same text and time."""
    digest = hashlib.sha256(f"{text}\n{now.isoformat()}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _until(moment: datetime, now: datetime) -> str:
    return in_words((moment - now).total_seconds())
