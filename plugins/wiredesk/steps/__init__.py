"""The line, one function a task: read, decide, write. What the DAGs and the command line call.

    claim_batches → capture_feeds → capture_pages → load_fetches → match_articles → learn_residue
    → publish_changes

Each step is safe to run twice and to kill anywhere: a transaction is whole or not at all, and what a step
finds done it leaves alone. Steps hand each other ids, never content. Beside the line: `subscribe` adds feeds,
`expire_payloads` lets old bytes go, `expire_news` what a publisher lets nobody keep, `resign_articles` signs anew under
another scheme, `index_stories` lets older stories be found, `correct_story` carries out what a person ruled,
`forget_articles` takes out what must not be kept.
"""

from wiredesk.session import open_database
from wiredesk.steps.capture import capture_feeds
from wiredesk.steps.claim import claim_batches, due_feeds
from wiredesk.steps.forget import Certificate, forget_articles
from wiredesk.steps.load import LoadCounts, load_fetches
from wiredesk.steps.match import MatchCounts, match_articles
from wiredesk.steps.pages import capture_pages
from wiredesk.steps.publish import publish_changes
from wiredesk.steps.replay import ReplayResult, replay_fetches
from wiredesk.steps.residue import learn_residue
from wiredesk.steps.retention import ExpiredCounts, expire_news, expire_payloads
from wiredesk.steps.rulings import RulingResult, correct_story
from wiredesk.steps.search import index_stories
from wiredesk.steps.sign import ResignCounts, expire_postings, resign_articles
from wiredesk.steps.subscribe import subscribe

__all__ = [
    "Certificate",
    "ExpiredCounts",
    "LoadCounts",
    "MatchCounts",
    "ReplayResult",
    "ResignCounts",
    "RulingResult",
    "capture_feeds",
    "capture_pages",
    "claim_batches",
    "correct_story",
    "due_feeds",
    "expire_news",
    "expire_payloads",
    "expire_postings",
    "forget_articles",
    "index_stories",
    "learn_residue",
    "load_fetches",
    "match_articles",
    "open_database",
    "publish_changes",
    "replay_fetches",
    "resign_articles",
    "subscribe",
]
