"""What is taken out of every table, and the tombstone that keeps it out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from wiredesk.store.database import Connection, advisory_lock, one, shared_lock
from wiredesk.store.fetches import Capture
from wiredesk.store.queries import load_queries
from wiredesk.store.zstd import decompress

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
    "residue_lines": "delete_residue",
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
class Quarantined:
    """What is in quarantine, to look into."""

    quarantine_id: int
    is_payload: bool
    entry_key: str | None
    raw: bytes  # empty where the bytes are gone


@dataclass(frozen=True, slots=True)
class Doomed:
    """An article that is to be forgotten."""

    article_id: int
    url_key: str
    story_id: int | None
    is_removed: bool  # it was forgotten before


def lock_forgetting(connection: Connection) -> None:
    """Wait until nobody writes what was made of an article's text, and let nobody begin before the transaction ends."""
    advisory_lock(connection, "forget")


def hold_off_forgetting(connection: Connection) -> None:
    """Call it before reading texts or tombstones whose outcome this transaction stores: nothing is forgotten until it
    ends, and what it reads from here on is as forgetting left it.
    """
    shared_lock(connection, "forget")


def doomed_articles(connection: Connection, target: Target) -> list[Doomed]:
    """The articles that are meant, held for this transaction."""
    return [Doomed(**row) for row in connection.execute(SQL["select_targets"], _named(target))]


def canonical_addresses(connection: Connection, host: str) -> dict[int, str]:
    """Of each article whose page names an address of this host as its own, that address."""
    rows = connection.execute(SQL["select_canonical"], {"host": host})
    return {row["article_id"]: row["canonical_url"] for row in rows}


def addresses_of(connection: Connection, doomed: Sequence[Doomed]) -> set[str]:
    """Where these articles are and were, as keys. Call it before they are erased."""
    rows = connection.execute(
        SQL["select_former_addresses"], {"article_ids": [article.article_id for article in doomed]}
    )
    return {row["url_key"] for row in rows} | {article.url_key for article in doomed}


def remaining_articles(connection: Connection, doomed: Sequence[Doomed]) -> dict[int, list[int]]:
    """Of each story that loses an article those that stay, the present lead first."""
    story_ids = sorted({article.story_id for article in doomed if article.story_id is not None})
    given = {"story_ids": story_ids, "article_ids": [article.article_id for article in doomed]}
    remaining: dict[int, list[int]] = {story_id: [] for story_id in story_ids}
    for row in connection.execute(SQL["select_remaining"], given):
        remaining[row["story_id"]].append(row["article_id"])
    return remaining


def quarantined(connection: Connection) -> Iterator[Quarantined]:
    """All that is in quarantine, one by one."""
    with connection.cursor(name="quarantined") as cursor:
        cursor.itersize = 20  # payloads are of some megabytes at most
        for row in cursor.execute(SQL["select_quarantined"]):
            raw = row["raw"] or b""
            yield Quarantined(
                row["quarantine_id"],
                row["kind"] == "payload",
                row["entry_key"],
                decompress(raw) if raw and row["is_compressed"] else bytes(raw),
            )


def payloads_since(connection: Connection, quarantine_ids: Sequence[int]) -> Iterator[tuple[bytes, bytes]]:
    """Digest and bytes of each payload of the feeds that had these items in quarantine, since they were there."""
    if not quarantine_ids:
        return
    with connection.cursor(name="payloads_since") as cursor:
        cursor.itersize = 20
        for row in cursor.execute(SQL["select_feed_payloads"], {"quarantine_ids": list(quarantine_ids)}):
            yield row["payload_digest"], decompress(row["body"])


def erase(
    connection: Connection,
    target: Target,
    doomed: Sequence[Doomed],
    *,
    url_key: str | None,
    alone: Collection[int],
    quarantine_ids: Collection[int],
    payload_digests: Collection[bytes],
    now: datetime,
) -> dict[str, int]:
    """Delete or empty every row that holds anything of these articles; how many, by table.

    `url_key` is the address of the tombstone; `alone` are the articles without others in their story;
    `quarantine_ids` are items that never became an entry, and payloads that could not be read, which go with their
    bytes; `payload_digests` are others that hold them. `unloaded_payloads` stay until they are loaded: what else is in
    them would be lost.
    """
    found = {**_named(target), "url_key": url_key, "article_ids": [article.article_id for article in doomed]}
    entry_ids = [row["entry_id"] for row in connection.execute(SQL["select_entries"], found)]
    given = {**found, "entry_ids": entry_ids, "alone_ids": list(alone), "now": now}
    given |= {"quarantine_ids": list(quarantine_ids), "named": list(payload_digests)}
    unloaded = one(connection.execute(SQL["count_unloaded"], given))["unloaded"]
    given["digests"] = [row["payload_digest"] for row in connection.execute(SQL["lock_payloads"], given)]
    return {"unloaded_payloads": unloaded, **_erase(connection, {**_BY_ENTRY, **_BY_ARTICLE}, given)}


def erase_articles(
    connection: Connection,
    doomed: Sequence[Doomed],
    *,
    entry_ids: Sequence[int],
    alone: Collection[int],
    now: datetime,
) -> dict[str, int]:
    """Delete or empty every row that was made of these articles, and these entries; how many, by table.

    Payloads and what is in quarantine stay, which have a retention of their own.
    """
    given = {"article_ids": [article.article_id for article in doomed], "url_key": None, "entry_ids": list(entry_ids)}
    names = {"entries": "empty_entries", **_BY_ARTICLE}
    return _erase(connection, names, {**given, "alone_ids": list(alone), "now": now})


def refuse_entries(connection: Connection, capture: Capture, refused: Mapping[int, str], *, now: datetime) -> None:
    """Leave nothing of these entries but that they were seen, nor of pages of what is forgotten; `refused` maps each to
    its address.
    """
    if refused:
        rows = [{"entry_id": entry_id, "url_key": key} for entry_id, key in refused.items()]
        connection.execute(SQL["refuse_entries"], {"refused": Jsonb(rows)})
        given = {"entry_ids": list(refused), "source_id": capture.source_id, "now": now}
        connection.execute(SQL["empty_pages"], given)


def empty_refusing_payload(connection: Connection, capture: Capture, keys: Sequence[str], *, now: datetime) -> None:
    """Empty a payload, once it is marked as loaded, if one of its entries, by these keys, is forgotten."""
    given = {
        "feed_id": capture.feed_id,
        "source_id": capture.source_id,
        "payload_digest": capture.payload_digest,
        "keys": list(keys),
    }
    digests = [row["payload_digest"] for row in connection.execute(SQL["lock_refusing"], given)]
    connection.execute(SQL["empty_payloads"], {"digests": digests, "now": now})


def add_tombstone(
    connection: Connection,
    kind: str,
    *,
    url_key: str | None,
    source_id: int | None,
    why: str,
    by: str,
    certificate: Mapping[str, int],
    now: datetime,
) -> int:
    """Keep it out from now on; the tombstone's id, which is that of an earlier one where nothing was left to remove."""
    given = {"kind": kind, "url_key": url_key, "source_id": source_id, "why": why, "by": by, "now": now}
    given["is_anything"] = any(certificate.values())
    row = one(connection.execute(SQL["insert_tombstone"], {**given, "certificate": Jsonb(dict(certificate))}))
    return int(row["tombstone_id"])


def keep_out_of(
    connection: Connection, addresses: Collection[str], *, source_id: int | None, why: str, by: str, now: datetime
) -> None:
    """Keep what is forgotten out of these addresses too, by a tombstone for each that none stands for yet."""
    given = {"addresses": list(addresses), "source_id": source_id, "why": why, "by": by, "now": now}
    connection.execute(SQL["insert_addresses"], given)


def list_tombstones(connection: Connection, *, limit: int) -> list[dict[str, Any]]:
    """What was forgotten, newest first."""
    return connection.execute(SQL["list_tombstones"], {"most": limit}).fetchall()


def _erase(connection: Connection, names: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, int]:
    connection.execute(SQL["release_matches"], given)
    queries = {**names, "articles": "empty_articles"}
    return {table: connection.execute(SQL[name], given).rowcount for table, name in queries.items()}


def _named(target: Target) -> dict[str, int | str | None]:
    return {"article_id": target.article_id, "prefix": target.url_prefix, "source_id": target.source_id}
