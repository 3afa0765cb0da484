"""One paragraph says when a feed is polled next, and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wiredesk.explain import explain_feed
from wiredesk.models import FeedAlarm, FeedState, FetchOutcome, FetchReason, PayloadReason

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "feed_id": 3,
    "url": "https://gazette.example/rss",
    "title": "The Gazette",
    "source": "gazette.example",
    "state": "active",
    "interval_s": 2760,
    "news_per_day": 24.4,
    "item_count": 25,
    "floor_s": None,
    "skip_hours": [],
    "skip_days": [],
    "is_conditional": True,
    "etag": '"a"',
    "last_modified": "Sun, 01 Mar 2026 11:00:00 GMT",
    "moved_to": None,
    "moved_since": None,
    "moved_count": 0,
    "failure_count": 0,
    "next_fetch_at": NOW + timedelta(minutes=20),
    "next_fetch_reason": "2 of 25 entries were new, and about 24 a day are expected: next fetch in 46 min.",
    "last_fetch_at": NOW - timedelta(minutes=26),
    "last_success_at": NOW - timedelta(minutes=26),
    "judged_at": NOW - timedelta(minutes=26),
    "claim_key": None,
    "claim_expires_at": None,
    "last_outcome": "fetched",
    "last_reason": "new_bytes",
    "last_http_status": 200,
    "last_detail": None,
    "last_is_conditional": True,
    "last_entry_count": 25,
    "last_new_entry_count": 2,
    "last_quarantine_reason": None,
    "host_paused_until": None,
    "host_paused_reason": None,
    "week_polls": 160,
    "week_fetched": 60,
    "week_unchanged": 95,
    "week_failed": 5,
    "week_new_entries": 143,
    "quarantined": 0,
    "alarms": [],
}


def explained(**facts: Any) -> str:
    assert facts.keys() <= FACTS.keys()
    return explain_feed({**FACTS, **facts}, now=NOW)


def test_healthy_feed_in_full() -> None:
    assert explained() == (
        "Feed 3 “The Gazette” of gazette.example <https://gazette.example/rss> is worth a look every 46 min, for its "
        "new entries (about 24 a day; it shows 25 at a time). It was polled last at 2026-03-01 11:34 UTC (26 min ago) "
        "and had 25 items, 2 of them new. The next fetch is due at 2026-03-01 12:20 UTC (in 20 min); why: 2 of 25 "
        "entries were new, and about 24 a day are expected: next fetch in 46 min. In the last seven days: 160 polls, "
        "60 with other bytes, 95 unchanged, and 5 failed; new entries: 143. It is asked only for what has changed, "
        "with its ETag and Last-Modified."
    )


def test_new_feed() -> None:
    told = explained(
        title=None,
        news_per_day=None,
        item_count=None,
        last_fetch_at=None,
        last_success_at=None,
        judged_at=None,
        last_outcome=None,
        etag=None,
        last_modified=None,
        next_fetch_at=NOW - timedelta(minutes=2),
        next_fetch_reason="new: never polled",
        week_polls=0,
    )
    assert told == (
        "Feed 3 of gazette.example <https://gazette.example/rss> has a first interval of 46 min, until its rhythm is "
        "known. It was never polled. It has been due since 2026-03-01 11:58 UTC (2 min ago), and the next run polls "
        "it; why then: new: never polled."
    )


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"last_outcome": FetchOutcome.UNCHANGED, "last_http_status": 304}, "and was unchanged (HTTP 304)."),
        ({"last_entry_count": None}, "what came is not loaded yet."),
        (
            {
                "last_outcome": FetchOutcome.FAILED,
                "last_reason": FetchReason.HTTP_SERVER,
                "last_http_status": 503,
                "last_detail": "Nope",
                "failure_count": 4,
                "judged_at": NOW - timedelta(days=2),
            },
            "which failed: http server (HTTP 503), Nope. That is 4 failures in a row, since it went well at 2026-02-27",
        ),
        (
            {"last_quarantine_reason": PayloadReason.HTML_NOT_FEED, "failure_count": 1, "judged_at": None},
            "what came was quarantined (html not feed). That is 1 failure.",
        ),
        ({"last_outcome": None}, "that attempt is no longer on record."),
    ],
)
def test_last_attempt_is_told(facts: dict[str, Any], sentence: str) -> None:
    assert sentence in explained(**facts)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"state": FeedState.PAUSED}, "because a person paused it: `wiredesk feed resume https://gazette.example/rss`"),
        ({"state": FeedState.RETIRED}, "its publisher said twice that it is gone (HTTP 410)"),
        (
            {"claim_key": "dag/run-7", "claim_expires_at": NOW + timedelta(minutes=10)},
            "The run dag/run-7 is about to poll it",
        ),
        (
            {"next_fetch_at": NOW - timedelta(hours=3)},
            "nobody polls now: see docs/runbooks/feeds_not_polled.md.",
        ),
    ],
)
def test_state_decides_what_is_told_of_the_next_fetch(facts: dict[str, Any], sentence: str) -> None:
    told = explained(**facts)
    assert sentence in told
    assert "The next fetch is due" not in told


def test_claim_that_is_over_holds_nothing() -> None:
    told = explained(claim_key="dag/run-7", claim_expires_at=NOW - timedelta(seconds=1))
    assert "run-7" not in told
    assert "The next fetch is due" in told


def test_pause_of_its_host_is_told_while_it_lasts() -> None:
    pause = {"host_paused_until": NOW + timedelta(hours=1), "host_paused_reason": "Retry-After of HTTP 429"}
    assert "left alone until 2026-03-01 13:00 UTC (Retry-After of HTTP 429)" in explained(**pause)
    assert "left alone" not in explained(**{**pause, "host_paused_until": NOW})
    assert "left alone" not in explained(**pause, state=FeedState.PAUSED)


def test_what_the_feed_asks_for_is_told() -> None:
    told = explained(floor_s=3600, skip_hours=[2, 1], skip_days=[6, 5])
    assert (
        "The feed asks for at most one poll in 60 min (ttl or sy:updatePeriod) and none in the hours 1, 2 of UTC "
        "(skipHours) and none on Saturdays, Sundays of UTC (skipDays)."
    ) in told


@pytest.mark.parametrize("alarm", FeedAlarm)
def test_every_alarm_says_what_it_is_and_what_to_do(alarm: FeedAlarm) -> None:
    told = explained(alarms=[{"alarm": str(alarm), "times": 2, "last_at": NOW - timedelta(hours=3)}])
    _, sentence = told.split(" Odd ")
    assert sentence.startswith(f"({alarm}, 2 times in the last 30 days, last 3.0 h ago): ")
    assert "; " in sentence
    assert "{" not in sentence


def test_move_under_observation_is_told_with_what_it_takes() -> None:
    told = explained(moved_to="https://new.example/rss", moved_since=NOW - timedelta(hours=8), moved_count=2)
    assert (
        "Permanent redirects have led to https://new.example/rss since 2026-03-01 04:00 UTC (2 polls): that address "
        "becomes the feed's own after 3 polls in a row over at least 24.0 h."
    ) in told


def test_use_of_validators_is_told() -> None:
    assert "with its ETag." in explained(last_modified=None)
    assert "no validators, so every poll costs a whole answer" in explained(last_modified=None, etag=None)
    assert "asked without validators, as a person decided" in explained(is_conditional=False)


def test_quarantine_is_told() -> None:
    assert "1 of its payloads or entries is in quarantine" in explained(quarantined=1)
    assert "2 of its payloads or entries are in quarantine" in explained(quarantined=2)
