"""Consumers of the log of changes against everything that makes cursors lose rows. `python -m benchmarks.race_changes`

Eight writers append changes in transactions of all lengths, every fifth of which is rolled back; a transaction of
somebody else stays open all the while; one publisher gives positions; four consumers follow the log and are killed at
random. Beside them, in the same run, a consumer that does what is usually done: `WHERE change_id > last ORDER BY
change_id`. Each writes down what it got; at the end that is compared with what was committed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import psycopg
from wiredesk import steps
from wiredesk.settings import Settings
from wiredesk.steps.evaluate import StreamArticle, load_articles
from wiredesk.store import changes, evaluation, stories
from wiredesk.store.database import Database, open_connection
from wiredesk.store.evaluation import scratch_database
from wiredesk.store.stories import StoryChange
from wiredesk.tail import BATCH, tail

from local.guard import temporary_postgres

CHANGES = 100_000  # committed; as many as the issue of this log asks for at least
WRITERS, CONSUMERS = 8, 4
ROLLED_BACK = 0.2
MOST_IN_ONE = 40  # changes of a transaction
LIFE_S = (1.0, 6.0)  # of a consumer, before it is killed
DEADLINE_S = 900
START = datetime(2026, 3, 9, tzinfo=UTC)


def write(dsn: str, seed: int, count: int, article_id: int, story_id: int) -> None:
    """Commit `count` changes, and append and take back some more."""
    pick = random.Random(seed)
    left = count
    with open_connection(dsn, "wiredesk_writer") as connection:
        while left:
            size = min(left, pick.randint(1, MOST_IN_ONE))
            is_taken_back = pick.random() < ROLLED_BACK
            with connection.transaction(force_rollback=is_taken_back):
                for _ in range(size):
                    line = StoryChange("lead_changed", story_id, article_id)
                    changes.record_stories(connection, [line], now=datetime.now(UTC))
                connection.execute("SELECT pg_sleep(%s)", (pick.expovariate(1 / 0.005),))
            left -= 0 if is_taken_back else size


def publish(dsn: str, done: Event) -> None:
    """Give positions until all is written."""
    with Database(dsn) as database:
        while not done.is_set():
            steps.publish_changes(database)
        steps.publish_changes(database)


def consume(dsn: str, name: str, path: Path) -> None:
    """Write down each position, as it comes; a restart is marked."""
    with path.open("a", encoding="ascii", buffering=1) as file:
        file.write("restart\n")
        for change in tail(dsn, name, poll_s=1.0):
            file.write(f"{change.position}\n")


def consume_by_id(dsn: str, path: Path, done: Event) -> None:
    """The usual cursor."""
    last = 0
    with open_connection(dsn, "wiredesk_writer") as connection, path.open("w", encoding="ascii") as file:
        while True:
            is_over = done.is_set()
            query = "SELECT change_id FROM desk.changes WHERE change_id > %s ORDER BY change_id LIMIT 100"
            found = [row["change_id"] for row in connection.execute(query, (last,))]
            file.writelines(f"{change_id}\n" for change_id in found)
            last = found[-1] if found else last
            if is_over and not found:
                return


def race(dsn: str, count: int, folder: Path, seed: int) -> int:
    """Race once and say what came of it; how many changes were missed, out of order, or needlessly repeated."""
    context = multiprocessing.get_context("forkserver")
    # Else a consumer spends its life importing.
    context.set_forkserver_preload(["wiredesk.tail", "wiredesk.steps.evaluate", "local.guard"])
    article_id, story_id = _first_story(dsn)
    pick, written, published = random.Random(seed), context.Event(), context.Event()
    logs = [folder / f"consumer-{number}" for number in range(CONSUMERS)]
    with psycopg.connect(dsn) as foreign:
        foreign.execute("SELECT pg_current_xact_id()")  # holds back every horizon until the end
        shares = [count // WRITERS + (number < count % WRITERS) for number in range(WRITERS)]
        writers = [
            _started(context, write, dsn, seed * WRITERS + number, share, article_id, story_id)
            for number, share in enumerate(shares)
        ]
        others = [
            _started(context, publish, dsn, written),
            _started(context, consume_by_id, dsn, folder / "by-id", written),
        ]
        kills = _kill_while(context, dsn, logs, writers, pick)
        written.set()
        for process in others:
            process.join(DEADLINE_S)
        foreign.rollback()
    published.set()
    names = [log.name for log in logs]
    for name, log in zip(names, logs, strict=True):
        last = _catch_up(dsn, name, log)
        assert last == 0, f"{name} ended with {last}"
    return _judge(dsn, logs, folder / "by-id", kills)


def _first_story(dsn: str) -> tuple[int, int]:
    with Database(dsn) as database:
        sources = database.run(evaluation.open_sources, ["paper"], now=START)
        scheme = database.run(stories.active_scheme)
        told = StreamArticle(key="1", source="paper", url=None, title="A story", text="word " * 30, told_at=START)
        database.run(load_articles, [told], sources, scheme, Settings(dsn=dsn))
        steps.match_articles(database, Settings(dsn=dsn))
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT article_id, story_id FROM desk.articles").fetchone()
        assert row is not None
        return row


def _started(context: ForkServerContext, work: object, *arguments: object) -> BaseProcess:
    process = context.Process(target=work, args=arguments)  # type: ignore[arg-type]
    process.start()
    return process


def _kill_while(
    context: ForkServerContext, dsn: str, logs: list[Path], writers: list[BaseProcess], pick: random.Random
) -> int:
    """Run the consumers while the writers write, and kill one after the other; how many were killed."""
    running: dict[Path, tuple[BaseProcess, float]] = {}
    kills, deadline = 0, time.monotonic() + DEADLINE_S
    while any(writer.is_alive() for writer in writers):
        assert time.monotonic() < deadline, f"the writers did not end within {DEADLINE_S} s"
        for log in logs:
            process, until = running.get(log, (None, 0.0))
            if process is not None and time.monotonic() > until:
                os.kill(process.pid or 0, signal.SIGKILL)
                process.join()
                kills += 1
                process = None
            if process is None:
                started = _started(context, consume, dsn, log.name, log)
                running[log] = started, time.monotonic() + pick.uniform(*LIFE_S)
        writers[0].join(timeout=0.05)
    for process, _ in running.values():
        process.kill()
        process.join()
    for writer in writers:
        assert writer.exitcode == 0, f"a writer ended with {writer.exitcode}"
    return kills + len(running)


def _catch_up(dsn: str, name: str, log: Path) -> int:
    """Read what is left to the end."""
    with log.open("a", encoding="ascii") as file:
        file.write("restart\n")
        file.writelines(f"{change.position}\n" for change in tail(dsn, name, follow=False))
    with psycopg.connect(dsn) as connection:
        query = "SELECT changes_behind FROM news_v1.consumer_lag WHERE consumer = %s"
        row = connection.execute(query, (name,)).fetchone()
        return int(row[0]) if row else -1


def _lives(log: Path) -> Iterator[list[int]]:
    """The positions that a consumer got in each of its lives; a line that a kill cut off counts as not got."""
    lives: list[list[int]] = []
    for line in log.read_text("ascii").split("\n"):
        if line.endswith("restart"):
            lives.append([])
        with suppress(ValueError):
            lives[-1].append(int(line))
    yield from lives


def _judge(dsn: str, logs: list[Path], by_id: Path, kills: int) -> int:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT change_id, position FROM desk.changes ORDER BY position").fetchall()
    positions = [position for _, position in rows]
    assert positions == list(range(1, len(rows) + 1)), "positions have gaps"
    wrong = 0
    for log in logs:
        lives = list(_lives(log))
        got = Counter(position for life in lives for position in life)
        missed = len(set(positions) - got.keys())
        disorder = sum(life != list(range(life[0], life[0] + len(life))) for life in lives if life)
        ends = [(life[-1], next_life[0]) for life, next_life in pairwise(lives) if life and next_life]
        beyond = sum(max(0, end - begin + 1 - BATCH) for end, begin in ends)
        repeated = sum(times - 1 for times in got.values())
        print(
            f"{log.name}: {len(got)} of {len(positions)} changes in {len(lives)} lives, {missed} missed, {disorder} "
            f"lives out of order, {repeated} handled again after a kill, {beyond} beyond the last {BATCH}",
            flush=True,
        )
        wrong += missed + disorder + beyond
    naive = {int(line) for line in by_id.read_text("ascii").split()}
    lost = len({change_id for change_id, _ in rows} - naive)
    print(f"change_id > last: {len(naive)} of {len(rows)}, {lost} missed ({lost / len(rows):.1%}); {kills} kills")
    return wrong


def main(argv: list[str] | None = None) -> int:
    """Race so many rounds; 1 where a consumer missed anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=CHANGES)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    with (
        temporary_postgres() as server,
        scratch_database(server.superuser_dsn()) as dsn,
        tempfile.TemporaryDirectory() as folder,
    ):
        began = time.monotonic()
        wrong = race(dsn, given.changes, Path(folder), given.seed)
        print(f"{timedelta(seconds=round(time.monotonic() - began))} in all")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
