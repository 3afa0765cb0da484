"""What a feed looks like to whoever is about to subscribe: how fresh, how lively, how much of each story.

Estimates for a person, from one payload. They decide nothing.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from wiredesk.models import Entry, ParsedFeed

# Median words of a body in 75 real feeds: nothing between 96 and 120; below are teasers, above are stories.
_TEASER_WORDS = 100
# Of each body, and of how many entries: enough to tell, whatever somebody fed in.
_SCANNED_CHARACTERS, _SCANNED_ENTRIES = 20_000, 200
_CUT_OFF = re.compile(
    r"(?:…|\.\.\.)[\])]?\s*(?:\W*(?:continue reading|read more|weiterlesen|lire la suite|more))?\W*$", re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]*>")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")  # Japanese and Chinese: about two characters a word
_STALE_DAYS = 90  # a news feed without news for a season is rarely still kept
_AHEAD = timedelta(days=1)  # time zones that were forgotten explain less than that
# A pinned item from years ago would stretch the time that the entries span: the oldest fifth is left out.
_COUNTED_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one payload shows. Times are UTC."""

    entry_count: int
    newest_at: datetime | None  # by the entries' own dates, as are the others
    oldest_at: datetime | None
    per_day: float | None  # new entries a day; None where fewer than three dates tell
    body_words: int | None  # median words of what the entries carry; None without entries
    body_count: int  # entries that were looked into
    teaser_count: int  # those of them whose body is short or ends in dots
    warnings: tuple[str, ...]

    @property
    def looks_truncated(self) -> bool:
        """Whether most entries carry a teaser, so that fetching the article pages would bring more."""
        return self.teaser_count * 2 > self.body_count


def look_over(parsed: ParsedFeed, *, now: datetime) -> Outlook:
    """What a person wants to know of a feed before subscribing to it."""
    entries = parsed.entries
    dates = sorted((at for entry in entries if (at := entry.published_at or entry.updated_at)), reverse=True)
    bodies = [_plain(entry) for entry in entries[:_SCANNED_ENTRIES]]
    words = [_word_count(body) for body in bodies]
    teasers = sum(
        count < _TEASER_WORDS or bool(_CUT_OFF.search(body[-80:])) for body, count in zip(bodies, words, strict=True)
    )
    return Outlook(
        entry_count=len(entries),
        newest_at=dates[0] if dates else None,
        oldest_at=dates[-1] if dates else None,
        per_day=_per_day([at for at in dates if at <= now + _AHEAD]),
        body_words=round(median(words)) if words else None,
        body_count=len(bodies),
        teaser_count=teasers,
        warnings=tuple(_warnings(parsed, dates, now)),
    )


def _per_day(dates: Sequence[datetime]) -> float | None:
    """New entries a day, from dates in falling order."""
    counted = dates[: max(3, round(len(dates) * _COUNTED_SHARE))]
    if len(counted) < 3 or counted[0] == counted[-1]:
        return None
    return (len(counted) - 1) / ((counted[0] - counted[-1]) / timedelta(days=1))


def _warnings(parsed: ParsedFeed, dates: Sequence[datetime], now: datetime) -> list[str]:
    found = [parsed.warning] if parsed.warning else []
    if parsed.rejected:
        reasons = Counter(item.reason.value for item in parsed.rejected)
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        found.append(f"{len(parsed.rejected)} items could not be read and would be quarantined ({told})")
    if not parsed.entries:
        return [*found, "it has no entries now"]
    if undated := len(parsed.entries) - len(dates):
        found.append(f"{undated} of {len(parsed.entries)} entries have no date")
    if ahead := sum(at > now + _AHEAD for at in dates):
        found.append(f"{ahead} entries are dated in the future")
    if unlinked := sum(entry.url is None for entry in parsed.entries):
        found.append(f"{unlinked} of {len(parsed.entries)} entries have no link")
    if dates and now - dates[0] > timedelta(days=_STALE_DAYS):
        found.append(f"its newest entry is {(now - dates[0]).days} days old; is it still kept?")
    return found


def _plain(entry: Entry) -> str:
    """The words of an entry, tags taken out: good enough to count."""
    return html.unescape(_TAG.sub(" ", (entry.html or entry.summary or "")[:_SCANNED_CHARACTERS])).strip()


def _word_count(text: str) -> int:
    return len(text.split()) + len(_UNSPACED.findall(text)) // 2
