"""`wiredesk parse` and `wiredesk clean`: what the line makes of a file. No database, no network."""

from __future__ import annotations

import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wiredesk.errors import EntryRejected, LimitExceeded, PayloadError
from wiredesk.models import ParsedFeed

if TYPE_CHECKING:  # the parsers are loaded by the command that needs them
    from wiredesk.clean.fragment import Fragment
    from wiredesk.clean.override import Override
    from wiredesk.clean.page import Page
    from wiredesk.steps.cleaning import CleanWorkers


class Kind(StrEnum):
    """What an HTML file is."""

    PAGE = "page"
    FRAGMENT = "fragment"


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
    file: Annotated[Path | None, typer.Argument(help="An HTML file; none with --jsonl.")] = None,
    url: Annotated[str | None, typer.Option(help="Where it came from.")] = None,
    kind: Annotated[Kind, typer.Option(help="An article's page, or a fragment out of a feed.")] = Kind.PAGE,
    explain: Annotated[bool, typer.Option("--explain", help="Say what each step did.")] = False,
    override: Annotated[Path | None, typer.Option(help="Rules to try, as for `wiredesk override`.")] = None,
    as_jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Lines {id, url, html, kind: page|fragment} in, a line for each out.")
    ] = False,
) -> None:
    """Clean an HTML file, or lines of HTML on standard input, as the line does. Without a database."""
    from wiredesk.settings import Settings
    from wiredesk.steps.cleaning import CleanWorkers

    settings = Settings.from_environment()
    with CleanWorkers(settings) as workers:
        if file is None or as_jsonl:
            _clean_lines(workers, settings.clean_processes)
        else:
            _clean_file(workers, file, url, kind, rules=_rules(override), is_explained=explain)


def _clean_lines(workers: CleanWorkers, count: int) -> None:
    from wiredesk.clean.jsonl import clean_line
    from wiredesk.steps.cleaning import in_order

    lines = ((line, number, workers.attempt) for number, line in enumerate(sys.stdin, start=1) if line.strip())
    for answer in in_order(clean_line, lines, count):
        print(answer, flush=True)


def _clean_file(
    workers: CleanWorkers, file: Path, url: str | None, kind: Kind, *, rules: Override | None, is_explained: bool
) -> None:
    from wiredesk.clean.fragment import clean_fragment
    from wiredesk.clean.page import clean_page
    from wiredesk.cli.cleaned import explained

    body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    found: Page | Fragment | EntryRejected
    if kind is Kind.PAGE:
        found = workers.attempt(partial(clean_page, body, url=url or "", override=rules))
    else:
        found = workers.attempt(partial(clean_fragment, body.decode("utf-8", "replace"), base_url=url))
    if isinstance(found, EntryRejected):
        raise found
    print(explained(found) if is_explained else found.text)


def _rules(file: Path | None) -> Override | None:
    from wiredesk.cli.override import rules_of

    return rules_of(file) if file else None


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
