"""Named queries from sql/queries: one file per aggregate, each query behind a `-- name:` line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from wiredesk.errors import ConfigurationError

_NAME = re.compile(r"^-- name: (\w+)[^\n]*\n", re.MULTILINE)


def sql_directory() -> Path:
    """The folder sql/ of this installation: beside plugins/, or where WIREDESK_SQL_DIR says.

    Raises ConfigurationError when it is not there.
    """
    given = os.environ.get("WIREDESK_SQL_DIR")
    path = Path(given) if given else Path(__file__).parents[3] / "sql"
    if not (path / "migrations").is_dir():
        raise ConfigurationError(f"no migrations below {path}: set WIREDESK_SQL_DIR to wiredesk's sql folder")
    return path


@cache
def load_queries(aggregate: str) -> Mapping[str, bytes]:
    """The queries of sql/queries/<aggregate>.sql by name, as bytes, which psycopg takes for trusted SQL."""
    text = (sql_directory() / "queries" / f"{aggregate}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)
    names, bodies = parts[1::2], parts[2::2]
    if len(set(names)) != len(names):
        raise ConfigurationError(f"sql/queries/{aggregate}.sql names a query twice")
    return {name: body.strip().removesuffix(";").encode() for name, body in zip(names, bodies, strict=True)}
