"""What an exception or a status means: the FetchReason, and the sentence for a person."""

from __future__ import annotations

import ssl

import aiohttp
from yarl import URL

from wiredesk.errors import FetchError
from wiredesk.fetch.guard import Connecting
from wiredesk.fetch.urls import shown
from wiredesk.models import FetchReason

# All that a request can raise: what aiohttp names, what sockets and TLS raise, and names that IDNA refuses.
REQUEST_ERRORS = (aiohttp.ClientError, OSError, UnicodeError)


class ConnectionLost(aiohttp.ClientConnectionError):
    """The peer closed a new connection before it answered. Not one of those after which aiohttp asks again."""


_BY_STATUS = {404: FetchReason.NOT_FOUND, 410: FetchReason.GONE, 429: FetchReason.RATE_LIMITED}


def of_status(url: URL, status: int, phrase: str | None) -> FetchError:
    """The failure that an HTTP status stands for."""
    reason = _BY_STATUS.get(status)
    if reason is None and 400 <= status < 600:
        reason = FetchReason.HTTP_CLIENT if status < 500 else FetchReason.HTTP_SERVER
    text = f"{shown(url)} answered {status} {phrase or ''}".rstrip()
    if reason is None:
        return FetchError(FetchReason.PROTOCOL, f"{text}, which brings no document", http_status=status)
    return FetchError(reason, text, http_status=status)


def of_exception(url: URL, error: BaseException, attempt: Connecting, timeout_s: float) -> FetchError:
    """The failure that an exception of REQUEST_ERRORS stands for."""
    where = shown(url)
    if attempt.refused:
        addresses = ", ".join(attempt.refused)
        return FetchError(
            FetchReason.BLOCKED_ADDRESS,
            f"{where} leads to {addresses}, which is not public, so no connection was made; "
            f"if this is meant, add {url.host} to WIREDESK_ALLOW_HOSTS",
        )
    if isinstance(error, TimeoutError):
        return FetchError(FetchReason.TIMEOUT, f"{where} was not done after {timeout_s:g} s")
    reason, text = _classify(error)
    cause = str(error) or type(error).__name__
    return FetchError(reason, f"{where}: {text} ({cause})")


def _classify(error: BaseException) -> tuple[FetchReason, str]:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return FetchReason.DNS, "the host's name was not resolved"
        case aiohttp.ClientSSLError() | aiohttp.ServerFingerprintMismatch() | ssl.SSLError():
            return FetchReason.TLS, "no trusted TLS connection"
        case ConnectionLost() | aiohttp.ServerDisconnectedError() | aiohttp.ClientConnectionResetError():
            return FetchReason.CONNECT, "the server closed the connection"
        case aiohttp.InvalidURL() | UnicodeError():
            return FetchReason.BAD_URL, "not an address that can be asked"
        case aiohttp.ClientPayloadError() if _is_about_encoding(error):
            return FetchReason.BAD_ENCODING, "its Content-Encoding could not be undone"
        case aiohttp.ClientPayloadError():
            return FetchReason.PROTOCOL, "the answer broke off"
        case aiohttp.ClientConnectionError() | OSError():
            return FetchReason.CONNECT, "no connection"
        case _:
            return FetchReason.PROTOCOL, "the server's answer is not HTTP"


def _is_about_encoding(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, aiohttp.http_exceptions.ContentEncodingError):
            return True
        error = error.__cause__ or error.__context__
    return False
