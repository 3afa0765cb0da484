"""When a feed is polled next, and why; how due feeds are cut into batches."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wiredesk.models import Feed, FeedState, FetchOutcome, FetchReason, FetchResult, Plan, PollingHints
from wiredesk.schedule import Move, cut_batches, follow_move, plan_deferred, plan_next_fetch, sends_validators
from wiredesk.settings import Settings

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SETTINGS = Settings(interval_min_s=600, interval_max_s=86_400)
FEED = Feed(1, "https://gazette.example/rss", interval_s=3600, payload_digest=bytes(32))
DAY_S = 86_400


def fetched(**fields: object) -> FetchResult:
    result = FetchResult(FEED.url, FetchOutcome.FETCHED, FetchReason.NEW_BYTES, NOW, 10, body=b"x")
    return replace(result, **fields)


def unchanged(**fields: object) -> FetchResult:
    return replace(fetched(outcome=FetchOutcome.UNCHANGED, reason=FetchReason.NOT_MODIFIED, body=None), **fields)


def failed(reason: FetchReason, **fields: object) -> FetchResult:
    return replace(fetched(outcome=FetchOutcome.FAILED, reason=reason, body=None), **fields)


def plan(result: FetchResult, feed: Feed = FEED, **options: Any) -> Plan:
    return plan_next_fetch(feed, result, now=NOW, settings=SETTINGS, **options)


def delay_s(planned: Plan) -> float:
    return (planned.next_fetch_at - NOW).total_seconds()


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def steady(news_per_day: float, **fields: object) -> Feed:
    """A feed whose last poll was an interval ago, and whose estimate is what it is."""
    feed = replace(FEED, news_per_day=news_per_day, item_count=50, **fields)
    interval_s = plan(unchanged(), replace(feed, judged_at=NOW - timedelta(seconds=1))).interval_s
    return replace(feed, interval_s=interval_s, judged_at=NOW - timedelta(seconds=interval_s))


@pytest.mark.parametrize(("news_per_day", "minutes"), [(1, 228), (4, 114), (16, 57), (64, 28), (256, 14)])
def test_four_times_the_news_is_worth_twice_the_polls(news_per_day: float, minutes: float) -> None:
    assert steady(news_per_day).interval_s / 60 == pytest.approx(minutes, abs=1)


def test_feed_that_brings_what_is_expected_keeps_its_interval() -> None:
    feed = replace(FEED, news_per_day=24, judged_at=hours_ago(1), item_count=50)
    planned = plan(fetched(), feed, entry_count=50, new_entry_count=1)
    assert planned.news_per_day == pytest.approx(24)
    assert planned.reason.startswith(
        "1 of 50 entries were new, and about 24 a day are expected, which is worth a look every 46 min: next fetch in "
    )


@pytest.mark.parametrize(("new", "is_shorter"), [(0, False), (1, True), (20, True)])
def test_interval_follows_what_a_poll_brought(new: int, is_shorter: bool) -> None:
    feed = steady(24)  # in whose interval about 0.8 entries are expected
    planned = plan(fetched(), feed, entry_count=50, new_entry_count=new)
    assert (planned.interval_s < feed.interval_s) is is_shorter
    assert f"{new} of 50 entries were new" in planned.reason


def test_unchanged_feed_is_polled_less_often() -> None:
    feed = steady(24)
    planned = plan(unchanged(), feed)
    assert feed.interval_s < planned.interval_s < 1.2 * feed.interval_s
    assert planned.reason.startswith("Unchanged since the last fetch, and about 21 a day are expected")


def test_interval_stays_within_the_settings() -> None:
    assert steady(0.001).interval_s == DAY_S
    assert steady(5000).interval_s == 600


def test_no_more_than_half_the_window_is_expected_between_two_polls() -> None:
    feed = replace(FEED, news_per_day=240, judged_at=hours_ago(1 / 6), item_count=2)
    planned = plan(fetched(), feed, entry_count=2, new_entry_count=1)
    assert planned.interval_s == 600  # 5.5 minutes, but for the settings
    roomy = plan(fetched(), feed, entry_count=100, new_entry_count=1)
    assert roomy.interval_s > 800
    assert "because it shows only 2 items" in planned.reason


def test_silent_feed_is_asked_daily_after_two_weeks_and_at_once_often_when_it_wakes() -> None:
    feed, now = replace(FEED, interval_s=1800, judged_at=NOW), NOW + timedelta(minutes=30)
    while feed.interval_s < 0.95 * DAY_S:
        planned = plan_next_fetch(feed, unchanged(started_at=now), now=now, settings=SETTINGS)
        feed, now = after(feed, planned), planned.next_fetch_at
    assert timedelta(days=12) < now - NOW < timedelta(days=18)
    awake = plan_next_fetch(
        feed, fetched(started_at=now), now=now, settings=SETTINGS, entry_count=50, new_entry_count=50
    )
    assert awake.interval_s < 3 * 3600


def test_estimate_does_not_depend_on_how_often_one_looks() -> None:
    feed = replace(FEED, news_per_day=24, judged_at=hours_ago(4), item_count=50)
    once = plan(fetched(), feed, entry_count=50, new_entry_count=4)
    often = feed
    for hour in (3, 2, 1, 0):
        moment = hours_ago(hour)
        planned = plan_next_fetch(
            often, fetched(started_at=moment), now=moment, settings=SETTINGS, entry_count=50, new_entry_count=1
        )
        often = after(often, planned)
    assert often.news_per_day == pytest.approx(once.news_per_day)


def test_poll_that_is_planned_again_teaches_nothing_twice() -> None:
    feed = steady(24)
    once = plan(unchanged(), feed)
    again = plan(unchanged(), after(feed, once))
    assert (again.news_per_day, again.judged_at, again.interval_s) == (once.news_per_day, NOW, once.interval_s)


def after(feed: Feed, planned: Plan) -> Feed:
    return replace(
        feed,
        interval_s=planned.interval_s,
        failure_count=planned.failure_count,
        news_per_day=planned.news_per_day,
        judged_at=planned.judged_at,
        item_count=planned.item_count,
    )


def test_first_payload_says_nothing_about_the_rhythm() -> None:
    first = replace(FEED, payload_digest=None)
    planned = plan(fetched(), first, entry_count=30, new_entry_count=30)
    assert (planned.interval_s, planned.news_per_day) == (3600, None)
    assert (planned.judged_at, planned.item_count) == (NOW, 30)
    assert planned.reason.startswith("First payload, 30 entries")
    # Nor where its server said "unchanged" before there was anything to compare with.
    odd = plan(fetched(), replace(first, judged_at=hours_ago(1)), entry_count=30, new_entry_count=30)
    assert (odd.interval_s, odd.news_per_day, odd.judged_at) == (3600, None, NOW)


def test_capture_changes_only_the_time_and_loading_decides_once() -> None:
    before = steady(24, failure_count=2)
    captured = plan(fetched(), before)
    assert after(before, captured) == before
    loaded = plan(fetched(), before, entry_count=10, new_entry_count=0)
    assert loaded.interval_s > before.interval_s
    assert loaded.failure_count == 0
    unusable = plan(fetched(), before, is_unusable=True)
    assert after(before, unusable) == replace(before, failure_count=3)


def test_jitter_is_small_and_the_same_for_the_same_feed_and_time() -> None:
    delays = {delay_s(plan(fetched(), replace(FEED, url=f"https://gazette.example/{n}"))) for n in range(200)}
    assert all(3600 * 0.95 <= delay <= 3600 * 1.05 for delay in delays)
    assert len(delays) > 100
    assert plan(fetched()) == plan(fetched())


@pytest.mark.parametrize(
    ("fields", "hints", "who"),
    [
        ({"max_age_s": 20_000}, PollingHints(), "Cache-Control or Expires"),
        ({"retry_after_s": 20_000}, PollingHints(), "Retry-After"),
        ({"max_age_s": 5000, "retry_after_s": 300}, PollingHints(floor_s=20_000), "its ttl or sy:updatePeriod"),
    ],
)
@pytest.mark.parametrize("result", [unchanged(), fetched(), failed(FetchReason.HTTP_SERVER)])
def test_nobody_is_asked_before_they_want(
    result: FetchResult, fields: dict[str, int], hints: PollingHints, who: str
) -> None:
    feed = replace(FEED, hints=hints)
    planned = plan(replace(result, **fields), feed)
    assert delay_s(planned) == 20_000
    assert f", as {who} asks." in planned.reason
    assert planned.interval_s == 3600  # the feed's own rhythm goes on


def test_wish_that_is_shorter_than_the_interval_changes_nothing() -> None:
    assert delay_s(plan(unchanged(max_age_s=60))) == delay_s(plan(unchanged()))


def test_hints_of_the_payload_replace_those_of_the_feed() -> None:
    feed = replace(FEED, hints=PollingHints(floor_s=50_000))
    assert delay_s(plan(unchanged(), feed)) == 50_000
    loaded = plan(fetched(), feed, entry_count=10, new_entry_count=10, hints=PollingHints())
    assert delay_s(loaded) < 4000
    assert delay_s(plan(failed(FetchReason.DNS), feed)) == 50_000


@pytest.mark.parametrize(
    ("result", "hints"), [({"max_age_s": 30 * DAY_S}, 0), ({"retry_after_s": 10**9}, 0), ({}, 10**9)]
)
def test_no_wish_silences_a_feed_for_more_than_a_day(result: dict[str, int], hints: int) -> None:
    feed = replace(FEED, hints=PollingHints(floor_s=hints))
    assert delay_s(plan(unchanged(**result), feed)) == DAY_S
    assert delay_s(plan(failed(FetchReason.RATE_LIMITED, **result), feed)) == DAY_S


def test_at_most_one_poll_an_hour_when_the_server_says_so() -> None:
    feed, now = replace(steady(500), hints=PollingHints()), NOW
    for _ in range(50):
        result = fetched(started_at=now, max_age_s=3600)
        planned = plan_next_fetch(feed, result, now=now, settings=SETTINGS, entry_count=50, new_entry_count=20)
        assert (planned.next_fetch_at - now).total_seconds() >= 3600
        feed, now = after(feed, planned), planned.next_fetch_at


def test_skipped_hours_and_days_are_skipped() -> None:
    hints = PollingHints(skip_hours=(13, 14), skip_days=())  # NOW is 12:00 on a Sunday
    planned = plan(unchanged(), replace(FEED, hints=hints))
    assert NOW.replace(hour=15) <= planned.next_fetch_at < NOW.replace(hour=15, minute=10)
    assert "(skipHours, skipDays)" in planned.reason
    weekend = plan(unchanged(), replace(FEED, hints=PollingHints(skip_hours=(0, 1), skip_days=(5, 6))))
    monday = NOW.replace(day=2, hour=2)
    assert monday <= weekend.next_fetch_at < monday + timedelta(minutes=10)


def test_feeds_that_skip_the_same_hours_do_not_come_in_the_same_second() -> None:
    hints = PollingHints(skip_hours=(13,))
    feeds = [replace(FEED, hints=hints, interval_s=4500, url=f"https://gazette.example/{n}") for n in range(100)]
    moments = {plan(unchanged(), feed).next_fetch_at for feed in feeds}
    assert {moment.hour for moment in moments} == {14}
    assert len(moments) > 80


@pytest.mark.parametrize("hints", [PollingHints(skip_hours=tuple(range(24))), PollingHints(skip_days=tuple(range(7)))])
def test_feed_that_skips_everything_is_polled_all_the_same(hints: PollingHints) -> None:
    assert plan(unchanged(), replace(FEED, hints=hints)) == plan(unchanged())


@pytest.mark.parametrize(
    ("reason", "weight"),
    [
        (FetchReason.DNS, 0.25),
        (FetchReason.TIMEOUT, 0.25),
        (FetchReason.NOT_FOUND, 0.5),
        (FetchReason.RATE_LIMITED, 0.5),
        (FetchReason.HTTP_SERVER, 0.5),
        (FetchReason.HTTP_CLIENT, 1.0),
        (FetchReason.TLS, 1.0),
        (FetchReason.BLOCKED_ADDRESS, 1.0),
    ],
)
def test_failures_back_off_by_what_they_mean(reason: FetchReason, weight: float) -> None:
    for earlier in (0, 7):
        planned = plan(failed(reason), replace(FEED, failure_count=earlier))
        assert delay_s(planned) == pytest.approx(3600 * (1 + weight * (earlier + 1)), rel=0.05)
        assert (planned.failure_count, planned.interval_s) == (earlier + 1, 3600)
        assert planned.state is FeedState.ACTIVE


def test_every_failure_has_a_plan_and_a_sentence() -> None:
    not_failures = {FetchReason.NEW_BYTES, FetchReason.NOT_MODIFIED, FetchReason.SAME_BYTES}
    for reason in set(FetchReason) - not_failures:
        planned = plan(failed(reason))
        assert planned.next_fetch_at > NOW
        assert planned.reason.lower().startswith(reason.value.replace("_", " "))
        assert planned.reason.endswith(".")


def test_back_off_ends_at_a_month_because_feeds_come_back() -> None:
    planned = plan(failed(FetchReason.TLS), replace(FEED, failure_count=100_000))
    assert 28 * DAY_S < delay_s(planned) <= 30 * DAY_S
    assert planned.state is FeedState.ACTIVE


def test_retry_after_is_kept_over_the_back_off() -> None:
    planned = plan(failed(FetchReason.RATE_LIMITED, retry_after_s=50_000))
    assert (delay_s(planned), planned.failure_count) == (50_000, 1)
    assert "Retry-After" in planned.reason


def test_success_ends_the_failures() -> None:
    assert plan(unchanged(), replace(FEED, failure_count=9)).failure_count == 0


def test_feed_that_is_gone_twice_in_a_row_retires() -> None:
    once = plan(failed(FetchReason.GONE), replace(FEED, failure_count=3, last_reason=FetchReason.DNS))
    assert once.state is FeedState.ACTIVE
    twice = plan(failed(FetchReason.GONE), replace(FEED, failure_count=4, last_reason=FetchReason.GONE))
    assert twice.state is FeedState.RETIRED
    assert "gone (HTTP 410)" in twice.reason


@pytest.mark.parametrize("state", FeedState)
def test_plan_of_a_success_changes_no_state(state: FeedState) -> None:
    assert plan(unchanged(), replace(FEED, state=state)).state is state


def deferred(reason: FetchReason, retry_after_s: int | None) -> FetchResult:
    return replace(
        fetched(outcome=FetchOutcome.DEFERRED, reason=reason, body=None), duration_ms=0, retry_after_s=retry_after_s
    )


def test_deferred_feed_is_due_as_soon_as_its_host_may_be_asked() -> None:
    feed = steady(24, failure_count=2)
    planned = plan_deferred(feed, deferred(FetchReason.HOST_PAUSED, 7200), now=NOW)
    assert 7200 <= delay_s(planned) <= 7800
    assert planned.reason == "Its host asked not to be polled for a while: next fetch in 2.1 h."
    assert (after(feed, planned), planned.state) == (feed, FeedState.ACTIVE)
    busy = plan_deferred(feed, deferred(FetchReason.HOST_BUSY, None), now=NOW)
    assert delay_s(busy) == pytest.approx(300, rel=0.05)
    assert "busy" in busy.reason


def test_deferred_feeds_of_a_host_do_not_come_in_the_same_second() -> None:
    result = deferred(FetchReason.HOST_PAUSED, 7200)
    feeds = [replace(FEED, url=f"https://gazette.example/{n}") for n in range(100)]
    assert len({plan_deferred(feed, result, now=NOW).next_fetch_at for feed in feeds}) > 80


def test_deferred_is_no_success() -> None:
    feed = steady(24, failure_count=2)
    result = deferred(FetchReason.HOST_PAUSED, 7200)
    assert plan(result, feed) == plan_deferred(feed, result, now=NOW)


def test_about_one_poll_in_a_hundred_goes_without_validators() -> None:
    moments = [NOW + timedelta(minutes=n) for n in range(20_000)]
    sent = [sends_validators(FEED, now=moment, settings=SETTINGS) for moment in moments]
    assert 150 < sent.count(False) < 250
    assert sent == [sends_validators(FEED, now=moment, settings=SETTINGS) for moment in moments]


def test_validators_are_sent_always_or_never_where_that_is_said() -> None:
    moments = [NOW + timedelta(minutes=n) for n in range(1000)]
    always, never = Settings(unconditional_share=0.0), Settings(unconditional_share=1.0)
    assert all(sends_validators(FEED, now=moment, settings=always) for moment in moments)
    assert not any(sends_validators(FEED, now=moment, settings=never) for moment in moments)
    lying = replace(FEED, is_conditional=False)
    assert not any(sends_validators(lying, now=moment, settings=always) for moment in moments)


NEW_HOME = "https://new.example/rss"


def follow(feed: Feed, targets: list[tuple[float, str | None]]) -> Move:
    """What follow_move says at last, after polls at these hours that were led to these addresses."""
    move = Move()
    for hour, target in targets:
        now = NOW + timedelta(hours=hour)
        move = follow_move(feed, unchanged(moved_to=target), now=now)
        feed = replace(feed, moved_to=move.moved_to, moved_since=move.moved_since, moved_count=move.moved_count)
    return move


@pytest.mark.parametrize(
    ("hours", "is_adopted"),
    [((0,), False), ((0, 30), False), ((0, 12, 23.9), False), ((0, 12, 24), True), ((0, 1, 2, 3, 4), False)],
)
def test_move_is_adopted_after_three_polls_over_a_day(hours: tuple[float, ...], is_adopted: bool) -> None:
    move = follow(FEED, [(hour, NEW_HOME) for hour in hours])
    assert move == Move(NEW_HOME, NOW, len(hours), adopt=NEW_HOME if is_adopted else None)


@pytest.mark.parametrize("between", [None, "https://elsewhere.example/rss"])
def test_move_that_is_not_consistent_starts_anew(between: str | None) -> None:
    move = follow(FEED, [(0, NEW_HOME), (12, NEW_HOME), (24, between), (36, NEW_HOME)])
    assert move == Move(NEW_HOME, NOW + timedelta(hours=36), 1)
    assert follow(FEED, [(0, NEW_HOME), (12, between)]).moved_to == between


@pytest.mark.parametrize(
    ("url", "target", "is_followed"),
    [
        ("https://a.example/rss", "http://a.example/rss", False),
        ("http://a.example/rss", "https://a.example/rss", True),
        ("http://a.example/rss", "http://b.example/rss", True),
        ("http://a.example/rss", "http://a.example/rss", False),
        ("http://a.example/rss", "ftp://a.example/rss", False),
        ("http://a.example/rss", "http://[", False),
    ],
)
def test_feed_moves_to_no_less_safe_place(url: str, target: str, is_followed: bool) -> None:
    move = follow(replace(FEED, url=url), [(0, target), (12, target), (24, target)])
    assert move == (Move(target, NOW, 3, adopt=target) if is_followed else Move())


def test_batches_keep_a_host_together_and_lose_no_feed() -> None:
    feeds = [(n, f"https://{'www.' if n % 2 else ''}site{n % 13}.example:{8000 + n}/{n}") for n in range(60)]
    batches = cut_batches(feeds, 8)
    assert sorted(feed_id for batch in batches for feed_id in batch) == list(range(60))
    host_of = {feed_id: feed_id % 13 for feed_id, _ in feeds}
    places = Counter(host for batch in batches for host in {host_of[feed_id] for feed_id in batch})
    assert set(places.values()) == {1}


def test_batches_of_single_feeds_are_even() -> None:
    batches = cut_batches([(n, f"https://site{n}.example/") for n in range(60)], 8)
    assert Counter(map(len, batches)) == {8: 4, 7: 4}


def test_host_with_more_feeds_than_fit_is_still_one_batch() -> None:
    feeds = [(n, "https://big.example/") for n in range(20)] + [(20, "https://small.example/")]
    assert sorted(map(len, cut_batches(feeds, 8))) == [1, 20]


def test_url_without_a_host_is_batched_like_any() -> None:
    assert cut_batches([(1, "http://["), (2, "nonsense"), (3, "")], 8) == [(1, 2, 3)]
    assert cut_batches([], 8) == []
