"""A feed that moved for good is polled at its new address, and found under both."""

from __future__ import annotations

from typing import Any

from wiredesk import steps
from wiredesk.models import Subscription
from wiredesk.store import feeds

from tests.store.desk import Desk, item, prose, rss


def redirect(desk: Desk, old: str, new: str, status: int = 301) -> None:
    desk.site.put(old, status=status, Location=f"{desk.site.url}{new}")


def poll_for_days(desk: Desk, polls: int, **headers: str) -> None:
    """Poll every twelve hours; each time there is news at /new."""
    for number in range(polls):
        desk.site.put("/new", rss(*(item(f"{n}", prose(f"{n}")) for n in range(number + 1))), **headers)
        desk.poll()
        desk.clock.advance(hours=12)


def feed(desk: Desk) -> dict[str, Any]:
    return desk.row("SELECT * FROM desk.feeds ORDER BY feed_id LIMIT 1")


def test_a_feed_that_was_moved_for_good_takes_its_new_url_and_keeps_all_it_has(desk: Desk) -> None:
    desk.subscribe("/old")
    redirect(desk, "/old", "/new")
    old, new = f"{desk.site.url}/old", f"{desk.site.url}/new"
    poll_for_days(desk, 2)
    seen = feed(desk)
    assert (seen["url"], seen["moved_to"], seen["moved_count"]) == (old, new, 2)
    assert desk.feed("/old")["moved_to"] == new
    poll_for_days(desk, 2)
    moved = feed(desk)
    assert (moved["url"], moved["moved_to"], moved["moved_count"]) == (new, None, 0)
    assert moved["feed_id"] == seen["feed_id"]
    told = desk.rows("SELECT old_url, feed_id, new_url FROM desk.feed_moves")
    assert told == [{"old_url": old, "feed_id": seen["feed_id"], "new_url": new}]
    asked = desk.site.asked["/old"]
    poll_for_days(desk, 3)
    assert desk.site.asked["/old"] == asked
    assert desk.value("SELECT count(*) FROM desk.articles") == 3
    assert desk.value("SELECT count(*) FROM desk.entries") == 3


def test_why_it_has_another_url_is_said_with_the_plan(desk: Desk) -> None:
    desk.subscribe("/old")
    redirect(desk, "/old", "/new", status=308)
    poll_for_days(desk, 3)
    if feed(desk)["url"].endswith("/old"):
        poll_for_days(desk, 1)
    told = feed(desk)["next_fetch_reason"]
    assert f"Its publisher has moved it for good: from {desk.site.url}/old to {desk.site.url}/new." in told


def test_a_temporary_redirect_is_followed_and_never_adopted(desk: Desk) -> None:
    desk.subscribe("/old")
    redirect(desk, "/old", "/new", status=302)
    poll_for_days(desk, 6)
    assert feed(desk)["url"] == f"{desk.site.url}/old"
    assert feed(desk)["moved_count"] == 0
    assert desk.value("SELECT count(*) FROM desk.feed_moves") == 0


def test_an_unchanged_answer_at_the_new_url_counts_and_its_validators_are_kept(desk: Desk) -> None:
    """They came with answers from there: the old URL only led to it."""
    desk.subscribe("/old")
    redirect(desk, "/old", "/new")
    desk.site.put("/new", rss(item("1", prose("1"))), ETag='"v1"')
    for _ in range(4):
        desk.poll()
        desk.clock.advance(hours=12)
    moved = feed(desk)
    assert (moved["url"], moved["etag"]) == (f"{desk.site.url}/new", '"v1"')
    desk.poll()
    assert desk.site.sent_validators[-1] == ('"v1"', None)
    assert desk.feed("/new")["last_reason"] == "not_modified"


def test_subscribing_to_an_old_url_finds_the_feed_instead_of_adding_one(desk: Desk) -> None:
    desk.subscribe("/old")
    redirect(desk, "/old", "/new")
    poll_for_days(desk, 4)
    old = f"{desk.site.url}/old"
    assert steps.subscribe(desk.store, desk.settings, [Subscription(old)], clock=desk.clock) == 0
    assert desk.value("SELECT count(*) FROM desk.feeds") == 1
    (row,) = desk.store.run(feeds.list_feeds, [old])
    assert row["url"] == f"{desk.site.url}/new"
    (batch,) = desk.claim(names=[old])
    assert batch.feed_ids == (row["feed_id"],)


def test_a_feed_does_not_move_to_where_another_is_and_says_so(desk: Desk) -> None:
    desk.subscribe("/old", "/new")
    redirect(desk, "/old", "/new")
    poll_for_days(desk, 4)
    first, second = desk.rows("SELECT feed_id, url, next_fetch_reason FROM desk.feeds ORDER BY feed_id")
    assert [first["url"], second["url"]] == [f"{desk.site.url}/old", f"{desk.site.url}/new"]
    assert f"which is feed {second['feed_id']}; pause one of the two" in first["next_fetch_reason"]
    assert desk.value("SELECT count(*) FROM desk.feed_moves") == 0


def test_a_feed_that_moves_back_is_found_under_the_url_that_it_left(desk: Desk) -> None:
    desk.subscribe("/old")
    redirect(desk, "/old", "/new")
    poll_for_days(desk, 4)
    redirect(desk, "/new", "/old")
    desk.site.put("/old", rss(item("back", prose("back"))), ETag='"back"')
    for _ in range(4):
        desk.poll()
        desk.clock.advance(hours=12)
    assert feed(desk)["url"] == f"{desk.site.url}/old"
    assert desk.rows("SELECT old_url, new_url FROM desk.feed_moves") == [
        {"old_url": f"{desk.site.url}/new", "new_url": f"{desk.site.url}/old"}
    ]


def test_an_error_page_behind_a_redirect_is_no_move(desk: Desk) -> None:
    desk.subscribe("/old")
    redirect(desk, "/old", "/new")
    for number in range(5):
        desk.site.put("/new", f"<html><body>Error {number}</body></html>".encode(), content_type="text/html")
        desk.poll()
        desk.clock.advance(days=1)
    assert feed(desk)["url"] == f"{desk.site.url}/old"
    assert feed(desk)["moved_count"] == 0
