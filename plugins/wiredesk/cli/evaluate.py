"""`wiredesk evaluate`: how well stories are recognised, on a stream of articles and labelled pairs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wiredesk.cli.show import fail, open_store, table
from wiredesk.settings import Settings

if TYPE_CHECKING:
    from wiredesk.steps.evaluate import Evaluation

_CHECKOUT = Path(__file__).parents[3]


def evaluate(
    stream: Annotated[
        Path | None, typer.Option(help="Articles: JSON Lines {id, source, url, published_at, title, text}.")
    ] = None,
    pairs: Annotated[
        Path | None, typer.Option(help="Labelled pairs: JSON Lines {a, b, label: same|different}.")
    ] = None,
    rulings: Annotated[
        bool, typer.Option("--rulings", help="Score the rules in force on what persons ruled in WIREDESK_DSN.")
    ] = False,
    dsn: Annotated[
        str, typer.Option(envvar="WIREDESK_EVALUATE_DSN", help="A server on which a database may be made.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Replay a stream in time order through the real matching, in a database of its own, and score the stories.

    Without --dsn it starts a Postgres of its own, which needs the checkout of wiredesk.
    """
    if rulings:
        _print(_scored_rulings(), as_json=as_json)
        return
    if stream is None or pairs is None:
        fail("name --stream and --pairs, or --rulings")
    if not dsn:
        _on_own_server()
        return
    from wiredesk.session import open_database
    from wiredesk.steps.evaluate import evaluate as score
    from wiredesk.steps.evaluate import read_pairs, read_stream
    from wiredesk.store.evaluation import scratch_database

    settings = Settings.from_environment()
    articles, labelled = read_stream(stream), read_pairs(pairs)
    with scratch_database(dsn) as scratch, open_database(replace(settings, dsn=scratch)) as database:
        found = score(database, settings, articles, labelled)
    _print(found, as_json=as_json)


def _scored_rulings() -> Evaluation:
    from wiredesk.steps.evaluate import score_rulings

    settings, database = open_store()
    with database:
        return score_rulings(database, settings)


def _print(found: Evaluation, *, as_json: bool) -> None:
    print(json.dumps(found.as_dict(), ensure_ascii=False) if as_json else _told(found))


def _on_own_server() -> None:
    """Run the same command again below a temporary Postgres."""
    if not (_CHECKOUT / "local" / "scratch.py").is_file():
        fail("evaluate needs a Postgres server: name one with --dsn, whose login may create databases")
    found = os.environ.get("PYTHONPATH")
    environment = os.environ | {"PYTHONPATH": f"{_CHECKOUT}{os.pathsep}{found}" if found else str(_CHECKOUT)}
    command = [sys.executable, "-m", "local.scratch", *sys.argv[1:]]
    sys.exit(subprocess.run(command, check=False, env=environment).returncode)


def _told(found: Evaluation) -> str:
    lines = [
        f"pairs        {found.pairs}",
        f"precision    {found.precision:.3f}",
        f"recall       {found.recall:.3f}",
        f"F1           {found.f1:.3f}",
        f"articles     {found.articles}, {found.articles_per_s:.0f} a second",
        f"stories      {found.stories}",
        "",
        table(found.largest_stories, {"articles": "largest stories", "title": "title"}),
    ]
    for error in found.errors:
        lines += ["", f"{error['a']} and {error['b']} are {error['label']}, found {error['found']}: {error['why']}"]
        lines += [f"  {title}" for title in error["titles"]]
    return "\n".join(lines)
