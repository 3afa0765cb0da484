"""The URL of a feed, as a person types it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from wiredesk.errors import ConfigurationError

_NO_SCHEME = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?:/|$)")
_USER_INFO = re.compile(r"^([^/?#]*//)[^/?#]*@")
_BEFORE_PATH = re.compile(r"^[^/?#]*//[^/?#]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONGEST_URL_BYTES = 1024  # what the database takes as a feed's URL


def feed_url(typed: str) -> str:
    """The http(s) URL that somebody meant. Raises ConfigurationError where there is none that can be stored,
    or where it carries a user name or password.
    """
    url = _as_http(typed.strip())
    if _USER_INFO.search(url):
        bare = _USER_INFO.sub(r"\1", url)[:100]
        raise ConfigurationError(
            f"put credentials nowhere in a feed URL: {bare!r} came with a user name or password, which everybody "
            "who reads the database would see"
        )
    if not _is_http(url):
        bare = re.sub(r"^[^?#]*@", "…@", url)[:100]  # "user:password@host", typed without a scheme
        raise ConfigurationError(f"{bare!r} is no http(s) URL")
    if len(url.encode()) > _LONGEST_URL_BYTES:
        raise ConfigurationError(f"{url[:100]!r}… is longer than {_LONGEST_URL_BYTES} bytes")
    # Scheme and host mean the same in any case (RFC 3986 section 6.2.2.1); the rest is the publisher's.
    return _BEFORE_PATH.sub(lambda found: found[0].lower(), url)


def _as_http(url: str) -> str:
    """`feed://host/…` and `feed:https://…` are what browsers once handed to readers; `host.tld/…` is typed."""
    if _NO_SCHEME.match(url):
        return f"https://{url}"
    if not url.lower().startswith("feed:"):
        return url
    rest = url[len("feed:") :]
    return f"http:{rest}" if rest.startswith("//") else rest


def _is_http(url: str) -> bool:
    if _CONTROL.search(url):  # urlsplit would pass over a line break that the database then keeps
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
