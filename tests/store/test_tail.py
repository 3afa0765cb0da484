"""A consumer gets every change once and in order, whatever happens to it, to the server, or to other consumers."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import psycopg
import pytest
from wiredesk.errors import ContractViolation
from wiredesk.store.consumers import ConsumerSession
from wiredesk.tail import tail

from tests.store.desk import TIMEOUT_S, Desk, item, prose, rss

TERMINATE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user "
    "AND datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A desk with a log of thirty changes."""
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(*(item(str(number), prose(str(number))) for number in range(30))))
    desk.poll()
    desk.settle()
    return desk


def read(dsn: str, consumer: str, **options: object) -> list[int]:
    return [change.position for change in tail(dsn, consumer, follow=False, **options)]  # type: ignore[arg-type]


def test_a_consumer_reads_on_from_where_it_was_and_gets_nothing_twice(told: Desk, reader_database: str) -> None:
    assert read(reader_database, "index", batch=7) == list(range(1, 31))
    assert read(reader_database, "index") == []
    told.site.put("/feed", rss(item("new", prose("new"))))
    told.poll()
    told.settle()
    assert read(reader_database, "index") == [31]
    assert read(reader_database, "another") == list(range(1, 32))


def test_what_was_not_confirmed_is_read_again_and_no_more_than_that(told: Desk, reader_database: str) -> None:
    """As if killed in the middle of the third batch of ten."""
    got = [change.position for change in islice(tail(reader_database, "index", batch=10), 25)]
    assert got == list(range(1, 26))
    assert read(reader_database, "index") == list(range(21, 31))


def test_a_broken_connection_neither_loses_nor_repeats_a_change(told: Desk, reader_database: str) -> None:
    got = []
    for change in tail(reader_database, "index", follow=False, batch=10):
        got.append(change.position)
        if change.position in (4, 10, 25):
            with psycopg.connect(reader_database) as own:
                own.execute(TERMINATE)
    assert got == list(range(1, 31))


@pytest.mark.parametrize("dumped_at", [8, 20])
def test_a_consumer_that_lives_through_a_restore_goes_on_behind_the_position_that_was_restored(
    told: Desk, reader_database: str, without_constraints: psycopg.Connection[Any], dumped_at: int
) -> None:
    """Positions are given again after it: what it has in mind means something else, just confirmed or not."""
    got = []
    for change in tail(reader_database, "index", follow=False, batch=10):
        got.append(change.position)
        if len(got) == 25:
            without_constraints.execute("DELETE FROM desk.changes WHERE position > %s", (dumped_at,))
            without_constraints.execute("UPDATE desk.consumers SET position = %s", (dumped_at,))
            without_constraints.execute(
                "INSERT INTO desk.changes (position, kind, story_id, article_id, revision, created_at, published_at) "
                "SELECT position + %s, kind, story_id, article_id, 2, created_at, now() FROM desk.changes",
                (dumped_at,),
            )
            without_constraints.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'news_reader' "
                "AND datname = current_database()"
            )
    # The batch in hand is handled to its end; then comes what is in the log now.
    assert got == [*range(1, 31), *range(dumped_at + 1, 2 * dumped_at + 1)]


def test_a_consumer_goes_back_only_when_it_says_so(told: Desk, reader_database: str) -> None:
    read(reader_database, "index")
    with ConsumerSession.open(reader_database, "index") as session:
        assert session.confirm(3) == 30
        assert session.position() == 30
    assert read(reader_database, "index", start=28) == [29, 30]


def test_a_position_that_is_not_in_the_log_is_refused_by_name(told: Desk, reader_database: str) -> None:
    with pytest.raises(ContractViolation, match="index cannot have handled position 31: the log goes from 1 to 30"):
        read(reader_database, "index", start=31)
    with pytest.raises(ContractViolation, match="consumers_consumer_check"):
        read(reader_database, "No name", start=1)


def test_a_consumer_belongs_to_the_login_that_began_it(told: Desk, reader_database: str) -> None:
    read(told.dsn, "index")
    with pytest.raises(ContractViolation, match="belongs to another login"):
        read(reader_database, "index", start=0)
    assert told.value("SELECT position FROM news_v1.consumer_lag WHERE consumer = 'index'") == 30


def test_lag_says_how_many_changes_wait_and_since_when(told: Desk, reader_database: str) -> None:
    with ConsumerSession.open(reader_database, "index") as session:
        session.confirm(12)
    row = told.row("SELECT changes_behind, behind_since, last_position FROM news_v1.consumer_lag")
    since = told.value("SELECT published_at FROM news_v1.changes WHERE position = 13")
    assert row == {"changes_behind": 18, "behind_since": since, "last_position": 30}
    read(reader_database, "index")
    assert told.row("SELECT changes_behind, behind_since FROM news_v1.consumer_lag") == {
        "changes_behind": 0,
        "behind_since": None,
    }


def test_the_publisher_wakes_who_listens(told: Desk, reader_database: str) -> None:
    """Without the hint this would wait for an hour."""
    stream = tail(reader_database, "index", start=30, poll_s=3600)
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle' AND usename = current_user "
        "AND datname = current_database() AND query LIKE '%changes_since%'"
    )
    with ThreadPoolExecutor() as pool, psycopg.connect(reader_database, autocommit=True) as watching:
        found = pool.submit(next, stream)
        try:
            while watching.execute(waiting).fetchone() == (0,):
                assert not found.done()
            told.site.put("/feed", rss(item("new", prose("new"))))
            told.poll()
            told.settle()
            assert found.result(TIMEOUT_S).position == 31
        finally:
            watching.execute(TERMINATE)  # else a failure would wait for that hour


def test_an_exactly_once_consumer_confirms_in_its_own_transaction(told: Desk) -> None:
    """The example of the contract: what it made of a batch and its position stand or fall together."""
    told.sql.execute("CREATE TABLE public.seen (position bigint PRIMARY KEY)")
    batch = "INSERT INTO public.seen SELECT position FROM news_v1.changes_since(%s, 10)"
    confirm = "SELECT news_v1.confirm_position('mirror', (SELECT max(position) FROM public.seen))"
    for turn in range(7):
        with told.sql.transaction(force_rollback=turn % 2 == 0):
            lag = told.row(
                "SELECT coalesce(max(position), 0) AS at FROM news_v1.consumer_lag WHERE consumer = 'mirror'"
            )
            told.sql.execute(batch, (lag["at"],))
            told.sql.execute(confirm)
    assert told.value("SELECT array_agg(position ORDER BY position) FROM public.seen") == list(range(1, 31))


def test_the_command_prints_lines_and_goes_on_where_it_was(told: Desk) -> None:
    command = [sys.executable, "-m", "wiredesk", "tail", "--consumer", "shell", "--once"]
    environment = {"WIREDESK_DSN": told.dsn, "PATH": "/usr/bin:/bin"}
    runs = [
        subprocess.run(
            [*command, *more], env=environment, capture_output=True, text=True, check=True, timeout=60
        ).stdout
        for more in ([], [], ["--from", "29"])
    ]
    lines = [json.loads(line) for line in runs[0].splitlines()]
    assert [line["position"] for line in lines] == list(range(1, 31))
    assert set(lines[0]) >= {"kind", "story_id", "article_id", "revision", "published_at", "other_story_id"}
    assert runs[1] == ""
    assert [json.loads(line)["position"] for line in runs[2].splitlines()] == [30]
