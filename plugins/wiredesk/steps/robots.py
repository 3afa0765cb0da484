"""What the robots.txt of each site allows, asked for once a day for all workers (RFC 9309, 2.4)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from urllib.parse import urlsplit

from wiredesk.crashpoints import crash_point
from wiredesk.errors import FetchError
from wiredesk.fetch import ACCEPT_TEXT, RobotsRules, fetch_each_sync, robots_url
from wiredesk.fetch.robots import ROBOTS_BYTES
from wiredesk.models import FetchKind, FetchOutcome, FetchReason, FetchRequest, FetchResult
from wiredesk.session import Clock
from wiredesk.settings import Settings
from wiredesk.steps.budget import LONGEST_HOST, SharedBudget
from wiredesk.store import fetches, robots
from wiredesk.store.database import Connection, Database


class Robots:
    """The rules of the origins that a task is about to ask for pages."""

    def __init__(self, rules: dict[str, RobotsRules]) -> None:
        self._rules = rules

    def allows(self, url: str) -> bool | None:
        """Whether a page may be asked for. None: its host wants to be left alone, so the rules are not known yet."""
        place = _place(url)
        if place is None:
            return True  # what is no URL fails by itself, and says better why
        rules = self._rules.get(place)
        return None if rules is None else rules.allows(url)


def read_robots(
    database: Database,
    settings: Settings,
    budget: SharedBudget,
    wanted: Iterable[tuple[str, int, str]],
    clock: Clock,
) -> Robots:
    """The rules for these pages (URL, feed id, claim key): those that are kept, and the others fetched now.

    Each attempt is a row of desk.fetches, of the feed that first wanted it. A site's Crawl-delay widens the gap
    that the budget keeps.
    """
    askers = {place: (feed_id, claim_key) for url, feed_id, claim_key in wanted if (place := _place(url))}
    rules = {f"{kept.origin}/robots.txt": kept for kept in database.run(_kept, list(askers), clock)}
    missing = [place for place in askers if place not in rules]
    requests = [FetchRequest(place) for place in missing]
    limit = settings.page_max_bytes
    with closing(
        fetch_each_sync(requests, settings, max_bytes=limit, clock=clock, budget=budget, accept=ACCEPT_TEXT)
    ) as results:
        for index, result in results:
            if result.outcome is not FetchOutcome.DEFERRED:
                feed_id, claim_key = askers[missing[index]]
                rules[missing[index]] = _keep(database, result, feed_id, claim_key)
    for place, found in rules.items():
        if found.crawl_delay_s:
            budget.widen_gap(urlsplit(place).hostname or "", found.crawl_delay_s)
    return Robots(rules)


def _kept(connection: Connection, places: list[str], clock: Clock) -> list[RobotsRules]:
    origins = [place.removesuffix("/robots.txt") for place in places]
    rows = robots.read_robots(connection, origins, now=clock())
    return [RobotsRules(row.origin, row.http_status, row.body) for row in rows]


def _keep(database: Database, result: FetchResult, feed_id: int, claim_key: str) -> RobotsRules:
    """Commit one attempt and what it says."""

    def store(connection: Connection) -> None:
        fetches.store_fetch(connection, result, kind=FetchKind.ROBOTS, feed_id=feed_id, claim_key=claim_key)
        robots.keep_robots(
            connection,
            result.url.removesuffix("/robots.txt"),
            fetched_at=result.started_at,
            http_status=_status(result),
            body=None if result.body is None else result.body[:ROBOTS_BYTES],
        )
        crash_point("robots.before_commit")

    database.run(store)
    crash_point("robots.after_commit")
    return RobotsRules.of_result(result)


def _status(result: FetchResult) -> int | None:
    """The status as `RobotsRules` reads it: a redirect that led to what could not be asked is no answer."""
    status = result.http_status
    is_redirect = status is not None and 300 <= status < 400
    return None if is_redirect and result.reason is not FetchReason.REDIRECTS else status


def _place(url: str) -> str | None:
    """Where the rules for a URL are; None for what is no URL that wiredesk fetches, or of a host that cannot be."""
    try:
        place = robots_url(url)
    except FetchError:
        return None
    host = (urlsplit(place).hostname or "").rstrip(".")
    return place if 0 < len(host) <= LONGEST_HOST else None
