"""Workers that load the same stories at once, and are killed at random. `python -m benchmarks.race_stories`

Each of four processes puts its own copy of every story into one database, signs, matches and publishes it, a batch at a
time; a fifth of the batches ends with SIGKILL, and the process is started again. At the end each story must be one
story, told by all four, with one original; the checks of sql/checks must find nothing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg.rows import dict_row
from wiredesk import steps
from wiredesk.settings import Settings
from wiredesk.steps.evaluate import StreamArticle, load_articles
from wiredesk.store import evaluation, stories
from wiredesk.store.database import Connection, Database
from wiredesk.store.evaluation import OpenSource, scratch_database
from wiredesk.store.status import assert_invariants

from local.guard import temporary_postgres

WORKERS = 4
BATCH = 100
KILL_SHARE = 0.2  # of batches: often enough that every worker dies several times a round
WORDS = 60  # a short wire story
START = datetime(2026, 3, 9, tzinfo=UTC)
DEADLINE_S = 600  # a round takes less than a minute; what takes longer hangs


def text_of(number: int) -> str:
    """The words of a story; two stories share no run of five of them."""
    pick = random.Random(number)
    return " ".join("".join(pick.choices("abdefgiklmnoprstuvz", k=6)) for _ in range(WORDS))


def work(dsn: str, paper: str, count: int, source: OpenSource, kill_after: int | None) -> None:
    """Load what this worker has not loaded yet; die after so many batches, if told to."""
    settings = replace(Settings(dsn=dsn), match_batch_size=50)
    with Database(dsn) as database:
        scheme = database.run(stories.active_scheme)
        done = database.run(_loaded, source.feed_id)
        for place, start in enumerate(range(done, count, BATCH)):
            numbers = range(start, min(count, start + BATCH))
            database.run(load_articles, _stream(paper, numbers), {paper: source}, scheme, settings)
            if place == kill_after:
                # In the middle of matching, not before and not after it.
                threading.Timer(random.uniform(0.0, 0.2), os.kill, (os.getpid(), signal.SIGKILL)).start()
            steps.match_articles(database, settings)
            steps.publish_changes(database)


def race(dsn: str, count: int, seed: int) -> dict[str, int]:
    """One round in an empty database; what came of it."""
    pick = random.Random(seed)
    with Database(dsn) as database:
        names = [f"paper {number}" for number in range(WORKERS)]
        sources = database.run(evaluation.open_sources, names, now=START)
    context = multiprocessing.get_context("forkserver")
    running: dict[int, multiprocessing.process.BaseProcess] = {}
    kills, deadline = 0, time.monotonic() + DEADLINE_S
    waiting = set(range(WORKERS))
    while waiting or running:
        for worker in sorted(waiting):
            kill_after = pick.randrange(1, 6) if pick.random() < KILL_SHARE * 4 else None
            paper = f"paper {worker}"
            arguments = (dsn, paper, count, sources[paper], kill_after)
            running[worker] = context.Process(target=work, args=arguments)
            running[worker].start()
        waiting.clear()
        for worker, process in list(running.items()):
            process.join(timeout=0.05)
            if process.is_alive():
                if time.monotonic() > deadline:
                    process.kill()
                    raise TimeoutError(f"worker {worker} did not end within {DEADLINE_S} s")
                continue
            del running[worker]
            if process.exitcode == -signal.SIGKILL:
                kills += 1
                waiting.add(worker)
            elif process.exitcode:
                raise RuntimeError(f"worker {worker} ended with {process.exitcode}")
    with Database(dsn) as database:
        steps.match_articles(database, Settings(dsn=dsn))
        steps.publish_changes(database)
        database.run(assert_invariants)
    return {"kills": kills, **_split(dsn, count)}


def _split(dsn: str, count: int) -> dict[str, int]:
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        rows = connection.execute(
            "SELECT split_part(url_key, '-', 2)::int AS number, count(*) AS articles, "
            "count(DISTINCT story_id) AS stories FROM desk.articles GROUP BY 1"
        ).fetchall()
    return {
        "stories": len(rows),
        "not_told_by_all": sum(row["articles"] != WORKERS for row in rows) + count - len(rows),
        "with_two_originals": sum(row["stories"] != 1 for row in rows),
    }


def _loaded(connection: Connection, feed_id: int) -> int:
    row = connection.execute("SELECT count(*) AS n FROM desk.entries WHERE feed_id = %s", (feed_id,)).fetchone()
    return int(row["n"]) if row else 0


def _stream(paper: str, numbers: range) -> list[StreamArticle]:
    """These stories as a paper tells them."""
    return [
        StreamArticle(
            key=f"{paper}-{number}",
            source=paper,
            url=None,
            title=f"Story {number}",
            text=text_of(number),
            told_at=START + timedelta(seconds=number),
        )
        for number in numbers
    ]


def main(argv: list[str] | None = None) -> int:
    """Race so many rounds; 1 where a story has two originals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--stories", type=int, default=1000, help="each told by four workers")
    given = parser.parse_args(argv)
    wrong = 0
    with temporary_postgres() as server:
        for seed in range(given.rounds):
            with scratch_database(server.superuser_dsn()) as dsn:
                began = time.monotonic()
                found = race(dsn, given.stories, seed)
            told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in found.items())
            print(f"round {seed + 1}: {told}, {time.monotonic() - began:.0f} s", flush=True)
            wrong += found["with_two_originals"] + found["not_told_by_all"]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
