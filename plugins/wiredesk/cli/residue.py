"""`wiredesk residue`: what a source puts around its stories, and a person's word on it."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from wiredesk.cli.show import fail, json_lines, open_store, plain, table
from wiredesk.session import utc_now
from wiredesk.store import residue as store
from wiredesk.store.residue import LineRuling

_SHOWN = 50


def residue(
    source: Annotated[str, typer.Argument(help="Host of a source, as in news_v1.sources.")],
    cut: Annotated[str | None, typer.Option(metavar="LINE", help="Cut this line from now on.")] = None,
    keep: Annotated[str | None, typer.Option(metavar="LINE", help="Never cut this line.")] = None,
    forget: Annotated[str | None, typer.Option(metavar="LINE", help="Take a ruling back.")] = None,
    why: Annotated[str | None, typer.Option(help="The reason; needed for --cut and --keep.")] = None,
    most: Annotated[int, typer.Option(help="Lines to list.", min=1)] = _SHOWN,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """List the short lines at the ends of a source's texts, or rule on one: it outranks what was learned."""
    given = [(ruling, line) for ruling, line in (("cut", cut), ("keep", keep), (None, forget)) if line]
    if len(given) > 1:
        fail("one of --cut, --keep and --forget at a time")
    settings, database = open_store()
    with database:
        if given:
            (ruling, line) = given[0]
            if ruling and not why:
                fail(f"--{ruling} needs --why: the reason stands in the list, for whoever wonders")
            said = LineRuling(source, line, ruling, getpass.getuser(), why or "")  # type: ignore[arg-type]
            database.run(store.rule_line, said, now=utc_now())
            print(f"{ruling or 'no ruling'}: {plain(line)}. It holds for what is cleaned from now on")
            return
        rows = database.run(store.list_lines, source, most=most)
    if as_json:
        json_lines(rows)
        return
    if not rows:
        print(f"no short line stood at an end of a text of {source} yet")
        return
    for row in rows:
        row["state"] = _state(row, settings.residue_min_stories)
    columns = {"state": "state", "story_count": "stories", "sighting_count": "articles", "line": "line"}
    print(table(rows, {**columns, "ruled_by": "by", "why": "why"}))


def _state(row: dict[str, object], least: int) -> str:
    if row["ruling"]:
        return f"ruled: {row['ruling']}"
    if row["is_cut"]:
        return "cut"
    if row["is_sentence"]:
        return "a sentence"
    return f"below {least}"
