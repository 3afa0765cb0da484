"""Why things are as they are: two articles and their stories, a feed and its next fetch."""

from __future__ import annotations

from wiredesk.explain.feed import explain_feed
from wiredesk.explain.match import Explanation, explain_match, later_of

__all__ = ["Explanation", "explain_feed", "explain_match", "later_of"]
