"""What could not be processed, kept whole with its reason."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wiredesk import PIPELINE_VERSION
from wiredesk.errors import NotFound, PayloadError
from wiredesk.models import RejectedEntry
from wiredesk.store.database import Connection
from wiredesk.store.fetches import Capture
from wiredesk.store.queries import load_queries
from wiredesk.store.zstd import decompress

SQL = load_queries("quarantine")


def quarantine_payload(connection: Connection, capture: Capture, error: PayloadError, *, now: datetime) -> int:
    """Keep a payload that no entry could be read from; the bytes stay in desk.payloads. 0: it was known."""
    return _insert(
        connection,
        capture,
        kind="payload",
        subject_digest=capture.payload_digest,
        entry_key=None,
        reason=error.reason,
        detail=error.detail,
        raw=None,
        now=now,
    )


def quarantine_entry(connection: Connection, capture: Capture, rejected: RejectedEntry, *, now: datetime) -> int:
    """Keep one entry that could not be processed, byte for byte. 0: it was known."""
    return _insert(
        connection,
        capture,
        kind="entry",
        subject_digest=hashlib.sha256(rejected.raw).digest(),
        entry_key=rejected.key,
        reason=rejected.reason,
        detail=rejected.detail,
        raw=rejected.raw,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class RawSubject:
    """What is in quarantine, byte for byte, and where it came from."""

    body: bytes
    url: str
    content_type: str | None


def list_quarantine(
    connection: Connection,
    *,
    quarantine_ids: Sequence[int] | None = None,
    reason: str | None = None,
    feed: str | None = None,
    is_all: bool = False,
    limit: int,
) -> list[dict[str, Any]]:
    """What is in quarantine, newest first; with `is_all` also what was loaded since or dropped."""
    given = {
        "quarantine_ids": None if quarantine_ids is None else list(quarantine_ids),
        "reason": reason,
        "feed": feed,
        "is_all": is_all,
        "most": limit,
    }
    return connection.execute(SQL["select_quarantine"], given).fetchall()


def read_raw(connection: Connection, quarantine_id: int) -> RawSubject:
    """The bytes. Raises NotFound where there is no such row, or its payload has expired."""
    row = connection.execute(SQL["select_raw"], {"quarantine_id": quarantine_id}).fetchone()
    if row is None:
        raise NotFound(f"no {quarantine_id} in quarantine: `wiredesk quarantine list` shows what is there")
    if row["raw"] is None:
        raise NotFound(f"the payload of {quarantine_id} has expired: its bytes are gone, its reason stays")
    body = decompress(row["raw"]) if row["is_compressed"] else bytes(row["raw"])
    return RawSubject(body, row["url"], row["content_type"])


def resolve(
    connection: Connection, quarantine_ids: Sequence[int], resolution: str, *, by: str, why: str | None, now: datetime
) -> list[int]:
    """Note what became of them; the ids of those that had waited."""
    given = {"quarantine_ids": list(quarantine_ids), "resolution": resolution, "by": by, "why": why, "now": now}
    return [row["quarantine_id"] for row in connection.execute(SQL["resolve_quarantine"], given)]


def _insert(connection: Connection, capture: Capture, **columns: object) -> int:
    return connection.execute(
        SQL["insert_quarantine"],
        {
            **columns,
            "feed_id": capture.feed_id,
            "fetch_id": capture.fetch_id,
            "pipeline_version": PIPELINE_VERSION,
        },
    ).rowcount
