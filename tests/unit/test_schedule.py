"""When a feed is polled next, and why; how due feeds are cut into batches."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from wiredesk.models import Feed, FeedState, FetchOutcome, FetchReason, FetchResult, Plan
from wiredesk.schedule import cut_batches, plan_next_fetch
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


def plan(result: FetchResult, feed: Feed = FEED, **options: int | bool | None) -> Plan:
    return plan_next_fetch(feed, result, now=NOW, settings=SETTINGS, **options)


def delay_s(planned: Plan) -> float:
    return (planned.next_fetch_at - NOW).total_seconds()


@pytest.mark.parametrize(
    ("new", "of", "interval_s"),
    [
        (0, 40, 5400),
        (13, 40, 5400),
        (14, 40, 3600),
        (20, 40, 3600),
        (26, 40, 3600),
        (27, 40, 2400),
        (40, 40, 2400),
        (0, 0, 5400),
    ],
)
def test_interval_follows_how_much_was_new(new: int, of: int, interval_s: int) -> None:
    planned = plan(fetched(), entry_count=of, new_entry_count=new)
    assert planned.interval_s == interval_s
    assert f"{new} of {of} entries were new" in planned.reason


def test_unchanged_feed_is_polled_less_often() -> None:
    planned = plan(unchanged())
    assert planned.interval_s == 5400
    assert planned.reason.startswith("Unchanged since the last fetch, so the interval grows from 60 min to 90 min")


def test_interval_stays_within_the_settings() -> None:
    assert plan(unchanged(), replace(FEED, interval_s=80_000)).interval_s == DAY_S
    busy = replace(FEED, interval_s=700)
    assert plan(fetched(), busy, entry_count=10, new_entry_count=10).interval_s == 600


def test_first_payload_says_nothing_about_the_rhythm() -> None:
    first = replace(FEED, payload_digest=None)
    assert plan(fetched(), first, entry_count=30, new_entry_count=30).interval_s == 3600


def test_capture_changes_only_the_time_and_loading_decides_once() -> None:
    before = replace(FEED, failure_count=2)
    captured = plan(fetched(), before)
    assert (captured.interval_s, captured.failure_count) == (3600, 2)
    after = replace(before, interval_s=captured.interval_s, failure_count=captured.failure_count)
    loaded = plan(fetched(), after, entry_count=10, new_entry_count=0)
    assert (loaded.interval_s, loaded.failure_count) == (5400, 0)
    unusable = plan(fetched(), after, is_unusable=True)
    assert (unusable.interval_s, unusable.failure_count) == (3600, 3)


def test_jitter_is_small_and_the_same_for_the_same_feed_and_time() -> None:
    delays = {delay_s(plan(fetched(), replace(FEED, url=f"https://gazette.example/{n}"))) for n in range(200)}
    assert all(3600 * 0.95 <= delay <= 3600 * 1.05 for delay in delays)
    assert len(delays) > 100
    assert plan(fetched()) == plan(fetched())


@pytest.mark.parametrize("header", ["max_age_s", "retry_after_s"])
def test_server_is_not_asked_before_it_wants(header: str) -> None:
    planned = plan(unchanged(**{header: 20_000}))
    assert delay_s(planned) == 20_000
    assert "which the server asks for" in planned.reason
    assert planned.interval_s == 5400  # the feed's own rhythm goes on
    assert delay_s(plan(unchanged(**{header: 60}))) > 5000


def test_ttl_of_the_feed_is_a_floor_of_its_interval() -> None:
    planned = plan(fetched(), entry_count=10, new_entry_count=10, ttl_s=7200)
    assert planned.interval_s == 7200
    assert "(ttl)" in planned.reason
    assert plan(fetched(), entry_count=10, new_entry_count=10, ttl_s=10 * DAY_S).interval_s == DAY_S


def test_no_server_silences_a_feed_for_more_than_a_day() -> None:
    assert delay_s(plan(unchanged(max_age_s=30 * DAY_S))) == DAY_S


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
    for reason in set(FetchReason) - {FetchReason.NEW_BYTES, FetchReason.NOT_MODIFIED, FetchReason.SAME_BYTES}:
        planned = plan(failed(reason))
        assert planned.next_fetch_at > NOW
        assert planned.reason.lower().startswith(reason.value.replace("_", " "))
        assert planned.reason.endswith(".")


def test_back_off_ends_at_a_month_because_feeds_come_back() -> None:
    planned = plan(failed(FetchReason.TLS), replace(FEED, failure_count=100_000))
    assert delay_s(planned) == pytest.approx(30 * DAY_S, rel=0.05)
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
