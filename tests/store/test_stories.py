"""One story for one text, however many workers assign at the same time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from wiredesk import steps
from wiredesk.errors import NotFound
from wiredesk.store import sources
from wiredesk.store.database import Database

from tests.store.desk import Desk, item, prose, rss


def test_eight_matchers_at_once_make_one_original_a_story(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    for path in ("/one", "/two"):
        desk.site.put(path, rss(*(item(f"{path}-{number}", prose(f"story {number}")) for number in range(30))))
    assert desk.poll().new_articles == 60
    # Small batches, so that the eight really take turns.
    settings = replace(desk.settings, match_batch_size=5)

    def work(session: Database, number: int) -> tuple[int, int]:
        counts = steps.match_articles(session, settings, clock=desk.clock)
        steps.publish_changes(session, clock=desk.clock)
        return counts.new_stories, counts.copies

    done = desk.at_once(work)
    assert [sum(counts) for counts in zip(*done, strict=True)] == [30, 30]
    assert desk.value("SELECT count(*) FROM news_v1.articles") == 30
    assert {row["article_count"] for row in desk.rows("SELECT article_count FROM news_v1.stories")} == {2}
    assert desk.value("SELECT count(*) FROM news_v1.copies WHERE similarity = 1 AND relation = 'duplicate'") == 30
    steps.publish_changes(desk.store, clock=desk.clock)
    positions = [row["position"] for row in desk.rows("SELECT position FROM news_v1.changes ORDER BY position")]
    assert positions == list(range(1, len(positions) + 1))
    kinds = Counter(row["kind"] for row in desk.rows("SELECT kind FROM news_v1.changes"))
    # Whoever began a story that was told earlier elsewhere hands over its lead.
    assert (kinds.pop("lead_changed", 0) <= 30, kinds) == (True, {"article_added": 30, "copy_added": 30})
    assert desk.offences() == {}


def test_the_order_of_batches_does_not_change_who_leads(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    for path in ("/one", "/two"):
        desk.site.put(path, rss(*(item(f"{number}{path}", prose(f"story {number}")) for number in range(6))))
    desk.poll()
    steps.match_articles(desk.store, replace(desk.settings, match_batch_size=1), clock=desk.clock)
    leads = [row["url"] for row in desk.rows("SELECT url FROM news_v1.articles ORDER BY url")]
    assert leads == [f"https://news.example/{number}/one" for number in range(6)]


def test_an_article_that_is_rewritten_into_anothers_story_is_compared_again(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    desk.site.put("/one", rss(item("original", prose("story"))))
    desk.site.put("/two", rss(item("elsewhere", prose("something else"))))
    desk.poll()
    desk.settle()
    assert desk.value("SELECT count(*) FROM news_v1.stories") == 2
    desk.site.put("/two", rss(item("elsewhere", f"{prose('story')} Reporting by the desk.")))
    desk.poll()
    assert desk.value("SELECT count(*) FROM desk.articles WHERE is_revised") == 1
    counts = steps.match_articles(desk.store, desk.settings, clock=desk.clock)
    assert counts == steps.MatchCounts(compared_again=1)
    steps.publish_changes(desk.store, clock=desk.clock)
    assert desk.value("SELECT count(*) FROM desk.articles WHERE is_revised") == 0
    assert [row["article_count"] for row in desk.rows("SELECT article_count FROM news_v1.stories")] == [2]
    last = desk.rows("SELECT kind FROM news_v1.changes ORDER BY position DESC LIMIT 2")
    assert [row["kind"] for row in last] == ["stories_merged", "article_revised"]
    assert desk.offences() == {}


def test_an_article_that_is_rewritten_stays_with_those_who_copied_its_first_wording(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    desk.site.put("/one", rss(item("original", prose("story"))))
    desk.site.put("/two", rss(item("copy", prose("story"))))
    desk.poll()
    desk.settle()
    desk.site.put("/one", rss(item("original", prose("something else"))))
    desk.poll()
    assert steps.match_articles(desk.store, desk.settings, clock=desk.clock).compared_again == 1
    assert desk.value("SELECT count(*) FROM news_v1.stories") == 1


def test_a_copy_that_comes_later_joins_the_story_and_is_announced_as_a_copy(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    desk.site.put("/one", rss(item("original", prose("story"))))
    desk.site.put("/two", rss(item("elsewhere", prose("something else"))))
    desk.poll()
    desk.settle()
    desk.site.put("/two", rss(item("copy", f"{prose('story')} Reporting by the desk.")))
    desk.poll()
    desk.settle()
    copy = desk.row("SELECT * FROM news_v1.copies")
    original = desk.row("SELECT * FROM news_v1.articles WHERE url = 'https://news.example/original'")
    assert copy["copy_of_article_id"] == copy["lead_article_id"] == original["article_id"]
    assert (copy["relation"], copy["containment"], original["copy_count"]) == ("duplicate", 1.0, 1)
    assert len(copy["evidence"][0].split()) >= 40
    last = desk.row("SELECT kind, story_id, article_id FROM news_v1.changes ORDER BY position DESC LIMIT 1")
    assert last == {"kind": "copy_added", "story_id": original["story_id"], "article_id": copy["article_id"]}


def test_matching_again_writes_nothing(desk: Desk) -> None:
    desk.subscribe("/one")
    desk.site.put("/one", rss(item("1", prose("a")), item("2", prose("a")), item("3", prose("b"))))
    desk.poll()
    desk.settle()
    before = desk.versions()
    desk.settle()
    assert desk.versions() == before
    assert len(before["desk.stories"]) == 2


def test_the_articles_of_a_source_that_is_not_matched_are_stories_of_their_own(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    sources.set_source(desk.sql, "127.0.0.1", is_preferred=None, is_matched=False)
    for path in ("/one", "/two"):
        desk.site.put(path, rss(item(path.strip("/"), prose("story"))))
    desk.poll()
    desk.settle()
    assert desk.value("SELECT count(*) FROM news_v1.stories") == 2
    assert desk.value("SELECT count(*) FROM desk.postings") == 0
    sources.set_source(desk.sql, "127.0.0.1", is_preferred=True, is_matched=True)
    desk.site.put("/two", rss(item("three", prose("story")), item("four", prose("story"))))
    desk.poll()
    desk.settle()
    assert desk.value("SELECT count(*) FROM news_v1.stories") == 3
    with pytest.raises(NotFound, match="no source nowhere"):
        sources.set_source(desk.sql, "nowhere", is_preferred=True, is_matched=None)


def test_an_excerpt_of_a_long_story_is_found_and_called_one(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    desk.site.put("/one", rss(item("whole", prose("story", words=600), title="Ferry service returns")))
    desk.site.put("/two", rss(item("teaser", " ".join(prose("story", words=600).split()[:60]), title="In short")))
    desk.poll()
    desk.settle()
    copy = desk.row("SELECT url, relation, containment, evidence_kind, copy_of_article_id FROM news_v1.copies")
    assert (copy["url"], copy["relation"]) == ("https://news.example/teaser", "excerpt")
    assert (copy["containment"], copy["evidence_kind"]) == (1.0, "same text")


def test_a_fuller_version_that_comes_later_leads_and_that_is_announced(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    desk.site.put("/one", rss(item("short", prose("story", words=60))))
    desk.site.put("/two", rss(item("elsewhere", prose("something else"))))
    desk.poll()
    desk.settle()
    desk.clock.advance(hours=1)
    desk.site.put("/two", rss(item("zz-long", prose("story", words=60) + " " + prose("and more", words=40))))
    desk.poll()
    desk.settle()
    assert {row["kind"] for row in desk.rows("SELECT kind FROM news_v1.changes")} == {
        "article_added",
        "copy_added",
        "lead_changed",
    }
    assert desk.value("SELECT url FROM news_v1.articles WHERE copy_count = 1") == "https://news.example/zz-long"
    copy = desk.row("SELECT url, relation FROM news_v1.copies")
    assert (copy["url"], copy["relation"]) == ("https://news.example/short", "excerpt")


def test_postings_of_the_fortnight_that_is_written_to_next_go(desk: Desk) -> None:
    desk.subscribe("/one")
    desk.site.put("/one", rss(item("1", prose("a"))))
    desk.poll()
    assert not steps.expire_postings(desk.store, clock=desk.clock)
    desk.clock.advance(days=28)
    assert steps.expire_postings(desk.store, clock=desk.clock)
    assert desk.value("SELECT count(*) FROM desk.postings") == 0
    assert desk.value("SELECT count(*) FROM desk.signatures") == 1
