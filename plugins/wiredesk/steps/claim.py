"""Claim the feeds that are due, in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from wiredesk.crashpoints import crash_point
from wiredesk.errors import NotFound
from wiredesk.models import Batch, FeedState
from wiredesk.schedule import cut_batches
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.store import feeds, fetches, status
from wiredesk.store.database import Connection, Database


def due_feeds(database: Database, *, names: Sequence[str] | None = None, clock: Clock = utc_now) -> list[feeds.Claimed]:
    """What `claim_batches` would claim now; writes nothing. Raises NotFound for a name that fits no feed."""
    return database.run(_named_due, names, clock())


def claim_batches(
    database: Database,
    settings: Settings,
    *,
    claimant: str,
    run: str,
    names: Sequence[str] | None = None,
    batch_size: int | None = None,
    clock: Clock = utc_now,
) -> list[Batch]:
    """Claim the feeds that are due and cut them into batches, all feeds of one host in one batch.

    Empty when there is nothing to do at all: no feed is due and no earlier run left anything undone.
    `claimant` runs one `run` at a time. So what its other runs still hold, they died with: their claims are freed,
    and the payloads that they captured and did not load come with the first batch; those of other claimants
    do once their lease is over. A run that asks again gets what it still holds.
    `names` are URLs or ids; feeds that a person names need not be due. Raises NotFound, saying why, for one that
    does not exist or cannot be polled now.
    """

    def claim(connection: Connection) -> tuple[str, list[feeds.Claimed], list[int], bool]:
        now = clock()
        prefix = f"{claimant}/{run}/"
        feeds.release_claims(connection, f"{claimant}/", but=prefix)
        held = feeds.claimed_feeds(connection, prefix)
        # Every claim has a key of its own: a run that a person clears and repeats polls again.
        claim_key = (held[0].claim_key if held else None) or f"{prefix}{now.isoformat()}"
        if not held:
            due = [feed.feed_id for feed in _named_due(connection, names, now)]
            held = feeds.claim_feeds(connection, due, claim_key=claim_key, now=now, lease_s=settings.claim_lease_s)
        pending = fetches.left_over_fetches(
            connection, claimant=f"{claimant}/", now=now, lease_s=settings.claim_lease_s
        )
        crash_point("claim.before_commit")
        return claim_key, held, pending, bool(pending) or status.is_work_left(connection)

    claim_key, held, pending, is_work_left = database.run(claim)
    crash_point("claim.after_commit")
    groups = cut_batches([(feed.feed_id, feed.url) for feed in held], batch_size or settings.batch_size)
    batches = [Batch(claim_key, tuple(group)) for group in groups]
    if not is_work_left:
        return batches
    first = batches[0] if batches else Batch(claim_key, ())
    return [replace(first, fetch_ids=tuple(pending)), *batches[1:]]


def _named_due(connection: Connection, names: Sequence[str] | None, now: datetime) -> list[feeds.Claimed]:
    due = feeds.due_feeds(connection, now=now, names=names)
    if not names:
        return due
    free = {feed.feed_id for feed in due}
    for row in feeds.list_feeds(connection, names):
        if row["feed_id"] not in free:
            raise NotFound(f"cannot poll {row['url']} now: {_obstacle(row)}")
    return due


def _obstacle(row: Mapping[str, Any]) -> str:
    if row["state"] != FeedState.ACTIVE:
        return f"it is {row['state']}; first `wiredesk feed resume {row['url']}`"
    return "another run is polling it; wait for that run to end"
