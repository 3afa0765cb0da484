"""URLs as they may be requested: http or https, with a host, sent as they were written."""

from __future__ import annotations

import re

from yarl import URL

from wiredesk.errors import FetchError
from wiredesk.models import FetchReason

# All characters that RFC 3986 allows. A URL of only these goes out untouched: "normalizing" %2F or a
# query would ask for something else than the publisher gave.
_RFC_3986 = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_USER_INFO = re.compile(r"^([^/?#]*//)[^/?#]*@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def requestable(text: str) -> URL:
    """The URL to request; FetchError(bad_url) where it is none that wiredesk fetches."""
    text = text.strip()
    if _CONTROL.search(text):
        raise FetchError(FetchReason.BAD_URL, f"{quoted(text)} contains control characters; correct the address")
    try:
        url = URL(text, encoded=bool(_RFC_3986.fullmatch(text)))
        scheme, host, port = url.scheme, url.raw_host, url.port
    except ValueError as error:
        raise FetchError(FetchReason.BAD_URL, f"{quoted(text)} is not a URL: {error}") from error
    if scheme not in {"http", "https"}:
        raise FetchError(FetchReason.BAD_URL, f"{quoted(text)} is neither http nor https; nothing else is fetched")
    if not host or " " in host or not port:
        raise FetchError(FetchReason.BAD_URL, f"{quoted(text)} names no host that can be asked")
    return url.with_fragment(None) if "#" in text else url


def redirect_target(url: URL, location: str) -> URL:
    """Where a redirect leads, vetted like any URL; FetchError where that may not be followed."""
    if not location:
        raise FetchError(FetchReason.REDIRECTS, f"{shown(url)} redirects without saying where to")
    # aiohttp keeps bytes beyond ASCII as surrogates; publishers mean UTF-8 by them (RFC 3987)
    text = location.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    try:
        # yarl looks at the port no sooner than it joins or writes the URL
        target = str(url.join(URL(text, encoded=bool(_RFC_3986.fullmatch(text)))))
    except ValueError as error:
        raise FetchError(
            FetchReason.BAD_URL, f"{shown(url)} redirects to {quoted(text)}, which is no URL: {error}"
        ) from error
    try:
        return requestable(target)
    except FetchError as error:
        raise FetchError(error.reason, f"{shown(url)} redirects, but {error.detail}") from error


def host_of(url: URL) -> str:
    """The host as it is looked up: in lower case, without a trailing dot, IDNA as ASCII, IPv6 without brackets."""
    return (url.raw_host or "").rstrip(".").lower()


def shown(url: URL) -> str:
    """A URL for messages: without the user name and password that it may carry."""
    text = str(url)
    return str(url.with_user(None)) if "@" in text else text


def quoted(text: str) -> str:
    """What may be no URL, for messages: quoted, cut, and without user name and password too."""
    return repr(_USER_INFO.sub(r"\1", text)[:200])
