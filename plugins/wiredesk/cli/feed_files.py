"""`wiredesk feed import`, `export` and `apply`: subscriptions as files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wiredesk.cli.show import cell, fail, open_store, plain
from wiredesk.errors import ConfigurationError
from wiredesk.models import Subscribed

if TYPE_CHECKING:
    from wiredesk.subscriptions.difference import Change, Difference, MovedLine


def import_(file: Annotated[Path, typer.Argument(help="OPML file; - for standard input.")]) -> None:
    """Subscribe to all feeds of an OPML file; those subscribed already stay as they are."""
    from wiredesk.steps.subscribe import subscribe  # the steps take half a second to import
    from wiredesk.subscriptions import read_opml

    wanted = read_opml(_read(file))
    settings, database = open_store()
    with database:
        added = subscribe(database, settings, wanted)
    print(f"{added} feeds added, {len(wanted) - added} were subscribed already")


def export(
    as_yaml: Annotated[bool, typer.Option("--yaml", help="As the YAML file that `feed apply` reads.")] = False,
) -> None:
    """Write all feeds to standard output, as OPML or as YAML."""
    from wiredesk.steps.subscribe import stored_listing

    _, database = open_store()
    with database:
        listed = stored_listing(database)
    if as_yaml:
        from wiredesk.subscriptions.listing import write_listing

        written = write_listing(listed).encode()
    else:
        from wiredesk.subscriptions import write_opml

        written = write_opml([one.subscription for one in listed])
    sys.stdout.buffer.write(written)


def apply(
    file: Annotated[Path, typer.Argument(help="YAML file, see feeds/README.md; - for standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Pause the feeds that the file does not list.")] = False,
) -> None:
    """Make the subscriptions what a YAML file says, all or nothing, and show what changes.

    A feed that is not in the file is left alone, or with --prune paused; never deleted.
    """
    from wiredesk.steps.subscribe import apply_listing
    from wiredesk.subscriptions.listing import read_listing

    try:
        listed = read_listing(_read(file))
    except ConfigurationError as error:
        problems = str(error).split("\n")
        for problem in problems:
            print(f"{file}: {plain(problem)}", file=sys.stderr)
        fail(f"{file} cannot be applied; nothing was changed")
    settings, database = open_store()
    with database:
        found = apply_listing(database, settings, listed, prune=prune, is_dry_run=dry_run)
    _show(found, prune=prune)
    print(_summary(found, prune=prune, is_dry_run=dry_run))


def _read(file: Path) -> bytes:
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()


def _show(found: Difference, *, prune: bool) -> None:
    for added in found.added:
        state = f" ({added.state})" if added.state != "active" else ""
        print(f"+ {added.subscription.url}{state}")
    for change in found.changed:
        _show_change(change)
    for one in found.polled_and_gone:
        print(f"- {one.subscription.url}: not in the file, {'paused' if prune else 'left alone'}{_titled(one)}")
    for moved in found.moved:
        print(f"! line {moved.line}: {moved.url} moved to {moved.moved_to}; {_advice(moved)}")
    for one in found.retired:
        print(f"! {one.subscription.url} is retired: its publisher says that it is gone for good (HTTP 410)")


def _show_change(change: Change) -> None:
    print(f"~ {change.wanted.url}")
    for field in change.fields:
        print(f"    {field.name}: {cell(field.old)} → {cell(field.new)}")


def _advice(moved: MovedLine) -> str:
    if moved.same_as_line is not None:
        return f"line {moved.same_as_line} has that feed, so remove this one (it was passed over)"
    return f"write `url: {moved.moved_to}` there"


def _titled(one: Subscribed) -> str:
    return f" ({cell(one.subscription.title)})" if one.subscription.title else ""


def _summary(found: Difference, *, prune: bool, is_dry_run: bool) -> str:
    gone = len(found.polled_and_gone)
    counts = f"{len(found.added)} added, {len(found.changed)} changed, {len(found.unchanged)} unchanged"
    if gone:
        counts += f", {gone} {'paused' if prune else 'left alone (--prune pauses them)'}"
    if idle := len(found.gone) - gone:
        counts += f"; {idle} more are not in the file and not polled"
    return f"dry run, nothing was changed: {counts}" if is_dry_run else counts
