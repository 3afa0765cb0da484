"""Attempts and the bytes they brought."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from wiredesk.errors import NotFound
from wiredesk.models import Entry, FeedAlarm, FetchKind, FetchOutcome, FetchReason, FetchResult, StoredPage
from wiredesk.store.database import Connection
from wiredesk.store.queries import load_queries
from wiredesk.store.zstd import compress, decompress

SQL = load_queries("fetches")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A feed fetch that a claim has made."""

    fetch_id: int
    feed_id: int
    is_pending: bool  # brought bytes that are not loaded yet


@dataclass(frozen=True, slots=True)
class Capture:
    """A stored payload with all that loading it needs."""

    fetch_id: int
    feed_id: int
    source_id: int
    claim_key: str
    feed_url: str
    feed_language: str | None
    is_full_text: bool
    result: FetchResult  # as it was, body included
    payload_digest: bytes


def store_fetch(
    connection: Connection,
    result: FetchResult,
    *,
    kind: FetchKind,
    feed_id: int,
    claim_key: str,
    entry: Entry | None = None,
) -> int | None:
    """Store one attempt and its payload; return its id, or None where this claim has made it already."""
    body = result.body or b""
    digest = payload_digest(body) if result.outcome is FetchOutcome.FETCHED else None
    row = connection.execute(
        SQL["insert_fetch"],
        {
            "kind": kind,
            "feed_id": feed_id,
            "claim_key": claim_key,
            "entry_key": entry.key if entry else None,
            "entry_digest": entry.digest if entry else None,
            "url": result.url,
            "final_url": result.final_url,
            "started_at": result.started_at,
            "duration_ms": result.duration_ms,
            "outcome": result.outcome,
            "reason": result.reason,
            "http_status": result.http_status,
            "content_type": result.content_type,
            "etag": result.etag,
            "last_modified": result.last_modified,
            "max_age_s": result.max_age_s,
            "retry_after_s": result.retry_after_s,
            "payload_digest": digest,
            "detail": result.detail,
            "body_bytes": result.body_bytes,
            "is_conditional": result.is_conditional,
            "moved_to": result.moved_to,
        },
    ).fetchone()
    if row is None:
        return None
    if digest is not None:
        payload = {"payload_digest": digest, "body": compress(body), "body_bytes": len(body)}
        connection.execute(SQL["insert_payload"], payload)
    return int(row["fetch_id"])


def payload_digest(body: bytes) -> bytes:
    """The address of a payload: SHA-256 of the decoded bytes."""
    return hashlib.sha256(body).digest()


def claim_attempts(connection: Connection, claim_key: str, feed_ids: Sequence[int]) -> list[Attempt]:
    """What this claim has fetched already, so that a task that runs twice does not fetch twice."""
    rows = connection.execute(SQL["select_claim_fetches"], {"claim_key": claim_key, "feed_ids": list(feed_ids)})
    return [
        Attempt(
            row["fetch_id"],
            row["feed_id"],
            row["outcome"] == FetchOutcome.FETCHED and row["loaded_at"] is None,
        )
        for row in rows
    ]


def left_over_fetches(connection: Connection, *, claimant: str, now: datetime, lease_s: int) -> list[int]:
    """Captured payloads that the run which fetched them did not live to load."""
    rows = connection.execute(SQL["select_left_over"], {"claimant": claimant, "now": now, "lease_s": lease_s})
    return [row["fetch_id"] for row in rows]


def read_capture(connection: Connection, fetch_id: int) -> Capture:
    """The stored payload of a feed fetch. Raises NotFound where there is none, or none any more."""
    return _capture(_read_row(connection, fetch_id))


def read_pending(connection: Connection, fetch_id: int) -> Capture | None:
    """The same of one that is not loaded yet, and None of one that is: its bytes may be gone, and nobody needs them."""
    row = _read_row(connection, fetch_id)
    return _capture(row) if row["loaded_at"] is None else None


def _read_row(connection: Connection, fetch_id: int) -> dict[str, Any]:
    row = connection.execute(SQL["select_capture"], {"fetch_id": fetch_id}).fetchone()
    if row is None:
        raise NotFound(f"no stored payload for fetch {fetch_id}")
    return row


def _capture(row: Mapping[str, Any]) -> Capture:
    fetch_id = row["fetch_id"]
    if row["body"] is None:
        raise NotFound(_expired(fetch_id, row["started_at"], row["expired_at"]))
    return Capture(
        fetch_id=fetch_id,
        feed_id=row["feed_id"],
        source_id=row["source_id"],
        claim_key=row["claim_key"],
        feed_url=row["feed_url"],
        feed_language=row["feed_language"],
        is_full_text=row["is_full_text"],
        result=FetchResult(
            url=row["url"],
            outcome=FetchOutcome.FETCHED,
            reason=FetchReason.NEW_BYTES,
            started_at=row["started_at"],
            duration_ms=row["duration_ms"],
            final_url=row["final_url"],
            http_status=row["http_status"],
            body=decompress(row["body"]),
            content_type=row["content_type"],
            etag=row["etag"],
            last_modified=row["last_modified"],
            max_age_s=row["max_age_s"],
            retry_after_s=row["retry_after_s"],
            is_conditional=bool(row["is_conditional"]),
            body_bytes=row["body_bytes"],
            moved_to=row["moved_to"],
        ),
        payload_digest=row["payload_digest"],
    )


def lock_pending(connection: Connection, fetch_id: int) -> bool:
    """Hold the fetch for this transaction; False where somebody has loaded it meanwhile."""
    return connection.execute(SQL["lock_pending"], {"fetch_id": fetch_id}).fetchone() is not None


def finish_fetch(
    connection: Connection,
    fetch_id: int,
    *,
    now: datetime,
    entry_count: int | None,
    new_entry_count: int | None,
    warning: str | None,
    alarms: Sequence[FeedAlarm] = (),
) -> None:
    """Mark a payload as dealt with: its entries are stored, or it is quarantined (counts None)."""
    connection.execute(
        SQL["finish_fetch"],
        {
            "fetch_id": fetch_id,
            "now": now,
            "entry_count": entry_count,
            "new_entry_count": new_entry_count,
            "warning": warning,
            "alarms": list(alarms),
        },
    )


def usual_entry_counts(connection: Connection, capture: Capture, *, most: int) -> list[int]:
    """How many items the feed's loads before this one held, newest first."""
    arguments = {"feed_id": capture.feed_id, "started_at": capture.result.started_at, "most": most}
    return [row["entry_count"] for row in connection.execute(SQL["select_usual_entry_counts"], arguments)]


def read_pages(
    connection: Connection, feed_id: int, entries: Sequence[Entry], *, is_any_wording: bool = False
) -> dict[str, StoredPage]:
    """The stored article pages of these entries, by entry key; with `is_any_wording` also those
    that were fetched at the same URL for another wording.
    """
    given = {"feed_id": feed_id, "entries": _identities(entries), "is_any_wording": is_any_wording}
    rows = connection.execute(SQL["select_pages"], given)
    return {
        row["entry_key"]: StoredPage(row["final_url"] or row["url"], decompress(row["body"]), row["content_type"])
        for row in rows
    }


def asked_pages(connection: Connection, feed_id: int, claim_key: str, entries: Sequence[Entry]) -> set[str]:
    """Keys of the entries whose page is stored, or was asked for under this claim."""
    rows = connection.execute(
        SQL["select_page_attempts"],
        {"feed_id": feed_id, "claim_key": claim_key, "entries": _identities(entries)},
    )
    return {row["entry_key"] for row in rows}


@dataclass(frozen=True, slots=True)
class Replayable:
    """A payload that was loaded, and may be again."""

    fetch_id: int
    feed_url: str
    is_expired: bool  # its bytes are gone


def replayable_fetches(
    connection: Connection, *, since: datetime, until: datetime, feed: str | None
) -> list[Replayable]:
    """The loaded payloads of a stretch of time, oldest first; `feed` is a URL or an id."""
    rows = connection.execute(SQL["select_replayable"], {"since": since, "until": until, "feed": feed})
    return [Replayable(**row) for row in rows]


def _expired(fetch_id: int, started_at: datetime, expired_at: datetime) -> str:
    days = (expired_at - started_at).days
    return (
        f"the payload of fetch {fetch_id} was emptied on {expired_at:%Y-%m-%d}, after {days} days, by its retention "
        "(WIREDESK_PAYLOAD_RETENTION_DAYS) or because it held what was forgotten: its bytes are gone, its row stays"
    )


def _identities(entries: Sequence[Entry]) -> Jsonb:
    rows: list[dict[str, Any]] = [
        {"entry_key": item.key, "entry_digest": item.digest.hex(), "url": item.url} for item in entries
    ]
    return Jsonb(rows)
