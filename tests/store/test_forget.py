"""What is forgotten is in no table any more, stays out whatever is polled, and takes nothing else with it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import zstandard
from psycopg import sql
from wiredesk import steps
from wiredesk.errors import ConfigurationError, NotFound
from wiredesk.steps import match, sign
from wiredesk.steps.forget import Certificate
from wiredesk.steps.load import LoadCounts
from wiredesk.steps.rulings import rule
from wiredesk.store import status
from wiredesk.store.database import Database
from wiredesk.store.rulings import Ruling

from tests.store.desk import TIMEOUT_S, Desk, item, page, prose, rss
from tests.store.retelling import retold, shown

SECRET = prose("secret", 80)
WORDS = [SECRET.split()[place].strip(".") for place in (1, 15, 40, 70)]  # enough to know the text by


def forget(desk: Desk, *, dry_run: bool = False, **target: Any) -> Certificate:
    done = steps.forget_articles(desk.store, why="a court order", by="ann", dry_run=dry_run, clock=desk.clock, **target)
    steps.publish_changes(desk.store, clock=desk.clock)
    return done


def where_found(desk: Desk, words: list[str]) -> set[str]:
    """Every column of every table that holds one of the words, payloads as they were before they were compressed."""
    columns = desk.rows(
        "SELECT table_name, column_name FROM information_schema.columns JOIN pg_tables "
        "ON schemaname = table_schema AND tablename = table_name WHERE table_schema = 'desk'"
    )
    found = set()
    for column in columns:
        table, name = column["table_name"], column["column_name"]
        query = sql.SQL("SELECT {name} AS raw, {name}::text AS value FROM {table}").format(
            name=sql.Identifier(name), table=sql.Identifier("desk", table)
        )
        for row in desk.sql.execute(query):
            value = row["value"] or ""
            if isinstance(row["raw"], bytes):
                value = row["raw"].decode("utf-8", "replace")
                if (table, name) == ("payloads", "body"):
                    value = zstandard.ZstdDecompressor().decompress(row["raw"]).decode("utf-8", "replace")
            if any(word.lower() in value.lower() for word in words):
                found.add(f"{table}.{name}")
    return found


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A story that two papers tell, the first with a page and in two wordings; a bad item of it; and another story."""
    desk.subscribe("/one", full_text=True)
    desk.subscribe("/two")
    link = desk.site.put("/secret", page("A report", f"{SECRET} More of it."), content_type="text/html")
    other = item("other", prose("other"), link="https://other.example/1")
    desk.site.put("/one", rss(item("secret", SECRET[:90], link=link, title="The report"), other))
    desk.site.put("/two", rss(item("copy", SECRET, link="https://copy.example/1"), item("third", prose("third"))))
    desk.poll()
    desk.settle()
    desk.site.put("/secret", page("A report", f"{SECRET} And more of it."), content_type="text/html")
    desk.site.put("/one", rss(item("secret", SECRET[:120], link=link, title="The report"), other))
    desk.poll()
    desk.settle()
    rule(
        desk.store,
        Ruling("pin_lead", article(desk, "%/secret"), None),
        why="why",
        by="ann",
        dry_run=False,
        clock=desk.clock,
    )
    steps.publish_changes(desk.store, clock=desk.clock)
    return desk


def article(desk: Desk, url: str) -> int:
    return int(desk.value("SELECT article_id FROM desk.articles WHERE url LIKE %s", url))


def test_the_text_is_found_nowhere_after_it_was_forgotten(told: Desk) -> None:
    places = where_found(told, WORDS)
    assert places >= {
        "articles.text",
        "articles.html",
        "entries.html",
        "matches.passages",
        "payloads.body",
        "revisions.text",
        "search_documents.document",
    }
    both = [article(told, "%/secret"), article(told, "%copy%")]
    certificates = [forget(told, article_id=one) for one in both]
    assert where_found(told, WORDS) == set()
    assert certificates[0].removed["revisions"] == 1
    assert certificates[0].removed["payloads"] >= 3
    assert certificates[0].removed["matches"] == certificates[0].removed["articles"] == 1
    assert told.value("SELECT count(*) FROM news_v1.search(%s)", WORDS[0]) == 0
    assert told.value("SELECT count(*) FROM news_v1.articles") == 2
    assert shown(told) == retold(told)
    assert told.offences() == {}


def test_a_copy_leads_on_and_the_storys_id_stays(told: Desk) -> None:
    story = told.value("SELECT story_id FROM news_v1.articles WHERE url LIKE '%/secret'")
    done = forget(told, article_id=article(told, "%/secret"))
    assert [change.kind for change in done.changes] == ["lead_changed", "article_removed"]
    row = told.row("SELECT url, copy_count FROM news_v1.articles WHERE story_id = %s", story)
    assert row == {"url": "https://copy.example/1", "copy_count": 0}
    assert shown(told) == retold(told)
    assert told.offences() == {}


def test_what_is_forgotten_does_not_wait_for_a_story(told: Desk) -> None:
    forget(told, article_id=article(told, "%copy%"))
    assert told.value("SELECT count(*) FROM desk.articles WHERE story_id IS NULL") == 1
    assert told.store.run(status.is_work_left) is False
    assert told.store.run(status.overview, now=told.clock.now)["unassigned_articles"] == 0


def test_a_dry_run_says_the_same_and_removes_nothing(told: Desk) -> None:
    before = told.versions()
    planned = forget(told, article_id=article(told, "%/secret"), dry_run=True)
    assert told.versions() == before
    done = forget(told, article_id=article(told, "%/secret"))
    assert (planned.articles, planned.changes, planned.removed) == (done.articles, done.changes, done.removed)
    (stone,) = told.rows("SELECT kind, url_key, why, forgotten_by, certificate FROM desk.tombstones")
    assert (stone["kind"], stone["why"], stone["forgotten_by"]) == ("article", "a court order", "ann")
    assert stone["certificate"] == done.removed


@pytest.mark.parametrize("edit", ["", " A new ending.", "link"])
def test_what_is_polled_again_does_not_come_back(told: Desk, edit: str) -> None:
    forget(told, article_id=article(told, "%copy%"))
    forget(told, article_id=article(told, "%/secret"))
    link = "https://copy.example/moved" if edit == "link" else "https://copy.example/1"
    told.site.put("/two", rss(item("copy", f"{SECRET}{edit}", link=link, title="Again")))
    told.poll()
    told.settle()
    assert where_found(told, WORDS) == set()
    assert told.value("SELECT count(*) FROM desk.articles WHERE title = 'Again'") == 0
    assert told.value("SELECT count(*) FROM news_v1.articles") == 2
    assert told.offences() == {}


def test_a_prefix_takes_all_below_it_and_keeps_it_out_and_nothing_beside(desk: Desk) -> None:
    desk.subscribe("/feed")
    places = ["a/1", "a/2?x=1", "ab/3", "b/4"]
    stories = [item(place, prose(place), link=f"https://www.paper.example/{place}") for place in places]
    desk.site.put("/feed", rss(*stories))
    desk.poll()
    desk.settle()
    assert forget(desk, url_prefix="http://paper.example/a/").articles == 2
    desk.site.put("/feed", rss(*stories, item("a/5", prose("a/5"), link="https://paper.example/a/5")))
    desk.poll()
    desk.settle()
    left = {row["url"] for row in desk.rows("SELECT url FROM news_v1.articles")}
    assert left == {"https://www.paper.example/ab/3", "https://www.paper.example/b/4"}
    assert desk.offences() == {}


def test_a_source_takes_all_of_a_publisher_and_no_article_of_it_is_stored_again(told: Desk) -> None:
    host = told.value("SELECT host FROM desk.sources LIMIT 1")
    assert forget(told, host=host).articles == 4
    told.site.put("/two", rss(item("new", prose("new"))))
    told.poll()
    told.settle()
    assert told.value("SELECT count(*) FROM news_v1.articles") == 0
    assert shown(told) == retold(told) == {}
    assert told.offences() == {}


def test_a_payload_that_is_not_loaded_yet_is_kept_and_named(told: Desk) -> None:
    told.site.put("/two", rss(item("copy", SECRET), item("fresh", prose("fresh"))))
    captured = told.capture()
    assert forget(told, article_id=article(told, "%copy%")).removed["unloaded_payloads"] == 1
    told.load(captured)
    assert told.value("SELECT count(*) FROM desk.articles WHERE url LIKE '%fresh'") == 1
    assert told.value("SELECT count(*) FROM desk.articles WHERE url LIKE '%copy%'") == 0
    forget(told, article_id=article(told, "%/secret"))
    assert where_found(told, WORDS) == set()


def test_forgetting_again_takes_what_is_there_again_and_tells_consumers_nothing_twice(told: Desk) -> None:
    place = article(told, "%copy%")
    first = forget(told, article_id=place)
    removed = "SELECT count(*) FROM news_v1.changes WHERE kind = 'article_removed'"
    before = told.value(removed)
    body = zstandard.ZstdCompressor().compress(SECRET.encode())
    told.sql.execute(
        "UPDATE desk.payloads SET body = %s, expired_at = NULL WHERE payload_digest IN ("
        "SELECT fetches.payload_digest FROM desk.fetches JOIN desk.feeds USING (feed_id) "
        "WHERE feeds.url LIKE '%%/two')",
        (body,),
    )
    again = forget(told, article_id=place)
    assert (again.articles, again.changes) == (0, ())
    assert again.removed["payloads"] == 1
    assert told.value(removed) == before
    assert not any(forget(told, article_id=place).removed.values()), "and a third time there is nothing"
    stones = told.rows("SELECT certificate FROM desk.tombstones ORDER BY tombstone_id")
    assert [stone["certificate"] for stone in stones] == [first.removed, again.removed]
    assert told.offences() == {}


@pytest.mark.parametrize("kind", ["prefix", "source"])
def test_what_never_left_quarantine_is_forgotten_too(told: Desk, kind: str) -> None:
    told.sql.execute(
        "INSERT INTO desk.quarantine (kind, feed_id, fetch_id, subject_digest, entry_key, reason, detail, raw, "
        "quarantined_at, pipeline_version) SELECT 'entry', feed_id, fetch_id, sha256(key::bytea), key, 'clean_failed', "
        "'x', 'unheard'::bytea, now(), 1 FROM "
        "unnest(ARRAY['https://www.paper.example/a/1', 'https://paper.example/b']) AS poison (key), "
        "(SELECT feed_id, fetch_id FROM desk.fetches WHERE kind = 'feed' LIMIT 1) AS any_fetch"
    )
    host = told.value("SELECT host FROM desk.sources LIMIT 1")
    target = {"url_prefix": "https://paper.example/a"} if kind == "prefix" else {"host": host}
    assert forget(told, **target).removed["quarantine"] == (1 if kind == "prefix" else 2)
    assert where_found(told, ["unheard"]) == ({"quarantine.raw"} if kind == "prefix" else set())


def test_a_page_that_came_before_the_takedown_is_emptied_when_its_feed_is_loaded(desk: Desk) -> None:
    desk.subscribe("/one", full_text=True)
    link = desk.site.put("/secret", page("A report", SECRET), content_type="text/html")
    desk.site.put("/one", rss(item("secret", SECRET[:90], link=link)))
    captured = desk.capture()  # and its page with it
    assert where_found(desk, WORDS[2:]) == {"payloads.body"}
    forget(desk, url_prefix=link)
    desk.load(captured)
    assert where_found(desk, WORDS) == set()
    assert desk.value("SELECT count(*) FROM desk.articles") == 0


def while_under_way(desk: Desk, work: Callable[[], object]) -> threading.Thread:
    """Begin it in a thread, and go on once it has ended or waits for somebody."""
    thread = threading.Thread(target=work)
    thread.start()
    waits = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    give_up = time.monotonic() + TIMEOUT_S
    while thread.is_alive() and not desk.value(waits):
        assert time.monotonic() < give_up
        thread.join(0.01)
    return thread


@pytest.mark.parametrize("step", ["match", "resign"])
def test_what_is_forgotten_while_it_is_compared_or_signed_is_nowhere_after(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    desk.subscribe("/one", "/two")
    desk.site.put("/one", rss(item("secret", SECRET, link="https://paper.example/a/1")))
    desk.site.put("/two", rss())
    desk.poll()
    desk.settle()
    if step == "match":
        desk.site.put("/two", rss(item("copy", SECRET, link="https://copy.example/1")))
        desk.poll()
    module, name = (match, "find_matches") if step == "match" else (sign, "_unsigned")
    if step == "resign":
        desk.sql.execute("DELETE FROM desk.postings")
        desk.sql.execute("DELETE FROM desk.signatures")
        monkeypatch.setattr(sign, "_BATCH", 1)
    real = getattr(module, name)
    threads: list[threading.Thread] = []

    def takedown() -> None:
        with steps.open_database(desk.settings) as session:
            prefix = "https://paper.example/a"
            steps.forget_articles(session, why="why", by="ann", url_prefix=prefix, dry_run=False, clock=desk.clock)

    def slow(*given: Any, **named: Any) -> Any:
        found = real(*given, **named)
        if not threads:
            threads.append(while_under_way(desk, takedown))
        return found

    monkeypatch.setattr(module, name, slow)
    if step == "match":
        steps.match_articles(desk.store, desk.settings, clock=desk.clock)
    else:
        steps.resign_articles(desk.store, desk.settings, clock=desk.clock)
    threads[0].join(TIMEOUT_S)
    steps.publish_changes(desk.store, clock=desk.clock)
    gone = desk.value("SELECT article_id FROM desk.articles WHERE removed_at IS NOT NULL")
    for table in ("desk.matches", "desk.signatures", "desk.postings", "news_v1.copies", "news_v1.articles"):
        assert desk.value(f"SELECT count(*) FROM {table} WHERE article_id = {gone}") == 0, table
    assert desk.value("SELECT count(*) FROM desk.matches") == 0
    assert desk.value("SELECT count(*) FROM news_v1.articles") == (step == "match")
    assert shown(desk) == retold(desk)
    assert desk.offences() == {}


def test_forgetting_against_loads_at_the_same_moment_never_brings_it_back(desk: Desk) -> None:
    """Eight loads and a takedown of what they store, again and again; the benchmark does it ten thousand times."""
    desk.subscribe(*(f"/{number}" for number in range(7)))
    for turn in range(6):
        for number in range(7):
            story = item(f"{turn}-{number}", prose(f"{turn}"), link=f"https://paper.example/{turn}/{number}")
            desk.site.put(f"/{number}", rss(story))
        captured = desk.capture()

        def work(session: Database, number: int) -> None:
            if number < 7:
                steps.load_fetches(session, desk.settings, [captured[number]], clock=desk.clock)  # noqa: B023
                return
            prefix = f"https://paper.example/{turn}"  # noqa: B023
            steps.forget_articles(session, why="why", by="ann", url_prefix=prefix, dry_run=False, clock=desk.clock)

        desk.at_once(work)
        steps.match_articles(desk.store, desk.settings, clock=desk.clock)
        query = "SELECT count(*) FROM desk.articles WHERE url_key LIKE %s AND removed_at IS NULL"
        assert desk.value(query, f"https://paper.example/{turn}/%") == 0
    assert desk.value("SELECT count(*) FROM desk.entries WHERE html IS NOT NULL") == 0


def test_what_cannot_be_forgotten_is_said(told: Desk) -> None:
    with pytest.raises(NotFound, match="999"):
        forget(told, article_id=999)
    with pytest.raises(NotFound, match=r"no source nowhere\.example"):
        forget(told, host="nowhere.example")
    with pytest.raises(ConfigurationError, match="no http"):
        forget(told, url_prefix="ftp://x")
    with pytest.raises(ConfigurationError, match="name one thing"):
        forget(told)
    with pytest.raises(ConfigurationError, match="who and why"):
        steps.forget_articles(told.store, why=" ", by="ann", article_id=1)


def test_a_removed_article_cannot_hold_a_text(told: Desk) -> None:
    forget(told, article_id=article(told, "%copy%"))
    with pytest.raises(psycopg.errors.CheckViolation, match="articles_removed_are_empty"):
        told.sql.execute("UPDATE desk.articles SET text = 'back' WHERE removed_at IS NOT NULL")


def test_a_load_that_is_run_again_after_its_payload_was_emptied_does_nothing(told: Desk) -> None:
    """As a task does that was killed between its commit and its report."""
    address = told.value("SELECT url FROM desk.articles WHERE article_id = 1")
    steps.forget_articles(told.store, why="asked", by="ann", url_prefix=address, dry_run=False, clock=told.clock)
    told.make_due()
    told.sql.execute("UPDATE desk.feeds SET payload_digest = NULL, etag = NULL, last_modified = NULL")
    fetch_ids = told.capture(told.claim())
    told.load(fetch_ids)
    assert (
        told.value(
            "SELECT count(*) FROM desk.fetches JOIN desk.payloads USING (payload_digest) "
            "WHERE body IS NULL AND fetch_id = any(%s)",
            fetch_ids,
        )
        > 0
    )
    before = told.versions()
    assert told.load(fetch_ids) == LoadCounts()
    steps.capture_pages(told.store, told.settings, fetch_ids, clock=told.clock)
    assert told.versions() == before
