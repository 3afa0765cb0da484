"""Which addresses may be connected to, decided when the socket is made.

A check of the URL or of a DNS answer is not enough: literals, redirects and rebinding names go round it.
The connector calls the guard with the very address that it is about to connect to, so there is no
second look-up to disagree with the first.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from aiohttp import AddrInfoType
from yarl import URL

from wiredesk.fetch.urls import host_of

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the IPv4 address that is reached
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has ever given out (RFC 4291 section 2.4)
# Interface identifiers of RFC 5214 section 6.1: an IPv4 address follows, which a tunnel would lead to.
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})
# What `is_global` of the Python versions in use lets through, by the IANA special-purpose registries or by what is
# known to answer there.
_REFUSED = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments (RFC 6890); a cloud's metadata is at 192.0.0.192
    IPv4Network("192.88.99.0/24"),  # the relays of 6to4, deprecated (RFC 7526)
    IPv4Network("168.63.129.16/32"),  # a public address that inside a large cloud leads to its host
    IPv6Network("2001::/23"),  # protocol assignments (RFC 2928), Teredo among them
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
)
# Many sites share the addresses of a few delivery networks.
_REMEMBERED = 4096


@dataclass(slots=True)
class Connecting:
    """The connect that a task is busy with: the host it asked for, and the addresses refused so far."""

    host: str
    is_new: bool = False  # a connection was made for it, none that idled was taken
    refused: list[str] = field(default_factory=list)


# aiohttp tries several addresses of a name in child tasks, which inherit this; their exceptions are merged
# into a text, so what was refused is noted here instead.
connecting: ContextVar[Connecting] = ContextVar("connecting")


class AddressGuard:
    """Makes sockets for public addresses and for what `allow_hosts` (names, addresses, CIDRs) admits.

    An allowed name admits whatever it resolves to; an allowed address or CIDR admits every name that leads
    there.
    """

    def __init__(self, allow_hosts: Iterable[str]) -> None:
        self._networks: list[Network] = []
        self._names: set[str] = set()
        for item in allow_hosts:
            try:
                self._networks.append(ip_network(item, strict=False))
            except ValueError:
                self._names.add(_name(item))

    def __call__(self, addr_info: AddrInfoType) -> socket.socket:
        """Make the socket; PermissionError where the address may not be reached."""
        family, kind, protocol, _, target = addr_info
        address = _address(str(target[0]))
        attempt = connecting.get()
        if not self.admits(attempt.host, address):
            attempt.refused.append(str(address))
            raise PermissionError(errno.EACCES, f"{address} is not a public address")
        attempt.is_new = True
        return socket.socket(family, kind, protocol)

    def admits(self, host: str, address: Address) -> bool:
        """Whether a connect to `address`, asked for as `host`, may happen."""
        if host.lower().rstrip(".") in self._names:
            return True
        real = embedded_address(address)
        return is_public(address) or any(real in network or address in network for network in self._networks)


@lru_cache(maxsize=_REMEMBERED)
def _address(text: str) -> Address:
    return ip_address(text.partition("%")[0])  # without an IPv6 zone


def _name(text: str) -> str:
    """A host name as it is looked up; what is none admits nothing."""
    try:
        return host_of(URL.build(scheme="http", host=text))
    except ValueError:
        return text


def embedded_address(address: Address) -> Address:
    """The IPv4 address that an IPv6 form of it leads to (mapped, NAT64, 6to4), or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


@lru_cache(maxsize=_REMEMBERED)
def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet's, and what it leads to is too.

    By the IANA special-purpose registries. `is_global` alone lets multicast, site-local addresses and the deprecated
    IPv4-compatible ::/96 through.
    """
    real = embedded_address(address)
    if isinstance(real, IPv6Address):
        if real not in _GLOBAL_UNICAST:
            return False
        if int(real) >> 32 & 0xFFFFFFFF in _ISATAP and not is_public(IPv4Address(int(real) & 0xFFFFFFFF)):
            return False
    if any(real in network for network in _REFUSED):
        return False
    return real.is_global and not real.is_multicast and not real.is_reserved
