"""What was odd about a payload is a fact on its fetch, for consumers and on-call to see."""

from __future__ import annotations

import pytest

from tests.store.desk import Desk, item, prose, rss

ALARMS = "SELECT alarms FROM desk.fetches WHERE kind = 'feed' ORDER BY fetch_id DESC LIMIT 1"


def publish(desk: Desk, *guids: str, **headers: str) -> list[str]:
    """Poll a feed of these items; the alarms of that load."""
    desk.site.put("/feed", rss(*(item(guid, prose(guid)) for guid in guids)), **headers)
    desk.poll()
    return list(desk.value(ALARMS))


@pytest.fixture
def subscribed(desk: Desk) -> Desk:
    desk.subscribe("/feed")
    return desk


def test_a_first_payload_raises_no_alarm_and_one_without_a_known_item_does(subscribed: Desk) -> None:
    assert publish(subscribed, "1", "2", "3") == []
    assert publish(subscribed, "4", "5", "6") == ["gap"]
    assert subscribed.feed("/feed")["last_alarms"] == ["gap"]
    assert publish(subscribed, "6", "7", "8") == []
    assert subscribed.value("SELECT count(*) FROM desk.articles") == 8, "nothing is held back for an alarm"


def test_a_volume_drop_is_measured_by_what_the_last_ten_loads_held(subscribed: Desk) -> None:
    usual = [f"{number}" for number in range(12)]
    for number in range(3):
        assert publish(subscribed, *usual, f"n{number}") == []
    assert publish(subscribed, "0", "1") == ["volume_drop"]
    for number in range(10):
        publish(subscribed, "0", f"m{number}")
    assert publish(subscribed, "0", "last") == [], "after ten loads that is usual"


def test_three_gaps_in_a_row_are_an_offence_and_a_known_item_ends_it(subscribed: Desk) -> None:
    publish(subscribed, "1", "2", "3")
    for number in range(3):
        assert subscribed.offences().get("feeds_losing_items") is None
        assert publish(subscribed, *(f"{number}-{item}" for item in range(3))) == ["gap"]
    assert subscribed.offences()["feeds_losing_items"] == 1
    publish(subscribed, "2-0", "new")
    assert subscribed.offences().get("feeds_losing_items") is None


def test_a_server_that_names_new_content_by_old_validators_is_found_out_without_sending_them(subscribed: Desk) -> None:
    publish(subscribed, "1", "2", ETag='"always"')
    subscribed.sql.execute("UPDATE desk.feeds SET is_conditional = FALSE")
    assert publish(subscribed, "2", "3", ETag='"always"') == ["stale_validators"]
    assert subscribed.site.sent_validators[-1] == (None, None)
    assert subscribed.offences() == {}, "a person knows already"
    subscribed.sql.execute("UPDATE desk.feeds SET is_conditional = TRUE")
    assert subscribed.offences() == {"feeds_with_stale_validators": 1}


def test_a_quarantined_payload_has_no_alarm_and_changes_nothing_of_what_is_usual(subscribed: Desk) -> None:
    publish(subscribed, "1", "2", "3")
    subscribed.site.put("/feed", b"<html><body>Log in</body></html>", content_type="text/html")
    subscribed.poll()
    assert subscribed.value(ALARMS) == []
    assert publish(subscribed, "3", "4", "5") == []


def test_what_was_read_and_asked_is_on_the_fetch(subscribed: Desk) -> None:
    publish(subscribed, "1", ETag='"a"')
    publish(subscribed, "1", ETag='"a"')
    publish(subscribed, "1", "2", ETag='"b"')
    rows = subscribed.rows("SELECT is_conditional, body_bytes, http_status FROM desk.fetches ORDER BY fetch_id")
    assert [(row["is_conditional"], row["http_status"]) for row in rows] == [(False, 200), (True, 304), (True, 200)]
    assert rows[0]["body_bytes"] == len(rss(item("1", prose("1"))))
    assert rows[1]["body_bytes"] in (None, 0)


def test_what_a_feed_asks_for_is_kept_with_its_load(subscribed: Desk) -> None:
    asks = "<ttl>120</ttl><skipHours><hour>3</hour><hour>4</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
    subscribed.site.put("/feed", rss(asks, item("1", prose("1"))))
    subscribed.poll()
    kept = subscribed.row("SELECT floor_s, skip_hours, skip_days FROM desk.feeds")
    assert kept == {"floor_s": 7200, "skip_hours": [3, 4], "skip_days": [6]}
    assert subscribed.feed("/feed")["floor_s"] == 7200
    # Also where the next poll brings nothing, the floor holds.
    subscribed.poll()
    feed = subscribed.feed("/feed")
    assert feed["last_outcome"] == "unchanged"
    assert (feed["next_fetch_at"] - subscribed.clock.now).total_seconds() >= 7200
