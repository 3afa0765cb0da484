"""Dates as publishers write them, and nonsense as None."""

from datetime import UTC, datetime

import pytest
from wiredesk.parse import parse_entries
from wiredesk.parse.dates import from_iso


def published(date: str) -> datetime | None:
    body = f"<rss version='2.0'><channel><item><guid>1</guid><pubDate>{date}</pubDate></item></channel></rss>"
    (entry,) = parse_entries(body.encode()).entries
    return entry.published_at


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Mon, 02 Mar 2026 08:00:00 +0530", utc(2026, 3, 2, 2, 30)),
        ("Mon, 02 Mar 2026 08:00 EST", utc(2026, 3, 2, 13, 0)),
        ("Mon, 06 Jul 2026 08:00:00 BST", utc(2026, 7, 6, 7, 0)),
        ("Mon, 06 Jul 2026 08:00:00 CEST", utc(2026, 7, 6, 6, 0)),
        ("Mo, 02 Mar 2026 08:00:00 +0100", utc(2026, 3, 2, 7, 0)),
        ("2026-03-02T08:00:00.123+01:00", utc(2026, 3, 2, 7, 0)),
        ("2026-03-02 08:00:00", utc(2026, 3, 2, 8, 0)),
        ("2026-03-02", utc(2026, 3, 2)),
        ("1772438400", utc(2026, 3, 2, 8, 0)),
        ("1772438400000", utc(2026, 3, 2, 8, 0)),
    ],
)
def test_date_is_the_moment_that_was_meant(date: str, expected: datetime) -> None:
    assert published(date) == expected


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "12",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "1899-12-31T00:00:00Z",
        "0000-00-00T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        "Fri, 31 Dec 9999 23:59:59 -0500",
        "Mon, 01 Jan 0001 00:00:00 JST",
        "99999-01-01T00:00:00Z",
        "Fri, 31 Dec 2199 00:00:00 GMT",
        "Mon, 02 Mar 2026 08:00:00 +9999",
        "03/02/2026 08:00",
        "02 Mar 08:00",
        "99999999999999999999",
    ],
)
def test_absurd_or_ambiguous_date_is_no_date(date: str) -> None:
    assert published(date) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-03-02T08:00:00+01:00", utc(2026, 3, 2, 7)),
        ("2026-03-02T08:00:00Z", utc(2026, 3, 2, 8)),
        ("2026-03-02T08:00:00", utc(2026, 3, 2, 8)),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        (17, None),
    ],
)
def test_json_feed_date_is_rfc_3339(raw: object, expected: datetime | None) -> None:
    assert from_iso(raw) == expected
