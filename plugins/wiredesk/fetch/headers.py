"""What the request says and what the answer's headers mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version

from wiredesk.models import FetchRequest

# Feeds first, a page where there is no feed. No quality for each type: servers that read it at all look for their own.
ACCEPT_FEED = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"
ACCEPT_TEXT = "text/plain, */*;q=0.5"  # robots.txt

# Longest pause that a server can ask for. Beyond a day a wrong header would silence a feed for good.
LONGEST_WAIT_S = 86_400

# What a 429 without Retry-After is worth: the window that most rate limits count in.
_UNSAID_PAUSE_S = 60

_PRINTABLE = re.compile(r"[\x20-\x7e]+")
_NOT_CACHED = re.compile(r"no-(?:cache|store)", re.IGNORECASE)
_SECONDS = re.compile(r"(\d{1,10})(?:\.\d+)?")
_MAX_AGE = re.compile(r"""(?:^|[\s,;])max-age\s*=\s*"?(\d{1,10})""", re.IGNORECASE)


def user_agent(contact: str) -> str:
    """Who polls, and where its operator can be reached."""
    try:
        release = version("wiredesk")
    except PackageNotFoundError:  # run from a source tree that nobody installed
        release = "dev"
    return f"wiredesk/{release} (+{contact})"


def printable(value: str | None) -> str | None:
    """A header's value exactly as it came, or None where it is not printable ASCII.

    A validator that cannot be stored and sent back byte for byte is worth less than none.
    """
    return value if value and _PRINTABLE.fullmatch(value) else None


def conditional_headers(request: FetchRequest) -> dict[str, str]:
    """If-None-Match and If-Modified-Since with the validators as they came, RFC 9110 section 13.1."""
    pairs = {
        "If-None-Match": printable(request.etag),
        "If-Modified-Since": printable(request.last_modified),
    }
    return {name: value for name, value in pairs.items() if value}


def retry_after_s(headers: Mapping[str, str], now: datetime) -> int | None:
    """Retry-After in seconds from now, in either form of RFC 9110 section 10.2.3, at most a day."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if seconds := _SECONDS.fullmatch(value):
        return min(int(seconds[1]), LONGEST_WAIT_S)
    moment = _http_date(value)
    return None if moment is None else _bounded(moment, now)


def pause_s(status: int, retry_after_s: int | None) -> int | None:
    """For how long an answer asks that its host be left alone; None where it does not.

    429 (RFC 6585 section 4) and 503 (RFC 9110 section 15.6.4) with Retry-After; 429 alone for a minute.
    """
    if status == 429:
        return _UNSAID_PAUSE_S if retry_after_s is None else retry_after_s
    return retry_after_s if status == 503 else None


def max_age_s(headers: Mapping[str, str], now: datetime) -> int | None:
    """For how many more seconds the answer is fresh (RFC 9111 section 4.2), at most a day.

    Cache-Control: max-age less Age, else Expires against the server's own Date. None where the server does
    not say, or forbids caching.
    """
    control = headers.get("Cache-Control", "")
    if _NOT_CACHED.search(control):
        return None
    if age_limit := _MAX_AGE.search(control):
        age = _SECONDS.fullmatch(headers.get("Age", "").strip())
        return min(max(int(age_limit[1]) - (int(age[1]) if age else 0), 0), LONGEST_WAIT_S)
    expires = _http_date(headers.get("Expires", ""))
    if expires is None:
        return None
    return _bounded(expires, _http_date(headers.get("Date", "")) or now)


def _bounded(moment: datetime, now: datetime) -> int:
    return min(max(round((moment - now).total_seconds()), 0), LONGEST_WAIT_S)


def _http_date(value: str) -> datetime | None:
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
