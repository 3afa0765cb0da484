"""What the tests of `wiredesk feed …` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.store.desk import Desk, item, rss


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str


Command = Callable[..., Run]


def dated(guid: str, hours_ago: float, text: str = "Words.") -> str:
    at = format_datetime(datetime.now(UTC) - timedelta(hours=hours_ago), usegmt=True)
    return item(guid, text).replace("Tue, 06 Jan 2026 08:00:00 GMT", at)


def lively() -> bytes:
    """A feed with an entry every six hours, each a teaser."""
    document = rss(*(dated(str(number), 6 * number + 1) for number in range(20)))
    return document.replace(b"<link>", b"<language>en-GB</language><ttl>120</ttl><link>", 1)


def page(*links: tuple[str, str]) -> bytes:
    tags = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">' for href, title in links
    )
    return f"<!DOCTYPE html><html><head><title>News</title>{tags}</head><body><p>News.</p></body></html>".encode()


def urls(desk: Desk) -> list[str]:
    return [row["url"] for row in desk.rows("SELECT url FROM desk.feeds ORDER BY feed_id")]
