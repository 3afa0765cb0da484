"""Let go what is old enough: bytes, what was only a note, and of publishers that want it so their news."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from wiredesk.crashpoints import crash_point
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.steps.forget import remove_articles
from wiredesk.store import forget, hosts, retention
from wiredesk.store.database import Connection, Database

# Payloads in one transaction: some seconds of work, so that nobody waits long for a row and a stop loses little.
_BATCH = 5_000
# Articles and others in one transaction. While articles are removed nobody writes articles: less than a second of work.
_NEWS_BATCH = 500


@dataclass(frozen=True, slots=True)
class ExpiredCounts:
    """What retention came to."""

    payloads: int = 0
    stored_bytes: int = 0  # as they lay in the database, compressed
    revisions: int = 0
    articles: int = 0
    changes: int = 0

    def __add__(self, other: ExpiredCounts) -> ExpiredCounts:
        return ExpiredCounts(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(self)))


def expire_payloads(
    database: Database, settings: Settings, *, dry_run: bool = False, clock: Clock = utc_now
) -> ExpiredCounts:
    """Delete the bytes of payloads that were last fetched more than `payload_retention_days` ago, or longer ago than
    their publisher's own retention, a batch in each transaction; a dry run only counts them.

    Their rows, their fetches, and all that was made of them stay. Bytes that are not loaded yet, or of which
    something waits in quarantine, are kept however old they are. The same bytes fetched again are stored again.
    """
    now = clock()
    cutoff = now - timedelta(days=settings.payload_retention_days)

    def expire(connection: Connection) -> ExpiredCounts:
        row = retention.expire_payloads(connection, cutoff=cutoff, now=now, most=_BATCH)
        crash_point("expire.before_commit")
        return ExpiredCounts(**row)

    if dry_run:
        return ExpiredCounts(**database.run(retention.count_expiring, cutoff=cutoff, now=now))
    database.run(hosts.forget_hosts)
    return _until_nothing(database, expire)


def expire_news(database: Database, *, dry_run: bool = False, clock: Clock = utc_now) -> ExpiredCounts:
    """Remove former wordings, articles and changes of publishers that have a retention for them, in this order, a batch
    in each transaction; a dry run only counts what would go first.

    Nothing goes of a publisher without one. The present wording of an article goes only with the article, and that only
    when no feed has carried it for so long: consumers are told `article_removed`, another article leads its story, and
    it does not come back. Changes go that are not needed to tell the stories as they are.
    """
    now = clock()

    def expire_revisions(connection: Connection) -> ExpiredCounts:
        forget.hold_off_forgetting(connection)
        found = retention.expiring_revisions(connection, now=now, most=_NEWS_BATCH)
        retention.expire_revisions(connection, found)
        return ExpiredCounts(revisions=len(found))

    def expire_articles(connection: Connection) -> ExpiredCounts:
        return _expire_articles(connection, now)

    def expire_changes(connection: Connection) -> ExpiredCounts:
        found = retention.expiring_changes(connection, now=now, most=_NEWS_BATCH)
        retention.expire_changes(connection, found)
        return ExpiredCounts(changes=len(found))

    if dry_run:
        return ExpiredCounts(
            revisions=len(database.run(retention.expiring_revisions, now=now, most=None)),
            articles=len(database.run(retention.expiring_articles, now=now, most=None)),
            changes=len(database.run(retention.expiring_changes, now=now, most=None)),
        )
    total = _until_nothing(database, expire_revisions) + _until_nothing(database, expire_articles)
    crash_point("expire_news.after_commit")
    return total + _until_nothing(database, expire_changes)


def _expire_articles(connection: Connection, now: datetime) -> ExpiredCounts:
    forget.lock_forgetting(connection)
    doomed = retention.expiring_articles(connection, now=now, most=_NEWS_BATCH)
    if not doomed:
        return ExpiredCounts()
    entry_ids = retention.expired_entries(connection, [article.article_id for article in doomed])
    remove_articles(
        connection,
        doomed,
        lambda alone: forget.erase_articles(connection, doomed, entry_ids=entry_ids, alone=alone, now=now),
        now=now,
    )
    crash_point("expire_news.before_commit")
    return ExpiredCounts(articles=len(doomed))


def _until_nothing(database: Database, expire: Callable[[Connection], ExpiredCounts]) -> ExpiredCounts:
    total = ExpiredCounts()
    while (counts := database.run(expire)) != ExpiredCounts():
        crash_point("expire.after_commit")
        total += counts
    return total
