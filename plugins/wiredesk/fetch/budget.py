"""Who may start a request against a host now: few at once, a gap between two starts, silence where it was asked for.

`HostBudget` is what the fetcher asks. `LocalBudget` holds for one process; the one that all workers share lives in
the database and has the same three verbs.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import Protocol

from publicsuffixlist import PublicSuffixList

# How long to wait where nobody can know when a place gets free. The fetcher asks at once when it frees one itself.
_ASK_AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Wait:
    """May not start yet."""

    seconds: float  # ask again after so long
    is_paused: bool  # the host sent Retry-After: do not wait here, defer


class HostBudget(Protocol):
    """Who may start against a host now. Hosts are in lower case and without a trailing dot.

    Calls are synchronous and short. A StoreError that one raises ends the whole batch.
    """

    def try_start(self, host: str) -> str | Wait:
        """A permit, to be given back with `finish`; or how long to wait."""

    def finish(self, host: str, permit: str) -> None:
        """Give a permit back. One that is not held any more is no error."""

    def pause(self, host: str, seconds: int) -> None:
        """Let nobody start against the host, and whatever shares its `pause_scope`, for so long."""


@dataclass(slots=True)
class _Host:
    permits: set[str] = field(default_factory=set)
    free_at: float = 0.0


class LocalBudget:
    """The budget of one process, kept in memory.

    `now` is a monotonic clock in seconds. It remembers every host it was asked for, so it is meant to live as long
    as a batch or a command, not for ever.
    """

    def __init__(
        self, per_host_concurrency: int, per_host_gap_s: float, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._concurrency = per_host_concurrency
        self._gap_s = per_host_gap_s
        self._now = now
        self._hosts: dict[str, _Host] = {}
        self._paused_until: dict[str, float] = {}
        self._numbers = itertools.count(1)

    def try_start(self, host: str) -> str | Wait:
        now = self._now()
        if self._paused_until:
            pause_s = self._paused_until.get(pause_scope(host), now) - now
            if pause_s > 0:
                return Wait(pause_s, is_paused=True)
        state = self._hosts.get(host)
        if state is None:
            state = self._hosts[host] = _Host(free_at=now)
        if len(state.permits) >= self._concurrency:
            return Wait(max(_ASK_AGAIN_S, state.free_at - now), is_paused=False)
        if state.free_at > now:
            return Wait(state.free_at - now, is_paused=False)
        state.free_at = now + self._gap_s
        state.permits.add(permit := str(next(self._numbers)))
        return permit

    def finish(self, host: str, permit: str) -> None:
        if state := self._hosts.get(host):
            state.permits.discard(permit)

    def pause(self, host: str, seconds: int) -> None:
        scope, until = pause_scope(host), self._now() + seconds
        self._paused_until[scope] = max(until, self._paused_until.get(scope, until))


@lru_cache(maxsize=10_000)
def pause_scope(host: str) -> str:
    """What Retry-After from a host holds for: the host, or the whole site where one operator serves many tenants.

    Multi-tenant is what has a suffix in the private section of the Public Suffix List (publicsuffix.org): for
    `paper.blogspot.com` it is `blogspot.com`, the name that its operator registered. `www.paper.co.uk` is itself.
    """
    host = host.lower().rstrip(".")
    try:
        return str(ip_address(host.strip("[]")))
    except ValueError:
        pass
    every_suffix, icann_suffixes = _public_suffixes()
    shared, registry = every_suffix.publicsuffix(host), icann_suffixes.publicsuffix(host)
    if not shared or not registry or len(shared) <= len(registry):
        return host
    return icann_suffixes.privatesuffix(host) or host


@cache
def _public_suffixes() -> tuple[PublicSuffixList, PublicSuffixList]:
    """All rules, and those of registries alone. Read when first needed: it takes a tenth of a second."""
    return PublicSuffixList(), PublicSuffixList(only_icann=True)
