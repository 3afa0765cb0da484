"""Entries as the feeds said them, the articles made of them, and who carried which."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from wiredesk import PIPELINE_VERSION
from wiredesk.errors import NotFound, StoreError
from wiredesk.models import Entry, PreparedArticle
from wiredesk.store.database import Connection
from wiredesk.store.fetches import Capture
from wiredesk.store.queries import load_queries

SQL = load_queries("articles")


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """What decides whether a new wording of a URL is a revision."""

    article_id: int
    url_key: str
    entry_id: int
    text_digest: bytes
    word_count: int
    revised_at: datetime
    is_removed: bool  # it was forgotten, or kept long enough, and only its place is left
    is_page_missing: bool  # its words are the feed's own, for want of its page


@dataclass(frozen=True, slots=True)
class AliasHolder:
    """A stored entry that is known by an alias."""

    alias: bytes
    entry_id: int
    entry_key: str
    last_seen_at: datetime


def known_digests(connection: Connection, feed_id: int, keys: Sequence[str]) -> dict[str, bytes]:
    """Digest of each entry of the feed that is stored already, by key."""
    rows = connection.execute(SQL["select_known_entries"], {"feed_id": feed_id, "keys": list(keys)})
    return {row["entry_key"]: row["entry_digest"] for row in rows}


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as a replay meets it."""

    entry_key: str
    entry_id: int
    entry_digest: bytes
    is_superseded: bool  # a newer payload had it too, and has the last word
    is_page_missing: bool  # its page is wanted
    is_refused: bool  # what it said was forgotten, or kept long enough
    had_page: bool  # its page was fetched once


def stored_entries(
    connection: Connection, feed_id: int, keys: Sequence[str], *, seen_at: datetime
) -> dict[str, StoredEntry]:
    """Those of these entries that are stored, by key, seen from a payload of that time."""
    given = {"feed_id": feed_id, "keys": list(keys), "seen_at": seen_at}
    return {row["entry_key"]: StoredEntry(**row) for row in connection.execute(SQL["select_stored_entries"], given)}


def known_items(connection: Connection, feed_id: int, item_digests: Sequence[bytes]) -> dict[bytes, str]:
    """Which of these items say what is stored already: item digest → entry key."""
    if not item_digests:
        return {}
    rows = connection.execute(
        SQL["select_known_items"], {"feed_id": feed_id, "item_digests": list(dict.fromkeys(item_digests))}
    )
    return {row["item_digest"]: row["entry_key"] for row in rows}


def find_aliased(connection: Connection, feed_id: int, aliases: Collection[bytes]) -> list[AliasHolder]:
    """The feed's entries that are known by these aliases; one that has several comes once for each."""
    if not aliases:
        return []
    rows = connection.execute(SQL["select_aliased"], {"feed_id": feed_id, "aliases": list(aliases)})
    return [AliasHolder(**row) for row in rows]


def rename_entries(connection: Connection, feed_id: int, renames: Mapping[str, str]) -> None:
    """Let stored entries go by new keys (new key → old key); so do the attempts at their pages."""
    if renames:
        pairs = [{"old_key": old, "new_key": new} for new, old in renames.items()]
        connection.execute(SQL["rename_entries"], {"feed_id": feed_id, "renames": Jsonb(pairs)})


def keep_aliases(connection: Connection, feed_id: int, aliases: Mapping[str, Sequence[bytes]]) -> None:
    """Replace by what else these entries are known, by key; what is as it was is not written."""
    rows = [{"entry_key": key, "aliases": [alias.hex() for alias in found]} for key, found in aliases.items()]
    if rows:
        connection.execute(SQL["keep_aliases"], {"feed_id": feed_id, "entries": Jsonb(rows)})


def store_entries(
    connection: Connection, capture: Capture, entries: Sequence[Entry], missing_pages: Collection[str]
) -> dict[str, int]:
    """Insert or replace entries; return ids by key of those whose newest wording this payload brought.

    `missing_pages` holds the keys of those that are loaded without the page that they should have.
    """
    rows = connection.execute(
        SQL["upsert_entries"],
        {
            "feed_id": capture.feed_id,
            "fetch_id": capture.fetch_id,
            "seen_at": capture.result.started_at,
            "pipeline_version": PIPELINE_VERSION,
            "entries": Jsonb(
                [{**_entry_columns(entry), "is_page_missing": entry.key in missing_pages} for entry in entries]
            ),
        },
    )
    return {row["entry_key"]: row["entry_id"] for row in rows}


def see_entries_again(connection: Connection, capture: Capture, seen: Mapping[str, bytes | None]) -> None:
    """Entries that this payload repeats, or has an older wording of, were seen when it was fetched.

    `seen` holds the digest of the item by entry key, None where it is that which is stored, or has none.
    """
    rows = [{"entry_key": key, "item_digest": digest.hex() if digest else None} for key, digest in seen.items()]
    connection.execute(
        SQL["see_entries_again"],
        {"feed_id": capture.feed_id, "entries": Jsonb(rows), "seen_at": capture.result.started_at},
    )


def lock_articles(connection: Connection, url_keys: Sequence[str]) -> dict[str, StoredArticle]:
    """The stored articles of these URLs, held for this transaction."""
    rows = connection.execute(SQL["lock_articles"], {"url_keys": list(url_keys)})
    return {row["url_key"]: StoredArticle(**row) for row in rows}


def lock_articles_of_entries(connection: Connection, entry_ids: Sequence[int]) -> dict[int, StoredArticle]:
    """The article whose wording each of these entries gives, by entry id, held for this transaction."""
    rows = connection.execute(SQL["lock_articles_of_entries"], {"entry_ids": list(entry_ids)})
    return {row["entry_id"]: StoredArticle(**row) for row in rows}


def forgotten_keys(connection: Connection, source_id: int, url_keys: Sequence[str]) -> set[str]:
    """Those that a tombstone names. Call it after `hold_off_forgetting`, so that none is added before the commit."""
    rows = connection.execute(SQL["select_forgotten"], {"source_id": source_id, "url_keys": list(url_keys)})
    return {row["url_key"] for row in rows}


def insert_articles(
    connection: Connection, capture: Capture, rows: Sequence[tuple[PreparedArticle, int]]
) -> dict[str, int]:
    """Insert new articles, each with the id of its entry; return ids by URL key.

    Raises StoreError where another transaction stored one of them meanwhile: the next try finds it.
    """
    stored = connection.execute(
        SQL["insert_articles"],
        {
            "source_id": capture.source_id,
            "fetch_id": capture.fetch_id,
            "seen_at": capture.result.started_at,
            "pipeline_version": PIPELINE_VERSION,
            "articles": Jsonb([_article_columns(row, entry_id) for row, entry_id in rows]),
        },
    )
    ids = {row["url_key"]: int(row["article_id"]) for row in stored}
    if len(ids) != len(rows):
        raise StoreError("another worker stored one of these articles at the same moment")
    return ids


def revise_articles(
    connection: Connection, capture: Capture, rows: Sequence[tuple[PreparedArticle, int, int]]
) -> list[int]:
    """Replace wordings, each given with entry id and article id, keeping the predecessors; return article ids.

    The article takes the URL of the new wording. Raises StoreError where another transaction stored an article
    there meanwhile: the next try finds it.
    """
    arguments = {
        "source_id": capture.source_id,
        "fetch_id": capture.fetch_id,
        "seen_at": capture.result.started_at,
        "pipeline_version": PIPELINE_VERSION,
        "articles": Jsonb(
            [{**_article_columns(row, entry_id), "article_id": article_id} for row, entry_id, article_id in rows]
        ),
    }
    try:
        stored = connection.execute(SQL["revise_articles"], arguments)
    except psycopg.errors.UniqueViolation as error:
        raise StoreError("another worker stored one of these URLs at the same moment") from error
    return [row["article_id"] for row in stored]


def refresh_articles(connection: Connection, rows: Sequence[tuple[PreparedArticle, int, int]]) -> list[int]:
    """Replace what is said around the same words (HTML, metadata) of articles, each given with entry id and article id;
    return the ids of those of which anything differed.
    """
    found = [{**_article_columns(row, entry_id), "article_id": article_id} for row, entry_id, article_id in rows]
    arguments = {"articles": Jsonb(found), "pipeline_version": PIPELINE_VERSION}
    return [row["article_id"] for row in connection.execute(SQL["refresh_articles"], arguments)]


def see_articles(connection: Connection, capture: Capture, pairs: Sequence[tuple[int, int]]) -> None:
    """Record that the feed carried these (article id, entry id) pairs."""
    connection.execute(
        SQL["see_articles"],
        {
            "feed_id": capture.feed_id,
            "seen_at": capture.result.started_at,
            "sightings": Jsonb([{"article_id": article_id, "entry_id": entry_id} for article_id, entry_id in pairs]),
        },
    )


def read_article(connection: Connection, article_id: int) -> dict[str, Any]:
    """Title, text and place of one article. Raises NotFound."""
    row = connection.execute(SQL["select_article"], {"article_id": article_id}).fetchone()
    if row is None:
        raise NotFound(f"no article {article_id}: ids are in news_v1.articles and news_v1.copies")
    return row


def _article_columns(row: PreparedArticle, entry_id: int) -> dict[str, Any]:
    article = row.article
    return {
        "url_key": row.url_key,
        "url": article.url,
        "canonical_url": article.canonical_url,
        "entry_id": entry_id,
        "title": article.title,
        "text": article.text,
        "html": article.html,
        "summary": article.summary,
        "authors": article.authors,
        "published_at": _iso(article.published_at),
        "updated_at": _iso(article.updated_at),
        "language": article.language,
        "lead_image": article.lead_image,
        "section": article.section,
        "tags": article.tags,
        "access": article.access,
        "said_by": dict(article.said_by),
        "flags": article.flags,
        "removed": dict(article.removed),
        "text_digest": row.text_digest.hex(),
        "word_count": row.word_count,
    }


def _entry_columns(entry: Entry) -> dict[str, Any]:
    return {
        "entry_key": entry.key,
        "entry_digest": entry.digest.hex(),
        "url": entry.url,
        "title": entry.title,
        "html": entry.html,
        "summary": entry.summary,
        "authors": entry.authors,
        "published_at": _iso(entry.published_at),
        "updated_at": _iso(entry.updated_at),
        "categories": entry.categories,
        "enclosures": [asdict(enclosure) for enclosure in entry.enclosures],
        "language": entry.language,
        "item_digest": entry.item_digest.hex() if entry.item_digest else None,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
