"""Subscriptions in the database: files applied, options set, moved feeds recognised, attempts told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from wiredesk import steps
from wiredesk.errors import ConfigurationError, NotFound
from wiredesk.models import FeedState, Subscription
from wiredesk.steps.subscribe import apply_listing, find_feed, named_feed, set_options, stored_listing
from wiredesk.store import feeds, subscriptions
from wiredesk.store.database import Database
from wiredesk.subscriptions.difference import Difference
from wiredesk.subscriptions.listing import Listed, read_listing, write_listing

from tests.store.desk import HTML, Desk, item, rss

A, B, C = (f"https://{name}.example/rss" for name in "abc")


def listing(*urls: str, **fields: object) -> list[Listed]:
    return [Listed(Subscription(url, **fields), line=line) for line, url in enumerate(urls, 3)]  # type: ignore[arg-type]


def apply(desk: Desk, listed: list[Listed], **options: bool) -> Difference:
    return apply_listing(desk.store, desk.settings, listed, clock=desk.clock, **options)


def states(desk: Desk) -> dict[str, str]:
    return {row["url"]: row["state"] for row in desk.rows("SELECT url, state FROM desk.feeds")}


def moved(desk: Desk, old: str, new: str) -> None:
    desk.sql.execute(
        "WITH feed AS (UPDATE desk.feeds SET url = %(new)s WHERE url = %(old)s RETURNING feed_id) "
        "INSERT INTO desk.feed_moves (old_url, feed_id, new_url, moved_at) SELECT %(old)s, feed_id, %(new)s, now() "
        "FROM feed",
        {"old": old, "new": new},
    )


def test_file_is_applied_in_one_go_and_a_second_time_changes_nothing(desk: Desk) -> None:
    full = Subscription(A, "A", "News/World", "en", is_full_text=True, is_conditional=False, is_matched=False)
    listed = [Listed(full), Listed(Subscription(B), FeedState.PAUSED), Listed(Subscription(C))]
    assert len(apply(desk, listed).added) == 3
    row = desk.row("SELECT * FROM desk.feeds WHERE url = %s", A)
    said = (row["title"], row["category"], row["language"], row["is_full_text"], row["is_conditional"])
    assert said == ("A", "News/World", "en", True, False)
    assert states(desk) == {A: "active", B: "paused", C: "active"}
    before = desk.versions()
    again = apply(desk, listed)
    assert (again.added, again.changed, again.gone, len(again.unchanged)) == ((), (), (), 3)
    assert desk.versions() == before


def test_export_applied_again_is_no_difference(desk: Desk) -> None:
    apply(desk, [Listed(Subscription(A, " A: “b” ", "News/World", "no", True, False)), Listed(Subscription(B))])
    apply(desk, listing(A, B), prune=True)
    written = write_listing(stored_listing(desk.store))
    found = apply(desk, read_listing(written.encode()))
    assert (found.added, found.changed, found.gone, found.moved) == ((), (), (), ())


def test_dry_run_tells_the_same_and_writes_nothing(desk: Desk) -> None:
    apply(desk, listing(A, B))
    before = desk.versions()
    wanted = [*listing(A, title="New"), *listing(C)]
    dry = apply(desk, wanted, is_dry_run=True, prune=True)
    assert desk.versions() == before
    assert apply(desk, wanted, prune=True) == dry
    assert states(desk) == {A: "active", B: "paused", C: "active"}
    assert desk.value("SELECT title FROM desk.feeds WHERE url = %s", A) == "New"


def test_feeds_that_the_file_does_not_list_are_left_alone_and_with_prune_paused(desk: Desk) -> None:
    apply(desk, listing(A, B, C))
    found = apply(desk, listing(A))
    assert [one.subscription.url for one in found.polled_and_gone] == [B, C]
    assert states(desk) == {A: "active", B: "active", C: "active"}
    apply(desk, listing(A), prune=True)
    assert states(desk) == {A: "active", B: "paused", C: "paused"}
    assert apply(desk, listing(A), prune=True).polled_and_gone == ()


def test_pruning_by_an_empty_file_is_refused(desk: Desk) -> None:
    apply(desk, listing(A))
    with pytest.raises(ConfigurationError, match="would pause them all"):
        apply(desk, [], prune=True)
    assert states(desk) == {A: "active"}


def test_feed_that_the_file_lists_as_paused_stops_and_goes_on_when_it_is_active_again(desk: Desk) -> None:
    apply(desk, listing(A))
    apply(desk, [Listed(Subscription(A), FeedState.PAUSED)])
    assert states(desk) == {A: "paused"}
    desk.clock.advance(hours=1)
    apply(desk, listing(A))
    row = desk.row("SELECT state, next_fetch_at FROM desk.feeds")
    assert (row["state"], row["next_fetch_at"]) == ("active", desk.clock.now)


def test_title_and_language_that_a_feed_gave_itself_stay_where_the_file_is_silent(desk: Desk) -> None:
    url = desk.site.put("/feed", rss(item("1", "Words.")))
    apply(desk, listing(url))
    desk.poll()
    assert desk.feed("/feed")["title"] == "A wire"
    assert apply(desk, listing(url)).changed == ()
    assert desk.feed("/feed")["title"] == "A wire"


def test_moved_feed_is_found_by_its_old_address_and_not_added_twice(desk: Desk) -> None:
    apply(desk, listing(A))
    moved(desk, A, B)
    found = apply(desk, listing(A, category="World"))
    assert [(one.url, one.moved_to, one.line) for one in found.moved] == [(A, B, 3)]
    assert states(desk) == {B: "active"}
    assert desk.value("SELECT category FROM desk.feeds") == "World"
    assert steps.subscribe(desk.store, desk.settings, [Subscription(A)], clock=desk.clock) == 0
    known = find_feed(desk.store, A)
    assert known is not None
    assert known.subscription.url == B


def test_two_files_applied_at_once_add_each_feed_once(desk: Desk) -> None:
    many = listing(*(f"https://site{number}.example/rss" for number in range(40)))

    def work(session: Database, _number: int) -> Difference:
        return apply_listing(session, desk.settings, many, clock=desk.clock)

    desk.at_once(work, threads=4)
    assert desk.value("SELECT count(*) FROM desk.feeds") == 40


def test_feed_is_named_by_id_by_url_as_it_is_typed_or_not_at_all(desk: Desk) -> None:
    apply(desk, listing(A))
    (stored,) = desk.store.run(subscriptions.read_subscriptions)
    for name in (str(stored.feed_id), A, "feed:https://A.example/rss", "a.example/rss"):
        assert named_feed(desk.store, name) == stored
    for name in ("0", "https://b.example/rss", "nothing", "'; --"):
        with pytest.raises(NotFound, match="wiredesk feed list"):
            named_feed(desk.store, name)


def test_options_of_a_feed_are_set_and_what_changed_is_told(desk: Desk) -> None:
    apply(desk, listing(A, title="Old"))

    def change(said: Subscription) -> Subscription:
        return replace(said, title=None, category="World", is_full_text=True, is_conditional=False, is_matched=False)

    _, fields = set_options(desk.store, A, change)
    assert [(one.name, one.old, one.new) for one in fields] == [
        ("title", "Old", "none"),
        ("category", "none", "World"),
        ("full_text", "false", "true"),
        ("conditional", "true", "false"),
        ("match", "true", "false"),
    ]
    (stored,) = desk.store.run(subscriptions.read_subscriptions)
    assert stored.subscription == Subscription(
        A, None, "World", None, is_full_text=True, is_conditional=False, is_matched=False
    )
    before = desk.versions()
    assert set_options(desk.store, A, change)[1] == ()
    assert desk.versions() == before


def test_attempts_are_told_newest_first_with_what_each_brought(desk: Desk) -> None:
    desk.site.put("/feed", rss(item("1", "One."), item("2", "Two.")))
    desk.subscribe("/feed")
    desk.poll()
    desk.site.put("/feed", HTML, content_type="text/html")
    desk.poll()
    desk.site.put("/feed", status=404)
    desk.poll()
    feed_id = desk.feed("/feed")["feed_id"]
    rows = desk.store.run(subscriptions.read_attempts, feed_id, limit=10)
    told = [(row["outcome"], row["reason"], row["http_status"], row["new_entry_count"]) for row in rows]
    assert told == [
        ("failed", "not_found", 404, None),
        ("quarantined", "html_not_feed", 200, None),
        ("fetched", "new_bytes", 200, 2),
    ]
    assert rows[2]["body_bytes"] == len(rss(item("1", "One."), item("2", "Two.")))
    assert "404" in rows[0]["detail"]
    assert len(desk.store.run(subscriptions.read_attempts, feed_id, limit=1)) == 1


def test_subscription_keeps_whether_validators_are_sent(desk: Desk) -> None:
    steps.subscribe(desk.store, desk.settings, [Subscription(A, is_conditional=False)], clock=desk.clock)
    (feed,) = desk.store.run(feeds.read_feeds, [desk.value("SELECT feed_id FROM desk.feeds")])
    assert feed.is_conditional is False
