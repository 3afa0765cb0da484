"""Sign articles that are in the store: those that older code left unsigned, and all recent ones under a new scheme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wiredesk.crashpoints import crash_point
from wiredesk.dedup.sign import sign_texts
from wiredesk.models import SignatureScheme
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.store import forget, stories
from wiredesk.store.database import Connection, Database

# As long as the index remembers: what is older is in no partition.
_HISTORY = timedelta(days=28)
# A transaction of a second or so.
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class ResignCounts:
    """What signing anew came to."""

    signed: int = 0
    activated_scheme_id: int | None = None


def sign_articles(
    connection: Connection, texts: Mapping[int, str], scheme: SignatureScheme, settings: Settings, *, now: datetime
) -> int:
    """Sign these texts, by article, and put them into the index; how many were long enough for it."""
    signed = sign_texts(list(texts.values()), scheme, min_words=settings.match_min_words)
    found = {article_id: text.signature for article_id, text in zip(texts, signed, strict=True)}
    stories.store_signatures(connection, scheme, found, now=now)
    return sum(signature is not None for signature in found.values())


def resign_articles(database: Database, settings: Settings, *, clock: Clock = utc_now) -> ResignCounts:
    """Sign recent articles under the next scheme, and let it follow when all are; without one, what lacks a signature.

    The scheme in force finds stories meanwhile: both stand side by side. What is loaded while this runs is signed under
    the scheme in force, so the last batch and the change of scheme are one transaction, under the lock of assignment.
    """
    total = 0
    while True:
        counts = database.run(_resign_batch, settings, clock())
        crash_point("resign.after_commit")
        total += counts.signed
        if counts.signed == 0 or counts.activated_scheme_id is not None:
            return ResignCounts(total, counts.activated_scheme_id)


def expire_postings(database: Database, *, clock: Clock = utc_now) -> bool:
    """Empty the part of the index that is written to next; whether there was anything in it.

    What is left reaches two to four weeks back. Texts, signatures and stories stay: only what is that old is no longer
    found by what is new.
    """
    return database.run(stories.expire_postings, now=clock())


def _resign_batch(connection: Connection, settings: Settings, now: datetime) -> ResignCounts:
    forget.hold_off_forgetting(connection)
    target = stories.schemes(connection)[-1]
    texts = _unsigned(connection, target, settings, now)
    is_last = len(texts) < _BATCH
    if is_last:
        stories.lock_stories(connection)
        texts = _unsigned(connection, target, settings, now)
    signed = sign_articles(connection, texts, target, settings, now=now)
    follows = is_last and target != stories.active_scheme(connection)
    if follows:
        stories.activate_scheme(connection, target.scheme_id)
    crash_point("resign.before_commit")
    return ResignCounts(signed, target.scheme_id if follows else None)


def _unsigned(connection: Connection, scheme: SignatureScheme, settings: Settings, now: datetime) -> dict[int, str]:
    return stories.unsigned_texts(
        connection, scheme, since=now - _HISTORY, min_words=settings.match_min_words, limit=_BATCH
    )
