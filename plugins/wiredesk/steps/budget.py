"""Who may ask a host now, over all tasks of all workers."""

from __future__ import annotations

import hashlib

from wiredesk.crashpoints import crash_point
from wiredesk.fetch.budget import Wait, pause_scope
from wiredesk.settings import Settings
from wiredesk.store import hosts
from wiredesk.store.database import Database

# A permit outlives the deadline of its request by so much: what a slow commit and a busy worker may add.
_LEASE_MARGIN_S = 30.0
# All permits of a host are out: a request takes about a second, so it is asked again after one.
_BUSY_WAIT_S = 1.0
# The longest gap that robots.txt may ask for (Crawl-delay). Beyond it a feed's pages would not fit into a task.
_LONGEST_GAP_S = 60.0
# A host may ask for a day of silence; beyond it a slip of its settings would silence all of its feeds.
_LONGEST_PAUSE_S = 86_400
# Octets of a name in the DNS (RFC 1035, 2.3.4), as text.
LONGEST_HOST = 253


class SharedBudget:
    """A HostBudget that lives in Postgres: `desk.hosts`, one row a host, one statement a call.

    So the limits hold whoever polls: the DAG's mapped tasks, its next run, and `wiredesk run` on a laptop. The
    clock is the database's, because those of workers differ. A permit is a lease: a worker that is killed blocks
    a slot of the host until its request would have timed out, and no longer.

    A host is a name, whatever the port. Retry-After pauses the host, or all tenants of its registrable domain
    where many share one.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._most = settings.per_host_concurrency
        self._gap_s = settings.per_host_gap_s
        self._lease_s = settings.fetch_timeout_s + _LEASE_MARGIN_S
        self._gaps: dict[str, float] = {}

    def widen_gap(self, host: str, seconds: float) -> None:
        """Let at least so many seconds pass after each start of ours, as the host's robots.txt asks; 60 at most."""
        self._gaps[_name(host)] = min(seconds, _LONGEST_GAP_S)

    def try_start(self, host: str) -> str | Wait:
        """A permit for one request against the host now, or how long there is none."""
        host = _name(host)
        gap_s = max(self._gap_s, self._gaps.get(host, 0.0))
        answer = self._database.run(
            hosts.try_start, host, pause_scope(host), most=self._most, gap_s=gap_s, lease_s=self._lease_s
        )
        if isinstance(answer, str):
            crash_point("capture.after_start")
            return answer
        if answer.pause_s > 0:
            return Wait(answer.pause_s, is_paused=True)
        return Wait(answer.gap_s or _BUSY_WAIT_S, is_paused=False)

    def finish(self, host: str, permit: str) -> None:
        """Give a permit back."""
        self._database.run(hosts.finish, _name(host), permit)

    def pause(self, host: str, seconds: int) -> None:
        """Keep everybody away from the host for so long."""
        name = _name(host)
        seconds = min(seconds, _LONGEST_PAUSE_S)
        self._database.run(hosts.pause, pause_scope(name), seconds, reason=f"Retry-After of {name}")


def _name(host: str) -> str:
    """The host's row. A link or a redirect may name a host that cannot be: it has a row like any other."""
    host = host.lower().rstrip(".")
    if 0 < len(host) <= LONGEST_HOST:
        return host
    return f"sha256-{hashlib.sha256(host.encode()).hexdigest()}"
