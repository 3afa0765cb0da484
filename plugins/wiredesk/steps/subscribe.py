"""Subscribe to feeds, and change what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from wiredesk.errors import ConfigurationError, NotFound
from wiredesk.models import FeedState, Subscribed, Subscription
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.store import feeds, subscriptions
from wiredesk.store.database import Connection, Database
from wiredesk.subscriptions.difference import Difference, FieldChange, change_options, find_difference
from wiredesk.subscriptions.listing import Listed
from wiredesk.subscriptions.urls import feed_url


def subscribe(database: Database, settings: Settings, wanted: Sequence[Subscription], *, clock: Clock = utc_now) -> int:
    """Subscribe to all of these, due at once; return how many were new. All or none."""

    def add(connection: Connection) -> int:
        now = clock()
        ids = [feeds.add_feed(connection, one, interval_s=settings.interval_default_s, now=now) for one in wanted]
        return sum(feed_id is not None for feed_id in ids)

    return database.run(add)


def find_feed(database: Database, name: str) -> Subscribed | None:
    """The feed of this id, this URL as a person types it, or a URL that it has moved away from."""
    names = [name]
    with suppress(ConfigurationError):  # an id is no URL
        names.append(feed_url(name))
    return database.run(subscriptions.find_subscribed, names)


def named_feed(database: Database, name: str) -> Subscribed:
    """`find_feed`; raises NotFound where there is none."""
    found = find_feed(database, name)
    if found is None:
        raise NotFound(f"no feed {name}: name it by URL or id, see `wiredesk feed list`")
    return found


def set_options(
    database: Database, name: str, change: Callable[[Subscription], Subscription]
) -> tuple[Subscribed, tuple[FieldChange, ...]]:
    """Change what is said of a feed; the feed as it was, and the fields that changed. Raises NotFound."""
    feed = named_feed(database, name)
    wanted = replace(change(feed.subscription), url=feed.subscription.url)
    changes = change_options(feed.subscription, wanted)
    if changes:
        database.run(subscriptions.set_options, feed.feed_id, wanted)
    return feed, changes


def stored_listing(database: Database) -> list[Listed]:
    """All feeds as a file would list them."""
    return [Listed(one.subscription, one.state) for one in database.run(subscriptions.read_subscriptions)]


def apply_listing(
    database: Database,
    settings: Settings,
    listed: Sequence[Listed],
    *,
    prune: bool = False,
    is_dry_run: bool = False,
    clock: Clock = utc_now,
) -> Difference:
    """Make the feeds what the listing says, in one transaction; return what was different.

    `prune` pauses the feeds that are polled and not listed; nothing is ever deleted. A dry run only compares.
    Raises ConfigurationError where `prune` would pause everything because nothing is listed.
    """
    if prune and not listed:
        raise ConfigurationError("the file lists no feed, and --prune would pause them all; nothing was changed")

    def apply(connection: Connection) -> Difference:
        stored = subscriptions.read_subscriptions(connection)
        found = find_difference(listed, stored, subscriptions.read_moves(connection))
        if not is_dry_run:
            _apply(connection, settings, found, prune=prune, clock=clock)
        return found

    return database.run(apply)


def _apply(connection: Connection, settings: Settings, found: Difference, *, prune: bool, clock: Clock) -> None:
    now = clock()
    for change in sorted(found.changed, key=lambda change: change.feed_id):
        subscriptions.set_options(connection, change.feed_id, change.wanted)
        feeds.set_state(connection, change.feed_id, change.state, now=now)
    for gone in found.polled_and_gone if prune else ():
        feeds.set_state(connection, gone.feed_id, FeedState.PAUSED, now=now)
    for one in found.added:
        feed_id = feeds.add_feed(connection, one.subscription, interval_s=settings.interval_default_s, now=now)
        if feed_id is not None and one.state is FeedState.PAUSED:
            feeds.set_state(connection, feed_id, one.state, now=now)
