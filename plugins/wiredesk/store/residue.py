"""Which lines each source puts around its stories: seen, learned, and ruled on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg.types.json import Jsonb

from wiredesk.clean.learned import line_key
from wiredesk.clean.residue import is_sentence
from wiredesk.store import feeds
from wiredesk.store.database import Connection
from wiredesk.store.queries import load_queries

SQL = load_queries("residue")


@dataclass(frozen=True, slots=True)
class LineRuling:
    """A person's word on a line of a source; None takes it back."""

    source: str  # host
    line: str
    ruling: Literal["cut", "keep"] | None
    by: str
    why: str


def see_lines(connection: Connection, source_id: int, seen: Sequence[tuple[int, str]], *, seen_at: datetime) -> None:
    """Record that these (article id, line) stood at an end of a text. One that is known for its article is not counted
    again.
    """
    if not seen:
        return
    rows = {
        (article_id, line_key(line)): {
            "article_id": article_id,
            "line_digest": line_key(line).hex(),
            "line": line,
            "is_sentence": is_sentence(line),
        }
        for article_id, line in seen
    }
    connection.execute(
        SQL["see_lines"], {"source_id": source_id, "lines": Jsonb(list(rows.values())), "seen_at": seen_at}
    )


def learned_keys(connection: Connection, source_id: int) -> frozenset[bytes]:
    """The keys of the lines that are residue of this source, learned or by a person's ruling."""
    rows = connection.execute(SQL["select_learned"], {"source_id": source_id})
    return frozenset(bytes(row["line_digest"]) for row in rows)


def learn_lines(connection: Connection, *, least_stories: int, now: datetime) -> int:
    """Learn each line that stands in so many stories of its source, which are not copies of each other; how many."""
    return connection.execute(SQL["learn_lines"], {"least_stories": least_stories, "now": now}).rowcount


def list_lines(connection: Connection, source: str, *, most: int) -> list[dict[str, Any]]:
    """What stands at the ends of a source's texts, what is cut first, then by the number of stories."""
    feeds.source_id_of(connection, source)
    return connection.execute(SQL["list_lines"], {"source": source, "most": most}).fetchall()


def rule_line(connection: Connection, ruling: LineRuling, *, now: datetime) -> None:
    """Write a person's ruling, which outranks what was learned, for lines that were never seen too. Raises NotFound."""
    connection.execute(
        SQL["rule_line"],
        {
            "source_id": feeds.source_id_of(connection, ruling.source),
            "line_digest": line_key(ruling.line),
            "line": ruling.line,
            "is_sentence": is_sentence(ruling.line),
            "ruling": ruling.ruling,
            "by": ruling.by if ruling.ruling else None,
            "why": ruling.why if ruling.ruling else None,
            "now": now,
        },
    )
