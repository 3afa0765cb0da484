"""Publishers, and how stories treat them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from wiredesk.errors import NotFound
from wiredesk.store.database import Connection
from wiredesk.store.queries import load_queries

SQL = load_queries("sources")


@dataclass(frozen=True, slots=True)
class Retention:
    """Days to keep each kind of what a publisher brought; None leaves it as it is, 0 goes back to the default."""

    payload_days: int | None = None
    page_days: int | None = None
    revision_days: int | None = None  # since a wording was replaced
    article_days: int | None = None  # since no feed carries it any more
    change_days: int | None = None


def set_source(
    connection: Connection,
    host: str,
    *,
    is_preferred: bool | None = None,
    is_matched: bool | None = None,
    retention: Retention | None = None,
) -> None:
    """Set what is given; None leaves it as it is.

    Raises NotFound where there is no such source.
    """
    given = {"host": host, "is_preferred": is_preferred, "is_matched": is_matched, **asdict(retention or Retention())}
    if connection.execute(SQL["set_source"], given).fetchone() is None:
        raise NotFound(f"no source {host}: `wiredesk source` lists them")


def list_sources(connection: Connection) -> list[dict[str, Any]]:
    """All sources by host, with how many feeds and articles they have."""
    return connection.execute(SQL["select_sources"]).fetchall()
