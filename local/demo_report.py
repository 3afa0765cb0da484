"""What `make demo` shows: how each feed ended, what was set aside and why, and what is left to read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from wiredesk.cli.show import table
from wiredesk.store import status
from wiredesk.store.database import Database

_MOST = 100  # more than the sample has


def show_feeds(database: Database, since: datetime) -> str:
    """One line for each feed that was polled since then."""
    rows = database.run(status.fetches_since, since)
    return table(
        [{**row, "path": urlsplit(row["url"]).path, "ended": _ended(row)} for row in rows],
        {
            "title": "feed",
            "path": "at",
            "ended": "ended",
            "http_status": "HTTP",
            "duration_ms": "ms",
            "entry_count": "entries",
            "new_entry_count": "new",
        },
    )


def show_news(database: Database) -> str:
    """Totals, copies with their similarity and what they copy, and the quarantine with its reasons."""
    counts = database.run(status.overview, now=datetime.now(UTC))
    copies = database.run(status.newest_copies, limit=_MOST)
    poison = database.run(status.open_quarantine, limit=_MOST)
    return "\n".join(
        [
            f"\n{counts['articles']} articles tell {counts['stories']} stories (edits since: {counts['revisions']})",
            f"\n{counts['copies']} copies were set aside:\n",
            table(
                [
                    {**row, "at": f"{urlsplit(row['url']).path} -> {urlsplit(row['copy_of_url']).path}"}
                    for row in copies
                ],
                {
                    "article_id": "copy",
                    "at": "at -> of",
                    "relation": "is a",
                    "similarity": "similarity",
                    "containment": "containment",
                    "copy_of_article_id": "of",
                    "copy_of_title": "which says",
                },
            ),
            f"\n{counts['quarantined']} items are in quarantine, kept whole:\n",
            table(
                [{**row, "path": urlsplit(row["feed_url"]).path} for row in poison],
                {"quarantine_id": "id", "kind": "kind", "path": "from", "reason": "reason", "detail": "detail"},
            ),
        ]
    )


def _ended(row: Mapping[str, Any]) -> str:
    if row["quarantined"]:
        return f"quarantined: {row['quarantined']}"
    return f"{row['outcome']}: {row['reason']}" if row["outcome"] == "failed" else f"{row['outcome']} ({row['reason']})"
