"""`wiredesk replay`: stored payloads once more, with the code of today."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from wiredesk.cli.show import open_store, plain


def replay(
    since: Annotated[str, typer.Option(metavar="TIME", help="ISO 8601; without a zone it is UTC.")],
    until: Annotated[str, typer.Option(metavar="TIME", help="ISO 8601; now where it is not given.")] = "",
    feed: Annotated[str | None, typer.Option(help="Only of this feed: URL or id.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, everything named.")] = False,
) -> None:
    """Read and clean again what was fetched in a stretch of time, and show what this release makes of it.

    Without --apply nothing is written.
    """
    from wiredesk import steps
    from wiredesk.steps.replay import parse_moment, summarise

    begin = parse_moment(since)
    end = parse_moment(until) if until else None
    settings, database = open_store()
    with database:
        result = steps.replay_fetches(database, settings, since=begin, until=end, feed=feed, dry_run=not apply)
        if apply:
            steps.publish_changes(database)
    if as_json:
        print(json.dumps(asdict(result), default=_plain, ensure_ascii=False))
        return
    for line in summarise(result):
        print(plain(line))


def _plain(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
