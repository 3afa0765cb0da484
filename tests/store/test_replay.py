"""What is stored can be read again by newer code: only what differs is written, and a dry run says so before."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wiredesk import steps
from wiredesk.errors import ConfigurationError
from wiredesk.steps.replay import ReplayResult, parse_moment, summarise
from wiredesk.store.zstd import compress

from tests.store.desk import Desk, item, page, prose, rss
from tests.store.retelling import retold, shown


@pytest.fixture
def told(desk: Desk) -> Desk:
    """Two feeds and three payloads: a story that is told twice, and one that was rewritten."""
    desk.subscribe("/one", "/two")
    desk.site.put("/one", rss(*(item(f"1-{number}", prose(f"1-{number}")) for number in range(4))))
    desk.site.put("/two", rss(item("copy", prose("1-0")), item("other", prose("other"))))
    desk.poll()
    desk.settle()
    desk.site.put("/two", rss(item("copy", prose("1-0")), item("other", f"{prose('other')} More.")))
    desk.poll()
    desk.settle()
    return desk


def replay(desk: Desk, *, dry_run: bool = False, **options: Any) -> ReplayResult:
    stretch = {"since": desk.clock.now - timedelta(days=1), "until": desk.clock.now + timedelta(days=1)}
    options = {**stretch, **options}
    result = steps.replay_fetches(desk.store, desk.settings, dry_run=dry_run, clock=desk.clock, **options)
    steps.publish_changes(desk.store, clock=desk.clock)
    return result


def read_badly(desk: Desk, url: str) -> None:
    """As if an older release had left a widget in the text of this article."""
    text = desk.value("SELECT text FROM desk.articles WHERE url LIKE %s", url) + "\n\nShare this"
    digest = hashlib.sha256(text.encode()).digest()
    desk.sql.execute("UPDATE desk.articles SET text = %s, text_digest = %s WHERE url LIKE %s", (text, digest, url))


def test_the_same_code_writes_nothing(told: Desk) -> None:
    before = told.versions()
    result = replay(told)
    assert len(result.payloads) == 3
    assert [(one.added, one.changed, one.changes, one.rejected) for one in result.payloads] == [((), (), (), ())] * 3
    assert told.versions() == before


def test_what_an_older_release_read_badly_is_revised_and_a_dry_run_says_so_first(told: Desk) -> None:
    read_badly(told, "%/1-2")
    before = told.versions()
    planned = replay(told, dry_run=True)
    assert told.versions() == before
    assert [url for one in planned.payloads for url in one.changed] == ["https://news.example/1-2"]
    assert "0 articles added, 1 changed, 0 refreshed (the same words)" in summarise(planned)
    assert summarise(planned)[-1] == "dry run: nothing was written"
    done = replay(told)
    assert [one.changed for one in done.payloads] == [one.changed for one in planned.payloads]
    assert told.value("SELECT text FROM desk.articles WHERE url LIKE '%/1-2'") == prose("1-2")
    last = told.row("SELECT kind, revision FROM news_v1.changes ORDER BY position DESC LIMIT 1")
    assert last == {"kind": "article_revised", "revision": 2}
    assert shown(told) == retold(told)
    assert told.offences() == {}


def test_the_same_words_with_other_html_or_metadata_are_refreshed_in_their_place(told: Desk) -> None:
    article = "SELECT * FROM desk.articles WHERE url LIKE '%/1-2'"
    right = told.row(article)
    told.sql.execute(
        "UPDATE desk.articles SET html = '<p onclick=\"x\">old</p>', authors = '{nobody}', summary = 'old', "
        "published_at = published_at - interval '1 day', pipeline_version = 1 WHERE url LIKE '%/1-2'"
    )
    before = told.versions()
    planned = replay(told, dry_run=True)
    assert told.versions() == before
    assert [url for one in planned.payloads for url in one.refreshed] == ["https://news.example/1-2"]
    assert "0 articles added, 0 changed, 1 refreshed (the same words)" in summarise(planned)
    assert "= https://news.example/1-2" in summarise(planned)
    replay(told)
    assert told.row(article) == right
    last = told.row("SELECT kind, revision FROM news_v1.changes ORDER BY position DESC LIMIT 1")
    assert last == {"kind": "article_refreshed", "revision": 1}
    before = told.versions()
    assert [one.refreshed for one in replay(told).payloads] == [()] * 3
    assert told.versions() == before
    assert shown(told) == retold(told)
    assert told.offences() == {}


def test_what_only_a_copy_of_the_same_address_says_refreshes_nothing(told: Desk) -> None:
    """An article's words are those of one entry; another that names its address has other metadata."""
    told.site.put("/two", rss(item("again", prose("1-3"), link="https://news.example/1-3", title="Report on 1-3")))
    told.poll()
    told.settle()
    assert (
        told.value("SELECT count(*) FROM desk.sightings JOIN desk.articles USING (article_id) WHERE url LIKE '%/1-3'")
        == 2
    )
    before = told.versions()
    assert all(one.refreshed == () for one in replay(told).payloads)
    assert told.versions() == before


@pytest.fixture
def paged(desk: Desk) -> Desk:
    """An article that was read from its page, whose words the feed has too."""
    desk.subscribe("/one", full_text=True)
    text = prose("full", 120)
    body = page("Report on a", text).replace(b"<head>", b"<head><meta property='article:section' content='Sport'>")
    link = desk.site.put("/a", body, content_type="text/html")
    sentences = text.split(". ")
    parts = [". ".join(sentences[place : place + 2]) for place in range(0, len(sentences), 2)]
    html = "".join(f"<p>{part.rstrip('.')}.</p>" for part in parts)
    desk.site.put("/one", rss(item("a", html, link=link, title="Report on a")))
    desk.poll()
    desk.settle()
    assert desk.value("SELECT section FROM desk.articles") == "Sport"
    return desk


def test_an_article_whose_page_is_gone_stays_as_it_was_read_from_it(paged: Desk) -> None:
    pages = "SELECT payload_digest FROM desk.fetches WHERE kind = 'page'"
    paged.sql.execute(f"UPDATE desk.payloads SET body = NULL, expired_at = now() WHERE payload_digest IN ({pages})")
    before = paged.versions()
    replay(paged)
    assert paged.versions() == before


def test_a_page_is_found_again_by_code_that_reads_its_entry_otherwise(paged: Desk) -> None:
    """As if the release before had given the entry another digest, and cleaned its page badly."""
    right = paged.row("SELECT text, html, section, flags FROM desk.articles")
    paged.sql.execute("UPDATE desk.entries SET entry_digest = sha256('old'), item_digest = NULL")
    paged.sql.execute("UPDATE desk.fetches SET entry_digest = sha256('old') WHERE kind = 'page'")
    paged.sql.execute(
        "UPDATE desk.articles SET text = text || ' Subscribe!', text_digest = sha256('x'), html = '<p>x</p>'"
    )
    assert [len(one.changed) for one in replay(paged).payloads] == [1]
    assert paged.row("SELECT text, html, section, flags FROM desk.articles") == right
    assert paged.value("SELECT is_page_missing FROM desk.entries") is False


def test_an_item_that_keeps_its_id_does_not_get_the_page_of_what_it_was_before(desk: Desk) -> None:
    desk.subscribe("/one", full_text=True)
    link = desk.site.put("/c/1", page("Week 1", prose("week 1", 100)), content_type="text/html")
    desk.site.put("/one", rss(item("column", prose("t1", 30), link=link, title="Week 1")))
    desk.poll()
    desk.settle()
    desk.site.put("/one", rss(item("column", prose("t2", 30), link=f"{desk.site.url}/c/2", title="Week 2")))
    for _ in range(4):
        desk.poll()
        desk.settle()
    before = desk.rows("SELECT url_key, title, text, revision, flags FROM desk.articles")
    replay(desk)
    assert desk.rows("SELECT url_key, title, text, revision, flags FROM desk.articles") == before


def test_articles_of_a_feed_that_was_switched_to_full_text_since_are_read_anew(told: Desk) -> None:
    told.sql.execute("UPDATE desk.feeds SET is_full_text = TRUE")
    text = told.value("SELECT text FROM desk.articles WHERE url LIKE '%/1-2'")
    shorter = " ".join(text.split()[:20])
    told.sql.execute(
        "UPDATE desk.articles SET text = %s, word_count = 20, text_digest = sha256('x') WHERE url LIKE '%%/1-2'",
        (shorter,),
    )
    assert [url for one in replay(told).payloads for url in one.changed] == ["https://news.example/1-2"]


def test_what_was_kept_long_enough_does_not_come_back_by_a_replay(paged: Desk) -> None:
    """Nor does its entry, whatever newer code reads in it."""
    paged.site.put("/one", rss(item("other", prose("other"))))
    paged.poll()
    paged.settle()
    paged.sql.execute("UPDATE desk.sources SET article_retention_days = 30")
    paged.clock.advance(days=40)
    assert steps.expire_news(paged.store, clock=paged.clock).articles == 1
    steps.publish_changes(paged.store, clock=paged.clock)
    paged.sql.execute("UPDATE desk.entries SET entry_digest = sha256('x') WHERE entry_key = 'a'")
    before = paged.versions()
    replay(paged, since=paged.clock.now - timedelta(days=60))
    assert {table: rows for table, rows in paged.versions().items() if rows != before[table]} == {}


def test_an_older_payload_does_not_overwrite_what_a_newer_one_said(told: Desk) -> None:
    read_badly(told, "%/other")
    first = told.value("SELECT min(started_at) FROM desk.fetches")
    result = replay(told, until=first + timedelta(seconds=1))
    assert [one.changed for one in result.payloads] == [(), ()]
    assert sum(one.superseded for one in result.payloads) == 2
    assert [one.changed for one in replay(told).payloads if one.changed] == [("https://news.example/other",)]
    assert told.value("SELECT text FROM desk.articles WHERE url LIKE '%/other'") == f"{prose('other')} More."


def test_stories_that_newer_reading_makes_one_are_merged_and_the_log_says_so(told: Desk) -> None:
    """As if an older release had read another text out of the same bytes."""
    read_badly(told, "%/other")
    same = rss(item("copy", prose("1-0")), item("other", f"{prose('1-1')} More."))
    latest = told.value("SELECT payload_digest FROM desk.fetches ORDER BY started_at DESC, fetch_id DESC LIMIT 1")
    told.sql.execute("UPDATE desk.payloads SET body = %s WHERE payload_digest = %s", (compress(same), latest))
    planned = replay(told, dry_run=True)
    assert "1 stories merged, 0 split, 0 led by another article" in summarise(planned)
    stories = told.value("SELECT count(*) FROM news_v1.stories")
    replay(told)
    assert told.value("SELECT count(*) FROM news_v1.stories") == stories - 1
    assert shown(told) == retold(told)
    assert told.offences() == {}


def test_one_feed_is_replayed_by_itself_and_expired_payloads_are_counted(told: Desk) -> None:
    assert len(replay(told, feed=f"{told.site.url}/two").payloads) == 2
    told.sql.execute("UPDATE desk.payloads SET body = NULL, expired_at = now()")
    result = replay(told)
    assert (len(result.payloads), result.expired) == (0, 3)
    assert "0 payloads read, 3 expired" in summarise(result)


def test_what_was_forgotten_does_not_come_back_by_a_replay(told: Desk) -> None:
    bodies = told.rows("SELECT payload_digest, body FROM desk.payloads")
    article = told.value("SELECT article_id FROM desk.articles WHERE url LIKE '%/1-2'")
    steps.forget_articles(told.store, why="an order", by="ann", article_id=article, dry_run=False, clock=told.clock)
    for row in bodies:  # as the publisher sends them again
        given = (row["body"], row["payload_digest"])
        told.sql.execute("UPDATE desk.payloads SET body = %s, expired_at = NULL WHERE payload_digest = %s", given)
    replay(told)
    assert told.value("SELECT count(*) FROM desk.articles WHERE text = %s", prose("1-2")) == 0
    assert told.value("SELECT count(*) FROM desk.entries WHERE html LIKE %s", f"%{prose('1-2')[:40]}%") == 0


def test_times_are_read_as_people_write_them() -> None:
    assert parse_moment("2026-01-06T08:00") == datetime(2026, 1, 6, 8, tzinfo=UTC)
    assert parse_moment("2026-01-06T08:00+01:00") == datetime(2026, 1, 6, 7, tzinfo=UTC)
    with pytest.raises(ConfigurationError, match="'yesterday' is no time"):
        parse_moment("yesterday")
