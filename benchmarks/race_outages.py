"""The server stopped at once, or the worker killed, while articles are stored. `python -m benchmarks.race_outages`

A worker stores articles in batches, assigns stories and publishes, and writes down each batch once its transaction is
committed. Again and again, at random, Postgres is stopped without a shutdown (`immediate`: the next start recovers as
after a crash) or the worker gets SIGKILL. After each outage every batch that was acknowledged must be there, whole, and
the checks of sql/checks must find nothing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from wiredesk import steps
from wiredesk.errors import StoreError
from wiredesk.settings import Settings
from wiredesk.store import evaluation, stories
from wiredesk.store.database import Database
from wiredesk.store.evaluation import OpenSource
from wiredesk.store.migrate import migrate
from wiredesk.store.status import assert_invariants

from benchmarks.store_news import prepared_articles, store_batch
from local.cluster import prepare
from local.guard import removed_with_this_process
from local.postgres import EmbeddedPostgres

STOPS, KILLS = 50, 200
BATCH = 20
ARTICLES = 400  # made anew under other keys, so that signing does not take the time
LIFE_S = (0.2, 1.5)
NOW = datetime(2026, 3, 9, tzinfo=UTC)


def work(dsn: str, source: OpenSource, life: int, log: Path) -> None:
    """Store and assign until killed, or until the server is gone."""
    settings = Settings(dsn=dsn)
    try:
        with Database(dsn) as database, log.open("a", encoding="ascii", buffering=1) as file:
            scheme = database.run(stories.active_scheme)
            rows = prepared_articles(ARTICLES, scheme, prefix=f"{life}/")
            for start in range(0, ARTICLES, BATCH):
                part = rows[start : start + BATCH]
                database.run(store_batch, source, part, scheme)
                file.writelines(f"{row.url_key}\n" for row in part)
                steps.match_articles(database, settings)
                steps.publish_changes(database)
    except StoreError:
        sys.exit(3)


def outages(folder: Path, stops: int, kills: int) -> int:
    """Have so many outages; how many acknowledged articles were lost in them, or raise where an invariant broke."""
    pick = random.Random(1)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["wiredesk.steps", "benchmarks.store_news"])
    log = folder / "acknowledged"
    log.touch()
    ends = ["stop"] * stops + ["kill"] * kills
    pick.shuffle(ends)
    with removed_with_this_process(folder / "server"), EmbeddedPostgres(folder / "server") as server:
        dsn = prepare(server).writer_dsn
        migrate(dsn)
        with Database(dsn) as database:
            (source,) = database.run(evaluation.open_sources, ["paper"], now=NOW).values()
        lost = 0
        for life, end in enumerate(ends):
            process = context.Process(target=work, args=(dsn, source, life, log))
            process.start()
            process.join(timeout=pick.uniform(*LIFE_S))
            if end == "stop":
                server.stop(immediate=True)
            process.kill()
            process.join()
            server.start()
            lost += _lost(dsn, log)
            with Database(dsn) as database:
                steps.match_articles(database, Settings(dsn=dsn))
                steps.publish_changes(database)
                database.run(assert_invariants)
        with psycopg.connect(dsn) as connection:
            (stored,) = connection.execute("SELECT count(*) FROM desk.articles").fetchone() or (0,)
        told = len(log.read_text("ascii").split())
        print(f"{stops} stops of the server, {kills} kills: {told} acknowledged, {stored} stored, {lost} lost")
        return lost


def _lost(dsn: str, log: Path) -> int:
    acknowledged = [line for line in log.read_text("ascii").split("\n")[:-1] if line]
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT count(*) FROM unnest(%s::text []) AS told (url_key) "
            "WHERE NOT EXISTS (SELECT FROM desk.articles AS article WHERE article.url_key = told.url_key)",
            (acknowledged,),
        ).fetchone()
    return int(row[0]) if row else 0


def main(argv: list[str] | None = None) -> int:
    """Have outages; 1 where anything acknowledged was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stops", type=int, default=STOPS)
    parser.add_argument("--kills", type=int, default=KILLS)
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        lost = outages(Path(folder), given.stops, given.kills)
        print(f"{time.monotonic() - began:.0f} s")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
