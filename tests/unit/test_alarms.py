"""What is odd about a payload is said, and what is usual is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from wiredesk.alarms import find_alarms
from wiredesk.models import Entry, Feed, FeedAlarm, FetchOutcome, FetchReason, FetchResult

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FEED = Feed(1, "https://gazette.example/rss", payload_digest=bytes(32), etag='"a"', last_modified="Sun, 01 Mar 2026")
RESULT = FetchResult(FEED.url, FetchOutcome.FETCHED, FetchReason.NEW_BYTES, NOW, 10, body=b"x", is_conditional=True)


def entries(count: int, *, published_at: datetime | None = NOW, updated_at: datetime | None = None) -> list[Entry]:
    return [Entry(f"{n}", bytes(32), published_at=published_at, updated_at=updated_at) for n in range(count)]


def alarms(
    feed: Feed = FEED,
    result: FetchResult = RESULT,
    read: list[Entry] | None = None,
    *,
    items: int = 20,
    new: int = 2,
    usual: float | None = 20,
    churned: int = 0,
) -> tuple[FeedAlarm, ...]:
    return find_alarms(
        feed,
        result,
        entries(2) if read is None else read,
        item_count=items,
        new_entry_count=new,
        usual_item_count=usual,
        churned_count=churned,
    )


def test_usual_payload_raises_no_alarm() -> None:
    assert alarms() == ()
    assert alarms(new=0, read=[]) == ()


@pytest.mark.parametrize(("items", "new", "is_gap"), [(20, 20, True), (20, 19, False), (3, 3, True), (2, 2, False)])
def test_gap_is_a_payload_of_which_nothing_was_known(items: int, new: int, is_gap: bool) -> None:
    assert (FeedAlarm.GAP in alarms(items=items, new=new)) is is_gap


def test_first_payload_is_no_gap() -> None:
    assert alarms(replace(FEED, payload_digest=None), new=20, usual=None) == ()


def test_changed_ids_are_churn_and_no_gap() -> None:
    assert alarms(new=0, churned=20) == (FeedAlarm.GUID_CHURN,)
    assert alarms(new=10, churned=10) == (FeedAlarm.GUID_CHURN,)


@pytest.mark.parametrize(
    ("items", "churned", "is_churn"), [(20, 9, False), (20, 10, True), (3, 2, False), (4, 3, True)]
)
def test_single_items_under_new_ids_are_no_churn(items: int, churned: int, is_churn: bool) -> None:
    assert (FeedAlarm.GUID_CHURN in alarms(items=items, new=0, usual=items, churned=churned)) is is_churn


@pytest.mark.parametrize(
    ("items", "usual", "is_drop"),
    [(6, 20, True), (7, 20, False), (0, 20, True), (2, 9, True), (3, 9, False), (1, 8, False), (1, None, False)],
)
def test_volume_drop_is_less_than_a_third_of_the_usual(items: int, usual: float | None, is_drop: bool) -> None:
    assert (FeedAlarm.VOLUME_DROP in alarms(items=items, new=0, usual=usual)) is is_drop


@pytest.mark.parametrize(("hours", "is_future"), [(14, False), (24, False), (24.1, True), (900_000, True)])
def test_date_that_a_wrong_zone_explains_is_no_future_date(hours: float, is_future: bool) -> None:
    late = entries(1, published_at=min(NOW + timedelta(hours=hours), datetime(2099, 1, 1, tzinfo=UTC)))
    assert (FeedAlarm.FUTURE_DATES in alarms(read=[*entries(1), *late])) is is_future


@pytest.mark.parametrize(("dated", "undated", "is_missing"), [(0, 3, True), (2, 3, True), (2, 2, False), (0, 2, False)])
def test_missing_dates_are_those_of_most_items_read(dated: int, undated: int, is_missing: bool) -> None:
    read = [*entries(dated), *entries(undated, published_at=None)]
    assert (FeedAlarm.MISSING_DATES in alarms(read=read)) is is_missing


def test_item_with_only_a_date_of_change_is_dated() -> None:
    assert alarms(read=entries(5, published_at=None, updated_at=NOW)) == ()


UNCONDITIONAL = replace(RESULT, is_conditional=False, etag=FEED.etag, last_modified=FEED.last_modified)


def test_new_items_under_the_validators_that_we_hold_are_told() -> None:
    assert alarms(result=UNCONDITIONAL) == (FeedAlarm.STALE_VALIDATORS,)
    only_dates = replace(FEED, etag=None)
    assert alarms(only_dates, replace(UNCONDITIONAL, etag=None)) == (FeedAlarm.STALE_VALIDATORS,)


@pytest.mark.parametrize(
    ("feed", "result", "new"),
    [
        (FEED, replace(UNCONDITIONAL, is_conditional=True), 2),  # the server looks at no validators: it hides nothing
        (FEED, UNCONDITIONAL, 0),  # other bytes, and nothing new in them
        (FEED, replace(UNCONDITIONAL, etag='"b"'), 2),  # where there is an ETag, the date decides nothing
        (FEED, replace(UNCONDITIONAL, etag=None), 2),
        (replace(FEED, etag=None, last_modified=None), replace(UNCONDITIONAL, etag=None, last_modified=None), 2),
        (replace(FEED, payload_digest=None), UNCONDITIONAL, 2),
    ],
)
def test_validators_that_do_their_work_are_not_stale(feed: Feed, result: FetchResult, new: int) -> None:
    assert FeedAlarm.STALE_VALIDATORS not in alarms(feed, result, new=new)


def test_alarms_come_in_a_fixed_order() -> None:
    found = alarms(result=UNCONDITIONAL, read=entries(4, published_at=None), items=4, new=4)
    assert found == (FeedAlarm.GAP, FeedAlarm.VOLUME_DROP, FeedAlarm.MISSING_DATES, FeedAlarm.STALE_VALIDATORS)
