"""Feeds as people subscribe to them: what was said of each, and how its attempts went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from wiredesk.models import FeedState, Subscribed, Subscription
from wiredesk.store.database import Connection
from wiredesk.store.queries import load_queries

SQL = load_queries("subscriptions")


def read_subscriptions(connection: Connection) -> list[Subscribed]:
    """All of them, in order of id."""
    return [_subscribed(row) for row in connection.execute(SQL["select_subscriptions"])]


def read_moves(connection: Connection) -> dict[str, int]:
    """URLs that feeds have left, because their publishers moved them; each with the feed's id."""
    return {row["old_url"]: row["feed_id"] for row in connection.execute(SQL["select_moves"])}


def find_subscribed(connection: Connection, names: Sequence[str]) -> Subscribed | None:
    """The feed that has one of these names: an id, its URL, or a URL that it has left."""
    row = connection.execute(SQL["select_named"], {"names": list(names)}).fetchone()
    return None if row is None else _subscribed(row)


def set_options(connection: Connection, feed_id: int, wanted: Subscription) -> None:
    """Write down what a person says of a feed; its URL stays."""
    connection.execute(SQL["set_options"], {**asdict(wanted), "feed_id": feed_id})


def read_attempts(connection: Connection, feed_id: int, *, limit: int) -> list[dict[str, Any]]:
    """A feed's fetches, newest first."""
    return connection.execute(SQL["select_attempts"], {"feed_id": feed_id, "most": limit}).fetchall()


def _subscribed(row: dict[str, Any]) -> Subscribed:
    said = {field.name: row[field.name] for field in fields(Subscription)}
    return Subscribed(row["feed_id"], Subscription(**said), FeedState(row["state"]))
