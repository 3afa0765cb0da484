"""A database for a while, and articles put into it without feeds: for measuring how stories are recognised."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from wiredesk import PIPELINE_VERSION
from wiredesk.errors import ConfigurationError
from wiredesk.store.database import Connection
from wiredesk.store.migrate import migrate
from wiredesk.store.queries import load_queries, sql_directory

SQL = load_queries("evaluation")


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A publisher that articles can be put in for."""

    source_id: int
    feed_id: int
    fetch_id: int


@contextmanager
def scratch_database(dsn: str) -> Iterator[str]:
    """The DSN of a new migrated database on a server; it is dropped at the end.

    Raises ConfigurationError where the login may not make one.
    """
    name = f"wiredesk_scratch_{secrets.token_hex(4)}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            raise ConfigurationError(
                f"{connection.info.user} may not create databases, and the articles go into one of their own: "
                f"ALTER ROLE {connection.info.user} CREATEDB, or name a login that may with --dsn"
            ) from None
        try:
            scratch = make_conninfo(dsn, dbname=name)
            with psycopg.connect(scratch, autocommit=True) as fresh:
                fresh.execute((sql_directory() / "roles.sql").read_bytes())
            migrate(scratch)
            yield scratch
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def open_sources(connection: Connection, names: Sequence[str], *, now: datetime) -> dict[str, OpenSource]:
    """A source with a feed for each name."""
    rows = connection.execute(SQL["open_sources"], {"names": list(names), "now": now})
    return {row["name"]: OpenSource(row["source_id"], row["feed_id"], row["fetch_id"]) for row in rows}


def insert_articles(connection: Connection, articles: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Put cleaned articles in as they are; return ids by key."""
    rows = connection.execute(
        SQL["insert_articles"], {"articles": Jsonb(list(articles)), "pipeline_version": PIPELINE_VERSION}
    )
    return {row["key"]: row["article_id"] for row in rows}


def read_stories(connection: Connection) -> dict[int, int | None]:
    """The story of each article."""
    return {row["article_id"]: row["story_id"] for row in connection.execute(SQL["select_stories"])}
