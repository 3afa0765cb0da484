"""How results look on a terminal: plain text, aligned, no colour to get in the way of a pipe."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

from rich.cells import cell_len, set_cell_size

from wiredesk.session import open_database
from wiredesk.settings import Settings
from wiredesk.store.database import Database

# A title or an address beyond it breaks the table on a usual terminal.
_CELL_WIDTH = 60
# C0 and C1 controls, and the marks that turn the direction of all text after them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def fail(message: str) -> NoReturn:
    """Say what is wrong, on one line of standard error, and end with code 1."""
    warn(message)
    sys.exit(1)


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """Rows as aligned columns; `columns` maps keys to headings."""
    lines = [list(columns.values()), *([cell(row.get(key)) for key in columns] for row in rows)]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(columns))]
    return "\n".join(
        "  ".join(set_cell_size(text, width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def json_lines(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print each row as one line of JSON."""
    for row in rows:
        print(json.dumps(row, default=str, ensure_ascii=False))


def cell(value: Any) -> str:
    """One value as short text."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:.2f}"
    text = plain(str(value))
    return text if len(text) <= _CELL_WIDTH else f"{text[: _CELL_WIDTH - 1]}…"


def plain(text: str) -> str:
    """Text of others on one line, without what a terminal would obey: a feed's title may hold escape sequences."""
    return " ".join(_CONTROL.sub(" ", text).split())


def warn(message: str) -> None:
    """Say on standard error what went wrong with one of several things; the others go on."""
    print(f"wiredesk: {plain(message)}", file=sys.stderr)


def open_store() -> tuple[Settings, Database]:
    """Settings from the environment and a database of the right schema. Raises ConfigurationError."""
    settings = Settings.from_environment()
    return settings, open_database(settings)
