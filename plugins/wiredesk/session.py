"""What every step needs: a database of the right schema, and a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from wiredesk.settings import Settings
from wiredesk.store.database import Database
from wiredesk.store.migrate import check_schema

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock of the line, in UTC; tests pass another one."""
    return datetime.now(UTC)


def open_database(settings: Settings) -> Database:
    """A session on a database whose schema is this code's. Raises SchemaMismatch, ConfigurationError."""
    database = Database(settings.dsn)
    try:
        database.run(check_schema)
    except BaseException:
        database.close()
        raise
    return database
