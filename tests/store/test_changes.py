"""The log of changes: nothing is rewritten, and nothing appears below what a consumer has read."""

from __future__ import annotations

import threading

import psycopg
import pytest
from wiredesk import steps
from wiredesk.store import changes
from wiredesk.store.database import Database, open_connection

from tests.store.desk import TIMEOUT_S, Desk, item, prose, rss

READ_ON = "SELECT position FROM news_v1.changes WHERE position > %s ORDER BY position LIMIT 7"


def test_a_change_that_commits_late_gets_a_later_position(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", prose("1")), item("2", prose("2"))))
    desk.poll()
    desk.settle()
    one, two = (row["article_id"] for row in desk.rows("SELECT article_id FROM desk.articles ORDER BY 1"))
    desk.sql.execute("UPDATE desk.articles SET revision = 2")
    with open_connection(desk.dsn, "wiredesk_writer") as slow:
        with slow.transaction():
            changes.record_revisions(slow, [one], now=desk.clock.now)  # the smaller change_id
            desk.store.run(changes.record_revisions, [two], now=desk.clock.now)
            steps.publish_changes(desk.store, clock=desk.clock)
            seen = desk.rows("SELECT article_id, position FROM news_v1.changes WHERE position > 2")
            assert seen == [{"article_id": two, "position": 3}]
        steps.publish_changes(desk.store, clock=desk.clock)
    assert desk.row("SELECT article_id, position FROM news_v1.changes WHERE position > 3") == {
        "article_id": one,
        "position": 4,
    }


def test_a_reader_of_changes_never_sees_a_position_appear_below_one_it_has_read(
    desk: Desk, reader_database: str
) -> None:
    paths = [f"/{number}" for number in range(5)]
    desk.subscribe(*paths)
    for path in paths:
        desk.site.put(path, rss(*(item(f"{path}-{number}", prose(f"{path} {number}")) for number in range(20))))
    captured = desk.capture()
    writers_left = threading.Semaphore(0)
    written = threading.Event()

    def work(session: Database, number: int) -> list[int]:
        if number < len(paths):
            try:
                steps.load_fetches(session, desk.settings, [captured[number]], clock=desk.clock)
                steps.match_articles(session, desk.settings, clock=desk.clock)
            finally:
                writers_left.release()
            return []
        if number < 7:
            while not written.is_set():
                steps.publish_changes(session, clock=desk.clock)
            steps.publish_changes(session, clock=desk.clock)
            return []
        return read()

    def read() -> list[int]:
        """What a consumer gets that reads on from the last position, until all is written and it has caught up."""
        got: list[int] = []
        with psycopg.connect(reader_database, autocommit=True) as connection:
            while len(got) < 100:
                found = [position for (position,) in connection.execute(READ_ON, (got[-1] if got else 0,))]
                got += found
                if not found and written.is_set() and writers_left.acquire(blocking=False):
                    break
        return got

    def announce() -> None:
        for _ in paths:
            assert writers_left.acquire(timeout=TIMEOUT_S)
        written.set()

    announcer = threading.Thread(target=announce)
    announcer.start()
    try:
        *_, got = desk.at_once(work)
    finally:
        written.set()
        announcer.join(TIMEOUT_S)
    assert got == list(range(1, 101))
    assert desk.value("SELECT count(*) FROM news_v1.changes") == 100


def test_a_reader_finds_no_rows_but_those_with_a_position(desk: Desk, reader_database: str) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", prose("1"))))
    desk.poll()
    steps.match_articles(desk.store, desk.settings, clock=desk.clock)
    with psycopg.connect(reader_database, autocommit=True) as reader:
        assert reader.execute("SELECT * FROM changes").fetchall() == []
        assert steps.publish_changes(desk.store, clock=desk.clock) == {"article_added": 1}
        assert reader.execute("SELECT position, kind FROM changes").fetchall() == [(1, "article_added")]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT * FROM desk.changes")
    assert steps.publish_changes(desk.store, clock=desk.clock) == {}


def test_changes_are_append_only(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", prose("1"))))
    desk.poll()
    desk.settle()
    before = desk.rows("SELECT * FROM desk.changes")
    assert len(before) == 1
    for statement in (
        "DELETE FROM desk.changes",
        "UPDATE desk.changes SET kind = 'copy_added'",
        "UPDATE desk.changes SET position = position + 100",
        "UPDATE desk.changes SET position = NULL, published_at = NULL",
        "UPDATE desk.changes SET created_at = now()",
    ):
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            desk.sql.execute(statement)
    assert desk.rows("SELECT * FROM desk.changes") == before


def test_a_change_may_get_a_position_and_nothing_else_with_it(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", prose("1"))))
    desk.poll()
    steps.match_articles(desk.store, desk.settings, clock=desk.clock)
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        desk.sql.execute("UPDATE desk.changes SET position = 1, published_at = now(), revision = 2")
    assert desk.value("SELECT position FROM desk.changes") is None


def test_the_writer_cannot_empty_the_log(desk: Desk) -> None:
    with open_connection(desk.dsn, "wiredesk_writer") as writer, pytest.raises(psycopg.errors.InsufficientPrivilege):
        writer.execute("TRUNCATE desk.changes")
