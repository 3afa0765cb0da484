"""When the address that permanent redirects lead to becomes the feed's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from wiredesk.models import Feed, FetchResult

# Once is a slip of a deployment, twice may be its repetition.
MOVE_POLLS = 3
# A mistake in a server's settings, or a network's log-in page, lasts hours; within a day somebody mends it.
MOVE_SPAN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Move:
    """Where permanent redirects have led without a break; `adopt` is the address to take over, or None for not yet."""

    moved_to: str | None = None
    moved_since: datetime | None = None
    moved_count: int = 0
    adopt: str | None = None


def follow_move(feed: Feed, result: FetchResult, *, now: datetime) -> Move:
    """What one more usable poll (unchanged, or loaded as a feed) says about where the feed has moved.

    RFC 9110, 15.4.2 and 15.4.9, lets a client take over the target of a 301 or 308 at once. Because many of them are
    mistakes, the target is adopted when the same feed was found there three times in a row over at least a day.
    Any poll that led elsewhere, or through a temporary redirect, starts anew. From https a feed never moves to http:
    the redirect is followed, and the address that is asked first stays the safe one.
    """
    target = result.moved_to
    if target is None or target == feed.url or not _is_as_safe(feed.url, target):
        return Move()
    if target != feed.moved_to or feed.moved_since is None:
        return Move(target, now, 1)
    count = feed.moved_count + 1
    is_proven = count >= MOVE_POLLS and now - feed.moved_since >= MOVE_SPAN
    return Move(target, feed.moved_since, count, adopt=target if is_proven else None)


def _is_as_safe(url: str, target: str) -> bool:
    """Whether the target is fetched over HTTP, and no less safely than `url`."""
    try:
        one, other = urlsplit(url).scheme.lower(), urlsplit(target).scheme.lower()
    except ValueError:
        return False
    return other == "https" or (other == "http" and one == "http")
