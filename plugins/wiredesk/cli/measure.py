"""`wiredesk parse` and `wiredesk clean`: what the line makes of a file. No database, no network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wiredesk.errors import LimitExceeded, PayloadError
from wiredesk.models import ParsedFeed


def parse(
    file: Annotated[Path, typer.Argument(help="A feed file; - for standard input.")],
    url: Annotated[str | None, typer.Option(help="Where the feed came from.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines; the only format there is.")] = True,
) -> None:
    """Parse a feed: one JSON line for the feed, then one for each entry."""
    from wiredesk.parse import to_json_lines

    del as_json
    body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    for line in to_json_lines(_parsed(body, url)):
        print(line)


def clean(
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON lines in and out; the only format there is.")] = True,
) -> None:
    """Clean HTML: lines {id, url, html, kind: page|fragment} on standard input, a line for each on standard output."""
    from wiredesk.clean.jsonl import clean_line
    from wiredesk.settings import Settings
    from wiredesk.steps.cleaning import CleanWorkers, in_order

    del as_jsonl
    settings = Settings.from_environment()
    with CleanWorkers(settings) as clean:
        lines = ((line, number, clean.attempt) for number, line in enumerate(sys.stdin, start=1) if line.strip())
        for answer in in_order(clean_line, lines, settings.clean_processes):
            print(answer, flush=True)


def _parsed(body: bytes, url: str | None) -> ParsedFeed | PayloadError:
    """Read as the line does: in a process of its own, with the limits of the settings."""
    from wiredesk.bounded import parse_worker, too_costly
    from wiredesk.parse import ParseLimits, parse_entries
    from wiredesk.settings import Settings

    settings = Settings.from_environment()
    with parse_worker(settings) as worker:
        try:
            return worker.call(parse_entries, body, url=url, limits=ParseLimits(max_items=settings.feed_max_items))
        except PayloadError as error:
            return error
        except LimitExceeded as error:
            return too_costly(url or "the payload", error)
