"""`wiredesk migrate`, `run` and `expire`: the line without Airflow, for a laptop or cron."""

from __future__ import annotations

import socket
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from wiredesk.cli.show import cell, fail, open_store, table
from wiredesk.errors import WiredeskError
from wiredesk.models import Batch
from wiredesk.session import utc_now
from wiredesk.settings import Settings
from wiredesk.store import status
from wiredesk.store.database import Database, held_lock
from wiredesk.store.migrate import migrate as migrate_schema


def migrate() -> None:
    """Bring the database to this version's schema. Safe to repeat, and to run from several machines at once."""
    applied = migrate_schema(Settings.from_environment().dsn)
    for name in applied:
        print(f"applied {name}")
    print("the schema is up to date" if not applied else f"{len(applied)} applied; the schema is up to date")


def run(
    feed: Annotated[
        list[str] | None,
        typer.Option("--feed", help="Poll this feed (URL or id) now, due or not. Repeatable."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which feeds would be polled.")] = False,
) -> None:
    """Poll the feeds that are due and bring their news to Postgres, once. What cron would call."""
    from wiredesk import steps  # half a second of imports that the other commands need not wait for

    settings, database = open_store()
    with database:
        if dry_run:
            for due in steps.due_feeds(database, names=feed):
                print(f"would poll {due.url}")
            return
        # One run a machine: so whatever an earlier one on this machine still holds, it died with.
        claimant = f"cli@{socket.gethostname()}"
        with held_lock(settings.dsn, f"run {claimant}") as is_held:
            if not is_held:
                fail("another `wiredesk run` is at work on this machine; wait for it, or stop it")
            _run_line(settings, database, claimant, feed)


def expire(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much would go.")] = False,
) -> None:
    """Delete the bytes of payloads older than WIREDESK_PAYLOAD_RETENTION_DAYS, and news that is not kept for ever.

    What was made of payloads stays. Those that are not loaded yet, and those of which something is in quarantine, are
    kept. `wiredesk source HOST --keep-articles DAYS` and its like give a publisher a retention of its own.
    """
    from wiredesk import steps

    settings, database = open_store()
    with database:
        counts = steps.expire_payloads(database, settings, dry_run=dry_run) + steps.expire_news(
            database, dry_run=dry_run
        )
    verb = "would expire" if dry_run else "expired"
    days = settings.payload_retention_days
    print(f"{verb}: {counts.payloads} payloads of more than {days} days ago, {counts.stored_bytes:,} stored bytes")
    if counts.revisions or counts.articles or counts.changes:
        print(f"{verb}: {counts.articles} articles, {counts.revisions} former wordings, {counts.changes} changes")


def index() -> None:
    """Let stories be found by news_v1.search that were told before there was one; apply_retention does so daily."""
    from wiredesk import steps

    _, database = open_store()
    with database:
        print(f"{steps.index_stories(database)} stories indexed")


def resign() -> None:
    """Sign recent articles that lack a signature, or all under the next scheme, which then follows the one in force."""
    from wiredesk import steps

    settings, database = open_store()
    with database:
        counts = steps.resign_articles(database, settings)
    print(f"{counts.signed} articles signed")
    if counts.activated_scheme_id is not None:
        print(f"signature scheme {counts.activated_scheme_id} is in force")


def _run_line(settings: Settings, database: Database, claimant: str, names: list[str] | None) -> None:
    from wiredesk import steps

    started_at = utc_now()
    batches = steps.claim_batches(database, settings, claimant=claimant, run=started_at.isoformat(), names=names)
    if not batches:
        print("nothing to do: no feed is due (see `wiredesk status`)")
        return
    failures = [error for batch in batches if (error := _run_batch(settings, database, batch)) is not None]
    matched = steps.match_articles(database, settings, run=f"{claimant} {started_at:%Y-%m-%dT%H:%MZ}")
    steps.learn_residue(database, settings)
    published = steps.publish_changes(database)
    _report(database, started_at)
    print(f"{matched.new_stories} new stories, {matched.copies} copies, {sum(published.values())} changes published")
    if failures:
        fail(f"{len(failures)} of {len(batches)} batches failed, first: {failures[0]}. Run again to go on")


def _run_batch(settings: Settings, database: Database, batch: Batch) -> WiredeskError | None:
    """Capture and load one batch; its failure must not stop the others."""
    from wiredesk import steps

    try:
        fetch_ids = steps.capture_feeds(database, settings, batch)
        steps.capture_pages(database, settings, fetch_ids)
        counts = steps.load_fetches(database, settings, fetch_ids)
    except WiredeskError as error:
        return error
    told = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in asdict(counts).items())
    print(f"{len(batch.feed_ids)} feeds polled: {told}")
    return None


def _report(database: Database, since: datetime) -> None:
    rows = database.run(status.fetches_since, since)
    shown = [
        {**row, "how": f"quarantined: {row['quarantined']}" if row["quarantined"] else row["outcome"]} for row in rows
    ]
    columns = {
        "title": "feed",
        "how": "ended",
        "reason": "reason",
        "http_status": "HTTP",
        "duration_ms": "ms",
    }
    print(table(shown, {**columns, "entry_count": "entries", "new_entry_count": "new"}))
    for row in rows:
        if row["outcome"] == "failed":
            print(f"  {cell(row['url'])}: {row['detail']}")
