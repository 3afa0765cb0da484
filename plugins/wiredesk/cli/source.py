"""`wiredesk source`: publishers, whether their articles lead, and whether they are compared at all."""

from __future__ import annotations

from typing import Annotated

import typer

from wiredesk.cli.show import fail, open_store, table
from wiredesk.store import sources

_COLUMNS = {
    "host": "source",
    "name": "name",
    "is_preferred": "preferred",
    "is_matched": "compared",
    "payload_retention_days": "kept days",
    "feed_count": "feeds",
    "article_count": "articles",
}


def source(
    host: Annotated[str | None, typer.Argument(help="Host of a source, as in news_v1.sources.")] = None,
    prefer: Annotated[bool | None, typer.Option("--prefer/--no-prefer", help="Let its articles lead.")] = None,
    match: Annotated[bool | None, typer.Option("--match/--no-match", help="Compare its articles with others.")] = None,
    keep: Annotated[
        int | None, typer.Option(help="Days to keep its raw payloads; 0: as the setting says.", min=0, max=36_500)
    ] = None,
) -> None:
    """List the sources, or set how stories treat one. It holds for what comes from now on."""
    if host is None and any(given is not None for given in (prefer, match, keep)):
        fail("name the source: wiredesk source HOST --prefer")
    _, database = open_store()
    with database:
        if host is not None:
            database.run(sources.set_source, host, is_preferred=prefer, is_matched=match, keep_days=keep)
        rows = [row for row in database.run(sources.list_sources) if host in (None, row["host"])]
    print(table(rows, _COLUMNS) if rows else "no source yet: subscribe to a feed")
