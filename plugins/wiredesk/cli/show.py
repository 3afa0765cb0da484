"""How results look on a terminal: plain text, aligned, no colour to get in the way of a pipe."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

from rich.cells import cell_len, set_cell_size

from wiredesk.session import open_database
from wiredesk.settings import Settings
from wiredesk.store.database import Database

# A title or an address beyond it breaks the table on a usual terminal.
_CELL_WIDTH = 60


def fail(message: str) -> NoReturn:
    """Say what is wrong, on one line of standard error, and end with code 1."""
    print(f"wiredesk: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(1)


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """Rows as aligned columns; `columns` maps keys to headings."""
    lines = [list(columns.values()), *([cell(row.get(key)) for key in columns] for row in rows)]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(columns))]
    return "\n".join(
        "  ".join(set_cell_size(text, width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def cell(value: Any) -> str:
    """One value as short text."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:.2f}"
    text = " ".join(str(value).split())
    return text if len(text) <= _CELL_WIDTH else f"{text[: _CELL_WIDTH - 1]}…"


def open_store() -> tuple[Settings, Database]:
    """Settings from the environment and a database of the right schema. Raises ConfigurationError."""
    settings = Settings.from_environment()
    return settings, open_database(settings)
