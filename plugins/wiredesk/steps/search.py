"""Let stories be found that were published before there was a search."""

from __future__ import annotations

from wiredesk.crashpoints import crash_point
from wiredesk.store import search
from wiredesk.store.database import Connection, Database

# About a second each.
_BATCH = 1_000
_ABOVE_ALL = 2**63 - 1


def index_stories(database: Database) -> int:
    """Index stories that are not, newest first, a batch in each transaction; how many. Nothing to do: one look."""
    total, before = 0, _ABOVE_ALL

    def index(connection: Connection) -> list[int]:
        found = search.unindexed_stories(connection, before=before, limit=_BATCH)
        search.index_stories(connection, found)
        crash_point("index.before_commit")
        return found

    # Those that are not shown are met once, because each batch begins below the last.
    while found := database.run(index):
        crash_point("index.after_commit")
        total, before = total + len(found), found[-1]
    return total
