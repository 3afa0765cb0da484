"""`wiredesk parse` and `wiredesk clean`: what the line makes of a file. No database, no network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wiredesk.errors import PayloadError
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
    from wiredesk.clean.jsonl import clean_jsonl

    del as_jsonl
    for line in clean_jsonl(sys.stdin):
        print(line, flush=True)


def _parsed(body: bytes, url: str | None) -> ParsedFeed | PayloadError:
    from wiredesk.parse import parse_entries

    try:
        return parse_entries(body, url=url)
    except PayloadError as error:
        return error
