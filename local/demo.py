"""`make demo`: the real DAG, twice, on the bundled wire, and then what a person wants to see.

The demo has an Airflow and a Postgres of its own below .wiredesk/demo; its news database is made anew each
time, so that it always tells the same story. Postgres stays up afterwards, for a look around: `make down`.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.rows import dict_row
from wiredesk.store.database import Database

from local.airflow_env import airflow_environment, migrate_airflow
from local.cluster import Cluster, prepare
from local.demo_report import show_feeds, show_news
from local.files import state_dir
from local.postgres import EmbeddedPostgres
from local.sample import SAMPLE_SETTINGS
from local.wire import Wire, running_wire

_WATCH_S = 0.5  # how often the progress line is brought up to date
_LOG_LINES = 30  # of Airflow's log, shown where a run failed
# The demo shows that the second poll answers "unchanged", which an unconditional request, one in a hundred, would not.
_SETTINGS = SAMPLE_SETTINGS | {"WIREDESK_UNCONDITIONAL_SHARE": "0"}

_COUNTS = """
SELECT
    (SELECT count(*) FROM desk.fetches WHERE kind = 'feed' AND started_at >= %(since)s) AS feeds,
    (SELECT count(*) FROM desk.fetches WHERE kind = 'page' AND started_at >= %(since)s) AS pages,
    (SELECT count(*) FROM desk.articles) AS articles,
    (SELECT count(*) FROM desk.stories) AS stories
"""


def main() -> None:
    """Run the demo; exit code 1 with the end of Airflow's log where a run fails."""
    began = time.monotonic()
    folder = state_dir("demo")
    folder.mkdir(parents=True, exist_ok=True)
    _say("starting Postgres (embedded, listens on 127.0.0.1 only)")
    postgres = EmbeddedPostgres(folder)
    postgres.start()
    cluster = _fresh_news_database(postgres)
    log = folder / "airflow.log"
    _say("preparing Airflow (the first time about half a minute)")
    environment = airflow_environment(cluster, folder / "airflow")
    os.environ.clear()
    os.environ.update(environment, **_SETTINGS, WIREDESK_DSN=cluster.writer_dsn)
    migrate_airflow(cluster, folder / "airflow", log)
    with running_wire() as wire:
        _poll_twice(cluster, wire, log)
    with Database(cluster.writer_dsn) as database:
        _say(show_news(database))
    _say(_next_steps(cluster, time.monotonic() - began))


def _fresh_news_database(postgres: EmbeddedPostgres) -> Cluster:
    from wiredesk.store.migrate import migrate

    with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS wiredesk WITH (FORCE)")
    cluster = prepare(postgres)
    _say(f"migrating a new news database: {len(migrate(cluster.writer_dsn))} files of sql/ applied")
    return cluster


def _poll_twice(cluster: Cluster, wire: Wire, log: Path) -> None:
    _subscribe(wire)
    with _quiet(log):
        from airflow.dag_processing.dagbag import DagBag

        dag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"]).get_dag("ingest_news")
    for edition in (1, 2):
        wire.publish(edition)
        since = datetime.now(UTC)
        _say(f"\npoll {edition} of the sample wire, by the DAG ingest_news")
        with _progress(cluster, since), _quiet(log):
            # Named feeds are polled due or not: nobody wants to wait until the second poll falls due.
            run = dag.test(run_conf={"feeds": [wire.feed_url(feed.name) for feed in wire.sample.feeds]})
        if run.state != "success":
            _fail(f"the run ended {run.state}", log)
        with Database(cluster.writer_dsn) as database:
            _say(show_feeds(database, since))


def _subscribe(wire: Wire) -> None:
    from wiredesk import steps
    from wiredesk.settings import Settings
    from wiredesk.subscriptions import read_opml

    with urllib.request.urlopen(wire.opml_url) as response:  # noqa: S310 (the wire's own http address)
        wanted = read_opml(response.read())
    settings = Settings.from_environment()
    with steps.open_database(settings) as database:
        _say(f"subscribed to {steps.subscribe(database, settings, wanted)} feeds of {wire.opml_url}")


@contextmanager
def _progress(cluster: Cluster, since: datetime) -> Iterator[None]:
    """While the block runs, tell a terminal how far it is; a pipe gets the result alone."""
    done = threading.Event()

    def watch() -> None:
        with psycopg.connect(cluster.writer_dsn, autocommit=True, row_factory=dict_row) as connection:
            while not done.wait(_WATCH_S):
                counts = connection.execute(_COUNTS, {"since": since}).fetchone() or {}
                told = ", ".join(f"{value} {name}" for name, value in counts.items())
                _TERMINAL.write(f"\r  {told}\x1b[K")
                _TERMINAL.flush()
        _TERMINAL.write("\r\x1b[K")

    thread = threading.Thread(target=watch, name="progress", daemon=True)
    if _TERMINAL.isatty():
        thread.start()
    try:
        yield
    finally:
        done.set()
        if thread.is_alive():
            thread.join()


@contextmanager
def _quiet(log: Path) -> Iterator[None]:
    """What the process writes meanwhile, Airflow's log above all, goes to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, descriptor in enumerate(saved, start=1):
            os.dup2(descriptor, number)
            os.close(descriptor)


def _next_steps(cluster: Cluster, seconds: float) -> str:
    return "\n".join(
        [
            f"\nDone in {seconds:.0f} s. Postgres stays up for a look around (`make down` stops it):\n",
            f"  {cluster.psql_line()}",
            "",
            "  make psql     the same, short",
            "  make up       Airflow with its web pages, polling real feeds (WIRE=sample: this wire)",
            "  make test     all tests",
            "  make down     stop everything",
        ]
    )


def _say(text: str) -> None:
    _TERMINAL.write(f"{text}\n")
    _TERMINAL.flush()


def _fail(message: str, log: Path) -> None:
    tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
    _say("\n".join([*tail, "", f"demo: {message}; Airflow's whole log is {log}"]))
    sys.exit(1)


if __name__ == "__main__":
    # Opened before standard output is turned to the log, so that the demo can still speak.
    _TERMINAL = os.fdopen(os.dup(1), "w", encoding="utf-8")
    main()
