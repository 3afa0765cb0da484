"""What was odd about a payload that was read: facts for a person. Pure, and nothing is held back for an alarm.

The thresholds were tried on a real polling day (17 May 2020: 18 news feeds, 286 payloads, among them one pause of
17 hours and one of five): gap 9 times, 8 of them after such a pause; a volume drop once; missing dates 4 times, all
of one feed that never dates anything; guid churn and future dates never.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from wiredesk.models import Entry, Feed, FeedAlarm, FetchResult

__all__ = ["find_alarms"]

# Of one or two items all are new whenever any is: a weather report, a podcast's latest episode.
_FEWEST_ITEMS = 3

# A quiet night halves a feed that shows the last day's items; below a third something was cut off.
_DROP_SHARE = 1 / 3
# A feed of five items that shows one had a slow day; of nine, below three, it hardly can.
_FEWEST_USUAL_ITEMS = 9

# Publishers re-post single items under new ids: 0.6 % of new ids on real days. Half of a payload is a change of ids.
_CHURN_SHARE = 0.5

# A date without its zone, or with a wrong one, is off by 14 hours at most; later than a day is no zone's fault.
_FUTURE = timedelta(hours=24)

_UNDATED_SHARE = 0.5


def find_alarms(
    feed: Feed,
    result: FetchResult,
    entries: Sequence[Entry],
    *,
    item_count: int,
    new_entry_count: int,
    usual_item_count: float | None = None,
    churned_count: int = 0,
) -> tuple[FeedAlarm, ...]:
    """What is odd about a loaded payload, in the order of `FeedAlarm`.

    `feed` is as it was before the load, `entries` are those that were read this time. `item_count` counts all items
    of the payload, `new_entry_count` those with keys never seen that are not `churned_count`, known entries under new
    ids. `usual_item_count` is the median item count of the last loads, None while there are too few to say.
    """
    found = {
        FeedAlarm.GAP: _is_gap(feed, item_count, new_entry_count),
        FeedAlarm.VOLUME_DROP: _is_drop(item_count, usual_item_count),
        FeedAlarm.GUID_CHURN: churned_count >= max(_FEWEST_ITEMS, _CHURN_SHARE * item_count),
        FeedAlarm.FUTURE_DATES: any(
            entry.published_at is not None and entry.published_at > result.started_at + _FUTURE for entry in entries
        ),
        FeedAlarm.MISSING_DATES: _are_dates_missing(entries),
        FeedAlarm.STALE_VALIDATORS: new_entry_count > 0 and _are_validators_stale(feed, result),
    }
    return tuple(alarm for alarm in FeedAlarm if found[alarm])


def _is_gap(feed: Feed, item_count: int, new_entry_count: int) -> bool:
    """Nothing of the last payload is left, so what came between the two was never seen."""
    return feed.payload_digest is not None and item_count >= _FEWEST_ITEMS and new_entry_count >= item_count


def _is_drop(item_count: int, usual_item_count: float | None) -> bool:
    if usual_item_count is None or usual_item_count < _FEWEST_USUAL_ITEMS:
        return False
    return item_count < usual_item_count * _DROP_SHARE


def _are_dates_missing(entries: Sequence[Entry]) -> bool:
    """Most items read have no date at all; asked of a few only, because one undated item means nothing."""
    undated = sum(entry.published_at is None and entry.updated_at is None for entry in entries)
    return len(entries) >= _FEWEST_ITEMS and undated > _UNDATED_SHARE * len(entries)


def _are_validators_stale(feed: Feed, result: FetchResult) -> bool:
    """The answer to a poll without validators names the new content by the validators of the old.

    Had they been sent, the answer would have been "unchanged". Where there is an ETag, it alone decides that
    (RFC 9110, 13.1.3).
    """
    if result.is_conditional or feed.payload_digest is None:
        return False
    if feed.etag is not None:
        return result.etag == feed.etag
    return feed.last_modified is not None and result.last_modified == feed.last_modified
