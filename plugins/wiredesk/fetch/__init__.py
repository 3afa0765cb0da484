"""HTTP for wiredesk: many URLs at once, politely, and nothing but a FetchResult ever comes back.

fetch_each       async iterator: (index, result) as each ends, so that each can be committed as it comes
fetch_each_sync  the same for callers without an event loop
fetch_all        a list in the order of the requests
HostBudget       who may start against a host now; LocalBudget for one process, pause_scope for what Retry-After is of
RobotsRules      what a site's robots.txt lets wiredesk ask for
"""

from wiredesk.fetch.budget import HostBudget, LocalBudget, Wait, pause_scope
from wiredesk.fetch.client import fetch_all, fetch_each, fetch_each_sync
from wiredesk.fetch.headers import ACCEPT_FEED, ACCEPT_PAGE, ACCEPT_TEXT
from wiredesk.fetch.robots import RobotsRules, robots_url

__all__ = [
    "ACCEPT_FEED",
    "ACCEPT_PAGE",
    "ACCEPT_TEXT",
    "HostBudget",
    "LocalBudget",
    "RobotsRules",
    "Wait",
    "fetch_all",
    "fetch_each",
    "fetch_each_sync",
    "pause_scope",
    "robots_url",
]
