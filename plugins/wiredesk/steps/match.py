"""Compare articles that have no story yet with those that share a band, and assign them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wiredesk.crashpoints import crash_point
from wiredesk.dedup.assign import assign_stories
from wiredesk.dedup.match import MatchRule, take_apart
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.store import changes, stories
from wiredesk.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class MatchCounts:
    """What assigning stories came to."""

    new_stories: int = 0
    copies: int = 0


def match_rule(settings: Settings) -> MatchRule:
    """The thresholds in force."""
    return MatchRule(settings.match_window_h, settings.match_min_containment, settings.match_min_numbers)


def match_articles(database: Database, settings: Settings, *, clock: Clock = utc_now) -> MatchCounts:
    """Give every article that has no story one, oldest first, a batch in each transaction."""
    total = MatchCounts()
    while True:
        counts = database.run(_match_batch, settings, clock())
        crash_point("match.after_commit")
        if counts == MatchCounts():
            return total
        total = MatchCounts(total.new_stories + counts.new_stories, total.copies + counts.copies)


def _match_batch(connection: Connection, settings: Settings, now: datetime) -> MatchCounts:
    stories.lock_stories(connection)
    pending = stories.unassigned_articles(connection, limit=settings.match_batch_size)
    if not pending:
        return MatchCounts()
    scheme = stories.active_scheme(connection)
    order = [article.article_id for article in pending]
    candidates = stories.find_candidates(
        connection, order, scheme=scheme, window_h=settings.match_window_h, most=settings.match_max_candidates
    )
    others = {other_id for found in candidates.values() for other_id in found} - set(order)
    texts, settled = stories.read_texts(connection, sorted(others))
    compared = {
        item.article_id: take_apart(item.article_id, item.title, item.text, item.told_at, words=scheme.shingle_words)
        for item in [*pending, *texts.values()]
        if item.article_id in others or item.article_id in candidates
    }
    decisions = assign_stories(order, candidates, compared, settled, match_rule(settings))
    stories.store_assignments(connection, decisions, scheme=scheme, now=now)
    changes.record_assignments(connection, order, now=now)
    crash_point("match.before_commit")
    copies = sum(match is not None for _, match in decisions)
    return MatchCounts(len(decisions) - copies, copies)
