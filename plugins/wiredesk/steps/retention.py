"""Let old bytes go, and what was only a note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from wiredesk.crashpoints import crash_point
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.store import hosts, retention
from wiredesk.store.database import Connection, Database

# Payloads in one transaction: some seconds of work, so that nobody waits long for a row and a stop loses little.
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class ExpiredCounts:
    """What retention came to."""

    payloads: int = 0
    stored_bytes: int = 0  # as they lay in the database, compressed

    def __add__(self, other: ExpiredCounts) -> ExpiredCounts:
        return ExpiredCounts(self.payloads + other.payloads, self.stored_bytes + other.stored_bytes)


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
    total = ExpiredCounts()
    while True:
        counts = database.run(expire)
        crash_point("expire.after_commit")
        if counts == ExpiredCounts():
            return total
        total += counts
