"""HTTP for wiredesk: many URLs at once, politely, and nothing but a FetchResult ever comes back.

fetch_each       async iterator: (index, result) as each ends, so that each can be committed as it comes
fetch_each_sync  the same for callers without an event loop
fetch_all        a list in the order of the requests
"""

from wiredesk.fetch.client import fetch_all, fetch_each, fetch_each_sync

__all__ = ["fetch_all", "fetch_each", "fetch_each_sync"]
