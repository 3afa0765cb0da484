"""Forward-only migrations, and the check that this code and this schema belong together.

sql/migrations/NNNN_what.sql each run once, in order, in one transaction; sql/contract/**.sql hold
CREATE OR REPLACE statements and run again whenever their text changed. All under one advisory lock, so that
any number of processes may start at once.

The release before runs on a newer schema where the migrations that it does not know say so, each with a line
`-- least code: N`: code that knows the migrations up to N runs on what this one leaves. Code that is behind so far
leaves schema and contract alone. As a contract changes only with a migration, whose line `-- contract: DIGEST` names
it, it is known which of two contracts is the newer.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from wiredesk.errors import ConfigurationError, SchemaMismatch
from wiredesk.store.database import OWNER, Connection, Database, advisory_lock
from wiredesk.store.queries import sql_directory

# A migration waits at most so long for a lock: behind it every query on that table waits too.
_LOCK_TIMEOUT = "5s"
_LEAST_CODE = re.compile(r"^-- least code: (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One file of SQL with the digest that tells whether it has run."""

    name: str  # for a migration NNNN_what, for the contract its path below sql/contract
    sql: str
    checksum: bytes

    @property
    def version(self) -> int:
        """The number that a migration's name begins with."""
        return int(self.name.split("_", 1)[0])

    @property
    def least_code(self) -> int | None:
        """The last migration that code must know to run on what this one leaves; None: this one itself."""
        found = _LEAST_CODE.search(self.sql)
        return int(found[1]) if found else None


def read_migrations() -> list[SchemaFile]:
    """The migrations of this code, in order. Raises ConfigurationError unless they count from 1 without a gap."""
    files = [_read(path, path.stem) for path in sorted((sql_directory() / "migrations").glob("*.sql"))]
    if [file.version for file in files] != list(range(1, len(files) + 1)):
        raise ConfigurationError("sql/migrations must count from 0001 without a gap or a repetition")
    return files


def read_contract() -> list[SchemaFile]:
    """The files of the public contract, in order of their path."""
    root = sql_directory() / "contract"
    return [_read(path, path.relative_to(root).as_posix()) for path in sorted(root.rglob("*.sql"))]


def migrate(dsn: str) -> list[str]:
    """Bring the database to this code's schema; return the names of what ran (empty: nothing to do, or it is ahead, and
    this code runs on it).

    Raises SchemaMismatch when the database is too far ahead of this code, or a migration that ran was edited since.
    """
    with Database(dsn, role=OWNER) as database:
        # Before anything is touched: older code must not lay its views over a newer database's.
        database.run(_refuse_foreign)
        applied: list[str] = []
        for file in read_migrations():
            applied += database.run(_apply_migration, file)
        for file in read_contract():
            applied += database.run(_apply_contract, file)
        database.run(check_schema)
    return applied


def check_schema(connection: Connection) -> None:
    """Raise SchemaMismatch unless the database holds this code's schema, or a newer one on which this code runs."""
    _refuse_foreign(connection)
    wanted, found = read_migrations(), _applied(connection)
    if len(found) > len(wanted):
        return
    if len(found) < len(wanted):
        raise SchemaMismatch(
            f"the database is behind: schema {len(found)}, this code needs {len(wanted)}. Run: wiredesk migrate"
        )
    rows = connection.execute("SELECT file, checksum FROM desk.schema_contract").fetchall()
    contract = {row["file"]: bytes(row["checksum"]) for row in rows}
    if contract != {file.name: file.checksum for file in read_contract()}:
        raise SchemaMismatch("the views of news_v1 are not those of this code. Run: wiredesk migrate")


def _read(path: Path, name: str) -> SchemaFile:
    sql = path.read_text(encoding="utf-8")
    return SchemaFile(name, sql, hashlib.sha256(sql.encode()).digest())


def _applied(connection: Connection) -> dict[int, Any]:
    # Not to_regclass(): what it remembers of "no such schema" outlives the wait for another process's migration.
    query = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'desk' AND tablename = 'schema_migrations'"
    if connection.execute(query).fetchone() is None:
        return {}
    rows = connection.execute("SELECT * FROM desk.schema_migrations").fetchall()
    return {row["version"]: row for row in rows}


def _refuse_edited(file: SchemaFile, row: Any) -> None:
    if bytes(row["checksum"]) != file.checksum:
        raise SchemaMismatch(
            f"sql/migrations/{file.name}.sql was edited after it ran here: restore it, and put the change into a "
            "new migration"
        )


def _refuse_foreign(connection: Connection) -> None:
    wanted, found = read_migrations(), _applied(connection)
    unknown = [row.get("least_code") or version for version, row in found.items() if version > len(wanted)]
    if max(unknown, default=0) > len(wanted):
        raise SchemaMismatch(
            f"the database is ahead: schema {len(found)} needs code of schema {max(unknown)} or newer, this code knows "
            f"{len(wanted)}. Deploy the newer wiredesk"
        )
    for file in wanted[: len(found)]:
        _refuse_edited(file, found[file.version])


def _apply_migration(connection: Connection, file: SchemaFile) -> list[str]:
    advisory_lock(connection, "migrate")
    applied = _applied(connection)
    if file.version in applied:
        _refuse_edited(file, applied[file.version])
        return []
    _execute(connection, file)
    connection.execute(
        "INSERT INTO desk.schema_migrations (version, name, checksum) VALUES (%s, %s, %s)",
        (file.version, file.name, file.checksum),
    )
    if file.least_code is not None:
        connection.execute(
            "UPDATE desk.schema_migrations SET least_code = %s WHERE version = %s", (file.least_code, file.version)
        )
    return [file.name]


def _apply_contract(connection: Connection, file: SchemaFile) -> list[str]:
    advisory_lock(connection, "migrate")
    if len(_applied(connection)) > len(read_migrations()):
        return []
    row = connection.execute("SELECT checksum FROM desk.schema_contract WHERE file = %s", (file.name,)).fetchone()
    if row is not None and bytes(row["checksum"]) == file.checksum:
        return []
    _execute(connection, file)
    connection.execute(
        "INSERT INTO desk.schema_contract (file, checksum) VALUES (%s, %s) "
        "ON CONFLICT (file) DO UPDATE SET checksum = excluded.checksum, applied_at = now()",
        (file.name, file.checksum),
    )
    return [file.name]


def _execute(connection: Connection, file: SchemaFile) -> None:
    connection.execute("SELECT set_config('lock_timeout', %s, true)", (_LOCK_TIMEOUT,))
    # A script of several statements needs the simple protocol: no parameters, a plain libpq cursor.
    with psycopg.ClientCursor(connection) as cursor:
        cursor.execute(file.sql.encode())
