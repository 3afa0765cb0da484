"""Dates and numbers that nobody meant."""

from __future__ import annotations

from wiredesk.models import PayloadReason

from tests.corpus.hostile.trick import item, rss, trick

ABSURD_DATES = (
    *("0000-00-00T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "99999-01-01", "1e308", "NaN"),
    *("Mon, 00 Jan 0000 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2400", "Mon, 30 Feb 2026 25:61:61 +9999"),
    *(
        "-1",
        "0",
        "9" * 30,
        "2026-W53-7",
        "2026-366",
        "--12-31",
        "1970-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ),
    *(
        "T",
        ":::",
        "+",
        "10:10:10:10",
        "12",
        "2026-02-30",
        "٢٠٢٦-٠١-٠١",
        "２０２６-０１-０１",
        "2026-01-01T00:00:00+99:99",
    ),
)


@trick()
def absurd_dates(_: int) -> bytes:
    return rss(
        *[item(f"<title>x</title><pubDate>{date}</pubDate>", f"date {n}") for n, date in enumerate(ABSURD_DATES)],
        *[item(f"<dc:date>{date}</dc:date>", f"dc {n}") for n, date in enumerate(ABSURD_DATES)],
        attributes=' xmlns:dc="http://purl.org/dc/elements/1.1/"',
    ).encode()


LONG_DATES = (
    "9",
    " ",
    "1 ",
    "1:",
    "1-",
    "1.",
    "A ",
    "Jan ",
    "+",
    "(",
    "2026-01-01T",
    "Mon, ",
    "1\n",
    "년 ",
    "Z",
    "0",
    "é",
)


@trick(180_000, 20_000)
def endless_dates(size: int) -> bytes:
    dates = [part * (size // len(part)) for part in LONG_DATES]
    tails = ("", "x", " 10:10:10 GMT")
    return rss(
        *[
            item(f"<pubDate>2026{date}{tail}</pubDate>", f"{n}{tail}")
            for n, date in enumerate(dates)
            for tail in tails[:2]
        ],
        *[item(f"<pubDate>{date}{tails[2]}</pubDate>", f"end {n}") for n, date in enumerate(dates)],
    ).encode()


@trick(4000, 1500)
def date_that_no_parser_knows_in_every_item(count: int) -> bytes:
    return rss(*[item(f"<pubDate>{'1 ' * 100}{n}</pubDate>", str(n)) for n in range(count)]).encode()


@trick(1_000_000, 100_000)
def huge_numbers(size: int) -> bytes:
    number = "9" * size
    return rss(
        item(f'<enclosure url="http://g.example/a" length="{number}"/><title>x</title>'),
        item(f"<i:duration>{number}</i:duration><slash:comments>{number}</slash:comments>", "2"),
        attributes=' xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"',
        channel=(
            f"<ttl>{number}</ttl><skipHours><hour>{number}</hour><hour>-1</hour></skipHours><skipDays><day>Doomsday</day>"
            f"</skipDays><image><url>http://g.example/a.png</url><width>{number}</width><height>x</height></image>"
        ),
    ).encode()


@trick(200_000, 20_000, outcome=PayloadReason.TOO_COSTLY)
def hour_flood(count: int) -> bytes:
    return rss(channel=f"<skipHours>{'<hour>1</hour>' * count}</skipHours>{'<ttl>1</ttl>' * count}").encode()
