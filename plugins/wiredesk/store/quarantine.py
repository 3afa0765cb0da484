"""What could not be processed, kept whole with its reason."""

from __future__ import annotations

import hashlib
from datetime import datetime

from wiredesk import PIPELINE_VERSION
from wiredesk.errors import PayloadError
from wiredesk.models import RejectedEntry
from wiredesk.store.database import Connection
from wiredesk.store.fetches import Capture
from wiredesk.store.queries import load_queries

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
