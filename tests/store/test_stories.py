"""One story for one text, however many workers assign at the same time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from wiredesk import steps
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
