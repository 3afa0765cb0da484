"""What is taken out of every table, and the tombstone that keeps it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from wiredesk.store.database import Connection, advisory_lock, one
from wiredesk.store.queries import load_queries

SQL = load_queries("forget")

# In this order: a payload is found by its entries, a posting by its signature.
_BY_ENTRY = {"payloads": "empty_payloads", "quarantine": "delete_quarantine", "entries": "empty_entries"}
_BY_ARTICLE = {
    "revisions": "delete_revisions",
    "matches": "delete_matches",
    "postings": "delete_postings",
    "signatures": "delete_signatures",
    "rulings": "delete_rulings",
    "search_documents": "delete_search_documents",
    "residue_sightings": "delete_residue_sightings",
    "residue_lines": "delete_residue_lines",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be forgotten: one of the three."""

    article_id: int | None = None
    url_prefix: str | None = None  # in canonical form
    source_id: int | None = None

    @property
    def kind(self) -> str:
        """As a tombstone says it."""
        if self.source_id is not None:
            return "source"
        return "article" if self.url_prefix is None else "prefix"


@dataclass(frozen=True, slots=True)
class Doomed:
    """An article that is to be forgotten."""

    article_id: int
    url_key: str
    story_id: int | None


def lock_forgetting(connection: Connection) -> None:
    """Wait until no load is under way, and let none begin before the end of the transaction."""
    advisory_lock(connection, "forget")


def doomed_articles(connection: Connection, target: Target) -> list[Doomed]:
    """The articles that are meant, held for this transaction."""
    given = {"article_id": target.article_id, "prefix": target.url_prefix, "source_id": target.source_id}
    return [Doomed(**row) for row in connection.execute(SQL["select_targets"], given)]


def remaining_articles(connection: Connection, doomed: Sequence[Doomed]) -> dict[int, list[int]]:
    """Of each story that loses an article those that stay, the present lead first."""
    story_ids = sorted({article.story_id for article in doomed if article.story_id is not None})
    given = {"story_ids": story_ids, "article_ids": [article.article_id for article in doomed]}
    remaining: dict[int, list[int]] = {story_id: [] for story_id in story_ids}
    for row in connection.execute(SQL["select_remaining"], given):
        remaining[row["story_id"]].append(row["article_id"])
    return remaining


def erase(connection: Connection, doomed: Sequence[Doomed], alone: Sequence[int], *, now: datetime) -> dict[str, int]:
    """Delete or empty every row that holds anything of these articles; how many, by table.

    `alone` are those without others in their story. `unloaded_payloads` are kept: they are not loaded yet, and what
    else is in them would be lost.
    """
    article_ids = [article.article_id for article in doomed]
    entry_ids = [row["entry_id"] for row in connection.execute(SQL["select_entries"], {"article_ids": article_ids})]
    given = {"article_ids": article_ids, "entry_ids": entry_ids, "alone_ids": list(alone), "now": now}
    unloaded = one(connection.execute(SQL["count_unloaded"], given))["unloaded"]
    connection.execute(SQL["release_matches"], given)
    certificate = {"unloaded_payloads": unloaded}
    for table, name in {**_BY_ENTRY, **_BY_ARTICLE, "articles": "empty_articles"}.items():
        certificate[table] = connection.execute(SQL[name], given).rowcount
    return certificate


def empty_entries(connection: Connection, entry_ids: Sequence[int]) -> None:
    """Leave nothing of these entries but that they were seen."""
    connection.execute(SQL["empty_entries"], {"entry_ids": list(entry_ids)})


def add_tombstone(
    connection: Connection,
    kind: str,
    *,
    url_key: str | None,
    source_id: int | None,
    why: str,
    by: str,
    certificate: Mapping[str, Any],
    now: datetime,
) -> int:
    """Keep it out from now on; the tombstone's id."""
    given = {"kind": kind, "url_key": url_key, "source_id": source_id, "why": why, "by": by, "now": now}
    row = one(connection.execute(SQL["insert_tombstone"], {**given, "certificate": Jsonb(dict(certificate))}))
    return int(row["tombstone_id"])


def list_tombstones(connection: Connection, *, limit: int) -> list[dict[str, Any]]:
    """What was forgotten, newest first."""
    return connection.execute(SQL["list_tombstones"], {"most": limit}).fetchall()
