"""The other end of the log of changes: how a consumer reads it, and says how far it has come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from wiredesk.store.database import Connection, one, open_connection, translated_errors
from wiredesk.store.queries import load_queries

SQL = load_queries("consumers")


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the log, as `news_v1.changes` shows it."""

    position: int
    kind: str
    story_id: int
    article_id: int
    revision: int
    created_at: datetime
    published_at: datetime
    other_story_id: int | None


class ConsumerSession:
    """One consumer's connection: as the login of its DSN, which needs to be a member of `wiredesk_reader` only."""

    def __init__(self, connection: Connection, consumer: str) -> None:
        self._connection = connection
        self._consumer = consumer

    @classmethod
    @contextmanager
    def open(cls, dsn: str, consumer: str) -> Iterator[Self]:
        """Connect and listen. Raises StoreError where the server cannot be reached."""
        with translated_errors(), open_connection(dsn, role=None) as connection:
            connection.execute(SQL["listen"])
            yield cls(connection, consumer)

    def position(self) -> int:
        """The last position that it has confirmed; 0 where it is new."""
        row = self._connection.execute(SQL["select_position"], {"consumer": self._consumer}).fetchone()
        return 0 if row is None else int(row["position"])

    def confirm(self, position: int, *, may_go_back: bool = False) -> int:
        """Keep how far it has come; the position in force."""
        given = {"consumer": self._consumer, "position": position, "may_go_back": may_go_back}
        return int(one(self._connection.execute(SQL["confirm_position"], given))["position"])

    def read(self, position: int, limit: int) -> Sequence[Change]:
        """The changes behind a position, in order."""
        rows = self._connection.execute(SQL["changes_since"], {"position": position, "most": limit})
        return [Change(**{name: row[name] for name in Change.__slots__}) for row in rows]

    def wait(self, seconds: float) -> None:
        """Until the publisher says that there is more, at most so long: what it says may be missed."""
        for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            pass
