"""What would take too much to clean is named and kept whole; its neighbours lose nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.store.desk import Desk, item, page, prose, rss

FULL = prose("full", 240)
# Within all limits of the scan, and about two seconds of building a tree.
COSTLY = "<p>a</p>" * 25_000


@pytest.fixture
def desk_with_little_time(desk: Desk) -> Desk:
    desk.settings = replace(desk.settings, clean_cpu_s=0.4)
    return desk


def quarantined(desk: Desk) -> list[dict[str, object]]:
    return desk.rows("SELECT kind, entry_key, reason, detail, raw FROM desk.quarantine ORDER BY 1, 2")


def test_a_costly_entry_is_quarantined_whole_and_its_neighbours_are_loaded(desk_with_little_time: Desk) -> None:
    desk = desk_with_little_time
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", prose("one")), item("2", COSTLY), item("3", prose("three"))))
    counts = desk.poll()
    assert (counts.new_articles, counts.quarantined) == (2, 1)
    (kept,) = quarantined(desk)
    assert (kept["kind"], kept["reason"]) == ("entry", "too_costly")
    assert "WIREDESK_CLEAN_CPU_S" in str(kept["detail"])
    assert COSTLY.encode() in bytes(kept["raw"])  # type: ignore[call-overload]
    assert desk.poll().quarantined == 0


def test_a_costly_page_leaves_the_feeds_text_and_its_reason(desk_with_little_time: Desk) -> None:
    desk = desk_with_little_time
    desk.subscribe("/feed", full_text=True)
    bad = desk.site.put("/bad", page("A report", FULL).replace(b"<nav>", COSTLY.encode() + b"<nav>"))
    good = desk.site.put("/good", page("Another", FULL), content_type="text/html; charset=utf-8")
    desk.site.put("/feed", rss(item("1", "A teaser.", link=bad), item("2", "Another.", link=good)))
    counts = desk.poll()
    assert (counts.new_articles, counts.quarantined) == (2, 1)
    texts = desk.rows("SELECT text, flags FROM desk.articles ORDER BY url")
    assert (texts[0]["text"], texts[0]["flags"]) == ("A teaser.", ["page_failed"])
    assert (len(texts[1]["text"].split()), texts[1]["flags"]) == (240, [])
    (kept,) = quarantined(desk)
    assert kept["reason"] == "too_costly"
    assert f"its page {bad}: cleaning it took more than 0.4 processor seconds" in str(kept["detail"])


def test_a_large_feed_is_cleaned_in_several_processes_to_the_same_rows(desk: Desk) -> None:
    desk.settings = replace(desk.settings, clean_processes=3)
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(*[item(str(number), prose(str(number), 20)) for number in range(200)]))
    assert desk.poll().new_articles == 200
    found = {row["title"]: row["text"] for row in desk.rows("SELECT title, text FROM desk.articles")}
    assert found == {f"Report on {number}": prose(str(number), 20) for number in range(200)}
