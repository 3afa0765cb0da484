"""Takedowns against the re-ingest of what they take down. `python -m benchmarks.race_forget`

Workers store an article, as a load does it, while others compare and sign what is there, and another forgets it: each
turn at the same moment, again and again. A twin of the article, at another address, has its story already. After each
turn nothing of the article may be left but its tombstone and its emptied row.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
from wiredesk import steps
from wiredesk.models import PreparedArticle, SignatureScheme
from wiredesk.settings import Settings
from wiredesk.store import evaluation, forget, stories
from wiredesk.store.database import Connection, Database
from wiredesk.store.evaluation import OpenSource, scratch_database

from benchmarks.store_news import prepared_articles, store_batch
from local.guard import temporary_postgres

TRIES = 10_000  # of storing what is being forgotten
WORKERS = 7
NOW = datetime(2026, 3, 9, tzinfo=UTC)
LEFT = """
SELECT
    (SELECT count(*) FROM desk.articles WHERE url_key = %(key)s AND removed_at IS NULL)
    + (SELECT count(*) FROM desk.entries WHERE html LIKE %(html)s AND NOT entry_key LIKE '%%-twin')
    + (SELECT count(*) FROM desk.matches)
    + (SELECT count(*) FROM desk.search_documents JOIN desk.articles USING (article_id) WHERE url_key = %(key)s)
    + (SELECT count(*) FROM desk.signatures JOIN desk.articles USING (article_id) WHERE url_key = %(key)s)
    + (SELECT count(*) FROM desk.postings JOIN desk.articles USING (article_id) WHERE url_key = %(key)s)
"""


def race(dsn: str, tries: int) -> tuple[int, int]:
    """How many times storing was tried, and what was left of anything."""
    with Database(dsn) as database:
        scheme = database.run(stories.active_scheme)
        names = [f"paper {number}" for number in range(WORKERS)]
        sources = list(database.run(evaluation.open_sources, names, now=NOW).values())
    turns = -(-tries // WORKERS)
    rows = prepared_articles(min(turns, 500), scheme)
    settings = Settings(dsn=dsn)
    beside: list[Callable[[Database, Settings], object]] = [steps.match_articles, steps.resign_articles]
    sessions = [Database(dsn) for _ in range(WORKERS + len(beside) + 1)]
    left = 0
    with ThreadPoolExecutor(len(sessions)) as pool, psycopg.connect(dsn, autocommit=True) as connection:
        for turn in range(turns):
            row = rows[turn % len(rows)]
            twin = replace(row, url_key=f"{row.url_key}-twin", entry_keys=(f"{row.entry_keys[0]}-twin",))
            sessions[0].run(_hold_and_store, sources[0], twin, scheme)
            steps.match_articles(sessions[0], settings)
            barrier = threading.Barrier(len(sessions))
            stored = [
                pool.submit(_store, sessions[number], sources[number], row, scheme, barrier)
                for number in range(WORKERS)
            ]
            compared = [
                pool.submit(_beside, session, step, settings, barrier)
                for session, step in zip(sessions[WORKERS:], beside, strict=False)
            ]
            forgotten = pool.submit(_forget, sessions[-1], row.url_key, barrier)
            for future in [*stored, *compared, forgotten]:
                future.result()
            steps.publish_changes(sessions[0])
            given = {"key": row.url_key, "html": f"%{row.article.text[:40]}%"}
            (found,) = connection.execute(LEFT, given).fetchone() or (0,)
            left += found
            # The next time round the same address is stored again by who was told nothing of it.
            connection.execute("DELETE FROM desk.tombstones")
            connection.execute(
                "TRUNCATE desk.changes, desk.sightings, desk.articles, desk.entries, desk.postings CASCADE"
            )
    for session in sessions:
        session.close()
    return turns * WORKERS, left


def _store(
    database: Database, source: OpenSource, row: PreparedArticle, scheme: SignatureScheme, barrier: threading.Barrier
) -> None:
    barrier.wait()
    database.run(_hold_and_store, source, row, scheme)


def _hold_and_store(connection: Connection, source: OpenSource, row: PreparedArticle, scheme: SignatureScheme) -> None:
    forget.hold_off_forgetting(connection)
    store_batch(connection, source, [row], scheme)


def _beside(
    database: Database, step: Callable[[Database, Settings], object], settings: Settings, barrier: threading.Barrier
) -> None:
    barrier.wait()
    step(database, settings)


def _forget(database: Database, url_key: str, barrier: threading.Barrier) -> None:
    barrier.wait()
    steps.forget_articles(database, why="race", by="race", url_prefix=url_key, dry_run=False)


def main(argv: list[str] | None = None) -> int:
    """Race; 1 where anything came back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=TRIES)
    given = parser.parse_args(argv)
    with temporary_postgres() as server, scratch_database(server.superuser_dsn()) as dsn:
        began = time.monotonic()
        tries, left = race(dsn, given.tries)
        print(f"{tries} tries to store what is being forgotten, {left} rows left, {time.monotonic() - began:.0f} s")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
