"""What a site's robots.txt lets wiredesk ask for, by RFC 9309. Pure: fetching and keeping the file is others' work."""

from __future__ import annotations

from math import isfinite

from protego import Protego
from yarl import URL

from wiredesk.fetch.urls import requestable
from wiredesk.models import FetchReason, FetchResult

ROBOTS_BYTES = 500 * 1024  # section 2.5: a crawler reads at least so much
_TOKEN = "wiredesk"  # noqa: S105 (the product token of section 2.2.1, as in the User-Agent)


def robots_url(url: str) -> str:
    """Where the rules for a URL are. Raises FetchError where it is none that wiredesk fetches."""
    return f"{_origin(url)}/robots.txt"


class RobotsRules:
    """The rules of one origin (`https://paper.example`), from the answer to a request for its robots.txt.

    `status` is that of the last answer, None where none came (timeout, DNS, TLS).

    - 2xx: what the body says of `wiredesk`, else of `*`; of a larger file its first 500 KiB (section 2.5)
    - 4xx: everything is allowed, there are no rules (section 2.3.1.3). But for 429: it says "not now", not "no rules"
    - redirects without an end: everything is allowed (section 2.3.1.2)
    - 5xx, no answer, a body that could not be read: nothing is allowed (section 2.3.1.4)
    """

    def __init__(self, origin: str, status: int | None, body: bytes | None) -> None:
        self.origin = _origin(origin)
        self._rules: Protego | None = None
        self._is_open = status is not None and 300 <= status < 500 and status != 429
        if status is not None and 200 <= status < 300 and body is not None:
            # utf-8-sig: a byte order mark would make the first line, mostly the User-agent, unknown
            self._rules = Protego.parse(body[:ROBOTS_BYTES].decode("utf-8-sig", "replace"))

    @classmethod
    def of_result(cls, result: FetchResult) -> RobotsRules:
        """The rules that an attempt at an origin's robots.txt brought. 304 is for those who kept the body."""
        is_endless = result.reason is FetchReason.REDIRECTS
        status = result.http_status
        if status is not None and 300 <= status < 400 and not is_endless:
            status = None  # it led to what could not be asked
        return cls(result.url, status, result.body)

    def allows(self, url: str) -> bool:
        """Whether wiredesk may ask for a URL of this origin.

        Raises ValueError for a URL of another origin, FetchError for what is no URL that wiredesk fetches.
        """
        if _origin(url) != self.origin:
            raise ValueError(f"{url} is not of {self.origin}, whose rules these are")
        if self._rules is None:
            return self._is_open or URL(url).path == "/robots.txt"
        return self._rules.can_fetch(url, _TOKEN)

    @property
    def crawl_delay_s(self) -> float | None:
        """Seconds between two requests that the site asks for. Not in the RFC, but widely said and heeded."""
        delay = None if self._rules is None else self._rules.crawl_delay(_TOKEN)
        return delay if delay is not None and isfinite(delay) and delay > 0 else None


def _origin(url: str) -> str:
    found = requestable(url)
    return str(found.origin()).lower()
