"""Put the changes in order, for consumers."""

from __future__ import annotations

from wiredesk.crashpoints import crash_point
from wiredesk.session import Clock, utc_now
from wiredesk.store import changes
from wiredesk.store.database import Connection, Database

# Positions given in one transaction. Indexing the stories for search takes about a millisecond each: small enough that
# a consumer does not wait for seconds, large enough that a commit costs nothing beside.
_BATCH = 1_000


def publish_changes(database: Database, *, clock: Clock = utc_now) -> dict[str, int]:
    """Give every waiting change its position; return how many by kind (empty: nothing changed)."""
    total: dict[str, int] = {}

    def publish(connection: Connection) -> dict[str, int]:
        published = changes.publish_changes(connection, now=clock(), limit=_BATCH)
        crash_point("publish.before_commit")
        return published

    while True:
        published = database.run(publish)
        crash_point("publish.after_commit")
        if not published:
            return total
        for kind, count in published.items():
            total[kind] = total.get(kind, 0) + count
