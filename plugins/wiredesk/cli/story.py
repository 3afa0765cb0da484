"""`wiredesk story`: a person's word on which articles are one story, and which of them leads it."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from wiredesk.cli.show import json_lines, open_store, plain, table

if TYPE_CHECKING:
    from wiredesk.steps.rulings import RulingResult

app = typer.Typer(no_args_is_help=True, help="Correct stories. Without --apply a command only says what would change.")

_SHOWN = 50

ArticleId = Annotated[int, typer.Argument(metavar="ARTICLE", help="Id of an article.", min=1)]
OtherId = Annotated[int, typer.Argument(metavar="OTHER", help="Id of another article.", min=1)]
Why = Annotated[str, typer.Option(help="The reason; it stands beside the ruling.")]
By = Annotated[str, typer.Option(help="Who rules; your login where it is not given.")]
Apply = Annotated[bool, typer.Option("--apply", help="Write it.")]


@app.command()
def together(article: ArticleId, other: OtherId, why: Why, by: By = "", apply: Apply = False) -> None:
    """Keep two articles in one story."""
    _rule("keep_together", article, other, why=why, by=by, is_applied=apply)


@app.command()
def apart(article: ArticleId, other: OtherId, why: Why, by: By = "", apply: Apply = False) -> None:
    """Keep two articles in different stories."""
    _rule("keep_apart", article, other, why=why, by=by, is_applied=apply)


@app.command()
def pin(article: ArticleId, why: Why, by: By = "", apply: Apply = False) -> None:
    """Let an article lead its story."""
    _rule("pin_lead", article, None, why=why, by=by, is_applied=apply)


@app.command(name="not-news")
def not_news(article: ArticleId, why: Why, by: By = "", apply: Apply = False) -> None:
    """Say that an article is a template: no story of others, and not among the news."""
    _rule("not_news", article, None, why=why, by=by, is_applied=apply)


@app.command()
def undo(
    ruling: Annotated[int, typer.Argument(help="Id of a ruling, as `wiredesk story rulings` shows it.", min=1)],
    by: By = "",
    apply: Apply = False,
) -> None:
    """Take a ruling back."""
    from wiredesk.steps.rulings import undo_ruling

    _, database = open_store()
    with database:
        _say(undo_ruling(database, ruling, by=by or getpass.getuser(), dry_run=not apply), "undone")


@app.command()
def rulings(
    most: Annotated[int, typer.Option(help="Rulings to list.", min=1)] = _SHOWN,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """List the rulings, newest first."""
    from wiredesk.store.rulings import list_rulings

    _, database = open_store()
    with database:
        rows = database.run(list_rulings, limit=most)
    if as_json:
        json_lines(rows)
        return
    if not rows:
        print("nobody has ruled on a story yet")
        return
    columns = {"ruling_id": "id", "kind": "ruling", "article_id": "article", "other_id": "other", "ruled_by": "by"}
    print(table(rows, {**columns, "ruled_at": "at (UTC)", "undone_at": "undone (UTC)", "why": "why"}))


def _rule(kind: str, article: int, other: int | None, *, why: str, by: str, is_applied: bool) -> None:
    from wiredesk.steps.rulings import rule
    from wiredesk.store.rulings import Ruling

    _, database = open_store()
    with database:
        result = rule(
            database, Ruling(kind, article, other), why=why, by=by or getpass.getuser(), dry_run=not is_applied
        )
    _say(result, f"ruling {result.ruling_id}" if is_applied else "ruling")


def _say(result: RulingResult, what: str) -> None:
    for change in result.changes:
        other = f" (story {change.other_story_id})" if change.other_story_id else ""
        print(plain(f"{change.kind}: article {change.article_id}, story {change.story_id}{other}"))
    if not result.changes:
        print("no story changes")
    print("dry run: nothing was written; --apply writes it" if result.is_dry_run else f"{what} is in force")
