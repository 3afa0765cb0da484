"""Sources and feeds: who is polled, when, and by which run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from wiredesk.errors import NotFound
from wiredesk.models import Feed, FeedState, FetchOutcome, FetchReason, FetchResult, Plan, Subscription
from wiredesk.store.database import Connection, one
from wiredesk.store.fetches import Capture
from wiredesk.store.queries import load_queries

SQL = load_queries("feeds")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A feed that a run may poll now."""

    feed_id: int
    url: str
    claim_key: str | None


def add_feed(connection: Connection, wanted: Subscription, *, interval_s: int, now: datetime) -> int | None:
    """Subscribe; return the new feed's id, or None where the URL is subscribed already."""
    host = (urlsplit(wanted.url).hostname or "").removeprefix("www.")
    source = one(connection.execute(SQL["upsert_source"], {"host": host}))
    row = connection.execute(
        SQL["insert_feed"],
        {
            "source_id": source["source_id"],
            "url": wanted.url,
            "title": wanted.title,
            "category": wanted.category,
            "language": wanted.language,
            "is_full_text": wanted.is_full_text,
            "interval_s": interval_s,
            "now": now,
        },
    ).fetchone()
    return None if row is None else int(row["feed_id"])


def list_feeds(connection: Connection, names: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Feeds as news_v1.feeds shows them: all, or those named by URL or id.

    Raises NotFound when a name fits no feed.
    """
    rows = connection.execute(SQL["select_feeds"], {"names": list(names) if names else None}).fetchall()
    known = {row["url"] for row in rows} | {str(row["feed_id"]) for row in rows}
    if missing := [name for name in names or () if name not in known]:
        raise NotFound(f"no feed {', '.join(missing)}: name it by URL or id, see `wiredesk feed list`")
    return rows


def set_state(connection: Connection, feed_id: int, state: FeedState, *, now: datetime) -> bool:
    """Pause or resume; True if that changed anything. A resumed feed starts anew and is due at once."""
    reason = "resumed by a person: due at once" if state is FeedState.ACTIVE else f"{state} by a person"
    done = connection.execute(SQL["set_feed_state"], {"feed_id": feed_id, "state": state, "now": now, "reason": reason})
    return done.rowcount > 0


def read_feeds(connection: Connection, feed_ids: Sequence[int]) -> list[Feed]:
    """What is needed to poll these feeds, in order of id."""
    rows = connection.execute(SQL["select_feed_rows"], {"feed_ids": list(feed_ids)}).fetchall()
    return [
        Feed(
            **{
                **row,
                "state": FeedState(row["state"]),
                "last_reason": FetchReason(row["last_reason"]) if row["last_reason"] else None,
            }
        )
        for row in rows
    ]


def due_feeds(connection: Connection, *, now: datetime, names: Sequence[str] | None = None) -> list[Claimed]:
    """Feeds that a run may claim now, longest waiting first."""
    rows = connection.execute(SQL["select_due"], {"now": now, "names": list(names) if names else None})
    return [Claimed(**row) for row in rows]


def claim_feeds(
    connection: Connection, feed_ids: Sequence[int], *, claim_key: str, now: datetime, lease_s: int
) -> list[Claimed]:
    """Claim what is still free of these feeds; two runs never get the same one."""
    rows = connection.execute(
        SQL["claim_feeds"],
        {"feed_ids": list(feed_ids), "claim_key": claim_key, "now": now, "lease_s": lease_s},
    ).fetchall()
    return [Claimed(**row) for row in rows]


def claimed_feeds(connection: Connection, prefix: str) -> list[Claimed]:
    """Feeds held under a claim key that begins so, and not polled yet."""
    return [Claimed(**row) for row in connection.execute(SQL["select_claimed"], {"prefix": prefix})]


def release_claims(connection: Connection, claimant: str, *, but: str) -> None:
    """Free what is held under claim keys that begin with `claimant`, but not with `but`."""
    connection.execute(SQL["release_claims"], {"claimant": claimant, "but": but})


def plan_feed(connection: Connection, feed_id: int, plan: Plan, *, claim_key: str, result: FetchResult) -> None:
    """Write down one attempt's consequence for the schedule, and end the claim."""
    connection.execute(
        SQL["plan_feed"],
        {
            **_plan_columns(plan),
            "state": plan.state,
            "feed_id": feed_id,
            "claim_key": claim_key,
            "started_at": result.started_at,
            "is_success": result.outcome is not FetchOutcome.FAILED,
        },
    )


def refine_plan(connection: Connection, feed_id: int, plan: Plan, *, started_at: datetime) -> None:
    """Plan again now that it is known how much of the payload was new."""
    connection.execute(SQL["refine_plan"], {**_plan_columns(plan), "feed_id": feed_id, "started_at": started_at})


def keep_validators(connection: Connection, capture: Capture, *, title: str | None, language: str | None) -> None:
    """Remember, with the load that they belong to, the validators to send next time, and the digest."""
    connection.execute(
        SQL["keep_validators"],
        {
            "feed_id": capture.feed_id,
            "started_at": capture.result.started_at,
            "etag": capture.result.etag,
            "last_modified": capture.result.last_modified,
            "payload_digest": capture.payload_digest,
            "title": title,
            "language": language,
        },
    )


def refresh_validators(connection: Connection, feed_id: int, result: FetchResult) -> None:
    """Remember the validators of an answer that said "unchanged"; what it leaves out stays as it was."""
    connection.execute(
        SQL["refresh_validators"],
        {"feed_id": feed_id, "etag": result.etag, "last_modified": result.last_modified},
    )


def _plan_columns(plan: Plan) -> dict[str, Any]:
    return {
        "interval_s": plan.interval_s,
        "failure_count": plan.failure_count,
        "next_fetch_at": plan.next_fetch_at,
        "reason": plan.reason,
    }
