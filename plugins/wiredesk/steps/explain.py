"""Ask the store all that explains why two articles are one story, or are not."""

from __future__ import annotations

from wiredesk.explain import Explanation, explain_match, later_of
from wiredesk.settings import Settings
from wiredesk.steps.match import match_rule
from wiredesk.store import articles, rulings, stories
from wiredesk.store.database import Connection, Database


def explain_articles(database: Database, settings: Settings, article_id: int, other_id: int) -> Explanation:
    """Compare two stored articles anew, under the thresholds and the scheme in force.

    Raises NotFound where there is no such article.
    """
    return database.run(_explain, settings, article_id, other_id)


def _explain(connection: Connection, settings: Settings, article_id: int, other_id: int) -> Explanation:
    article = articles.read_article(connection, article_id)
    other = articles.read_article(connection, other_id)
    scheme = stories.active_scheme(connection)
    later = later_of(article, other)["article_id"]
    return explain_match(
        article,
        other,
        match_rule(settings),
        scheme,
        uses=stories.find_uses(connection, [later], scheme=scheme).get(later, ()),
        rulings=rulings.rulings_upon(connection, article_id, other_id),
        found=stories.read_match(connection, article_id, other_id),
    )
