"""A person's word on a story: keep together, keep apart, pin the lead, no news; and taking it back.

It is kept with who said it and why, outranks every match from then on, and is carried out at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wiredesk.errors import ConfigurationError
from wiredesk.session import Clock, utc_now
from wiredesk.steps.match import reassign
from wiredesk.store import articles, changes, rulings, stories
from wiredesk.store.database import Connection, Database
from wiredesk.store.rulings import KINDS, PAIR_KINDS, Ruling
from wiredesk.store.stories import StoryChange


@dataclass(frozen=True, slots=True)
class RulingResult:
    """What a ruling came to, or would come to."""

    ruling_id: int
    is_dry_run: bool
    changes: tuple[StoryChange, ...]


def rule(
    database: Database,
    ruling: Ruling,
    *,
    why: str,
    by: str,
    dry_run: bool = True,
    clock: Clock = utc_now,
) -> RulingResult:
    """Keep a ruling and carry it out; a dry run says what would change and leaves all as it is.

    Raises NotFound where there is no such article, and ConfigurationError where the ruling makes no sense or another
    one upon the same articles is in force.
    """
    _check(ruling, why, by)

    def carry_out(connection: Connection) -> RulingResult:
        with connection.transaction(force_rollback=dry_run):
            return _carry_out(connection, ruling, why, by, clock(), is_dry_run=dry_run)

    return database.run(carry_out)


def undo_ruling(
    database: Database, ruling_id: int, *, by: str, dry_run: bool = True, clock: Clock = utc_now
) -> RulingResult:
    """Take a ruling back, and decide on its articles as if it had not been. Raises NotFound."""

    def carry_out(connection: Connection) -> RulingResult:
        now = clock()
        with connection.transaction(force_rollback=dry_run):
            stories.lock_stories(connection)
            undone = rulings.undo_ruling(connection, ruling_id, undone_by=by, now=now)
            shown = _seen(connection, "article_added", undone, now)
            return RulingResult(ruling_id, dry_run, (*shown, *reassign(connection, _articles(undone), now=now)))

    return database.run(carry_out)


def correct_story(
    database: Database,
    *,
    action: str,
    article_id: int | None,
    other_id: int | None,
    ruling_id: int | None,
    by: str,
    why: str,
    dry_run: bool,
    clock: Clock = utc_now,
) -> RulingResult:
    """Rule, or undo a ruling, as one call: what a form asks for. Raises ConfigurationError where something lacks."""
    if action == "undo":
        if ruling_id is None or not by.strip():
            raise ConfigurationError("undo needs the id of a ruling, and who undoes it")
        return undo_ruling(database, ruling_id, by=by, dry_run=dry_run, clock=clock)
    if article_id is None:
        raise ConfigurationError(f"{action} needs the id of an article")
    return rule(database, Ruling(action, article_id, other_id), why=why, by=by, dry_run=dry_run, clock=clock)


def _check(ruling: Ruling, why: str, by: str) -> None:
    if ruling.kind not in KINDS:
        raise ConfigurationError(f"{ruling.kind!r} is no ruling; there are {', '.join(KINDS)}")
    if (ruling.kind in PAIR_KINDS) != (ruling.other_id is not None):
        wanted = "two articles" if ruling.kind in PAIR_KINDS else "one article"
        raise ConfigurationError(f"{ruling.kind} is upon {wanted}")
    if ruling.article_id == ruling.other_id:
        raise ConfigurationError(f"article {ruling.article_id} twice: {ruling.kind} is upon two articles")
    if not why.strip() or not by.strip():
        raise ConfigurationError("a ruling needs who and why: both stand beside it, for whoever wonders")


def _carry_out(
    connection: Connection, ruling: Ruling, why: str, by: str, now: datetime, *, is_dry_run: bool
) -> RulingResult:
    stories.lock_stories(connection)
    for article_id in _articles(ruling):
        articles.read_article(connection, article_id)
    ruling_id = rulings.add_ruling(connection, ruling, why=why, ruled_by=by, now=now)
    if ruling_id is None:
        raise ConfigurationError(
            f"a ruling upon {' and '.join(map(str, _articles(ruling)))} is in force already: "
            "`wiredesk story rulings` shows it, `wiredesk story undo` takes it back"
        )
    changed = reassign(connection, _articles(ruling), now=now)
    return RulingResult(ruling_id, is_dry_run, (*changed, *_seen(connection, "article_removed", ruling, now)))


def _seen(connection: Connection, kind: str, ruling: Ruling, now: datetime) -> list[StoryChange]:
    """Where it is of what is no news: the change that says that consumers see the article no more, or again."""
    if ruling.kind != "not_news":
        return []
    story_id = articles.read_article(connection, ruling.article_id)["story_id"]
    changed = [StoryChange(kind, story_id, ruling.article_id)] if story_id is not None else []
    changes.record_stories(connection, changed, now=now)
    return changed


def _articles(ruling: Ruling) -> list[int]:
    return [article_id for article_id in (ruling.article_id, ruling.other_id) if article_id is not None]
