"""Learn what each source puts around its stories, once these are told apart."""

from __future__ import annotations

import logging

from wiredesk.clean.learned import LEARNED_TOO_MUCH
from wiredesk.models import PreparedArticle
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.store import residue
from wiredesk.store.database import Database

log = logging.getLogger(__name__)


def learn_residue(database: Database, settings: Settings, *, clock: Clock = utc_now) -> int:
    """Learn the lines that stand in enough stories of their source; how many. They are cut from what is cleaned next.

    What was stored before is as it was: a replay cleans it anew.
    """
    learned = database.run(residue.learn_lines, least_stories=settings.residue_min_stories, now=clock())
    if learned:
        log.info("%s lines were learned to be residue; wiredesk residue SOURCE lists them", learned)
    return learned


def warn_of_bound(prepared: PreparedArticle) -> None:
    """Say that learned residue was left in a text, because it was too much of it."""
    if count := prepared.article.removed.get(LEARNED_TOO_MUCH):
        log.warning(
            "%s: %s learned lines were left, they are too much of the text; wiredesk residue SOURCE lists them",
            prepared.url_key,
            count,
        )
