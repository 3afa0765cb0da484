"""What persons decided about stories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wiredesk.errors import NotFound
from wiredesk.store.database import Connection
from wiredesk.store.queries import load_queries

SQL = load_queries("rulings")

PAIR_KINDS = ("keep_together", "keep_apart")
KINDS = (*PAIR_KINDS, "pin_lead", "not_news")


@dataclass(frozen=True, slots=True)
class Ruling:
    """One decision: of two articles (`keep_together`, `keep_apart`) or of one (`pin_lead`, `not_news`)."""

    kind: str
    article_id: int
    other_id: int | None = None


def add_ruling(connection: Connection, ruling: Ruling, *, why: str, ruled_by: str, now: datetime) -> int | None:
    """Keep a ruling and return its id; None where one upon the same articles is in force."""
    first, second = ruling.article_id, ruling.other_id
    if second is not None:
        first, second = min(first, second), max(first, second)
    given = {"kind": ruling.kind, "article_id": first, "other_id": second, "why": why, "ruled_by": ruled_by}
    row = connection.execute(SQL["insert_ruling"], {**given, "now": now}).fetchone()
    return row["ruling_id"] if row else None


def undo_ruling(connection: Connection, ruling_id: int, *, undone_by: str, now: datetime) -> Ruling:
    """Take a ruling back and return it. Raises NotFound where none of this id is in force."""
    given = {"ruling_id": ruling_id, "undone_by": undone_by, "now": now}
    row = connection.execute(SQL["undo_ruling"], given).fetchone()
    if row is None:
        raise NotFound(f"no ruling {ruling_id} is in force: `wiredesk story rulings` shows them")
    return Ruling(**row)


def rulings_upon(connection: Connection, article_id: int, other_id: int) -> list[dict[str, Any]]:
    """The rulings upon two articles or either of them, oldest first, undone ones too."""
    given = {"first": min(article_id, other_id), "second": max(article_id, other_id)}
    return connection.execute(SQL["select_rulings_upon"], given).fetchall()


def list_rulings(connection: Connection, *, limit: int) -> list[dict[str, Any]]:
    """The newest rulings, newest first."""
    return connection.execute(SQL["select_rulings"], {"most": limit}).fetchall()


def ruled_pairs(connection: Connection) -> list[dict[str, Any]]:
    """The pairs that persons keep together or apart."""
    return connection.execute(SQL["select_ruled_pairs"]).fetchall()
