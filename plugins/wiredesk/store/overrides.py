"""What a person says of each source's pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from wiredesk.clean.override import Override
from wiredesk.store import feeds
from wiredesk.store.database import Connection
from wiredesk.store.queries import load_queries

SQL = load_queries("overrides")


def read_override(connection: Connection, source_id: int) -> Override | None:
    """The rules for one source; None where nobody gave any."""
    row = connection.execute(SQL["select_override"], {"source_id": source_id}).fetchone()
    return Override.from_mapping(row["rules"], where=f"override of source {source_id}") if row else None


def list_overrides(connection: Connection) -> list[dict[str, Any]]:
    """All of them, by source, with who gave them, when and why."""
    return connection.execute(SQL["list_overrides"]).fetchall()


def set_override(
    connection: Connection, source: str, override: Override | None, *, by: str, why: str, now: datetime
) -> None:
    """Give a source (its host) its rules, or take them away. They hold for what is cleaned next. Raises NotFound."""
    source_id = feeds.source_id_of(connection, source)
    if override is None:
        connection.execute(SQL["drop_override"], {"source_id": source_id})
        return
    rules = Jsonb(override.as_mapping())
    connection.execute(
        SQL["set_override"], {"source_id": source_id, "rules": rules, "set_by": by, "why": why, "now": now}
    )
