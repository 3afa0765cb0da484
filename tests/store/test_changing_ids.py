"""A publisher that gives its stories new ids or addresses does not have them stored twice."""

from __future__ import annotations

import pytest
from wiredesk.steps import LoadCounts

from tests.store.desk import Desk, item, page, prose, rss

ARTICLES = "SELECT article_id, url, revision, text FROM desk.articles ORDER BY article_id"
ENTRIES = "SELECT entry_id, entry_key FROM desk.entries ORDER BY entry_id"


def told(guid: str, text: str, *, link: str, title: str, hour: int = 8) -> str:
    """An item with a title and a time of its own."""
    return item(guid, text, link=link, title=title).replace("08:00:00", f"{hour:02}:00:00")


def test_a_changed_guid_with_the_same_url_is_the_same_entry_and_nothing_new(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("old-1", prose("1"), link="https://news.example/1", title="One")))
    desk.poll()
    was = desk.rows(ENTRIES), desk.rows(ARTICLES)
    desk.site.put("/feed", rss(item("new-1", prose("1"), link="https://news.example/1", title="One")))
    assert desk.poll() == LoadCounts(payloads=1, entries=1)
    assert desk.rows(ENTRIES) == [{**was[0][0], "entry_key": "new-1"}]
    assert desk.rows(ARTICLES) == was[1]
    assert desk.value("SELECT count(*) FROM desk.sightings") == 1
    assert desk.value("SELECT last_seen_at FROM desk.sightings") == desk.clock.now


def test_a_changed_guid_and_url_with_the_same_title_and_date_is_the_same_article_at_its_new_address(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(told("a", prose("1"), link="https://news.example/old", title="Bridge opens")))
    desk.poll()
    (entry,), (article,) = desk.rows(ENTRIES), desk.rows(ARTICLES)
    desk.settle()
    desk.site.put("/feed", rss(told("b", prose("1"), link="https://news.example/new", title="Bridge opens")))
    assert desk.poll() == LoadCounts(payloads=1, entries=1, revised_articles=1)
    assert desk.rows(ENTRIES) == [{**entry, "entry_key": "b"}]
    assert desk.rows(ARTICLES) == [{**article, "url": "https://news.example/new", "revision": 2}]
    desk.settle()
    changes = [row["kind"] for row in desk.rows("SELECT kind FROM news_v1.changes ORDER BY position")]
    assert changes == ["article_added", "article_revised"]
    assert desk.offences() == {}


def test_an_edit_under_a_changed_guid_is_a_revision_with_its_predecessor_kept(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("a", prose("before"), link="https://news.example/1")))
    desk.poll()
    desk.site.put("/feed", rss(item("b", prose("after"), link="https://news.example/1")))
    assert desk.poll() == LoadCounts(payloads=1, entries=1, revised_articles=1)
    assert desk.value("SELECT text FROM desk.articles") == prose("after")
    assert desk.value("SELECT text FROM desk.revisions") == prose("before")
    # And the next edit finds it under its new guid.
    desk.site.put("/feed", rss(item("b", prose("again"), link="https://news.example/1")))
    assert desk.poll().revised_articles == 1
    assert desk.value("SELECT count(*) FROM desk.entries") == 1


def test_an_edit_that_moves_the_address_under_the_same_guid_is_a_revision(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", prose("before"), link="https://news.example/storm-nears", title="Near")))
    desk.poll()
    (article,) = desk.rows(ARTICLES)
    desk.site.put("/feed", rss(item("1", prose("after"), link="https://news.example/storm-is-here", title="Here")))
    assert desk.poll() == LoadCounts(payloads=1, entries=1, revised_articles=1)
    (now,) = desk.rows(ARTICLES)
    assert now["article_id"] == article["article_id"]
    assert now["url"] == "https://news.example/storm-is-here"
    assert desk.value("SELECT url_key FROM desk.articles") == "https://news.example/storm-is-here"
    assert desk.value("SELECT text FROM desk.revisions") == prose("before")


def test_two_items_with_equal_titles_in_one_document_stay_two(desk: Desk) -> None:
    desk.subscribe("/feed")
    one = told("a", prose("1"), link="https://news.example/1", title="Weather")
    desk.site.put("/feed", rss(one))
    desk.poll()
    two = told("b", prose("2"), link="https://news.example/2", title="Weather")
    desk.site.put("/feed", rss(two, one))
    assert desk.poll() == LoadCounts(payloads=1, entries=2, new_entries=1, new_articles=1)
    three = [told(guid, prose(guid), link=f"https://news.example/{guid}", title="Weather") for guid in ("c", "d")]
    desk.site.put("/feed", rss(*three))
    assert desk.poll().new_entries == 2
    assert desk.value("SELECT count(*) FROM desk.articles") == 4


def test_items_that_swap_their_guids_keep_their_number_and_lose_no_text(desk: Desk) -> None:
    desk.subscribe("/feed")
    for pair in (("a", "b"), ("b", "a")):
        desk.site.put(
            "/feed",
            rss(
                told(pair[0], prose("1"), link="https://news.example/1", title="One", hour=8),
                told(pair[1], prose("2"), link="https://news.example/2", title="Two", hour=9),
            ),
        )
        desk.poll()
    assert [row["entry_key"] for row in desk.rows(ENTRIES)] == ["a", "b"]
    texts = {row["url"]: row["text"] for row in desk.rows(ARTICLES)}
    assert texts == {"https://news.example/1": prose("1"), "https://news.example/2": prose("2")}
    assert desk.offences() == {}


def test_a_whole_feed_that_changes_its_ids_is_churn_and_not_news(desk: Desk) -> None:
    desk.subscribe("/feed")
    for generation in ("first", "second"):
        items = [
            told(
                f"{generation}-{number}", prose(f"{number}"), link=f"https://news.example/{number}", title=f"N{number}"
            )
            for number in range(6)
        ]
        desk.site.put("/feed", rss(*items))
        counts = desk.poll()
    assert counts == LoadCounts(payloads=1, entries=6)
    assert desk.value("SELECT count(*) FROM desk.articles") == 6
    feed = desk.feed("/feed")
    assert (feed["last_alarms"], feed["last_new_entry_count"], feed["last_entry_count"]) == (["guid_churn"], 0, 6)


def test_an_older_payload_loaded_late_does_not_give_an_entry_its_old_guid_back(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("old", prose("before"), link="https://news.example/1")))
    (late,) = desk.capture()
    desk.site.put("/feed", rss(item("new", prose("after"), link="https://news.example/1")))
    desk.load([max(desk.capture())])
    before = desk.rows(ENTRIES), desk.rows(ARTICLES)
    assert desk.load([late]) == LoadCounts(payloads=1, entries=1)
    assert (desk.rows(ENTRIES), desk.rows(ARTICLES)) == before


def test_second_load_after_a_change_of_ids_writes_nothing(desk: Desk) -> None:
    desk.subscribe("/feed")
    for guid in ("a", "b"):
        desk.site.put("/feed", rss(item(guid, prose("1"), link="https://news.example/1")))
        captured = desk.capture()
        desk.load(captured)
    before = desk.versions()
    assert desk.load(captured) == LoadCounts()
    assert desk.versions() == before
    assert before["desk.entry_aliases"]


def test_a_poll_that_repeats_everything_under_other_bytes_writes_no_alias(desk: Desk) -> None:
    desk.subscribe("/feed")
    words = [item(f"{number}", prose(f"{number}")) for number in range(3)]
    desk.site.put("/feed", rss(*words))
    desk.poll()
    before = desk.versions()["desk.entry_aliases"]
    desk.site.put("/feed", rss(*words, "<!-- later -->"))
    desk.poll()
    desk.sql.execute("UPDATE desk.entries SET item_digest = NULL")  # so that all of them are read again
    desk.site.put("/feed", rss(*words, "<!-- later still -->"))
    desk.poll()
    assert desk.versions()["desk.entry_aliases"] == before


@pytest.mark.parametrize("is_there", [True, False], ids=["had", "missing"])
def test_a_changed_guid_does_not_ask_for_the_page_more_often(desk: Desk, is_there: bool) -> None:
    desk.subscribe("/feed", full_text=True)
    url = f"{desk.site.url}/story"
    if is_there:
        desk.site.put("/story", page("A report", prose("full", 240)), content_type="text/html")
    for number in range(5):
        desk.site.put("/feed", rss(item(f"guid-{number}", prose("teaser", 30), link=url, title="A report")))
        desk.poll()
    assert desk.site.asked["/feed"] == 5
    assert desk.site.asked["/story"] == (1 if is_there else 3)
    assert desk.value("SELECT count(*) FROM desk.entries") == 1
    assert desk.value("SELECT word_count FROM desk.articles") == (240 if is_there else 30)
