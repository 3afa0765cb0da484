"""`wiredesk tail`: the log of changes as lines of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from wiredesk.settings import Settings


def tail(
    consumer: Annotated[str, typer.Option(help="Under this name the position is kept: lower case, digits, . _ -")],
    start: Annotated[
        int | None, typer.Option("--from", min=0, help="Go to this position first; 0 is before the first change.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End at the newest change instead of waiting for more.")] = False,
) -> None:
    """Print the changes that a consumer has not seen yet, one JSON object a line, and follow the log.

    Each batch is confirmed once it is written: what is killed gets its last lines again, and misses none.
    """
    from wiredesk.tail import tail as follow

    for change in follow(Settings.from_environment().dsn, consumer, start=start, follow=not once):
        print(json.dumps(asdict(change), default=str), flush=True)
