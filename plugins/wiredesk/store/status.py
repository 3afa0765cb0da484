"""What a person asks the database: how it stands, what went wrong, is it whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wiredesk.errors import ContractViolation
from wiredesk.store.database import Connection, one
from wiredesk.store.queries import load_queries, sql_directory

SQL = load_queries("status")

_HEADER = re.compile(r"^-- (severity|runbook|what): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check of sql/checks and the rows that offend it."""

    name: str
    severity: str  # page: wake somebody; ticket: look at it by day; warning: nothing is broken here, but worth knowing
    what: str
    runbook: str
    rows: list[dict[str, Any]]


def overview(connection: Connection, *, now: datetime) -> dict[str, Any]:
    """Counts of everything that may wait, fail or pile up."""
    return one(connection.execute(SQL["select_overview"], {"now": now}))


def is_work_left(connection: Connection) -> bool:
    """Whether articles wait for a story, or changes for a position."""
    return bool(one(connection.execute(SQL["select_work_left"]))["is_left"])


def open_quarantine(connection: Connection, *, limit: int) -> list[dict[str, Any]]:
    """The newest unresolved items."""
    return connection.execute(SQL["select_quarantine"], {"most": limit}).fetchall()


def newest_copies(connection: Connection, *, limit: int) -> list[dict[str, Any]]:
    """The newest rows of news_v1.copies."""
    return connection.execute(SQL["select_copies"], {"most": limit}).fetchall()


def fetches_since(connection: Connection, since: datetime) -> list[dict[str, Any]]:
    """How each feed fetch since that moment ended."""
    return connection.execute(SQL["select_last_fetches"], {"since": since}).fetchall()


def session(connection: Connection) -> dict[str, Any]:
    """Who we are and what server answers."""
    return one(connection.execute(SQL["select_session"]))


def run_checks(connection: Connection) -> list[CheckResult]:
    """Run every file of sql/checks; a healthy database gives no rows."""
    results = []
    for path in sorted((sql_directory() / "checks").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        header = dict(_HEADER.findall(text))
        rows = connection.execute(text.encode()).fetchall()
        results.append(CheckResult(path.stem, header["severity"], header["what"], header["runbook"], rows))
    return results


def assert_invariants(connection: Connection) -> None:
    """Raise ContractViolation where a check that is more than a warning finds a row: what is promised of the tables."""
    broken = [check for check in run_checks(connection) if check.severity != "warning" and check.rows]
    if broken:
        told = "; ".join(f"{check.name}: {len(check.rows)} rows ({check.what})" for check in broken)
        raise ContractViolation(f"the database does not hold what is promised of it: {told}")
