"""`wiredesk feed …`: who is polled."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from wiredesk.cli import feed_add, feed_files
from wiredesk.cli.show import cell, fail, json_lines, open_store, plain, table
from wiredesk.models import FeedState, Subscription
from wiredesk.session import utc_now
from wiredesk.store import feeds, subscriptions

app = typer.Typer(no_args_is_help=True, help="Add, list, pause, resume, import, export and apply feeds.")
app.command()(feed_add.add)
app.command()(feed_add.discover)
app.command("import")(feed_files.import_)
app.command()(feed_files.export)
app.command()(feed_files.apply)

Name = Annotated[str, typer.Argument(metavar="FEED", help="URL or id.")]
Names = Annotated[list[str], typer.Argument(metavar="FEED...", help="URL or id.")]


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


@app.command("set")
def set_(
    name: Name,
    title: Annotated[str | None, typer.Option(help="Name to show; empty: the feed's own.")] = None,
    category: Annotated[str | None, typer.Option(help="Folder; levels separated by a slash; empty: none.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47 tag; empty: the feed's own.")] = None,
    full_text: Annotated[
        bool | None, typer.Option("--full-text/--no-full-text", help="Fetch the article pages too.")
    ] = None,
    conditional: Annotated[
        bool | None,
        typer.Option("--conditional/--no-conditional", help="Send validators; not where the server lies about them."),
    ] = None,
    match: Annotated[
        bool | None,
        typer.Option("--match/--no-match", help="Compare its articles; if not, each is a story of its own."),
    ] = None,
) -> None:
    """Change what is said of a feed; it counts from the next poll on."""
    from wiredesk.steps.subscribe import set_options
    from wiredesk.subscriptions.listing import category_of

    texts = {"title": title, "language": language}
    flags = {"is_full_text": full_text, "is_conditional": conditional, "is_matched": match}
    given: dict[str, str | bool | None] = {key: text.strip() or None for key, text in texts.items() if text is not None}
    given |= {key: flag for key, flag in flags.items() if flag is not None}
    if category is not None:
        given["category"] = category_of(category)
    if not given:
        fail("nothing to set: name at least one option, see `wiredesk feed set --help`")

    def change(said: Subscription) -> Subscription:
        return replace(said, **given)  # type: ignore[arg-type]

    _, database = open_store()
    with database:
        feed, changes = set_options(database, name, change)
    print(feed.subscription.url if changes else f"{feed.subscription.url}: was so already")
    for field in changes:
        print(f"  {field.name}: {cell(field.old)} → {cell(field.new)}")


@app.command()
def history(
    name: Name,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line an attempt.")] = False,
) -> None:
    """The attempts at a feed, newest first: when, how long, how much, and how they ended."""
    from wiredesk.steps.subscribe import named_feed

    _, database = open_store()
    with database:
        feed = named_feed(database, name)
        rows = database.run(subscriptions.read_attempts, feed.feed_id, limit=limit)
    if as_json:
        json_lines(rows)
        return
    print(f"{feed.subscription.url} ({feed.state})")
    if not rows:
        print("never polled: it is with the next run (wiredesk run)")
        return
    shown = [{**row, "new": _share_of_new(row), "alarms": " ".join(row["alarms"]) or None} for row in rows]
    columns = {"started_at": "when (UTC)", "duration_ms": "ms", "body_bytes": "bytes", "http_status": "HTTP"}
    columns |= {"outcome": "ended", "reason": "reason", "new": "new/all", "alarms": "alarms"}
    print(table(shown, columns))
    for row in rows:
        if row["detail"]:
            print(f"  {cell(row['started_at'])}: {plain(row['detail'])}")


def _share_of_new(row: dict[str, int | None]) -> str | None:
    return None if row["entry_count"] is None else f"{row['new_entry_count']}/{row['entry_count']}"


def _set_state(names: list[str], state: FeedState) -> None:
    _, database = open_store()
    with database:
        for row in database.run(feeds.list_feeds, names):
            feed_id = row["feed_id"]
            changed = database.run(feeds.set_state, feed_id, state, now=utc_now())
            print(f"{row['url']}: {state}" if changed else f"{row['url']}: was {state} already")
