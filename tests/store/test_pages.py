"""Article pages of full-text feeds: taken where they come, and nothing lost where they do not."""

from __future__ import annotations

import pytest

from tests.store.desk import Desk, item, page, prose, rss

FULL = prose("full", 240)
TEASER = prose("teaser", 30)


@pytest.fixture
def story(desk: Desk) -> str:
    """A full-text feed at /feed; the address of the page of its one entry, which answers."""
    desk.subscribe("/feed", full_text=True)
    url = desk.site.put("/story", page("A report", FULL), content_type="text/html; charset=utf-8")
    desk.site.put("/feed", rss(item("1", TEASER, link=url, title="A report")))
    return url


def article(desk: Desk, path: str = "/story") -> dict[str, object]:
    return desk.row("SELECT * FROM desk.articles WHERE url LIKE %s", f"%{path}")


def test_the_page_gives_the_text(desk: Desk, story: str) -> None:
    desk.poll()
    assert (article(desk)["word_count"], article(desk)["flags"]) == (240, [])
    assert desk.site.asked["/story"] == 1


def test_a_page_that_fails_leaves_the_full_text_alone(desk: Desk, story: str) -> None:
    desk.poll()
    desk.site.put("/story", status=503)
    desk.site.put("/feed", rss(item("1", prose("edited teaser", 30), link=story, title="A report")))
    counts = desk.poll()
    assert (counts.payloads, counts.revised_articles) == (1, 0)
    assert desk.site.asked["/story"] == 2
    assert (article(desk)["word_count"], article(desk)["revision"]) == (240, 1)
    assert desk.value("SELECT count(*) FROM desk.revisions") == 0


def test_a_page_that_failed_is_asked_for_again(desk: Desk, story: str) -> None:
    desk.site.put("/story", status=503)
    desk.poll()
    assert (article(desk)["text"], article(desk)["flags"]) == (TEASER, ["page_failed"])
    desk.site.put("/story", page("A report", FULL), content_type="text/html; charset=utf-8")
    desk.site.put(
        "/feed",
        rss(
            item("2", prose("another"), link=desk.site.put("/other", page("Other", prose("o", 240)))),
            item("1", TEASER, link=story, title="A report"),
        ),
    )
    desk.poll()
    assert (article(desk)["word_count"], article(desk)["flags"], article(desk)["revision"]) == (240, [], 2)
    assert desk.value("SELECT text FROM desk.revisions") == TEASER
    assert desk.site.asked["/story"] == 2


def test_an_edit_whose_page_failed_arrives_when_the_page_is_back(desk: Desk, story: str) -> None:
    desk.poll()
    edited = item("1", prose("edited teaser", 30), link=story, title="A report")
    desk.site.put("/story", status=503)
    desk.site.put("/feed", rss(edited))
    desk.poll()
    rewritten = prose("rewritten", 250)
    desk.site.put("/story", page("A report", rewritten), content_type="text/html; charset=utf-8")
    desk.site.put("/feed", rss(edited, "<!-- later -->"))
    desk.poll()
    assert str(article(desk)["text"]).split() == rewritten.split()
    assert article(desk)["revision"] == 2
    assert str(desk.value("SELECT text FROM desk.revisions")).split() == FULL.split()


def test_a_page_that_never_comes_is_asked_for_three_times(desk: Desk, story: str) -> None:
    desk.site.put("/story", status=503)
    for poll in range(5):
        desk.site.put("/feed", rss(item("1", TEASER, link=story, title="A report"), f"<!-- {poll} -->"))
        desk.poll()
    assert desk.site.asked["/feed"] == 5
    assert desk.site.asked["/story"] == 3
    assert (article(desk)["text"], article(desk)["flags"], article(desk)["revision"]) == (TEASER, ["page_failed"], 1)


def test_pages_are_asked_for_once_though_the_task_runs_twice(desk: Desk, story: str) -> None:
    batches = desk.claim()
    assert desk.capture(batches) == desk.capture(batches)
    assert desk.site.asked["/story"] == 1


def test_the_page_of_an_entry_that_did_not_change_is_not_asked_for(desk: Desk, story: str) -> None:
    desk.poll()
    desk.site.put("/feed", rss(item("1", TEASER, link=story, title="A report"), "<!-- later -->"))
    assert desk.poll().payloads == 1
    assert desk.site.asked["/story"] == 1
