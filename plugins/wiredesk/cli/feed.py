"""`wiredesk feed …`: who is polled."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wiredesk.cli.show import fail, open_store, table
from wiredesk.models import FeedState, Subscription
from wiredesk.session import utc_now
from wiredesk.store import feeds
from wiredesk.subscriptions import feed_url, read_opml, write_opml

app = typer.Typer(no_args_is_help=True, help="Add, list, pause, resume, import and export feeds.")

Names = Annotated[list[str], typer.Argument(metavar="FEED...", help="URL or id.")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Address of the feed.")],
    title: Annotated[str | None, typer.Option(help="Name to show; otherwise the feed's own.")] = None,
    category: Annotated[str | None, typer.Option(help="Folder; levels separated by a slash.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47 tag; otherwise the feed's own.")] = None,
    full_text: Annotated[bool, typer.Option("--full-text", help="Fetch the article pages too.")] = False,
) -> None:
    """Subscribe to a feed. It is polled with the next run."""
    wanted = Subscription(url=feed_url(url), title=title, category=category, language=language, is_full_text=full_text)
    if not _subscribe([wanted]):
        fail(f"{wanted.url} is subscribed already: see `wiredesk feed list`")
    print(f"added {wanted.url}; it is due now")


@app.command("list")
def list_() -> None:
    """All feeds with their state, how they ended last and when they are due."""
    _, database = open_store()
    with database:
        rows = database.run(feeds.list_feeds)
    columns = {
        "feed_id": "id",
        "url": "url",
        "state": "state",
        "last_outcome": "last",
        "last_reason": "reason",
    }
    print(table(rows, {**columns, "next_fetch_at": "next (UTC)"}) if rows else "no feeds: wiredesk feed add URL")


@app.command()
def pause(names: Names) -> None:
    """Stop polling feeds until they are resumed."""
    _set_state(names, FeedState.PAUSED)


@app.command()
def resume(names: Names) -> None:
    """Poll feeds again, from the next run on; also those that had retired."""
    _set_state(names, FeedState.ACTIVE)


@app.command("import")
def import_(file: Annotated[Path, typer.Argument(help="OPML file; - for standard input.")]) -> None:
    """Subscribe to all feeds of an OPML file; those subscribed already stay as they are."""
    wanted = read_opml(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    added = _subscribe(wanted)
    print(f"{added} feeds added, {len(wanted) - added} were subscribed already")


@app.command("export")
def export() -> None:
    """Write all feeds to standard output as OPML."""
    _, database = open_store()
    with database:
        rows = database.run(feeds.list_feeds)
    names = ("url", "title", "category", "language", "is_full_text")
    sys.stdout.buffer.write(write_opml([Subscription(**{name: row[name] for name in names}) for row in rows]))


def _subscribe(wanted: list[Subscription]) -> int:
    from wiredesk.steps.subscribe import subscribe  # the steps take half a second to import

    settings, database = open_store()
    with database:
        return subscribe(database, settings, wanted)


def _set_state(names: list[str], state: FeedState) -> None:
    _, database = open_store()
    with database:
        for row in database.run(feeds.list_feeds, names):
            feed_id = row["feed_id"]
            changed = database.run(feeds.set_state, feed_id, state, now=utc_now())
            print(f"{row['url']}: {state}" if changed else f"{row['url']}: was {state} already")
