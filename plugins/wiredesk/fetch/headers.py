"""What the request says and what the answer's headers mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version

from wiredesk.models import FetchRequest

# Longest pause that a server can ask for. Beyond a day a wrong header would silence a feed for good.
LONGEST_WAIT_S = 86_400

_PRINTABLE = re.compile(r"[\x20-\x7e]+")
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
    if seconds := _SECONDS.fullmatch(value):
        return min(int(seconds[1]), LONGEST_WAIT_S)
    moment = _http_date(value)
    return None if moment is None else _bounded(moment, now)


def max_age_s(headers: Mapping[str, str], now: datetime) -> int | None:
    """For how many more seconds the answer is fresh (RFC 9111 section 4.2), at most a day.

    Cache-Control: max-age less Age, else Expires against the server's own Date. None where the server does
    not say, or forbids caching.
    """
    control = headers.get("Cache-Control", "")
    if re.search(r"no-(?:cache|store)", control, re.IGNORECASE):
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
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
