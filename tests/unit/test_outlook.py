"""What a feed looks like before it is subscribed to."""

from __future__ import annotations

import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from wiredesk.errors import PayloadError
from wiredesk.models import Entry, EntryReason, ParsedFeed, RejectedEntry
from wiredesk.parse import parse_entries
from wiredesk.subscriptions.outlook import look_over

NOW = datetime(2026, 1, 6, 12, tzinfo=UTC)
SNAPSHOTS = Path(__file__).parents[2] / "../shared/data/feeds/snapshots_dev.tar.xz"


def entry(key: str, hours_ago: float | None = 1, html: str | None = None, summary: str | None = None) -> Entry:
    at = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    return Entry(key, b"", f"https://news.example/{key}", "T", html, summary, published_at=at)


def feed(*entries: Entry, rejected: tuple[RejectedEntry, ...] = (), warning: str | None = None) -> ParsedFeed:
    return ParsedFeed("rss20", "T", None, None, entries, rejected, warning=warning)


@pytest.mark.parametrize(("gap_h", "per_day"), [(1, 24), (6, 4), (24 * 7, 1 / 7)])
def test_rhythm_is_told_from_the_dates(gap_h: float, per_day: float) -> None:
    parsed = feed(*(entry(str(number), gap_h * number) for number in range(20)))
    assert look_over(parsed, now=NOW).per_day == pytest.approx(per_day)


def test_rhythm_is_not_misled_by_pinned_items_or_dates_to_come() -> None:
    usual = [entry(str(number), 6 * number) for number in range(20)]
    odd = [entry("pinned", 24 * 365 * 5), entry("future", -24 * 300), entry("undated", None)]
    assert look_over(feed(*usual, *odd), now=NOW).per_day == pytest.approx(4)


@pytest.mark.parametrize("hours", [[], [1, 2], [3, 3, 3], [None, None, None]])
def test_rhythm_that_no_dates_tell_is_left_open(hours: list[float | None]) -> None:
    parsed = feed(*(entry(str(number), ago) for number, ago in enumerate(hours)))
    assert look_over(parsed, now=NOW).per_day is None


@pytest.mark.parametrize(
    ("body", "is_cut"),
    [
        ("<p>A short teaser.</p>", True),
        ("<p>" + "word " * 300 + "</p>", False),
        ("<p>" + "word " * 300 + "[…]</p>", True),
        ("<p>" + "word " * 300 + "&#8230; <a href='/x'>Continue reading</a></p>", True),
        ("<p>" + "word " * 300 + "Wait... and then he went home.</p>", False),
        ("<p>" + "長い記事の本文です" * 60 + "</p>", False),
        ("<p>" + "短い" * 10 + "</p>", True),
        (None, True),
    ],
)
def test_teasers_are_told_from_stories(body: str | None, is_cut: bool) -> None:
    assert look_over(feed(entry("1", html=body), entry("2", summary=body)), now=NOW).looks_truncated is is_cut


def test_one_short_notice_among_stories_is_no_sign() -> None:
    stories = [entry(str(number), html="word " * 200) for number in range(9)]
    seen = look_over(feed(*stories, entry("short", html="Corrected.")), now=NOW)
    assert (seen.looks_truncated, seen.teaser_count, seen.body_words) == (False, 1, 200)


def test_empty_feed_is_looked_over_too() -> None:
    seen = look_over(feed(warning="not well-formed"), now=NOW)
    assert (seen.entry_count, seen.newest_at, seen.body_words, seen.looks_truncated) == (0, None, None, False)
    assert seen.warnings == ("not well-formed", "it has no entries now")


def test_items_that_would_be_quarantined_are_counted_by_reason() -> None:
    poison = [RejectedEntry(reason, "", b"") for reason in (EntryReason.EMPTY, EntryReason.EMPTY, EntryReason.TOO_DEEP)]
    (told,) = look_over(feed(entry("1"), rejected=tuple(poison)), now=NOW).warnings
    assert told == "3 items could not be read and would be quarantined (2 empty, 1 too_deep)"


def test_every_real_feed_can_be_looked_over() -> None:
    if not SNAPSHOTS.exists():
        pytest.skip("../shared/data/feeds/snapshots_dev.tar.xz is not there")
    looked = 0
    with tarfile.open(SNAPSHOTS) as archive:
        for number, member in enumerate(archive):
            file = archive.extractfile(member)
            if file is None or number % 8:  # 40 of them take two seconds
                continue
            try:
                parsed = parse_entries(file.read())
            except PayloadError:
                continue
            seen = look_over(parsed, now=NOW)
            assert seen.entry_count == len(parsed.entries)
            looked += 1
    assert looked > 25
