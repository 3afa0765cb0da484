"""What servers and feeds ask of those who poll them: not before, and not at these hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from wiredesk.models import FetchResult, PollingHints

_LONGEST_WISH_S = 86_400  # a server may ask for a day; beyond it a slip would silence the feed

# Whoever skips not all hours and not all days has an allowed moment within a week.
LONGEST_SKIP = timedelta(days=7)


def longest_wish(result: FetchResult, hints: PollingHints) -> tuple[int, str]:
    """The longest wait in seconds that anybody asks for, each of them a day at most, and who asks for it."""
    wishes = [
        (result.retry_after_s, "Retry-After"),
        (result.max_age_s, "Cache-Control or Expires"),
        (hints.floor_s, "its ttl or sy:updatePeriod"),
    ]
    return max(((min(seconds or 0, _LONGEST_WISH_S), who) for seconds, who in wishes), key=lambda wish: wish[0])


def allowed_moment(moment: datetime, hints: PollingHints, spread_s: float) -> datetime:
    """The first moment from this one on that is in no hour and on no day (both UTC) which the feed skips.

    A feed that skips all hours, or all days, means nothing by it and is taken not to. What is put off comes
    `spread_s` seconds (less than an hour) after the skipped time, so that not all feeds come at once.
    """
    hours, days = set(hints.skip_hours), set(hints.skip_days)
    hours = hours if not hours.issuperset(range(24)) else set()
    days = days if not days.issuperset(range(7)) else set()
    allowed = moment
    while allowed.hour in hours or allowed.weekday() in days:
        allowed = allowed.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return moment if allowed == moment else allowed + timedelta(seconds=spread_s)
