"""`wiredesk status`, `doctor` and `explain`: what a person asks at 3 a.m."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

import typer

from wiredesk.cli.show import cell, open_store, plain, table
from wiredesk.session import utc_now
from wiredesk.settings import Settings
from wiredesk.store import feeds
from wiredesk.store import status as store_status
from wiredesk.store.database import Database
from wiredesk.store.migrate import check_schema

# Postgres 15 brought UNIQUE NULLS NOT DISTINCT and MERGE; the line is tested on 18 and needs nothing newer.
_OLDEST_SERVER = 150000
_SHOWN = 20


def status(as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """How the desk stands: feeds, what waits, what failed, what was set aside."""
    _, database = open_store()
    with database:
        counts = database.run(store_status.overview, now=utc_now())
        poison = database.run(store_status.open_quarantine, limit=_SHOWN)
        failing = [row for row in database.run(feeds.list_feeds) if row["failure_count"]]
    if as_json:
        print(json.dumps({**counts, "failing": failing, "quarantine": poison}, default=str))
        return
    for name, value in counts.items():
        print(f"{name.replace('_', ' '):<22}{cell(value)}")
    if failing:
        columns = {"url": "failing feed", "last_reason": "reason", "failure_count": "times"}
        print("\n" + table(failing, {**columns, "next_fetch_at": "next try (UTC)"}))
    if poison:
        columns = {"quarantine_id": "quarantined", "kind": "kind", "reason": "reason", "feed_url": "feed"}
        print("\n" + table(poison, {**columns, "detail": "detail"}))


def doctor() -> None:
    """Check settings, connection, rights, schema and the data itself; exit code 1 where anything is wrong.

    A warning is shown and is not wrong.
    """
    settings = Settings.from_environment()
    _say("settings", True, "WIREDESK_* are valid")
    if settings.user_agent_contact == Settings().user_agent_contact:
        print("note settings                set WIREDESK_USER_AGENT_CONTACT before you poll the web")
    problems = 0
    with Database(settings.dsn) as database:
        session = database.run(store_status.session)
        is_new_enough = session["server_version_num"] >= _OLDEST_SERVER
        problems += _say("server", is_new_enough, f"PostgreSQL {session['server_version']} (15 or newer is needed)")
        told = f"{session['login']} acts as {session['acts_as']} in database {session['database']}"
        problems += _say("rights", session["can_write"], told)
        database.run(check_schema)
        _say("schema", True, "is that of this code")
        for check in database.run(store_status.run_checks):
            told = check.what if check.rows else f"no case of: {check.what}"
            if check.rows and check.severity == "warning":
                print(f"note {check.name:<24}{told}")
            else:
                problems += _say(check.name, not check.rows, told)
            for row in check.rows[:_SHOWN]:
                print("         " + ", ".join(f"{name}={cell(value)}" for name, value in row.items()))
            if check.rows:
                print(f"         {len(check.rows)} rows; severity {check.severity}; see {check.runbook}")
    if problems:
        sys.exit(1)


def explain(
    first: Annotated[str, typer.Argument(metavar="A|feed", help="Id of an article; or the word feed.")],
    second: Annotated[str, typer.Argument(metavar="B|FEED", help="Id of another; or the feed's URL or id.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say why: `explain A B` whether two articles tell one story, `explain feed FEED` when it is polled next."""
    if first == "feed":
        _explain_feed(second, as_json=as_json)
    else:
        _explain_match(_article_id(first), _article_id(second), as_json=as_json)


def _explain_match(article: int, other: int, *, as_json: bool) -> None:
    """Each score beside its threshold."""
    from wiredesk.steps.explain import explain_articles

    settings, database = open_store()
    with database:
        explanation = explain_articles(database, settings, article, other)
    print(json.dumps(explanation.as_dict(), default=str) if as_json else explanation.as_text())


def _explain_feed(name: str, *, as_json: bool) -> None:
    from wiredesk.explain import explain_feed
    from wiredesk.fetch.budget import pause_scope

    now = utc_now()
    _, database = open_store()
    with database:
        row = database.run(feeds.list_feeds, [name])[0]
        host = (urlsplit(row["url"]).hostname or "").rstrip(".")
        facts = database.run(feeds.feed_facts, row["feed_id"], places=[host, pause_scope(host)], now=now)
    if as_json:
        print(json.dumps(facts, default=_in_json, ensure_ascii=False))
        return
    print(plain(explain_feed(facts, now=now)))


def _article_id(text: str) -> int:
    if not text.isdecimal():
        raise typer.BadParameter(f"{text!r} is no article's id; for a feed: wiredesk explain feed URL")
    return int(text)


def _in_json(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _say(what: str, is_well: bool, told: str) -> int:
    print(f"{'ok ' if is_well else 'BAD'}  {what:<24}{told}")
    return 0 if is_well else 1
