"""Look at a feed, or for the feeds of a site, before anybody subscribes. Nothing is stored.

Asked for by a person who waits, one request after the other, through the same guard and the same budget of each host
as the polling. No robots.txt: an address that a person typed is no crawl (RFC 9309 is about those).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

from wiredesk.bounded import parse_worker
from wiredesk.errors import ConfigurationError, LimitExceeded, PayloadError
from wiredesk.fetch import HostBudget, LocalBudget, fetch_all
from wiredesk.models import FetchRequest, FetchResult, ParsedFeed, PayloadReason
from wiredesk.parse import ParseLimits, parse_entries
from wiredesk.parse.discover import FoundFeed, find_feeds, usual_addresses
from wiredesk.session import Clock, utc_now
from wiredesk.settings import Settings
from wiredesk.subscriptions.outlook import Outlook, look_over
from wiredesk.subscriptions.urls import feed_url

# After the page itself: more would be guessing at the publisher's expense, half a minute of it at the usual gap.
_MOST_GUESSES = 6


@dataclass(frozen=True, slots=True)
class Preview:
    """A feed, as one fetch found it."""

    url: str  # as it was asked for
    save_as: str  # where to subscribe: that URL, or the one that it has moved to for good
    result: FetchResult
    parsed: ParsedFeed
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class NoFeed:
    """Why there is no feed at a URL, and what there is instead."""

    url: str
    result: FetchResult
    problem: str  # for a person: what is wrong, and where
    is_page: bool  # an HTML page, which may name feeds


class Scout:
    """Looks at URLs for one person: one budget, and one process that parses, over all that is asked.

    A context manager: it borrows the process.
    """

    def __init__(self, settings: Settings, *, budget: HostBudget | None = None, clock: Clock = utc_now) -> None:
        self._settings = settings
        self._borrowed = ExitStack()
        self._worker = self._borrowed.enter_context(parse_worker(settings))
        self._budget = budget or LocalBudget(settings.per_host_concurrency, settings.per_host_gap_s)
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._borrowed.close()

    def preview(self, url: str) -> Preview | NoFeed:
        """Fetch once, and say what is there."""
        request = FetchRequest(url)
        (result,) = fetch_all(
            [request], self._settings, max_bytes=self._settings.feed_max_bytes, clock=self._clock, budget=self._budget
        )
        if result.body is None:
            return NoFeed(url, result, result.detail or f"{url} was not fetched ({result.reason})", is_page=False)
        try:
            parsed = self._worker.call(
                parse_entries,
                result.body,
                url=result.final_url or url,
                content_type=result.content_type,
                limits=ParseLimits(max_items=self._settings.feed_max_items),
            )
        except PayloadError as error:
            return NoFeed(url, result, error.detail, is_page=error.reason is PayloadReason.HTML_NOT_FEED)
        except LimitExceeded as error:
            return NoFeed(url, result, f"{url} is not to be read: {error}", is_page=False)
        return Preview(url, _present_url(url, result), result, parsed, look_over(parsed, now=self._clock()))

    def feeds_of_page(self, page: NoFeed) -> tuple[FoundFeed, ...]:
        """The feeds that an HTML page names; where it names none, the first of the usual places that has one."""
        base = page.result.final_url or page.url
        try:
            named: list[FoundFeed] = self._worker.call(find_feeds, page.result.body or b"", base)
        except LimitExceeded:  # made to hurt, so its word is worth nothing
            return ()
        storable = tuple(replace(found, url=feed_url(found.url)) for found in named if _is_storable(found.url))
        return storable or tuple(islice(self._guessed(base), 1))

    def _guessed(self, base: str) -> Iterator[FoundFeed]:
        for url in _guesses(base):
            found = self.preview(url)
            if isinstance(found, Preview):
                yield FoundFeed(found.save_as, found.parsed.title, found.result.content_type)


def _guesses(page_url: str) -> Iterator[str]:
    """Where the site's feed may be: twice below the page itself, then below the front page."""
    below_page = islice(usual_addresses(page_url), 2)
    below_front = usual_addresses(urljoin(page_url, "/"))
    return islice(dict.fromkeys([*below_page, *below_front]), _MOST_GUESSES)


def _present_url(url: str, result: FetchResult) -> str:
    """Where permanent redirects lead, if that can be stored."""
    return feed_url(result.moved_to) if result.moved_to and _is_storable(result.moved_to) else url


def _is_storable(url: str) -> bool:
    try:
        feed_url(url)
    except ConfigurationError:
        return False
    return True
