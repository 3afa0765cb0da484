"""`wiredesk override`: rules for one source's pages, from a file that can live in git."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml

from wiredesk.cli.show import fail, open_store, table
from wiredesk.errors import ConfigurationError
from wiredesk.session import utc_now

if TYPE_CHECKING:  # lxml is loaded by the commands that need it
    from wiredesk.clean.override import Override


def override(
    source: Annotated[str | None, typer.Argument(help="Host of a source, as in news_v1.sources.")] = None,
    file: Annotated[Path | None, typer.Argument(help="YAML: keep, strip, title, authors, published_at.")] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Take the rules of this source away.")] = False,
    why: Annotated[str | None, typer.Option(help="The reason; needed with a file.")] = None,
) -> None:
    """List the rules for sources, or set those of one. Try them with: wiredesk clean FILE --override FILE."""
    from wiredesk.store import overrides

    if (file or drop) and not source:
        fail("name the source: wiredesk override SOURCE FILE")
    rules = rules_of(file) if file else None
    if file and not why:
        fail("rules need --why: the reason stands beside them, for whoever wonders")
    _, database = open_store()
    with database:
        if source and (file or drop):
            database.run(overrides.set_override, source, rules, by=getpass.getuser(), why=why or "", now=utc_now())
            told = "no rules of its own any more" if drop else "set"
            print(f"{source}: {told}; it holds for what is cleaned from now on")
            return
        rows = [row for row in database.run(overrides.list_overrides) if source in (None, row["source"])]
    if not rows:
        print("no source has rules of its own")
        return
    shown = [{**row, "rules": json.dumps(row["rules"], ensure_ascii=False)} for row in rows]
    print(table(shown, {"source": "source", "rules": "rules", "set_by": "by", "set_at": "since (UTC)", "why": "why"}))


def rules_of(file: Path) -> Override:
    """The rules in a YAML file. Raises ConfigurationError."""
    from wiredesk.clean.override import Override

    try:
        rules = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is no YAML in UTF-8: {error}") from error
    return Override.from_mapping(rules, where=str(file))
