"""What news_v1.search looks in: derived from the leads of stories, and kept with the log of changes."""

from __future__ import annotations

from collections.abc import Sequence

from wiredesk.store.database import Connection
from wiredesk.store.forget import hold_off_forgetting
from wiredesk.store.queries import load_queries

SQL = load_queries("search")


def index_stories(connection: Connection, story_ids: Sequence[int]) -> None:
    """Let these stories be found as they are shown now, and those that are not shown no more."""
    if story_ids:
        hold_off_forgetting(connection)
        connection.execute(SQL["index_stories"], {"story_ids": list(story_ids)})


def unindexed_stories(connection: Connection, *, before: int, limit: int) -> list[int]:
    """Stories below an id that cannot be found yet, newest first."""
    rows = connection.execute(SQL["select_unindexed"], {"before": before, "most": limit})
    return [row["story_id"] for row in rows]
