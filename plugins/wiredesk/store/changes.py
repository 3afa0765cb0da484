"""The public log of changes: appended by writers, put in order by one publisher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from psycopg.types.json import Jsonb

from wiredesk.store import search
from wiredesk.store.database import Connection, advisory_lock
from wiredesk.store.queries import load_queries
from wiredesk.store.stories import StoryChange

SQL = load_queries("changes")


def record_stories(connection: Connection, changes: Sequence[StoryChange], *, now: datetime) -> None:
    """Note, in this order, what became of stories."""
    if changes:
        rows = [{"place": place, **asdict(change)} for place, change in enumerate(changes)]
        connection.execute(SQL["record_stories"], {"changes": Jsonb(rows), "now": now})


def record_revisions(connection: Connection, article_ids: Sequence[int], *, now: datetime) -> None:
    """Note that these articles have a new wording."""
    connection.execute(SQL["record_revisions"], {"article_ids": list(article_ids), "now": now})


def record_refreshed(connection: Connection, article_ids: Sequence[int], *, now: datetime) -> None:
    """Note that these articles have the same wording, and other HTML or metadata."""
    connection.execute(SQL["record_refreshed"], {"article_ids": list(article_ids), "now": now})


def publish_changes(connection: Connection, *, now: datetime, limit: int) -> dict[str, int]:
    """Give positions to at most `limit` committed changes; return how many by kind.

    Positions are given after the commit of the change and by one publisher at a time, so they appear in
    order: a consumer that has read position n will never see a smaller one appear. What a change made of a story is
    found by news_v1.search in the same moment.
    """
    advisory_lock(connection, "publish")
    rows = connection.execute(SQL["publish_changes"], {"now": now, "most": limit}).fetchall()
    if rows:
        last = max(row["last_position"] for row in rows)
        connection.execute(SQL["notify_consumers"], {"position": str(last)})
        search.index_stories(connection, sorted({story_id for row in rows for story_id in row["story_ids"]}))
    return {row["kind"]: row["changes"] for row in rows}
