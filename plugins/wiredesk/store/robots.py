"""robots.txt of each site, kept for a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wiredesk.store.database import Connection
from wiredesk.store.queries import load_queries

SQL = load_queries("robots")


@dataclass(frozen=True, slots=True)
class StoredRobots:
    """The last answer of a site to a request for its robots.txt."""

    origin: str
    http_status: int | None  # None: no answer
    body: bytes | None


def read_robots(connection: Connection, origins: Sequence[str], *, now: datetime) -> list[StoredRobots]:
    """Those that are fresh: 24 hours old at most (RFC 9309, 2.4), one hour where the site could not answer."""
    if not origins:
        return []
    rows = connection.execute(SQL["select_robots"], {"origins": list(origins), "now": now})
    return [StoredRobots(**row) for row in rows]


def keep_robots(
    connection: Connection, origin: str, *, fetched_at: datetime, http_status: int | None, body: bytes | None
) -> None:
    """Replace what is kept of this origin, unless that is newer."""
    connection.execute(
        SQL["keep_robots"],
        {"origin": origin, "fetched_at": fetched_at, "http_status": http_status, "body": body},
    )
