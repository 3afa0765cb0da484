"""Publishers, and how stories treat them."""

from __future__ import annotations

from typing import Any

from wiredesk.errors import NotFound
from wiredesk.store.database import Connection
from wiredesk.store.queries import load_queries

SQL = load_queries("sources")


def set_source(
    connection: Connection,
    host: str,
    *,
    is_preferred: bool | None = None,
    is_matched: bool | None = None,
    keep_days: int | None = None,
) -> None:
    """Set what is given; None leaves it as it is, and 0 `keep_days` goes back to the setting.

    Raises NotFound where there is no such source.
    """
    given = {"host": host, "is_preferred": is_preferred, "is_matched": is_matched, "keep_days": keep_days}
    if connection.execute(SQL["set_source"], given).fetchone() is None:
        raise NotFound(f"no source {host}: `wiredesk source` lists them")


def list_sources(connection: Connection) -> list[dict[str, Any]]:
    """All sources by host, with how many feeds and articles they have."""
    return connection.execute(SQL["select_sources"]).fetchall()
