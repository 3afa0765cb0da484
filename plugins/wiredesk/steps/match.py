"""Compare articles that have no story yet with those that share a hash, and assign them.

All comparing is done before the lock of assignment is taken: matches do not depend on who has which story, and a match
that another worker finds meanwhile is in the table when its turn comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wiredesk.crashpoints import crash_point
from wiredesk.dedup.assign import assign_stories
from wiredesk.dedup.match import ComparedText, take_apart, verify_match
from wiredesk.dedup.rule import RULE_FIELDS, MatchRule
from wiredesk.dedup.templates import Use, template_fingerprints
from wiredesk.models import Match, SignatureScheme
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.steps.sign import sign_articles
from wiredesk.store import changes, forget, stories
from wiredesk.store.database import Connection, Database
from wiredesk.store.stories import StoredText


@dataclass(frozen=True, slots=True)
class MatchCounts:
    """What assigning stories came to."""

    new_stories: int = 0
    copies: int = 0
    compared_again: int = 0  # articles whose text had changed


def match_rule(settings: Settings) -> MatchRule:
    """The thresholds in force."""
    return MatchRule(**{name: getattr(settings, f"match_{name}") for name in RULE_FIELDS})


def match_articles(
    database: Database, settings: Settings, *, run: str = "by hand", clock: Clock = utc_now
) -> MatchCounts:
    """Give every article that has no story one, oldest first, a batch in each transaction; then compare again those
    whose text has changed. What they matched before they match still: a copy of what was told once is a copy. `run` is
    kept with each match that it finds.
    """
    total = MatchCounts()
    while True:
        counts = database.run(_match_batch, settings, run, clock())
        crash_point("match.after_commit")
        if counts == MatchCounts():
            return total
        total = MatchCounts(
            total.new_stories + counts.new_stories,
            total.copies + counts.copies,
            total.compared_again + counts.compared_again,
        )


def find_matches(
    connection: Connection, pending: Sequence[StoredText], settings: Settings, scheme: SignatureScheme
) -> list[Match]:
    """Every verified match of these articles with any other, whether it has a story or not."""
    rule = match_rule(settings)
    uses = stories.find_uses(connection, [text.article_id for text in pending], scheme=scheme)
    candidates = {text.article_id: _candidates(text, uses.get(text.article_id, ()), settings) for text in pending}
    own = {text.article_id: text for text in pending}
    others = {use.article_id for found in candidates.values() for use in found}
    texts = own | stories.read_texts(connection, others - own.keys())
    needed = others | {article_id for article_id, found in candidates.items() if found}
    compared = {article_id: _taken_apart(texts[article_id], scheme) for article_id in needed if article_id in texts}
    matches: dict[tuple[int, int], Match | None] = {}
    for article_id, found in candidates.items():
        for use in found:
            pair = (min(article_id, use.article_id), max(article_id, use.article_id))
            if pair not in matches and use.article_id in compared:
                matches[pair] = _match(compared, texts, article_id, use.article_id, uses[article_id], rule)
    return [match for match in matches.values() if match is not None]


def reassign(connection: Connection, article_ids: Sequence[int], *, now: datetime) -> list[stories.StoryChange]:
    """Decide anew on the stories of these articles; write and record what changes. Call it under `lock_stories`."""
    before = stories.read_concerned(connection, article_ids)
    assignment = assign_stories(before.members, before.edges, before.leads, before.rulings)
    changed = stories.store_assignment(connection, before, assignment, now=now)
    changes.record_stories(connection, changed, now=now)
    return changed


def assign_articles(
    connection: Connection,
    texts: Sequence[StoredText],
    settings: Settings,
    scheme: SignatureScheme,
    *,
    run: str,
    now: datetime,
) -> list[stories.StoryChange]:
    """Compare these articles with all others, keep what matches, and decide on their stories."""
    matches = find_matches(connection, texts, settings, scheme)
    stories.lock_stories(connection)
    stories.store_matches(connection, matches, scheme=scheme, run=run, now=now)
    return reassign(connection, [text.article_id for text in texts], now=now)


def _match_batch(connection: Connection, settings: Settings, run: str, now: datetime) -> MatchCounts:
    forget.hold_off_forgetting(connection)
    scheme = stories.active_scheme(connection)
    new = stories.claim_unassigned(connection, scheme, limit=settings.match_batch_size)
    revised = stories.claim_revised(connection, scheme, limit=settings.match_batch_size - len(new))
    pending = [*new, *revised]
    if not pending:
        return MatchCounts()
    unsigned = {text.article_id: text.text for text in pending if not text.is_signed}
    sign_articles(connection, unsigned, scheme, settings, now=now)
    changed = assign_articles(connection, pending, settings, scheme, run=run, now=now)
    crash_point("match.before_commit")
    begun = sum(change.kind == "article_added" for change in changed)
    return MatchCounts(begun, len(new) - begun, len(revised))


def _candidates(text: StoredText, uses: Sequence[Use], settings: Settings) -> list[Use]:
    """Those told within the window that share most."""
    window = timedelta(hours=settings.match_window_h)
    first, last = (text.told_at - window).date(), (text.told_at + window).date()
    return [use for use in uses if first <= use.told_on <= last][: settings.match_max_candidates]


def _taken_apart(text: StoredText, scheme: SignatureScheme) -> ComparedText:
    return take_apart(text.article_id, text.title, text.text, text.told_at, source_id=text.source_id, scheme=scheme)


def _match(
    compared: Mapping[int, ComparedText],
    texts: Mapping[int, StoredText],
    article_id: int,
    other_id: int,
    uses: Sequence[Use],
    rule: MatchRule,
) -> Match | None:
    """The later of the two matches the earlier, whichever is new here."""
    one, other = compared[article_id], compared[other_id]
    story_of = {found: texts[found].story_id for found in (article_id, other_id)}
    templates = template_fingerprints(one, other, uses, story_of, min_titles=rule.min_titles)
    later, earlier = sorted((article_id, other_id), key=lambda found: _told(texts[found]), reverse=True)
    return verify_match(compared[later], compared[earlier], rule, templates)


def _told(text: StoredText) -> tuple[datetime, str]:
    return (text.told_at, text.url_key)
