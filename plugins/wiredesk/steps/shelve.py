"""Articles into their place: new, in a new wording, at a new address, or merely seen again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from wiredesk.clean.urls import url_key
from wiredesk.models import PreparedArticle, SignatureScheme
from wiredesk.prepare import is_revision
from wiredesk.steps.residue import warn_of_bound
from wiredesk.store import articles, forget, residue, stories
from wiredesk.store.articles import StoredArticle
from wiredesk.store.database import Connection
from wiredesk.store.fetches import Capture

T = TypeVar("T")


def shelve_articles(
    connection: Connection,
    capture: Capture,
    prepared: Sequence[PreparedArticle],
    entry_ids: dict[str, int],
    scheme: SignatureScheme,
) -> tuple[int, list[int]]:
    """Insert, revise or merely sight each article; return how many are new and the ids of the revised.

    An article is found by its URL. One whose entry now has another URL, at which nothing is stored, moves there.
    """
    # An entry without an id lost to a newer payload that was loaded first.
    rows = [row for row in prepared if row.entry_keys[0] in entry_ids]
    stored = articles.lock_articles(connection, [row.url_key for row in rows])
    moved = _moved(connection, [row for row in rows if row.url_key not in stored], entry_ids, stored)
    rows = _without_forgotten(connection, capture, rows, entry_ids, stored | moved)
    new = [row for row in rows if row.url_key not in stored and row.url_key not in moved]
    article_ids = articles.insert_articles(connection, capture, [(row, entry_ids[row.entry_keys[0]]) for row in new])
    revisions = []
    for row in rows:
        if (known := stored.get(row.url_key) or moved.get(row.url_key)) is None:
            continue
        article_ids[row.url_key] = known.article_id
        entry_id = entry_ids[row.entry_keys[0]]
        if _is_revised(row, known, entry_id, capture, is_moved=row.url_key in moved):
            revisions.append((row, entry_id, known.article_id))
    revised = articles.revise_articles(connection, capture, revisions)
    resigned = [*new, *(row for row, _, _ in revisions)]
    stories.drop_signatures(connection, scheme, [article_id for _, _, article_id in revisions])
    stories.store_signatures(
        connection,
        scheme,
        {article_ids[row.url_key]: row.signature for row in resigned},
        now=capture.result.started_at,
    )
    pairs = [(article_ids[row.url_key], entry_ids[key]) for row in rows for key in row.entry_keys if key in entry_ids]
    articles.see_articles(connection, capture, pairs)
    residue.see_lines(
        connection,
        capture.source_id,
        [(article_ids[row.url_key], line) for row in rows for line in row.article.edge_lines],
        seen_at=capture.result.started_at,
    )
    for row in rows:
        warn_of_bound(row)
    return len(new), revised


def without_forgotten(
    connection: Connection, capture: Capture, entries: Sequence[T], address: Callable[[T], str | None]
) -> list[T]:
    """Those that may be asked for or kept: what is forgotten, by its address, is not."""
    if not entries:
        return []
    keys = [url_key(address(entry) or "") or "" for entry in entries]
    forgotten = articles.forgotten_keys(connection, capture.source_id, keys)
    return [entry for entry, key in zip(entries, keys, strict=True) if key not in forgotten]


def _without_forgotten(
    connection: Connection,
    capture: Capture,
    rows: Sequence[PreparedArticle],
    entry_ids: dict[str, int],
    known: dict[str, StoredArticle],
) -> list[PreparedArticle]:
    """Those that may be stored. Of the others' entries, which stand already, nothing stays but that they were seen."""
    forgotten = articles.forgotten_keys(connection, capture.source_id, [row.url_key for row in rows])
    # By the address at which it was removed, which is another one where the item has a new link.
    removed = {place: article.url_key for place, article in known.items() if article.is_removed}
    addresses = {**removed, **{key: key for key in forgotten}}
    refused = [row for row in rows if row.url_key in addresses]
    places = {entry_ids[key]: addresses[row.url_key] for row in refused for key in row.entry_keys if key in entry_ids}
    forget.refuse_entries(connection, capture, places, now=capture.result.started_at)
    return [row for row in rows if row.url_key not in addresses]


def _moved(
    connection: Connection,
    rows: Sequence[PreparedArticle],
    entry_ids: dict[str, int],
    stored: dict[str, StoredArticle],
) -> dict[str, StoredArticle]:
    """By new URL key, the article that the same entry gave under another URL.

    Not one that this payload also carries at its old URL: that is an article of another entry now.
    """
    owned = articles.lock_articles_of_entries(connection, [entry_ids[row.entry_keys[0]] for row in rows])
    kept = {article.article_id for article in stored.values()}
    found = {row.url_key: owned.get(entry_ids[row.entry_keys[0]]) for row in rows}
    return {place: article for place, article in found.items() if article and article.article_id not in kept}


def _is_revised(row: PreparedArticle, known: StoredArticle, entry_id: int, capture: Capture, *, is_moved: bool) -> bool:
    seen_at = capture.result.started_at
    # A new address is worth a revision even where the words are the same: consumers follow the log of changes.
    if is_moved and row.text_digest == known.text_digest:
        return seen_at >= known.revised_at
    return is_revision(
        row,
        is_same_entry=known.entry_id == entry_id,
        stored_digest=known.text_digest,
        stored_word_count=known.word_count,
        stored_at=known.revised_at,
        seen_at=seen_at,
    )
