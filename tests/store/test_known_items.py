"""An item that says what is stored is not read again; one that says anything else is."""

from __future__ import annotations

from typing import Any

import pytest
from wiredesk import steps
from wiredesk.bounded import parse_worker
from wiredesk.steps import LoadCounts
from wiredesk.steps.reading import Reading, read_payload
from wiredesk.store import articles, fetches
from wiredesk.store.database import Database

from tests.store.desk import Desk, item, page, prose, rss

DIGESTS = "SELECT entry_key, item_digest FROM desk.entries ORDER BY entry_key"


def read(desk: Desk, fetch_id: int) -> Reading:
    """What loading this payload would read."""
    with parse_worker(desk.settings) as worker:
        return read_payload(desk.store, desk.settings, worker, desk.store.run(fetches.read_capture, fetch_id))


def read_keys(desk: Desk, fetch_id: int) -> tuple[list[str], set[str]]:
    """Keys of the entries that are read, and of those that are known."""
    parsed = read(desk, fetch_id).parsed
    return [entry.key for entry in parsed.entries], set(parsed.seen_keys)


def test_only_unseen_items_of_a_changed_document_are_read(desk: Desk) -> None:
    desk.subscribe("/feed")
    old = [item(f"{number}", prose(f"{number}")) for number in range(5)]
    desk.site.put("/feed", rss(*old))
    desk.poll()
    assert all(len(row["item_digest"]) == 32 for row in desk.rows(DIGESTS))
    first_seen = desk.clock.now
    desk.site.put("/feed", rss(item("new", prose("new")), *old[:4]))
    (captured,) = desk.capture()
    assert read_keys(desk, captured) == (["new"], {"0", "1", "2", "3"})

    assert desk.load([captured]) == LoadCounts(payloads=1, entries=5, new_entries=1, new_articles=1)
    fetch = desk.row("SELECT entry_count, new_entry_count FROM desk.fetches WHERE fetch_id = %s", captured)
    assert fetch == {"entry_count": 5, "new_entry_count": 1}
    seen = {row["entry_key"]: row["last_seen_at"] for row in desk.rows("SELECT * FROM desk.entries")}
    assert seen == {**dict.fromkeys(["new", "0", "1", "2", "3"], desk.clock.now), "4": first_seen}
    sightings = desk.rows("SELECT last_seen_at, count(*) AS n FROM desk.sightings GROUP BY 1 ORDER BY 1")
    assert sightings == [{"last_seen_at": first_seen, "n": 1}, {"last_seen_at": desk.clock.now, "n": 5}]


def test_a_wording_that_comes_back_is_read_again_and_is_a_revision(desk: Desk) -> None:
    desk.subscribe("/feed")
    one, two = item("1", prose("one")), item("1", prose("two"))
    for number, words in enumerate((one, two, one)):
        desk.site.put("/feed", rss(words))
        (captured,) = desk.capture()
        assert read_keys(desk, captured) == (["1"], set())
        counts = desk.load([captured])
        assert (counts.new_articles, counts.revised_articles) == ((1, 0) if number == 0 else (0, 1))
    assert desk.row("SELECT text, revision FROM desk.articles") == {"text": prose("one"), "revision": 3}


def test_an_older_payload_loaded_late_does_not_pass_its_items_off_as_the_present_ones(desk: Desk) -> None:
    desk.subscribe("/feed")
    old, new = item("1", prose("old")), item("1", prose("new"))
    desk.site.put("/feed", rss(old))
    (late,) = desk.capture()
    desk.site.put("/feed", rss(new))
    desk.load([max(desk.capture())])
    present = desk.rows(DIGESTS)
    desk.load([late])
    assert desk.rows(DIGESTS) == present
    desk.site.put("/feed", rss(old, item("2", prose("2"))))
    assert desk.poll().revised_articles == 1
    assert desk.value("SELECT text FROM desk.articles WHERE url LIKE '%%/1'") == prose("old")


def test_another_spelling_of_the_same_words_is_read_once_and_then_known(desk: Desk) -> None:
    desk.subscribe("/feed")
    words = item("1", prose("1"))
    desk.site.put("/feed", rss(words))
    desk.poll()
    other = words.replace("<item>", "<item>\n  ")
    desk.site.put("/feed", rss(other))
    (captured,) = desk.capture()
    assert read_keys(desk, captured) == (["1"], set())
    assert desk.load([captured]) == LoadCounts(payloads=1, entries=1)
    desk.site.put("/feed", rss(other, item("2", prose("2"))))
    (captured,) = desk.capture()
    assert read_keys(desk, captured) == (["2"], {"1"})
    assert desk.load([captured]) == LoadCounts(payloads=1, entries=2, new_entries=1, new_articles=1)
    assert desk.value("SELECT count(*) FROM desk.revisions") == 0


def test_an_item_that_could_not_be_cleaned_is_read_again_each_time(desk: Desk) -> None:
    desk.subscribe("/feed")
    void = '<item><guid isPermaLink="false">void</guid></item>'
    for number in range(2):
        desk.site.put("/feed", rss(void, item("1", prose("1")), f"<!-- {number} -->"))
        (captured,) = desk.capture()
        assert "void" in read_keys(desk, captured)[0]
        desk.load([captured])
    assert desk.value("SELECT count(*) FROM desk.quarantine") == 1
    assert [row["entry_key"] for row in desk.rows(DIGESTS)] == ["1"]


def test_an_item_whose_page_is_missing_is_read_until_the_page_is_had_or_given_up(desk: Desk) -> None:
    desk.subscribe("/feed", full_text=True)
    url = desk.site.put("/story", status=503)
    teaser = item("1", prose("teaser", 30), link=url)
    read_again = []
    for number in range(5):
        desk.site.put("/feed", rss(teaser, f"<!-- {number} -->"))
        (captured,) = desk.capture()
        read_again.append(read_keys(desk, captured)[0] == ["1"])
        desk.load([captured])
    assert read_again == [True, True, False, False, False]  # each time after the page was asked for
    assert desk.site.asked["/story"] == 3


def test_an_item_whose_page_came_is_known(desk: Desk) -> None:
    desk.subscribe("/feed", full_text=True)
    url = desk.site.put("/story", page("A report", prose("full", 240)), content_type="text/html")
    teaser = item("1", prose("teaser", 30), link=url)
    desk.site.put("/feed", rss(teaser))
    desk.poll()
    desk.site.put("/feed", rss(teaser, "<!-- later -->"))
    (captured,) = desk.capture()
    assert read_keys(desk, captured) == ([], {"1"})
    assert desk.load([captured]).payloads == 1
    assert desk.site.asked["/story"] == 1


def test_entries_stored_before_items_had_digests_are_read_once_more_and_are_unchanged(desk: Desk) -> None:
    desk.subscribe("/feed")
    words = item("1", prose("1"))
    desk.site.put("/feed", rss(words))
    desk.poll()
    desk.sql.execute("UPDATE desk.entries SET item_digest = NULL")
    desk.sql.execute("DELETE FROM desk.entry_aliases")
    desk.site.put("/feed", rss(words, "<!-- later -->"))
    assert desk.poll() == LoadCounts(payloads=1, entries=1)
    assert desk.value("SELECT count(*) FROM desk.entries WHERE item_digest IS NOT NULL") == 1
    assert desk.value("SELECT count(*) FROM desk.entry_aliases") >= 1


def test_items_are_known_within_their_feed_only(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    for path in ("/one", "/two"):
        desk.site.put(path, rss(item("1", prose("1"))))
    assert desk.poll().new_entries == 2
    digests = [row["item_digest"] for row in desk.rows("SELECT item_digest FROM desk.entries ORDER BY feed_id")]
    for path, digest in zip(("/one", "/two"), digests, strict=True):
        known = desk.store.run(articles.known_items, desk.feed(path)["feed_id"], [*digests, b"x" * 32])
        assert known == {digest: "1"}


def test_a_payload_read_before_another_of_its_feed_was_loaded_is_read_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the items that were known when it was read would be kept in a wording that is not theirs any more."""
    desk.subscribe("/feed")
    first, edited = item("1", prose("first")), item("1", prose("edited"))
    desk.site.put("/feed", rss(first))
    desk.poll()
    desk.site.put("/feed", rss(edited))
    (between,) = desk.capture()
    desk.sql.execute("UPDATE desk.feeds SET payload_digest = NULL")
    desk.site.put("/feed", rss(first, "<!-- back -->"))
    newest = max(desk.capture())
    reading = read(desk, newest)
    assert reading.parsed.seen_keys == ("1",)
    desk.load([between])  # what another worker does meanwhile

    earlier = iter([reading])

    def read_then_again(*arguments: Any) -> Reading:
        return next(earlier, None) or read_payload(*arguments)

    monkeypatch.setattr("wiredesk.steps.load.read_payload", read_then_again)
    assert desk.load([newest]).revised_articles == 1
    assert desk.value("SELECT text FROM desk.articles") == prose("first")


def test_a_feed_that_cannot_be_cut_into_items_loads_as_before(desk: Desk) -> None:
    desk.subscribe("/feed")
    broken = rss(item("1", prose("1")), item("2", prose("2"))).replace(b"</channel></rss>", b"")
    desk.site.put("/feed", broken)
    assert desk.poll() == LoadCounts(payloads=1, entries=2, new_entries=2, new_articles=2)
    desk.site.put("/feed", broken.replace(b"A wire", b"The wire"))
    assert desk.poll() == LoadCounts(payloads=1, entries=2)


def test_eight_loads_of_two_payloads_of_one_feed_end_like_one_after_the_other(desk: Desk) -> None:
    desk.subscribe("/feed")
    one, two = item("1", prose("1")), item("1", prose("edited"))
    desk.site.put("/feed", rss(one, item("2", prose("2"))))
    first = desk.capture()
    desk.site.put("/feed", rss(two, item("3", prose("3"))))
    captured = sorted({*first, *desk.capture()})
    assert len(captured) == 2

    def load(session: Database, number: int) -> LoadCounts:
        order = captured if number % 2 else captured[::-1]
        return steps.load_fetches(session, desk.settings, order, clock=desk.clock)

    assert sum(desk.at_once(load), LoadCounts()).payloads == 2
    assert desk.value("SELECT count(*) FROM desk.articles") == 3
    assert desk.value("SELECT text FROM desk.articles WHERE url LIKE '%%/1'") == prose("edited")
