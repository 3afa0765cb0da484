"""`wiredesk source`: publishers: whether their articles lead and are compared, and how long their news is kept."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from wiredesk.cli.show import fail, open_store, table
from wiredesk.store import sources

_COLUMNS = {
    "host": "source",
    "name": "name",
    "is_preferred": "preferred",
    "is_matched": "compared",
    "kept": "kept days",
    "feed_count": "feeds",
    "article_count": "articles",
}


def source(
    host: Annotated[str | None, typer.Argument(help="Host of a source, as in news_v1.sources.")] = None,
    prefer: Annotated[bool | None, typer.Option("--prefer/--no-prefer", help="Let its articles lead.")] = None,
    match: Annotated[bool | None, typer.Option("--match/--no-match", help="Compare its articles with others.")] = None,
    keep_payloads: Annotated[
        int | None, typer.Option(help="Days to keep its raw payloads; 0: as the setting says.", min=0, max=36_500)
    ] = None,
    keep_pages: Annotated[
        int | None, typer.Option(help="Days to keep the pages among them; 0: as the other payloads.", min=0, max=36_500)
    ] = None,
    keep_revisions: Annotated[
        int | None, typer.Option(help="Days to keep a wording that was replaced; 0: for ever.", min=0, max=36_500)
    ] = None,
    keep_articles: Annotated[
        int | None,
        typer.Option(help="Days to keep articles that no feed carries any more; 0: for ever.", min=0, max=36_500),
    ] = None,
    keep_changes: Annotated[
        int | None,
        typer.Option(help="Days to keep changes that newer ones make needless; 0: for ever.", min=0, max=36_500),
    ] = None,
) -> None:
    """List the sources, or set how stories treat one, for what comes from now on, and how long its news is kept.

    What is old enough goes with the next run of apply_retention, or `wiredesk expire`, which counts it with --dry-run.
    """
    retention = sources.Retention(keep_payloads, keep_pages, keep_revisions, keep_articles, keep_changes)
    is_set = prefer is not None or match is not None or retention != sources.Retention()
    if host is None and is_set:
        fail("name the source: wiredesk source HOST --prefer")
    _, database = open_store()
    with database:
        if host is not None:
            database.run(sources.set_source, host, is_preferred=prefer, is_matched=match, retention=retention)
        rows = [row for row in database.run(sources.list_sources) if host in (None, row["host"])]
    rows = [{**row, "kept": _kept(row)} for row in rows]
    print(table(rows, _COLUMNS) if rows else "no source yet: subscribe to a feed")


def _kept(row: dict[str, Any]) -> str:
    """Its own retention, where it has one."""
    kinds = {kind: row[f"{kind}_retention_days"] for kind in ("payload", "page", "revision", "article", "change")}
    return ", ".join(f"{kind}s {days}" for kind, days in kinds.items() if days is not None)
