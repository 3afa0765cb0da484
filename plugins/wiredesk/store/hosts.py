"""The budget of each host: one row that all workers share, by the database's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from wiredesk.store.database import Connection, one
from wiredesk.store.queries import load_queries

SQL = load_queries("hosts")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no request may start against a host now, in seconds from now; 0 where it is not the reason."""

    pause_s: float  # the host asked to be left alone
    gap_s: float  # the last request started too short ago; where this is 0 too, too many are under way


def try_start(
    connection: Connection, host: str, scope: str, *, most: int, gap_s: float, lease_s: float
) -> str | Refusal:
    """A permit for one request, unless the host is paused, was asked a moment ago, or has `most` under way.

    `scope` is where a pause of this host is kept: the host itself, or its registrable domain. The permit lasts
    for `lease_s` seconds; after that it blocks nobody, so that a killed worker does not.
    """
    permit = uuid4().hex
    arguments = {"host": host, "places": [host, scope], "permit": permit, "most": most}
    row = one(connection.execute(SQL["try_start"], {**arguments, "gap_s": gap_s, "lease_s": lease_s}))
    return permit if row["is_started"] else Refusal(max(row["pause_s"], 0.0), max(row["gap_s"], 0.0))


def finish(connection: Connection, host: str, permit: str) -> None:
    """Give a permit back."""
    connection.execute(SQL["finish"], {"host": host, "permit": permit})


def pause(connection: Connection, scope: str, seconds: float, *, reason: str) -> None:
    """Let nobody ask this host, or the hosts of this domain, for so long; a longer pause in force stays."""
    connection.execute(SQL["pause"], {"host": scope, "seconds": seconds, "reason": reason})


def forget_hosts(connection: Connection) -> int:
    """Drop hosts that nobody has asked for a day; return how many."""
    return connection.execute(SQL["forget_hosts"]).rowcount
