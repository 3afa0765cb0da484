"""Which failures are tried again, and what is said of those that are not."""

from __future__ import annotations

import traceback

import psycopg
import pytest
from wiredesk.errors import ConfigurationError, ContractViolation, StoreError, WiredeskError
from wiredesk.store.database import Connection, Database

INSERT = "INSERT INTO desk.sources (host, name) VALUES (%s, 'x')"
SECRET = "hunter2"


def test_a_transient_failure_is_tried_again(database: str) -> None:
    sessions: list[int] = []

    def work(connection: Connection) -> str:
        sessions.append(connection.info.backend_pid)
        connection.execute(INSERT, ("news.example",))
        if len(sessions) == 1:
            with psycopg.connect(database, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 10000)", (sessions[0],))
        connection.execute("SELECT 1")
        return "done"

    with Database(database) as store:
        assert store.run(work) == "done"
    assert len(sessions) == len(set(sessions)) == 2
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT host FROM desk.sources").fetchall() == [("news.example",)]


def test_a_session_that_dies_between_two_transactions_is_replaced(database: str) -> None:
    with Database(database) as store:
        pid = store.run(lambda connection: connection.info.backend_pid)
        with psycopg.connect(database, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
        assert store.run(lambda connection: connection.execute("SELECT 1 AS n").fetchone()) == {"n": 1}


@pytest.mark.parametrize(
    ("statement", "arguments"),
    [
        (INSERT, ("",)),  # a CHECK
        (INSERT, (None,)),
        ("SELECT no_such_column FROM desk.sources", None),
        (INSERT, ("nul\0byte",)),  # refused on this side of the wire
    ],
)
def test_a_refused_row_is_not_tried_again(
    database: str, statement: str, arguments: tuple[str | None, ...] | None
) -> None:
    tries = []

    def work(connection: Connection) -> None:
        tries.append(1)
        connection.execute(INSERT, ("before.example",))
        connection.execute(statement, arguments)

    with Database(database) as store:
        with pytest.raises(ContractViolation, match="the database refused it"):
            store.run(work)
        assert len(tries) == 1
        assert store.run(lambda connection: connection.execute("SELECT * FROM desk.sources").fetchall()) == []


def test_an_error_of_our_own_rolls_back_and_is_not_tried_again(database: str) -> None:
    tries = []

    def work(connection: Connection) -> None:
        tries.append(1)
        connection.execute(INSERT, ("news.example",))
        raise ZeroDivisionError

    with Database(database) as store:
        with pytest.raises(ZeroDivisionError):
            store.run(work)
        assert len(tries) == 1
        assert store.run(lambda connection: connection.execute("SELECT * FROM desk.sources").fetchall()) == []


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresql://desk:{SECRET}%zz@127.0.0.1:1/news",
        f"postgresql://desk:{SECRET}@127.0.0.1:1/news?no_such_option=1",
        f"host=127.0.0.1 port=1 password='{SECRET}",
        f"host=127.0.0.1 port=1 password={SECRET} spaced",
        f"127.0.0.1 {SECRET}",
        f"postgresql://desk:{SECRET}@[::1:1/news",
        f"postgresql://desk:x/{SECRET}@127.0.0.1:1/news",
        f"postgresql://desk:x@{SECRET}@127.0.0.1:1/news",
        f"postgresql://desk:{SECRET}/x@127.0.0.1:1/news",
        f"postgresql://desk:12/{SECRET}@127.0.0.1:1/news",
        f"postgresql://desk:12{SECRET}#/x@127.0.0.1:1/news",
        f"postgresql:/desk:{SECRET}@127.0.0.1:1/news",
    ],
)
def test_a_dsn_with_a_mistake_is_reported_without_its_password(dsn: str) -> None:
    with pytest.raises(ConfigurationError, match="postgresql://user:password@host:port/database") as refusal:
        Database(dsn)
    assert SECRET not in "".join(traceback.format_exception(refusal.value, limit=0))


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresql://desk:{SECRET}@127.0.0.1:1/news",
        f"postgresql://desk:{SECRET}@127.0.0.1,127.0.0.1:1,2/news?sslmode=require",
        f"postgresql://desk:{SECRET}%2F%40@/news?host=/run/postgresql",
        f"host=127.0.0.1 user=desk password='{SECRET}@/' dbname=news",
        "postgresql:///news",
    ],
)
def test_a_dsn_without_a_mistake_is_taken(dsn: str) -> None:
    Database(dsn).close()


def test_a_server_that_is_not_there_is_reported_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wiredesk.store.database._RETRY_WAITS_S", (0.001,))
    with Database(f"postgresql://desk:{SECRET}@127.0.0.1:1/news") as store, pytest.raises(StoreError) as failure:
        store.run(lambda connection: connection.execute("SELECT 1"))
    assert not isinstance(failure.value, ContractViolation)
    assert "127.0.0.1" in str(failure.value)
    assert SECRET not in str(failure.value)


def test_no_dsn_is_reported_with_the_setting_to_make() -> None:
    with pytest.raises(WiredeskError, match="set WIREDESK_DSN"):
        Database("")
