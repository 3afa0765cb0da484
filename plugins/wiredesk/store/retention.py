"""What is old enough to go: bytes that were last fetched before a cutoff, are loaded, and of which nothing is in
quarantine; and former wordings, articles and changes of publishers that have a retention of their own for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wiredesk.store.database import Connection, one
from wiredesk.store.forget import Doomed
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


def expiring_revisions(connection: Connection, *, now: datetime, most: int | None) -> list[tuple[int, int]]:
    """Wordings that were replaced long enough ago, by article and revision; None: all."""
    rows = connection.execute(SQL["select_expiring_revisions"], {"now": now, "most": most})
    return [(row["article_id"], row["revision"]) for row in rows]


def expire_revisions(connection: Connection, revisions: Sequence[tuple[int, int]]) -> None:
    """Delete these former wordings, the oldest of their articles; each article says which is the first that is kept."""
    given = {"article_ids": [one for one, _ in revisions], "revisions": [revision for _, revision in revisions]}
    connection.execute(SQL["expire_revisions"], given)


def expiring_articles(connection: Connection, *, now: datetime, most: int | None) -> list[Doomed]:
    """Articles that no feed carried for long enough; None: all. Nobody may write articles meanwhile."""
    rows = connection.execute(SQL["select_expiring_articles"], {"now": now, "most": most})
    return [Doomed(**row) for row in rows]


def expired_entries(connection: Connection, article_ids: Sequence[int]) -> list[int]:
    """The entries that only these articles were made of."""
    rows = connection.execute(SQL["select_expired_entries"], {"article_ids": list(article_ids)})
    return [row["entry_id"] for row in rows]


def expiring_changes(connection: Connection, *, now: datetime, most: int | None) -> list[int]:
    """Changes that are old enough, and without which the log tells the same stories; None: all."""
    return [row["change_id"] for row in connection.execute(SQL["select_expiring_changes"], {"now": now, "most": most})]


def expire_changes(connection: Connection, change_ids: Sequence[int]) -> None:
    """Delete these changes. Positions are not given again: that something was removed, the newest of it, stays."""
    connection.execute(SQL["expire_changes"], {"change_ids": list(change_ids)})
