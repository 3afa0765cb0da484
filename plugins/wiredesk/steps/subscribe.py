"""Add feeds."""

from __future__ import annotations

from collections.abc import Sequence

from wiredesk.models import Subscription
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.store import feeds
from wiredesk.store.database import Connection, Database


def subscribe(database: Database, settings: Settings, wanted: Sequence[Subscription], *, clock: Clock = utc_now) -> int:
    """Subscribe to all of these, due at once; return how many were new. All or none."""

    def add(connection: Connection) -> int:
        now = clock()
        ids = [feeds.add_feed(connection, one, interval_s=settings.interval_default_s, now=now) for one in wanted]
        return sum(feed_id is not None for feed_id in ids)

    return database.run(add)
