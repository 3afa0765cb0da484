"""Every wording that an article had can be read, compared, and is marked where nobody said that it changed."""

from __future__ import annotations

from tests.store.desk import Desk, prose

ITEM = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>A wire</title>'
    "<item><guid>1</guid><link>https://news.example/1</link><title>{title}</title><description>{text}</description>"
    "<pubDate>Tue, 06 Jan 2026 08:00:00 GMT</pubDate>{updated}</item></channel></rss>"
)
FIRST, SECOND, THIRD = (f"<p>{prose(seed, 24)}</p>" for seed in ("first", "second", "third"))


def tell(desk: Desk, title: str, *paragraphs: str, updated: str = "") -> None:
    text = "".join(paragraphs).replace("<", "&lt;").replace(">", "&gt;")
    stamp = f"<atom:updated>{updated}</atom:updated>" if updated else ""
    desk.site.put("/feed", ITEM.format(title=title, text=text, updated=stamp).encode())
    desk.poll()
    desk.settle()


def told(desk: Desk) -> Desk:
    desk.subscribe("/feed")
    tell(desk, "A ship", FIRST, SECOND)
    tell(desk, "A ship", FIRST, SECOND.replace("</p>", " More.</p>"))
    tell(desk, "Two ships", FIRST, SECOND, THIRD, updated="2026-01-06T09:30:00Z")
    return desk


def test_every_wording_stands_in_revisions_and_the_last_is_the_articles(desk: Desk) -> None:
    told(desk)
    rows = desk.rows("SELECT * FROM news_v1.revisions ORDER BY revision")
    assert [row["revision"] for row in rows] == [1, 2, 3]
    assert [row["title"] for row in rows] == ["A ship", "A ship", "Two ships"]
    assert [row["is_current"] for row in rows] == [False, False, True]
    article = desk.row("SELECT text, html, revision, revised_at FROM news_v1.articles")
    assert (article["text"], article["html"]) == (rows[2]["text"], rows[2]["html"])
    assert (article["revision"], article["revised_at"]) == (3, rows[2]["first_seen_at"])
    assert {row["story_id"] for row in rows} == {desk.value("SELECT story_id FROM news_v1.articles")}
    assert rows[0]["first_seen_at"] < rows[1]["first_seen_at"] < rows[2]["first_seen_at"]


def test_an_edit_without_a_new_time_is_silent(desk: Desk) -> None:
    told(desk)
    rows = desk.rows("SELECT is_silent FROM news_v1.revisions ORDER BY revision")
    assert [row["is_silent"] for row in rows] == [False, True, False]


def test_a_diff_shows_the_paragraphs_that_only_one_wording_has(desk: Desk) -> None:
    told(desk)
    article = desk.value("SELECT article_id FROM news_v1.articles")
    first, second, third = (part.removeprefix("<p>").removesuffix("</p>") for part in (FIRST, SECOND, THIRD))

    def diff(one: int, other: int) -> list[tuple[str, str]]:
        rows = desk.rows("SELECT * FROM news_v1.revision_diff(%s, %s, %s)", article, one, other)
        return [(row["mark"], row["paragraph"]) for row in rows]

    assert diff(1, 2) == [("-", second), ("+", f"{second} More.")]
    assert diff(1, 3) == [("-", "A ship"), ("+", "Two ships"), ("+", third)]
    assert diff(3, 1) == [("-", "Two ships"), ("+", "A ship"), ("-", third)]
    assert diff(2, 2) == []
    assert diff(1, 9) == [("-", "A ship"), ("-", first), ("-", second)]
