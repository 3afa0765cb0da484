"""Bytes that are old enough to go: last fetched before a cutoff, loaded, and with nothing of them in quarantine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wiredesk.store.database import Connection, one
from wiredesk.store.queries import load_queries

SQL = load_queries("retention")


def count_expiring(connection: Connection, *, cutoff: datetime, now: datetime) -> dict[str, Any]:
    """How many payloads could expire, and the bytes that they take. Publishers may have a retention of their own."""
    return one(connection.execute(SQL["count_expiring"], {"cutoff": cutoff, "now": now}))


def expire_payloads(connection: Connection, *, cutoff: datetime, now: datetime, most: int) -> dict[str, Any]:
    """Delete the bytes of at most `most` payloads, oldest first; how many, and the bytes that they took."""
    rows = connection.execute(SQL["lock_expiring"], {"cutoff": cutoff, "now": now, "most": most})
    digests = [row["payload_digest"] for row in rows]
    return one(connection.execute(SQL["expire_payloads"], {"cutoff": cutoff, "now": now, "digests": digests}))
