"""Whatever a feed, its server and its history say: the next fetch comes, and not before anybody's wish."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from wiredesk.models import Feed, FeedState, FetchOutcome, FetchReason, FetchResult, Plan, PollingHints
from wiredesk.schedule import follow_move, plan_deferred, plan_next_fetch
from wiredesk.settings import Settings

Known = dict[str, int | bool | PollingHints]  # options of plan_next_fetch
Poll = tuple[FetchResult, Known]

DAY_S = 86_400
SETTINGS = Settings()
FAILURES = sorted(
    set(FetchReason)
    - {FetchReason.NEW_BYTES, FetchReason.NOT_MODIFIED, FetchReason.SAME_BYTES}
    - {FetchReason.HOST_PAUSED, FetchReason.HOST_BUSY}
)

moments = st.integers(0, 40 * 365 * DAY_S).map(lambda past: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=past))
seconds = st.none() | st.integers(0, 10**10) | st.integers(0, 2 * DAY_S)
hints = st.builds(
    PollingHints,
    floor_s=seconds,
    skip_hours=st.frozensets(st.integers(0, 23)).map(tuple),
    skip_days=st.frozensets(st.integers(0, 6)).map(tuple),
)
counts = st.integers(0, 10_000)


@st.composite
def feeds(draw: st.DrawFn) -> Feed:
    return Feed(
        feed_id=1,
        url=f"https://gazette.example/{draw(st.integers(0, 10**6))}",
        payload_digest=draw(st.none() | st.just(bytes(32))),
        interval_s=draw(st.integers(1, 30 * DAY_S)),
        failure_count=draw(st.integers(0, 10**9)),
        last_reason=draw(st.none() | st.sampled_from(FetchReason)),
        hints=draw(hints),
        news_per_day=draw(st.none() | st.floats(0, 1e9)),
        judged_at=draw(st.none() | moments),
        item_count=draw(st.none() | counts),
    )


@st.composite
def polls(draw: st.DrawFn) -> Poll:
    """An attempt, and what is known of it when it is planned."""
    outcome = draw(st.sampled_from([FetchOutcome.FETCHED, FetchOutcome.UNCHANGED, FetchOutcome.FAILED]))
    reasons = {
        FetchOutcome.FETCHED: [FetchReason.NEW_BYTES],
        FetchOutcome.UNCHANGED: [FetchReason.NOT_MODIFIED, FetchReason.SAME_BYTES],
        FetchOutcome.FAILED: FAILURES,
    }
    result = FetchResult(
        url="https://gazette.example/",
        outcome=outcome,
        reason=draw(st.sampled_from(reasons[outcome])),
        started_at=draw(moments),
        duration_ms=draw(st.integers(0, 300_000)),
        retry_after_s=draw(seconds),
        max_age_s=draw(seconds),
    )
    known: Known = {}
    if outcome is FetchOutcome.FETCHED:
        entry_count = draw(counts)
        known = draw(
            st.sampled_from(
                [
                    {},
                    {"is_unusable": True},
                    {"entry_count": entry_count, "new_entry_count": draw(st.integers(0, entry_count))},
                ]
            )
        )
        if "entry_count" in known:
            known |= {"hints": draw(hints)}
    return result, known


def planned(feed: Feed, result: FetchResult, known: Known) -> tuple[Plan, timedelta]:
    now = result.started_at + timedelta(milliseconds=result.duration_ms)
    plan = plan_next_fetch(feed, result, now=now, settings=SETTINGS, **known)
    return plan, plan.next_fetch_at - now


def hints_in_force(feed: Feed, known: Known) -> PollingHints:
    given_hints = known.get("hints", feed.hints)
    assert isinstance(given_hints, PollingHints)
    return given_hints


@given(feeds(), polls())
def test_every_feed_is_polled_again_within_a_month(feed: Feed, poll: Poll) -> None:
    plan, delay = planned(feed, *poll)
    assert timedelta(0) < delay <= timedelta(days=30)
    assert 1 <= plan.interval_s <= 30 * DAY_S
    assert plan.reason.endswith(".")
    assert len(plan.reason) < 400
    is_gone_twice = poll[0].reason is FetchReason.GONE and feed.last_reason is FetchReason.GONE
    assert (plan.state is FeedState.RETIRED) is is_gone_twice


@given(feeds(), polls())
def test_nobody_is_asked_before_they_want(feed: Feed, poll: Poll) -> None:
    result, known = poll
    plan, delay = planned(feed, result, known)
    wishes = hints_in_force(feed, known)
    floor_s = max(min(wish or 0, DAY_S) for wish in (result.retry_after_s, result.max_age_s, wishes.floor_s))
    assert delay >= timedelta(seconds=floor_s)
    if len(set(wishes.skip_hours)) < 24:
        assert plan.next_fetch_at.hour not in wishes.skip_hours
    if len(set(wishes.skip_days)) < 7:
        assert plan.next_fetch_at.weekday() not in wishes.skip_days


@given(feeds(), polls())
def test_what_is_stored_fits_the_columns(feed: Feed, poll: Poll) -> None:
    plan, _ = planned(feed, *poll)
    assert plan.failure_count >= 0
    assert plan.news_per_day is None or 0 <= plan.news_per_day < float("inf")
    assert plan.item_count is None or plan.item_count >= 0


@given(feeds(), st.sampled_from(FAILURES), moments, st.integers(0, 1000), st.integers(0, 1000))
def test_more_failures_never_bring_a_feed_sooner(
    feed: Feed, reason: FetchReason, now: datetime, fewer: int, more: int
) -> None:
    result = FetchResult(feed.url, FetchOutcome.FAILED, reason, now, 0)
    fewer, more = sorted((fewer, more))
    after_fewer, _ = planned(replace(feed, failure_count=fewer), result, {})
    after_more, _ = planned(replace(feed, failure_count=more), result, {})
    assert after_fewer.next_fetch_at <= after_more.next_fetch_at
    assert after_more.interval_s == feed.interval_s


@given(feeds(), polls())
def test_success_ends_the_failures(feed: Feed, poll: Poll) -> None:
    result, known = poll
    plan, delay = planned(feed, result, known)
    if result.outcome is FetchOutcome.UNCHANGED or "entry_count" in known:
        assert plan.failure_count == 0
        # A day at most by itself, a day if somebody asks for it, and a week that is skipped.
        assert delay <= timedelta(seconds=1.05 * max(feed.interval_s, SETTINGS.interval_max_s)) + timedelta(days=7)
    elif not known:
        assert plan.failure_count == feed.failure_count + (result.outcome is FetchOutcome.FAILED)


@given(feeds(), moments, counts, st.integers(1, 10**6))
def test_more_news_never_brings_a_longer_interval(feed: Feed, now: datetime, new: int, elapsed_s: int) -> None:
    feed = replace(feed, payload_digest=bytes(32), judged_at=now - timedelta(seconds=elapsed_s))
    result = FetchResult(feed.url, FetchOutcome.FETCHED, FetchReason.NEW_BYTES, now, 0)
    few, _ = planned(feed, result, {"entry_count": 10_000, "new_entry_count": new // 2})
    many, _ = planned(feed, result, {"entry_count": 10_000, "new_entry_count": new})
    assert many.interval_s <= few.interval_s
    assert SETTINGS.interval_min_s <= many.interval_s <= few.interval_s <= SETTINGS.interval_max_s


@given(feeds(), moments, st.sampled_from([FetchReason.HOST_PAUSED, FetchReason.HOST_BUSY]), seconds)
def test_deferred_feed_comes_back_and_is_otherwise_as_it_was(
    feed: Feed, now: datetime, reason: FetchReason, wait_s: int | None
) -> None:
    plan = plan_deferred(
        feed, FetchResult(feed.url, FetchOutcome.DEFERRED, reason, now, 0, retry_after_s=wait_s), now=now
    )
    assert now < plan.next_fetch_at <= now + timedelta(days=9)
    assert plan.next_fetch_at >= now + timedelta(seconds=min(wait_s or 0, DAY_S))
    kept = (plan.interval_s, plan.failure_count, plan.state, plan.news_per_day, plan.judged_at, plan.item_count)
    assert kept == (
        *(feed.interval_s, feed.failure_count, feed.state),
        *(feed.news_per_day, feed.judged_at, feed.item_count),
    )


@given(st.lists(st.tuples(st.sampled_from([None, "https://a.example/", "https://b.example/"]), st.floats(0.1, 20))))
def test_adopted_address_was_the_only_one_for_a_day_and_three_polls(polls: list[tuple[str | None, float]]) -> None:
    feed, now = Feed(1, "https://old.example/"), datetime(2026, 3, 1, tzinfo=UTC)
    seen: list[tuple[datetime, str | None]] = []
    for target, hours in polls:
        now += timedelta(hours=hours)
        seen.append((now, target))
        result = FetchResult(feed.url, FetchOutcome.UNCHANGED, FetchReason.NOT_MODIFIED, now, 0, moved_to=target)
        move = follow_move(feed, result, now=now)
        run = seen[max((n + 1 for n, (_, at) in enumerate(seen) if at != target), default=0) :]
        is_proven = target is not None and len(run) >= 3 and now - run[0][0] >= timedelta(days=1)
        assert move.adopt == (target if is_proven else None)
        feed = replace(feed, moved_to=move.moved_to, moved_since=move.moved_since, moved_count=move.moved_count)
