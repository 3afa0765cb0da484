"""`wiredesk forget`: take something out of every table, and keep it out."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from typing import Annotated

import typer

from wiredesk.cli.show import json_lines, open_store, plain, table

_SHOWN = 50


def forget(
    article: Annotated[int | None, typer.Option(help="Id of an article.", min=1)] = None,
    prefix: Annotated[str | None, typer.Option(help="An address, with all that lies below it.")] = None,
    source: Annotated[str | None, typer.Option(help="Host of a publisher: everything of it.")] = None,
    why: Annotated[str, typer.Option(help="The reason; it stands on the tombstone.")] = "",
    by: Annotated[str, typer.Option(help="Who says so; your login where it is not given.")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Do it. It cannot be undone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON.")] = False,
) -> None:
    """Forget articles: gone from every table, in one run, and never stored again. Without a target: what was forgotten.

    Without --apply it only says what would go. What it prints is the certificate, which is kept with the tombstone.
    """
    from wiredesk import steps
    from wiredesk.store.forget import list_tombstones

    _, database = open_store()
    with database:
        if article is None and prefix is None and source is None:
            _show(database.run(list_tombstones, limit=_SHOWN), as_json=as_json)
            return
        certificate = steps.forget_articles(
            database,
            why=why,
            by=by or getpass.getuser(),
            article_id=article,
            url_prefix=prefix,
            host=source,
            dry_run=not apply,
        )
    if as_json:
        print(json.dumps(asdict(certificate), default=str))
        return
    print(f"{certificate.articles} articles; rows deleted or emptied:")
    for name, rows in certificate.removed.items():
        if rows and name != "unloaded_payloads":
            print(f"  {name:<20}{rows}")
    for change in certificate.changes:
        print(plain(f"{change.kind}: article {change.article_id}, story {change.story_id}"))
    if unloaded := certificate.removed["unloaded_payloads"]:
        print(f"{unloaded} payloads wait to be loaded and may hold it: each is emptied once it is loaded")
    if certificate.namesakes:
        ids = ", ".join(map(str, certificate.namesakes))
        print(f"not among them: articles {ids}, whose pages name an address below it as their own; --article takes one")
    if certificate.is_dry_run:
        print("dry run: nothing was removed; --apply removes it for good")
    else:
        print(f"tombstone {certificate.tombstone_id} keeps it out")


def _show(rows: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        json_lines(rows)
        return
    if not rows:
        print("nothing was forgotten")
        return
    columns = {"tombstone_id": "id", "kind": "kind", "target": "what", "forgotten_by": "by"}
    print(table(rows, {**columns, "forgotten_at": "at (UTC)", "why": "why"}))
