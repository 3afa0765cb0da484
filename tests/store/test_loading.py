"""A captured payload becomes rows once, whole, and in whatever order it is loaded."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from wiredesk import steps
from wiredesk.bounded import BoundedWorker
from wiredesk.errors import LimitExceeded, StepFailed
from wiredesk.steps import LoadCounts
from wiredesk.store.database import Database

from tests.store.desk import HTML, TIMEOUT_S, Desk, item, prose, rss

ARTICLE = "SELECT * FROM desk.articles"


def test_second_load_of_same_fetch_writes_nothing(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", prose("1")), item("2", prose("2"))))
    captured = desk.capture()
    assert desk.load(captured) == LoadCounts(payloads=1, entries=2, new_entries=2, new_articles=2)
    before = desk.versions()
    assert desk.load(captured) == LoadCounts()
    assert desk.versions() == before
    assert len(before["desk.articles"]) == 2


def test_one_fetch_loaded_by_eight_at_once_is_loaded_once(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(*(item(f"{number}", prose(f"{number}")) for number in range(10))))
    captured = desk.capture()
    loaded = desk.at_once(lambda session, _: steps.load_fetches(session, desk.settings, captured, clock=desk.clock))
    assert sum(loaded, LoadCounts()) == LoadCounts(payloads=1, entries=10, new_entries=10, new_articles=10)
    assert desk.value("SELECT count(*) FROM desk.articles") == 10


def test_a_payload_that_the_database_refuses_does_not_stop_the_others_and_is_named(desk: Desk) -> None:
    desk.subscribe("/good", "/bad", "/other")
    for path in ("/good", "/bad", "/other"):
        desk.site.put(path, rss(item(path, prose(path))))
    bad = desk.feed("/bad")
    desk.sql.execute(
        f"""
        CREATE FUNCTION desk.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'refused for the test'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON desk.entries
        FOR EACH ROW WHEN (NEW.feed_id = {bad["feed_id"]}) EXECUTE FUNCTION desk.refuse()
        """
    )
    captured = desk.capture()
    bad_fetch = desk.value("SELECT fetch_id FROM desk.fetches WHERE feed_id = %s", bad["feed_id"])
    with pytest.raises(StepFailed) as failure:
        desk.load(captured)
    message = str(failure.value)
    assert f"fetch {bad_fetch} of {bad['url']}" in message
    assert "refused for the test" in message
    assert f"{desk.site.url}/good" not in message
    assert desk.value("SELECT count(*) FROM desk.articles") == 2

    desk.site.put("/good", rss(item("/good", prose("/good")), item("news", prose("news"))))
    left_over = desk.capture()
    assert bad_fetch in left_over
    with pytest.raises(StepFailed, match=f"fetch {bad_fetch} of"):
        desk.load(left_over)
    assert desk.value("SELECT count(*) FROM desk.articles") == 3
    assert desk.value("SELECT count(*) FROM desk.fetches WHERE loaded_at IS NULL AND outcome = 'fetched'") >= 1

    desk.sql.execute("DROP TRIGGER refuse ON desk.entries")
    desk.load(desk.capture())
    assert desk.value("SELECT count(*) FROM desk.articles") == 4
    assert desk.value("SELECT count(*) FROM desk.fetches WHERE loaded_at IS NULL AND outcome = 'fetched'") == 0


def test_the_same_broken_payload_polled_again_is_shown_as_quarantined_each_time(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", HTML, content_type="text/html")
    for poll in (1, 2, 3):
        desk.poll()
        feed = desk.feed("/feed")
        shown = (feed["last_outcome"], feed["last_reason"], feed["failure_count"])
        assert shown == ("quarantined", "html_not_feed", poll)
    assert desk.site.asked["/feed"] == 3
    assert desk.value("SELECT count(*) FROM desk.quarantine") == 1
    assert desk.value("SELECT count(*) FROM desk.payloads") == 1

    desk.site.put("/feed", rss(item("1", prose("1"))))
    assert desk.poll().new_articles == 1
    feed = desk.feed("/feed")
    assert (feed["last_outcome"], feed["failure_count"]) == ("fetched", 0)
    assert desk.value("SELECT count(*) FROM desk.quarantine") == 1


def test_an_entry_that_says_nothing_is_kept_apart_and_its_neighbours_are_loaded(desk: Desk) -> None:
    desk.subscribe("/feed")
    empty = '<item><guid isPermaLink="false">void</guid></item>'
    desk.site.put("/feed", rss(item("1", prose("1")), empty, item("2", prose("2"))))
    counts = desk.poll()
    assert (counts.new_articles, counts.quarantined) == (2, 1)
    kept = desk.row("SELECT kind, reason, raw FROM desk.quarantine")
    assert (kept["kind"], kept["reason"]) == ("entry", "empty")
    assert b"void" in kept["raw"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["short_first", "full_first"])
def test_the_fuller_wording_wins_whichever_is_loaded_first(desk: Desk, order: tuple[int, int]) -> None:
    short, full = prose("short", 40), prose("full", 120)
    equals = [prose("equal one"), prose("equal other")]
    url, other = "https://news.example/shared", "https://news.example/other"
    desk.subscribe("/short", "/full")
    desk.site.put("/short", rss(item("s", short, link=url), item("s2", equals[0], link=other, title="Same")))
    desk.site.put("/full", rss(item("f", full, link=url), item("f2", equals[1], link=other, title="Same")))
    captured = desk.capture()
    for place in order:
        desk.load([captured[place]])
    assert desk.row(f"{ARTICLE} WHERE url = %s", url)["text"] == full
    # Of equally long ones none is better, but it is the same one in either order.
    chosen = max(equals, key=lambda text: hashlib.sha256(f"Same\n{text}".encode()).digest())
    assert desk.row(f"{ARTICLE} WHERE url = %s", other)["text"] == chosen
    assert desk.offences() == {}


def test_an_older_payload_loaded_late_overwrites_nothing_newer(desk: Desk) -> None:
    old, new = prose("old", 90), prose("new", 50)
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", old), item("gone from the feed", prose("g"))), ETag='"old"')
    (late,) = desk.capture()
    desk.site.put("/feed", rss(item("1", new)), ETag='"new"')
    newer = max(desk.capture())
    desk.load([newer])
    before = desk.row("SELECT etag, payload_digest, interval_s, next_fetch_at, last_fetch_at FROM desk.feeds")
    seen = desk.row("SELECT * FROM desk.entries")

    assert desk.load([late]).revised_articles == 0
    assert desk.row(f"{ARTICLE} WHERE url_key LIKE '%%/1'")["text"] == new
    assert desk.value("SELECT count(*) FROM desk.revisions") == 0
    earlier = desk.value("SELECT started_at FROM desk.fetches WHERE fetch_id = %s", late)
    assert desk.row("SELECT * FROM desk.entries WHERE entry_key = '1'") == {**seen, "first_seen_at": earlier}
    assert desk.row("SELECT etag, payload_digest, interval_s, next_fetch_at, last_fetch_at FROM desk.feeds") == before
    assert before["etag"] == '"new"'
    # What only the older payload said is not lost for being late.
    assert desk.value("SELECT count(*) FROM desk.articles") == 2


def test_an_edit_under_the_same_guid_is_a_revision_with_its_predecessor_kept(desk: Desk) -> None:
    first, second = prose("first"), prose("second")
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", first, title="Before")))
    desk.poll()
    was = desk.row(ARTICLE)
    desk.settle()
    desk.site.put("/feed", rss(item("1", second, title="After")))
    assert desk.poll() == LoadCounts(payloads=1, entries=1, revised_articles=1)
    now = desk.row(ARTICLE)
    assert (now["article_id"], now["title"], now["text"], now["revision"]) == (was["article_id"], "After", second, 2)
    assert now["first_seen_at"] == was["first_seen_at"]
    assert now["revised_at"] == desk.clock.now
    kept = desk.row("SELECT * FROM desk.revisions")
    for column in ("article_id", "revision", "title", "text", "html", "text_digest", "revised_at", "fetch_id"):
        assert kept[column] == was[column], column
    desk.settle()
    kinds = [row["kind"] for row in desk.rows("SELECT kind FROM news_v1.changes ORDER BY position")]
    assert kinds == ["article_added", "article_revised"]
    assert desk.offences() == {}


def test_a_poll_that_repeats_an_entry_moves_when_it_was_last_seen_and_nothing_else(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", prose("1"))))
    desk.poll()
    article = desk.row(ARTICLE)
    first_seen = desk.clock.now
    desk.site.put("/feed", rss(item("2", prose("2")), item("1", prose("1"))))
    assert desk.poll() == LoadCounts(payloads=1, entries=2, new_entries=1, new_articles=1)
    assert desk.row(f"{ARTICLE} WHERE article_id = %s", article["article_id"]) == article
    seen = desk.row(
        "SELECT first_seen_at, last_seen_at FROM desk.sightings WHERE article_id = %s", article["article_id"]
    )
    assert seen == {"first_seen_at": first_seen, "last_seen_at": desk.clock.now}


def test_one_url_in_two_feeds_is_one_article_with_two_sightings(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    desk.site.put("/one", rss(item("a", prose("a"), link="https://news.example/story?utm_source=one")))
    desk.site.put("/two", rss(item("b", prose("a"), link="https://news.example/story?utm_source=two")))
    desk.poll()
    desk.settle()
    article = desk.row(ARTICLE)
    sightings = desk.rows("SELECT article_id, feed_id FROM desk.sightings ORDER BY feed_id")
    expected = [desk.feed(path)["feed_id"] for path in ("/one", "/two")]
    assert [(row["article_id"], row["feed_id"]) for row in sightings] == [
        (article["article_id"], id_) for id_ in expected
    ]
    assert desk.value("SELECT count(*) FROM desk.entries") == 2
    assert desk.value("SELECT count(*) FROM news_v1.copies") == 0
    assert desk.offences() == {}


def test_two_workers_loading_one_url_at_once_make_one_article(desk: Desk) -> None:
    paths = ("/one", "/two")
    desk.subscribe(*paths)
    for round_ in range(5):
        for path in paths:
            items = [
                item(
                    f"{path}-{round_}-{number}",
                    prose(f"{round_}-{number}"),
                    link=f"https://news.example/{round_}/{number}",
                )
                for number in range(10)
            ]
            desk.site.put(path, rss(*items))
        captured = desk.capture()

        def load(session: Database, number: int, ids: list[int] = captured) -> LoadCounts:
            return steps.load_fetches(session, desk.settings, ids[number : number + 1], clock=desk.clock)

        counts = sum(desk.at_once(load, threads=2), LoadCounts())
        assert (counts.payloads, counts.new_entries, counts.new_articles) == (2, 20, 10)
    assert desk.value("SELECT count(*) FROM desk.articles") == 50
    assert desk.value("SELECT count(*) FROM desk.sightings") == 100
    assert desk.offences() == {"feeds_losing_items": 2}  # no round shows an item of the one before


def test_validators_are_kept_only_when_the_load_has_committed(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put(
        "/feed", rss(item("1", prose("1"))), **{"ETag": '"v1"', "Last-Modified": "Tue, 06 Jan 2026 08:00:00 GMT"}
    )
    captured = desk.capture()
    assert desk.value("SELECT etag FROM desk.feeds") is None
    desk.capture()
    assert desk.site.sent_validators[-1] == (None, None)  # else a 304 would hide what no run ever loaded
    newest = desk.value("SELECT max(fetch_id) FROM desk.fetches")
    desk.load([*captured, newest])
    desk.capture()
    assert desk.site.sent_validators[-1] == ('"v1"', "Tue, 06 Jan 2026 08:00:00 GMT")
    feed = desk.feed("/feed")
    assert (feed["last_outcome"], feed["last_reason"]) == ("unchanged", "not_modified")


def test_bytes_that_were_loaded_before_count_as_unchanged(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", prose("1"))))
    desk.poll()
    assert desk.capture() == []
    feed = desk.feed("/feed")
    assert (feed["last_outcome"], feed["last_reason"]) == ("unchanged", "same_bytes")


def test_a_failure_is_noted_on_its_feed_and_stops_no_other(desk: Desk) -> None:
    desk.subscribe("/down", "/up")
    desk.site.put("/down", status=503)
    desk.site.put("/up", rss(item("1", prose("1"))))
    assert desk.poll().new_articles == 1
    down = desk.feed("/down")
    assert (down["last_outcome"], down["last_reason"], down["failure_count"]) == ("failed", "http_server", 1)
    assert down["last_success_at"] is None
    assert desk.feed("/up")["failure_count"] == 0


def test_a_payload_that_costs_too_much_is_quarantined_whole_and_the_others_are_loaded(desk: Desk) -> None:
    desk.subscribe("/costly", "/other")
    costly = rss(*(item(f"{number}", "word " * 50) for number in range(4900)))
    desk.site.put("/costly", costly)
    desk.site.put("/other", rss(item("1", prose("1"))))
    desk.settings = replace(desk.settings, parse_cpu_s=0.3)
    counts = desk.poll()
    assert (counts.payloads, counts.quarantined, counts.new_articles) == (2, 1, 1)
    kept = desk.row("SELECT kind, reason, detail FROM desk.quarantine")
    assert (kept["kind"], kept["reason"]) == ("payload", "too_costly")
    assert f"{desk.site.url}/costly" in kept["detail"]
    assert "0.3 processor seconds" in kept["detail"]
    feed = desk.feed("/costly")
    assert (feed["last_outcome"], feed["last_reason"], feed["failure_count"]) == ("quarantined", "too_costly", 1)


def test_a_payload_of_too_many_items_is_quarantined_with_that_reason(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.settings = replace(desk.settings, feed_max_items=3)
    desk.site.put("/feed", rss(*(item(f"{number}", prose(f"{number}")) for number in range(4))))
    assert desk.poll().quarantined == 1
    assert desk.value("SELECT reason FROM desk.quarantine") == "too_many_items"


def test_a_reading_process_that_somebody_killed_costs_no_payload(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", prose("1"))))
    captured = desk.capture()
    killed: list[int] = []
    call = BoundedWorker.call

    def call_once_killed(self: BoundedWorker, work: Any, *arguments: Any) -> Any:
        if not killed:
            killed.append(1)
            call(self, len, b"")
            assert self._child is not None
            self._child.kill()
            self._child.wait(TIMEOUT_S)
            raise LimitExceeded("died", "the process was ended by SIGKILL")
        return call(self, work, *arguments)

    monkeypatch.setattr(BoundedWorker, "call", call_once_killed)
    assert desk.load(captured).new_articles == 1
    assert killed
    assert desk.value("SELECT count(*) FROM desk.quarantine") == 0


def test_where_no_payload_can_be_read_none_is_quarantined_for_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.subscribe("/one", "/two")
    for path in ("/one", "/two"):
        desk.site.put(path, rss(item(path, prose(path))))
    captured = desk.capture()

    def dead(self: BoundedWorker, *arguments: Any) -> Any:
        raise LimitExceeded("died", "the process ended with status 1")

    with monkeypatch.context() as broken:
        broken.setattr(BoundedWorker, "call", dead)
        with pytest.raises(StepFailed, match="nothing can be read here"):
            desk.load(captured)
    assert desk.value("SELECT count(*) FROM desk.quarantine") == 0
    assert desk.load(desk.capture()).new_articles == 2
