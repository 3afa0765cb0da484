"""Poll feeds, and commit what came before anybody looks into it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

from wiredesk.crashpoints import crash_point
from wiredesk.fetch import fetch_each_sync
from wiredesk.models import Batch, Feed, FetchKind, FetchOutcome, FetchReason, FetchRequest, FetchResult, Plan
from wiredesk.schedule import follow_move, plan_deferred, plan_next_fetch, sends_validators
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.steps.budget import SharedBudget
from wiredesk.store import feeds, fetches
from wiredesk.store.database import Connection, Database


def capture_feeds(database: Database, settings: Settings, batch: Batch, *, clock: Clock = utc_now) -> list[int]:
    """Poll the batch's feeds, committing each attempt as it ends; return the ids of payloads to load.

    Feeds that the claim has polled or lost are left out. One whose host wants to be left alone is given back, to be
    polled later; that is no attempt.
    """
    attempts = database.run(fetches.claim_attempts, batch.claim_key, batch.feed_ids)
    attempted = {attempt.feed_id for attempt in attempts}
    held = database.run(feeds.held_feeds, batch.claim_key, batch.feed_ids)
    to_poll = database.run(feeds.read_feeds, [feed_id for feed_id in held if feed_id not in attempted])
    now = clock()
    requests = [_request(feed, now, settings) for feed in to_poll]
    pending = [*batch.fetch_ids, *(attempt.fetch_id for attempt in attempts if attempt.is_pending)]
    budget = SharedBudget(database, settings)
    limit = settings.feed_max_bytes
    with closing(fetch_each_sync(requests, settings, max_bytes=limit, clock=clock, budget=budget)) as results:
        for index, result in results:
            fetch_id = _capture_feed(database, settings, to_poll[index], batch.claim_key, result)
            if fetch_id is not None:
                pending.append(fetch_id)
    return sorted(set(pending))


def follow_feed(connection: Connection, feed: Feed, result: FetchResult, plan: Plan) -> Plan:
    """Note where permanent redirects led this usable poll, and move the feed there once that is certain.

    Returns the plan, its reason with what a person should know of a move.
    """
    move = follow_move(feed, result, now=ended_at(result))
    told = feeds.move_feed(connection, feed, result, move.adopt) if move.adopt else None
    feeds.keep_move(
        connection, feed, result, moved_to=move.moved_to, moved_since=move.moved_since, moved_count=move.moved_count
    )
    return replace(plan, reason=f"{plan.reason} {told}") if told else plan


def ended_at(result: FetchResult) -> datetime:
    """When an attempt ended: the moment that its plan counts from, so that a replay plans the same."""
    return result.started_at + timedelta(milliseconds=result.duration_ms)


def _request(feed: Feed, now: datetime, settings: Settings) -> FetchRequest:
    if sends_validators(feed, now=now, settings=settings):
        return FetchRequest(feed.url, feed.etag, feed.last_modified)
    return FetchRequest(feed.url)


def _capture_feed(
    database: Database, settings: Settings, feed: Feed, claim_key: str, result: FetchResult
) -> int | None:
    """Commit one attempt and what follows for the schedule; the fetch's id if it brought bytes to load."""
    result = _same_bytes(feed, result)
    if result.outcome is FetchOutcome.DEFERRED:
        database.run(_defer_feed, feed, claim_key, result)
        crash_point("defer.after_commit")
        return None

    def capture(connection: Connection) -> int | None:
        fetch_id = fetches.store_fetch(
            connection, result, kind=FetchKind.FEED, feed_id=feed.feed_id, claim_key=claim_key
        )
        if fetch_id is None:
            return None
        plan = plan_next_fetch(feed, result, now=ended_at(result), settings=settings)
        if result.outcome is FetchOutcome.UNCHANGED:
            feeds.refresh_validators(connection, feed.feed_id, result)
            plan = follow_feed(connection, feed, result, plan)
        feeds.plan_feed(connection, feed.feed_id, plan, claim_key=claim_key, result=result)
        crash_point("capture.before_commit")
        return fetch_id

    fetch_id = database.run(capture)
    crash_point("capture.after_commit")
    return fetch_id if result.outcome is FetchOutcome.FETCHED else None


def _defer_feed(connection: Connection, feed: Feed, claim_key: str, result: FetchResult) -> None:
    plan = plan_deferred(feed, result, now=ended_at(result))
    feeds.defer_feed(connection, feed.feed_id, plan, claim_key=claim_key)
    crash_point("defer.before_commit")


def _same_bytes(feed: Feed, result: FetchResult) -> FetchResult:
    """A 200 with the bytes that were loaded last is as good as a 304."""
    if result.body is None or fetches.payload_digest(result.body) != feed.payload_digest:
        return result
    return replace(result, outcome=FetchOutcome.UNCHANGED, reason=FetchReason.SAME_BYTES, body=None)
