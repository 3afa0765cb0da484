"""Signatures, the band index, matches, and which article tells which story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from wiredesk import PIPELINE_VERSION
from wiredesk.errors import ConfigurationError
from wiredesk.models import Match, Signature, SignatureScheme
from wiredesk.store.database import Connection, advisory_lock
from wiredesk.store.queries import load_queries

SQL = load_queries("stories")


@dataclass(frozen=True, slots=True)
class StoredText:
    """An article as matching sees it."""

    article_id: int
    title: str
    text: str
    told_at: datetime  # published, or first seen where the publisher does not say


def lock_stories(connection: Connection) -> None:
    """One assignment at a time: without it two workers make two originals of one story."""
    advisory_lock(connection, "assign")


def active_scheme(connection: Connection) -> SignatureScheme:
    """The scheme that new articles are signed under."""
    row = connection.execute(SQL["select_active_scheme"]).fetchone()
    if row is None:
        raise ConfigurationError("no active row in desk.signature_schemes: activate one")
    return SignatureScheme(**row)


def store_signatures(
    connection: Connection, scheme: SignatureScheme, signatures: Mapping[int, Signature | None]
) -> None:
    """Replace the signatures of these articles; None where the text is too short to sign."""
    if not signatures:
        return
    connection.execute(SQL["delete_signatures"], {"article_ids": list(signatures), "scheme_id": scheme.scheme_id})
    rows = [
        {
            "article_id": article_id,
            "minima": signature.values.hex(),
            "shingle_count": signature.shingle_count,
            "band_keys": signature.band_keys,
        }
        for article_id, signature in signatures.items()
        if signature is not None
    ]
    connection.execute(SQL["insert_signatures"], {"scheme_id": scheme.scheme_id, "signatures": Jsonb(rows)})


def unassigned_articles(connection: Connection, *, limit: int) -> list[StoredText]:
    """Articles that were not compared yet, oldest first."""
    return [StoredText(**row) for row in connection.execute(SQL["select_unassigned"], {"most": limit})]


def find_candidates(
    connection: Connection, article_ids: Sequence[int], *, scheme: SignatureScheme, window_h: int, most: int
) -> dict[int, list[int]]:
    """For each article the ids of those that share a band with it, most bands first, at most `most`."""
    rows = connection.execute(
        SQL["select_candidates"],
        {
            "article_ids": list(article_ids),
            "scheme_id": scheme.scheme_id,
            "window_h": window_h,
            "most": most,
        },
    )
    candidates: dict[int, list[int]] = {}
    for row in rows:
        candidates.setdefault(row["article_id"], []).append(row["other_id"])
    return candidates


def read_texts(connection: Connection, article_ids: Sequence[int]) -> tuple[dict[int, StoredText], set[int]]:
    """The texts of these articles by id, and which of them have a story already."""
    rows = connection.execute(SQL["select_texts"], {"article_ids": list(article_ids)}).fetchall()
    texts = {
        row["article_id"]: StoredText(row["article_id"], row["title"], row["text"], row["told_at"]) for row in rows
    }
    return texts, {row["article_id"] for row in rows if row["story_id"] is not None}


def store_assignments(
    connection: Connection,
    decisions: Sequence[tuple[int, Match | None]],
    *,
    scheme: SignatureScheme,
    now: datetime,
) -> None:
    """Write decisions in their order: an article without a match starts a story, one with a match joins it."""
    with connection.pipeline():
        for article_id, match in decisions:
            if match is None:
                connection.execute(SQL["start_story"], {"article_id": article_id, "now": now})
                continue
            connection.execute(SQL["insert_match"], _match_columns(match, scheme, now))
            connection.execute(SQL["join_story"], {"article_id": article_id, "other_id": match.other_id, "now": now})


def _match_columns(match: Match, scheme: SignatureScheme, now: datetime) -> dict[str, object]:
    return {
        "article_id": match.article_id,
        "other_id": match.other_id,
        "scheme_id": scheme.scheme_id,
        "relation": match.relation,
        "similarity": match.similarity.jaccard,
        "containment": match.similarity.containment,
        "number_agreement": match.similarity.number_agreement,
        "title_agreement": match.similarity.title_agreement,
        "passages": list(match.passages),
        "now": now,
        "pipeline_version": PIPELINE_VERSION,
    }
