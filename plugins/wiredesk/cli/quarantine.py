"""`wiredesk quarantine`: what could not be processed, tried again, set aside, or kept as a test."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from wiredesk.cli.show import cell, fail, json_lines, open_store, plain, table
from wiredesk.store import quarantine
from wiredesk.store.quarantine import RawSubject

app = typer.Typer(no_args_is_help=True, help="See, retry, drop and export what could not be processed.")

_SHOWN = 50
_HEAD_CHARS = 2_000  # of what is shown; the whole is exported

Id = Annotated[int, typer.Argument(metavar="ID", help="As `wiredesk quarantine list` shows it.", min=1)]
Ids = Annotated[list[int], typer.Argument(metavar="ID...", help="As `wiredesk quarantine list` shows them.")]
Feed = Annotated[str | None, typer.Option(help="Only of this feed: URL or id.")]
Reason = Annotated[str | None, typer.Option(help="Only of this reason.")]


@app.command("list")
def list_(
    feed: Feed = None,
    reason: Reason = None,
    is_all: Annotated[bool, typer.Option("--all", help="Also what was loaded since, or dropped.")] = False,
    most: Annotated[int, typer.Option(help="How many, newest first.", min=1)] = _SHOWN,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """What waits in quarantine, newest first."""
    _, database = open_store()
    with database:
        rows = database.run(quarantine.list_quarantine, feed=feed, reason=reason, is_all=is_all, limit=most)
    if as_json:
        json_lines(rows)
        return
    if not rows:
        print("nothing is in quarantine")
        return
    columns = {"quarantine_id": "id", "quarantined_at": "since (UTC)", "kind": "kind", "reason": "reason"}
    columns |= {"feed_url": "feed", "entry_key": "entry"}
    print(table(rows, {**columns, "resolution": "became"} if is_all else columns))


@app.command()
def show(
    quarantine_id: Id, raw: Annotated[bool, typer.Option("--raw", help="Only the bytes, all of them.")] = False
) -> None:
    """One of them: the reason, where it came from, how it begins, and what to do."""
    subject, row = _read(quarantine_id)
    if raw:
        sys.stdout.buffer.write(subject.body)
        return
    print(f"{row['kind']} {quarantine_id} of {row['feed_url']}")
    print(f"reason      {row['reason']}: {plain(row['detail'])}")
    print(f"since       {cell(row['quarantined_at'])}, fetch {row['fetch_id']} of {subject.url}")
    if row["entry_key"]:
        print(f"entry       {plain(row['entry_key'])}")
    if row["resolution"]:
        why = f": {plain(row['resolved_why'])}" if row["resolved_why"] else ""
        print(f"became      {row['resolution']} by {row['resolved_by']} at {cell(row['resolved_at'])}{why}")
    else:
        print(f"next        wiredesk quarantine retry {quarantine_id}, after an upgrade or a fix; or drop, or export")
    print(f"{len(subject.body)} bytes, which begin:\n{_readable(subject.body)}")


@app.command()
def retry(
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="None: see --all.")] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Everything that waits.")] = False,
    feed: Feed = None,
    reason: Reason = None,
    by: Annotated[str, typer.Option(help="Who tries; your login where it is not given.")] = "",
) -> None:
    """Try again with this release; what can be processed is loaded. Exit code 1 where anything still waits."""
    from wiredesk.steps.quarantine import retry_quarantine

    if not ids and not is_all and feed is None and reason is None:
        fail("name what to retry: ids, --feed, --reason, or --all")
    settings, database = open_store()
    with database:
        done = retry_quarantine(
            database, settings, by=by or getpass.getuser(), quarantine_ids=ids or None, reason=reason, feed=feed
        )
    for one in done:
        print(f"{one.quarantine_id}: {'loaded' if one.is_loaded else f'still waits: {plain(one.detail)}'}")
    waiting = sum(not one.is_loaded for one in done)
    print(f"{len(done) - waiting} loaded, {waiting} still wait")
    if waiting:
        sys.exit(1)


@app.command()
def drop(
    ids: Ids,
    why: Annotated[str, typer.Option(help="The reason; it stands beside it.")],
    by: Annotated[str, typer.Option(help="Who says so; your login where it is not given.")] = "",
) -> None:
    """Set them aside for good: the row and the bytes stay, and nobody is told of them any more."""
    from wiredesk.steps.quarantine import drop_quarantine

    _, database = open_store()
    with database:
        dropped = drop_quarantine(database, ids, by=by or getpass.getuser(), why=why)
    print(f"{len(dropped)} dropped")


@app.command()
def export(
    quarantine_id: Id,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path(),
) -> None:
    """Write the bytes and, beside them, what is known of them: a test fixture, or an attachment to a report."""
    subject, row = _read(quarantine_id)
    output.mkdir(parents=True, exist_ok=True)
    place = output / f"{row['kind']}-{row['reason']}-{row['sha256'][:12]}"
    place.with_suffix(".bin").write_bytes(subject.body)
    about = {name: row[name] for name in ("kind", "reason", "detail", "entry_key", "pipeline_version")}
    about |= {"url": subject.url, "content_type": subject.content_type, "sha256": row["sha256"]}
    about["quarantined_at"] = row["quarantined_at"].isoformat(timespec="seconds")
    place.with_suffix(".json").write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{place.with_suffix('.bin')} and {place.with_suffix('.json').name}")


def _read(quarantine_id: int) -> tuple[RawSubject, dict[str, Any]]:
    _, database = open_store()
    with database:
        subject = database.run(quarantine.read_raw, quarantine_id)
        (row,) = database.run(quarantine.list_quarantine, quarantine_ids=[quarantine_id], is_all=True, limit=1)
    return subject, row


def _readable(body: bytes) -> str:
    lines = body[: 4 * _HEAD_CHARS].decode("utf-8", "replace")[:_HEAD_CHARS].splitlines()
    return "\n".join(f"  {plain(line)}" for line in lines)
