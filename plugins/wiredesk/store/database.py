"""One connection to the news database, whole transactions, and errors by what happens next."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import psycopg
import psycopg.conninfo
from psycopg.rows import DictRow, dict_row

from wiredesk.errors import ConfigurationError, ContractViolation, StoreError

T = TypeVar("T")
P = ParamSpec("P")
Connection = psycopg.Connection[DictRow]

OWNER = "wiredesk_owner"
WRITER = "wiredesk_writer"

# Waits between tries of one transaction: a deadlock is gone at once, a failing-over server in seconds. What
# lasts longer is the caller's to retry (Airflow does, after minutes) and an operator's to see.
_RETRY_WAITS_S = (0.05, 0.5, 2.0)
# A server that does not answer for so long is down; libpq would wait for minutes.
_CONNECT_TIMEOUT_S = 10

# SQLSTATE classes (PostgreSQL manual, appendix A) whose errors the same rows would meet again.
# Cardinality, data, integrity, syntax or access, a limit of the program, raised by PL/pgSQL.
_PERMANENT_CLASSES = ("21", "22", "23", "42", "54", "P0")


class Database:
    """A session with the news database that reconnects, for one thread.

    `run(work, …)` calls `work(connection, …)` in one transaction and tries it again after a transient failure,
    so `work` must be idempotent and must not act on anything but the connection.
    """

    def __init__(self, dsn: str, *, role: str = WRITER) -> None:
        if not dsn:
            raise ConfigurationError(
                "no news database: set WIREDESK_DSN (postgresql://user:password@host:port/database), "
                "or under Airflow the Connection wiredesk_db"
            )
        if not _is_readable(dsn):
            # What libpq says of it quotes it, and the password with it.
            raise ConfigurationError(
                "WIREDESK_DSN is no libpq URI: postgresql://user:password@host:port/database, with special "
                "characters of the password percent-encoded"
            )
        self._dsn = dsn
        self._role = role
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next `run` opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def run(self, work: Callable[Concatenate[Connection, P], T], /, *arguments: P.args, **options: P.kwargs) -> T:
        """Call `work(connection, *arguments, **options)` in one transaction.

        Raises ContractViolation when the database refuses the rows for good, and StoreError when it still
        fails after the bounded tries.
        """
        for wait_s in (*_RETRY_WAITS_S, None):
            try:
                with translated_errors():
                    connection = self._connected()
                    with connection.transaction():
                        return work(connection, *arguments, **options)
            except ContractViolation:
                raise
            except StoreError:
                self.close()
                if wait_s is None:
                    raise
                threading.Event().wait(wait_s)
        raise AssertionError("unreachable: the last try returns or raises")

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.broken or self._connection.closed:
            self._connection = open_connection(self._dsn, self._role)
        return self._connection


def _is_readable(dsn: str) -> bool:
    """Whether libpq reads it as it was meant: a password with a bare / or @ ends up in host, port or database."""
    try:
        parts = psycopg.conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        return False
    places = f"{parts.get('host') or ''}{parts.get('dbname') or ''}"
    ports = str(parts.get("port") or "0")
    return "@" not in places and all(port.isdecimal() for port in ports.split(",") if port)


def open_connection(dsn: str, role: str | None) -> Connection:
    """Connect in autocommit mode, times in UTC; act as `role` where the login may, or as the login where it is None."""
    connection = psycopg.connect(
        dsn,
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=_CONNECT_TIMEOUT_S,
        application_name="wiredesk",
        options="-c timezone=UTC",
    )
    if role is None:
        return connection
    try:
        connection.execute("SELECT set_config('role', %s, false)", (role,))
    except psycopg.Error:
        connection.close()
        raise
    return connection


@contextmanager
def translated_errors() -> Iterator[None]:
    """Errors of the driver as StoreError (try again) or ContractViolation (never)."""
    try:
        yield
    except psycopg.errors.Error as error:
        message = str(error).strip() or type(error).__name__
        is_refused = (error.sqlstate or "").startswith(_PERMANENT_CLASSES)
        # Without a code the server was not asked: what could not be converted never will be.
        if is_refused or (error.sqlstate is None and not isinstance(error, psycopg.OperationalError)):
            raise ContractViolation(f"the database refused it ({error.sqlstate}): {message}") from error
        raise StoreError(f"the database failed ({error.sqlstate or 'no connection'}): {message}") from error


def advisory_lock(connection: Connection, name: str) -> None:
    """Wait for the named lock; it is held until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_lock_id(name),))


def shared_lock(connection: Connection, name: str) -> None:
    """Wait for the named lock, which any number may share, but not with `advisory_lock`; until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", (_lock_id(name),))


@contextmanager
def held_lock(dsn: str, name: str) -> Iterator[bool]:
    """Hold the named lock on a connection of its own; yields False at once where another session holds it.

    It goes with the connection, so a killed process leaves nothing to clean up.
    """
    with translated_errors():
        connection = open_connection(dsn, WRITER)
    with connection:
        with translated_errors():
            query = "SELECT pg_try_advisory_lock(%s) AS is_held"
            row = connection.execute(query, (_lock_id(name),)).fetchone()
        yield bool(row and row["is_held"])


def _lock_id(name: str) -> int:
    digest = hashlib.sha256(f"wiredesk.{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def one(cursor: psycopg.Cursor[DictRow]) -> dict[str, Any]:
    """The single row of a query that always has one."""
    row = cursor.fetchone()
    if row is None:
        raise StoreError("a query that always returns a row returned none")
    return row
