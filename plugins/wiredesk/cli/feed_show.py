"""How a feed looks on a terminal before it is subscribed to."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from wiredesk.cli.show import plain

if TYPE_CHECKING:
    from wiredesk.steps.preview import Preview
    from wiredesk.subscriptions.outlook import Outlook

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_KIND = re.compile(r"(rss|atom|json|cdf)(\d)(\d+)")


def described(preview: Preview, *, is_full_text: bool) -> str:
    """What one fetch found, a line a fact."""
    parsed, result, outlook = preview.parsed, preview.result, preview.outlook
    facts = {
        "found at": _place(preview),
        "format": _kind(parsed.kind),
        "title": plain(parsed.title or "none"),
        "language": plain(parsed.language or "not declared"),
        "entries": _entries(outlook),
        "rhythm": _rhythm(outlook),
        "bodies": _bodies(outlook, is_full_text=is_full_text),
        "polling": _polling(preview),
        "answer": f"HTTP {result.http_status}, {_bytes(result.body_bytes)} in {result.duration_ms} ms",
    }
    lines = [f"  {name:<10}{fact}" for name, fact in facts.items() if fact]
    lines += [f"  {'warning':<10}{plain(warning)}" for warning in outlook.warnings]
    return "\n".join([preview.url, *lines])


def _place(preview: Preview) -> str | None:
    final = preview.result.final_url
    if preview.save_as != preview.url:
        return f"{preview.save_as} (moved for good: this address is the one to save)"
    if final is None or final == preview.url:
        return None
    return f"{final} (redirected for now: the address above is kept)"


def _kind(kind: str) -> str:
    found = _KIND.fullmatch(kind)
    if found is None:
        return kind
    name = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed", "cdf": "CDF"}[found[1]]
    return f"{name} {found[2]}.{found[3]}"


def _entries(outlook: Outlook) -> str:
    count = f"{outlook.entry_count}"
    if outlook.newest_at is None or outlook.oldest_at is None:
        return f"{count}, without dates" if outlook.entry_count else count
    return f"{count}, from {_time(outlook.oldest_at)} to {_time(outlook.newest_at)} UTC"


def _rhythm(outlook: Outlook) -> str:
    if outlook.per_day is None:
        return "not to be told from its dates"
    if outlook.per_day >= 1:
        return f"about {outlook.per_day:.0f} new entries a day"
    if outlook.per_day >= 1 / 14:
        return f"about one new entry in {1 / outlook.per_day:.0f} days"
    return f"about one new entry in {1 / outlook.per_day / 7:.0f} weeks"


def _bodies(outlook: Outlook, *, is_full_text: bool) -> str | None:
    if outlook.body_words is None:
        return None
    size = f"about {outlook.body_words} words each"
    if not outlook.looks_truncated:
        return f"{size}, which looks like whole stories"
    hint = "the article pages are fetched too" if is_full_text else "--full-text fetches the article pages too"
    return f"{size}, {outlook.teaser_count} of {outlook.body_count} look cut short; {hint}"


def _polling(preview: Preview) -> str:
    hints, result = preview.parsed.hints, preview.result
    asked = max(hints.floor_s or 0, result.max_age_s or 0)
    told = f"not more often than every {_duration(asked)}, as it asks" if asked else "it sets no limit of its own"
    if hints.skip_hours:
        told += f"; not in the hours {', '.join(map(str, hints.skip_hours))} (UTC)"
    if hints.skip_days:
        told += f"; not on {', '.join(_DAYS[day] for day in hints.skip_days)}"
    if not (result.etag or result.last_modified):
        told += "; its server sends no validators, so every poll brings all of it"
    return told


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _duration(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 2 * 86_400 else f"{seconds / 86_400:.0f} days"


def _bytes(count: int | None) -> str:
    return "? bytes" if count is None else f"{count / 1024:.0f} KiB" if count >= 10_240 else f"{count} bytes"
