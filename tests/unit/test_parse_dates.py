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
        # Offsets and zones, where feedparser loses the minutes or the name.
        ("2026-03-02T08:00:00+0530", utc(2026, 3, 2, 2, 30)),
        ("2026-03-02T08:00:00-0330", utc(2026, 3, 2, 11, 30)),
        ("2026-03-02T08:00:00-03", utc(2026, 3, 2, 11, 0)),
        ("2026-03-02T08:00:00 +0100", utc(2026, 3, 2, 7, 0)),
        ("2026-03-02T08:00:00+01:00[Europe/Berlin]", utc(2026, 3, 2, 7, 0)),
        ("2026-03-02 08:00:00 CET", utc(2026, 3, 2, 7, 0)),
        ("2026-03-02 08:00:00.0 UTC", utc(2026, 3, 2, 8, 0)),
        ("Mon, 02 Mar 2026 08:00:00 +0100 (CET)", utc(2026, 3, 2, 7, 0)),
        ("Mon, 02 Mar 2026 08:00:00 GMT+2", utc(2026, 3, 2, 6, 0)),
        ("Mon, 02 Mar 2026 08:00:00 UTC+02:00", utc(2026, 3, 2, 6, 0)),
        ("Mon, 06 Jul 2026 08:00 bst", utc(2026, 7, 6, 7, 0)),
        ("Mon, 06 Jul 2026 08:00:00 IST", utc(2026, 7, 6, 8, 0)),  # India, Ireland or Israel: nobody knows
        ("Mon, 02 Mar 2026 08:00:00 -0000", utc(2026, 3, 2, 8, 0)),
        # Notations.
        ("Mon,02 Mar 2026 08:00:00 GMT", utc(2026, 3, 2, 8, 0)),
        ("Monday, 02 March 2026 08:00:00 GMT", utc(2026, 3, 2, 8, 0)),
        ("2 March 2026", utc(2026, 3, 2)),
        ("March 2, 2026", utc(2026, 3, 2)),
        ("Monday, March 2, 2026 - 08:00", utc(2026, 3, 2, 8, 0)),
        ("Mar 2nd, 2026 8:05 PM", utc(2026, 3, 2, 20, 5)),
        ("Mon, 02 Mar 2026 12:30:00 AM EST", utc(2026, 3, 2, 5, 30)),
        ("Mon, 02 Mar 26 08:00:00 GMT", utc(2026, 3, 2, 8, 0)),
        ("Thu, 01 Sept 2022 08:00:00 GMT", utc(2022, 9, 1, 8, 0)),
        ("02-Mar-2026 08:00:00 GMT", utc(2026, 3, 2, 8, 0)),
        ("Mon Mar  2 08:00:00 2026", utc(2026, 3, 2, 8, 0)),
        ("2026/03/02 08:00:00", utc(2026, 3, 2, 8, 0)),
        ("02.03.2026 08:00", utc(2026, 3, 2, 8, 0)),
        ("20260302T080000Z", utc(2026, 3, 2, 8, 0)),
        ("2026-3-2T8:00:00Z", utc(2026, 3, 2, 8, 0)),
        ("2026-03-02T24:00:00Z", utc(2026, 3, 3)),
        ("Mon, 02 Mar 2026 23:59:60 GMT", utc(2026, 3, 2, 23, 59, 59)),
        # Languages.
        ("So, 01 Mär 2026 08:00:00 +0100", utc(2026, 3, 1, 7, 0)),
        ("lun., 02 févr. 2026 08:00:00 +0100", utc(2026, 2, 2, 7, 0)),
        ("mar, 02 juin 2026 08:00:00 +0200", utc(2026, 6, 2, 6, 0)),
        ("jeu, 02 juil. 2026 08:00:00 +0200", utc(2026, 7, 2, 6, 0)),
        ("Mié, 02 Dic 2026 08:00:00 -0300", utc(2026, 12, 2, 11, 0)),
        ("Sex, 02 Out 2026 08:00:00 -0300", utc(2026, 10, 2, 11, 0)),
        ("Пн, 02 мая 2026 08:00:00 +0300", utc(2026, 5, 2, 5, 0)),
        ("Pzt, 02 Ağu 2026 08:00:00 +0300", utc(2026, 8, 2, 5, 0)),
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
        "02-03-2026 08:00",  # feedparser: 20 March 2002
        "18/01/30 00:00",
        "Tue, 31 Feb 2026 08:00:00 GMT",
        "Mon, 02 Mar 2026 24:30:00 GMT",
        "Mon, 02 Mar 2026 08:00:75 GMT",
        "Mon, 02 Lis 2026 08:00:00 GMT",  # October in Croatian, November in Polish
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
