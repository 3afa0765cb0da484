"""Sources and feeds: who is polled, when, and by which run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import psycopg

from wiredesk.errors import NotFound, StoreError
from wiredesk.models import (
    Feed,
    FeedState,
    FetchOutcome,
    FetchReason,
    FetchResult,
    ParsedFeed,
    Plan,
    PollingHints,
    Subscription,
)
from wiredesk.store.database import Connection, advisory_lock, one
from wiredesk.store.fetches import Capture
from wiredesk.store.queries import load_queries

SQL = load_queries("feeds")

_LONGEST_URL_BYTES = 1024  # the CHECK of desk.feeds.url


@dataclass(frozen=True, slots=True)
class Claimed:
    """A feed that a run may poll now."""

    feed_id: int
    url: str
    claim_key: str | None


def add_feed(connection: Connection, wanted: Subscription, *, interval_s: int, now: datetime) -> int | None:
    """Subscribe; return the new feed's id, or None where the URL is subscribed already, or was before it moved."""
    row = connection.execute(
        SQL["insert_feed"],
        {
            "source_id": _source_id(connection, wanted.url),
            "url": wanted.url,
            "title": wanted.title,
            "category": wanted.category,
            "language": wanted.language,
            "is_full_text": wanted.is_full_text,
            "is_conditional": wanted.is_conditional,
            "is_matched": wanted.is_matched,
            "interval_s": interval_s,
            "now": now,
        },
    ).fetchone()
    return None if row is None else int(row["feed_id"])


def list_feeds(connection: Connection, names: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Feeds as news_v1.feeds shows them: all, or those named by URL (also one that it had before it moved) or id.

    Raises NotFound when a name fits no feed.
    """
    rows = connection.execute(SQL["select_feeds"], {"names": list(names) if names else None}).fetchall()
    known = {name for row in rows for name in (row["url"], str(row["feed_id"]), *row["old_urls"])}
    if missing := [name for name in names or () if name not in known]:
        raise NotFound(f"no feed {', '.join(missing)}: name it by URL or id, see `wiredesk feed list`")
    return rows


def source_id_of(connection: Connection, host: str) -> int:
    """The source of that host. Raises NotFound."""
    row = connection.execute(SQL["select_source"], {"host": host}).fetchone()
    if row is None:
        raise NotFound(f"no source {host}: `wiredesk source` lists them")
    return int(row["source_id"])


def set_state(connection: Connection, feed_id: int, state: FeedState, *, now: datetime) -> bool:
    """Pause or resume; True if that changed anything. A resumed feed starts anew and is due at once."""
    reason = "resumed by a person: due at once" if state is FeedState.ACTIVE else f"{state} by a person"
    done = connection.execute(SQL["set_feed_state"], {"feed_id": feed_id, "state": state, "now": now, "reason": reason})
    return done.rowcount > 0


def read_feeds(connection: Connection, feed_ids: Sequence[int]) -> list[Feed]:
    """What is needed to poll these feeds, in order of id."""
    rows = connection.execute(SQL["select_feed_rows"], {"feed_ids": list(feed_ids)}).fetchall()
    return [_feed(row) for row in rows]


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


def held_feeds(connection: Connection, claim_key: str, feed_ids: Sequence[int]) -> list[int]:
    """Which of these feeds the claim still holds."""
    rows = connection.execute(SQL["select_held"], {"claim_key": claim_key, "feed_ids": list(feed_ids)})
    return [row["feed_id"] for row in rows]


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


def defer_feed(connection: Connection, feed_id: int, plan: Plan, *, claim_key: str) -> None:
    """Give a feed back that was not asked, to be claimed again when `plan` says."""
    connection.execute(
        SQL["defer_feed"],
        {
            "feed_id": feed_id,
            "claim_key": claim_key,
            "next_fetch_at": plan.next_fetch_at,
            "reason": plan.reason,
        },
    )


def keep_move(
    connection: Connection,
    feed: Feed,
    result: FetchResult,
    *,
    moved_to: str | None,
    moved_since: datetime | None,
    moved_count: int,
) -> None:
    """Remember where permanent redirects lead; only the newest attempt says so."""
    connection.execute(
        SQL["keep_move"],
        {
            "feed_id": feed.feed_id,
            "started_at": result.started_at,
            "moved_to": moved_to,
            "moved_since": moved_since,
            "moved_count": moved_count,
        },
    )


def move_feed(connection: Connection, feed: Feed, result: FetchResult, new_url: str) -> str | None:
    """Let a feed take a new URL; its old one goes on to find it. Return what a person should know of it.

    None where a newer attempt has decided already. The validators stay: those that came with the last answers are
    of the resource at the new URL, to which the old one only led.
    """
    if len(new_url.encode()) > _LONGEST_URL_BYTES:
        return f"It stays at its URL: the one that it moved to is longer than {_LONGEST_URL_BYTES} bytes."
    arguments = {
        "feed_id": feed.feed_id,
        "source_id": _source_id(connection, new_url),
        "new_url": new_url,
        "started_at": result.started_at,
    }
    try:
        moved = connection.execute(SQL["move_feed"], arguments).fetchone()
    except psycopg.errors.UniqueViolation as error:
        raise StoreError(f"another worker gave {new_url} to another feed at the same moment") from error
    if moved is not None:
        return f"Its publisher has moved it for good: from {feed.url} to {new_url}."
    owner = connection.execute(SQL["select_owner"], {"feed_id": feed.feed_id, "url": new_url}).fetchone()
    if owner is None:
        return None
    return f"It stays at its URL: it has moved to {new_url}, which is feed {owner['feed_id']}; pause one of the two."


def lock_feed(connection: Connection, feed_id: int) -> None:
    """One load of a feed at a time: two would each take the other's entries for unknown."""
    advisory_lock(connection, f"load feed {feed_id}")


def refine_plan(connection: Connection, feed_id: int, plan: Plan, *, started_at: datetime) -> None:
    """Plan again now that it is known how much of the payload was new."""
    connection.execute(SQL["refine_plan"], {**_plan_columns(plan), "feed_id": feed_id, "started_at": started_at})


def keep_validators(connection: Connection, capture: Capture, parsed: ParsedFeed) -> None:
    """Remember, with the load that they belong to, the validators to send next time, the digest, and what the
    payload said of its feed.
    """
    connection.execute(
        SQL["keep_validators"],
        {
            "feed_id": capture.feed_id,
            "started_at": capture.result.started_at,
            "etag": capture.result.etag,
            "last_modified": capture.result.last_modified,
            "payload_digest": capture.payload_digest,
            "floor_s": parsed.hints.floor_s,
            "skip_hours": list(parsed.hints.skip_hours),
            "skip_days": list(parsed.hints.skip_days),
            "title": parsed.title,
            "language": parsed.language,
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
        "news_per_day": plan.news_per_day,
        "judged_at": plan.judged_at,
        "item_count": plan.item_count,
    }


def _source_id(connection: Connection, url: str) -> int:
    """The publisher of a feed at this URL."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return int(one(connection.execute(SQL["upsert_source"], {"host": host}))["source_id"])


def _feed(row: dict[str, Any]) -> Feed:
    hints = PollingHints(row.pop("floor_s"), tuple(row.pop("skip_hours")), tuple(row.pop("skip_days")))
    state, reason = FeedState(row.pop("state")), row.pop("last_reason")
    return Feed(**row, state=state, last_reason=FetchReason(reason) if reason else None, hints=hints)


def feed_facts(connection: Connection, feed_id: int, *, places: Sequence[str], now: datetime) -> dict[str, Any]:
    """What `explain.explain_feed` tells of a feed: its row, its last attempt and week, its host's pause, its alarms.

    `places` are the hosts or domains of which a pause holds for it. Raises NotFound where there is no such feed.
    """
    arguments = {"feed_id": feed_id, "places": list(places), "now": now}
    row = connection.execute(SQL["select_feed_facts"], arguments).fetchone()
    if row is None:
        raise NotFound(f"no feed {feed_id}: see `wiredesk feed list`")
    return {**row, "alarms": connection.execute(SQL["select_feed_alarms"], arguments).fetchall()}
