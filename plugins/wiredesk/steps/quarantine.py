"""What lies in quarantine: tried again with the code of today, or set aside by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wiredesk.errors import ConfigurationError, NotFound
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.steps.publish import publish_changes
from wiredesk.steps.replay import ReplayedPayload, is_rejected_again, replay_payloads
from wiredesk.store import quarantine
from wiredesk.store.database import Database

_MOST = 10_000  # rows in one go; what is left is there the next time


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of one try."""

    quarantine_id: int
    is_loaded: bool
    detail: str  # why not, where it is not


def retry_quarantine(
    database: Database,
    settings: Settings,
    *,
    by: str,
    quarantine_ids: Sequence[int] | None = None,
    reason: str | None = None,
    feed: str | None = None,
    clock: Clock = utc_now,
) -> list[Retried]:
    """Replay the payloads in which they came; what can be processed now is loaded, and leaves the quarantine.

    Of one whose payload has expired nothing can be loaded, and it stays. Raises NotFound for an id that is not open.
    """
    rows = database.run(
        quarantine.list_quarantine, quarantine_ids=quarantine_ids, reason=reason, feed=feed, limit=_MOST
    )
    _all_there(quarantine_ids, [row["quarantine_id"] for row in rows])
    replayed: dict[int, ReplayedPayload | str] = {}
    done: list[Retried] = []
    for row in reversed(rows):
        fetch_id = row["fetch_id"]
        if fetch_id not in replayed:
            try:
                (replayed[fetch_id],) = replay_payloads(database, settings, [fetch_id], dry_run=False, clock=clock)
            except NotFound as error:
                replayed[fetch_id] = str(error)
        done.append(_judge(row, replayed[fetch_id]))
    loaded = [one.quarantine_id for one in done if one.is_loaded]
    database.run(quarantine.resolve, loaded, "loaded", by=by, why=None, now=clock())
    publish_changes(database, clock=clock)
    return done


def drop_quarantine(
    database: Database, quarantine_ids: Sequence[int], *, by: str, why: str, clock: Clock = utc_now
) -> list[int]:
    """Set them aside for good: they stay, with who and why, and wait no more. Raises NotFound for one that does not."""
    if not why.strip() or not by.strip():
        raise ConfigurationError("to drop needs who and why: both stand beside it, for whoever wonders")
    rows = database.run(quarantine.list_quarantine, quarantine_ids=quarantine_ids, limit=_MOST)
    _all_there(quarantine_ids, [row["quarantine_id"] for row in rows])
    return database.run(quarantine.resolve, quarantine_ids, "dropped", by=by, why=why, now=clock())


def _judge(row: Mapping[str, Any], payload: ReplayedPayload | str) -> Retried:
    quarantine_id, entry_key = row["quarantine_id"], row["entry_key"]
    if isinstance(payload, str):
        return Retried(quarantine_id, False, payload)
    if not is_rejected_again(payload, kind=row["kind"], sha256=row["sha256"], entry_key=entry_key):
        return Retried(quarantine_id, True, "")
    again = next((f"{one.reason}: {one.detail}" for one in payload.rejected if one.key == entry_key), None)
    return Retried(quarantine_id, False, payload.error or again or "as before")


def _all_there(wanted: Sequence[int] | None, found: Sequence[int]) -> None:
    if missing := sorted(set(wanted or ()) - set(found)):
        named = ", ".join(map(str, missing))
        raise NotFound(f"not open in quarantine: {named}; `wiredesk quarantine list --all` shows what became of it")
