"""`make up`: Airflow with its pages, on the embedded Postgres, until Ctrl-C, SIGTERM or `make down`."""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from wiredesk.errors import WiredeskError
from wiredesk.store.migrate import migrate

from local.airflow_env import (
    ADMIN,
    admin_password,
    airflow_command,
    airflow_environment,
    airflow_is_migrated,
    remember_migrated,
)
from local.cluster import Cluster, prepare
from local.errors import LocalError, PostgresError
from local.files import CHECKOUT, persisted_secret, state_dir, tail, write_private
from local.ports import free_port
from local.postgres import EmbeddedPostgres
from local.sample import SAMPLE_SETTINGS
from local.signals import Signals
from local.supervisor import ComponentDied, Stopped, Supervisor, sole_supervisor, stop_orphans

# Airflow answers after 25 s on two idle cores; a busy or cold machine needs several times as long.
_HEALTHY_WITHIN_S = 240
_WIRE_WITHIN_S = 30
# Short, because a stop signal waits for it; the api-server goes on building what was asked for first.
_ANSWER_WITHIN_S = 3.0
# Postgres is no child of ours, so nothing tells when it dies.
_POSTGRES_LOOK_S = 2.0


def main() -> int:
    """Exit code 0 when it was asked to stop, 1 when it could not start or a component died."""
    folder = state_dir("up")
    try:
        sample = _wants_sample()
        with Signals() as signals, sole_supervisor(folder):
            return _Up(folder, signals, sample=sample).run()
    except (LocalError, OSError) as error:
        _say(f"make up: {error}", sys.stderr)
        return 1


class _Up:
    def __init__(self, folder: Path, signals: Signals, *, sample: bool) -> None:
        self._folder = folder
        self._home = folder / "airflow"
        self._sample = sample
        self._postgres = EmbeddedPostgres(folder)
        self._supervisor = Supervisor(folder, signals)
        self._signals = signals

    def run(self) -> int:
        began = time.monotonic()
        try:
            self._start(began)
            self._supervisor.watch(self._postgres_fault, _POSTGRES_LOOK_S)
        except Stopped:
            return 0
        except ComponentDied as error:
            # Without Postgres all others die; the one that was noticed first is not to blame.
            _say(f"make up: {self._postgres_fault() or error}", sys.stderr)
            return 1
        except (LocalError, WiredeskError) as error:
            _say(f"make up: {error}", sys.stderr)
            return 1
        finally:
            self._stop()
        return 0

    def _start(self, began: float) -> None:
        if orphans := stop_orphans(self._folder, self._signals):
            _say(f"stopped what a killed run had left: {', '.join(orphans)}")
        with _step("starting Postgres"):
            self._postgres.start()
        cluster = prepare(self._postgres)
        port = _kept_port(self._folder / "airflow_port")
        environment = airflow_environment(cluster, self._home, port)
        if self._sample:
            allowed = environment.get("WIREDESK_ALLOW_HOSTS", "")
            environment |= SAMPLE_SETTINGS
            environment["WIREDESK_ALLOW_HOSTS"] = f"{allowed},{environment['WIREDESK_ALLOW_HOSTS']}".strip(",")
        if is_new := not airflow_is_migrated(cluster, self._home):
            self._supervisor.start("airflow-migrate", airflow_command("db", "migrate"), environment, may_end=True)
        with _step("migrating the news database"):
            migrate(cluster.writer_dsn)
        self._subscribe(cluster, environment)
        if is_new:
            with _step("migrating Airflow's database"):
                self._supervisor.finish("airflow-migrate")
                remember_migrated(cluster, self._home)
        with _step("starting Airflow: api-server, scheduler, dag-processor (about half a minute)"):
            self._start_airflow(environment, port)
        _say(_welcome(port, admin_password(self._home), cluster, self._folder, time.monotonic() - began))

    def _subscribe(self, cluster: Cluster, environment: Mapping[str, str]) -> None:
        if self._sample:
            with _step("starting the sample wire"):
                port = self._start_wire(environment)
            opml = self._folder / "sample.opml"
            opml.write_bytes(_get(port, "/opml"))
        elif _has_no_subscription(cluster):
            opml = CHECKOUT / "feeds" / "default.opml"
        else:
            return
        with _step(f"subscribing to the feeds of {_shown(opml)}"):
            command = [sys.executable, "-m", "wiredesk", "feed", "import", str(opml)]
            self._supervisor.run("subscribe", command, {**environment, "WIREDESK_DSN": cluster.writer_dsn})

    def _start_wire(self, environment: Mapping[str, str]) -> int:
        url_file = self._folder / "wire.url"
        url_file.unlink(missing_ok=True)
        # The same port each time: it is part of the addresses that were subscribed to.
        port = _kept_port(self._folder / "wire_port")
        command = [sys.executable, "-m", "local.wire", "--port", str(port), "--url-file", str(url_file)]
        self._supervisor.start("wire", command, {**environment, "PYTHONPATH": str(CHECKOUT)})
        self._supervisor.wait_until(url_file.exists, "the sample wire did not start", _WIRE_WITHIN_S)
        return port

    def _start_airflow(self, environment: Mapping[str, str], port: int) -> None:
        started_at = datetime.now(UTC)
        server = airflow_command("api-server", "--host", "127.0.0.1", "--port", str(port))
        self._supervisor.start("api-server", server, environment)
        self._supervisor.start("dag-processor", airflow_command("dag-processor"), environment)
        # The first request builds the API that tasks report to, which takes seconds; a task that starts before
        # it is there fails, and is tried again a minute later.
        self._wait_for_airflow(lambda: _answers(port, "/execution/health"))
        # Its log server would listen on all interfaces; the api-server reads the files themselves.
        self._supervisor.start("scheduler", airflow_command("scheduler", "--skip-serve-logs"), environment)
        self._wait_for_airflow(lambda: _has_heartbeats(port, started_at))

    def _wait_for_airflow(self, is_there: Callable[[], bool]) -> None:
        self._supervisor.wait_until(is_there, "Airflow did not become healthy", _HEALTHY_WITHIN_S)

    def _postgres_fault(self) -> str | None:
        if self._postgres.is_running():
            return None
        log = self._postgres.log_path
        return f"Postgres ended by itself. End of {log}:\n{tail(log)}"

    def _stop(self) -> None:
        """Those that run tasks first, so that these can still tell the api-server how they ended; Postgres last."""
        _say("stopping", end="")
        for names in (("scheduler", "dag-processor"), ()):
            for name in self._supervisor.stop(*names):
                _say(f" … {name} had to be killed", end="")
        try:
            self._postgres.stop()
        except PostgresError:
            self._postgres.stop(immediate=True)  # the next start recovers, as after a crash
        _say(" … everything is stopped")


def _wants_sample() -> bool:
    wire = os.environ.get("WIRE", "")
    if wire not in ("", "sample"):
        raise LocalError(f"WIRE={wire} is unknown: WIRE=sample serves the bundled sample; without it, the web")
    return wire == "sample"


def _has_no_subscription(cluster: Cluster) -> bool:
    """Feeds of a sample wire (on this machine) do not count: they were an earlier `WIRE=sample make up`."""
    query = "SELECT NOT EXISTS (SELECT FROM news_v1.feeds WHERE url NOT LIKE 'http://127.0.0.1:%')"
    with psycopg.connect(cluster.reader_dsn) as connection:
        row = connection.execute(query).fetchone()
    return bool(row and row[0])


def _kept_port(file: Path) -> int:
    """The port of the last run if it is free, so that bookmarks stay true; else a new one, which is kept."""
    port = free_port(int(persisted_secret(file, "0")))
    write_private(file, str(port))
    return port


def _answers(port: int, path: str) -> bool:
    try:
        _get(port, path)
    except (OSError, http.client.HTTPException):
        return False
    return True


def _has_heartbeats(port: int, since: datetime) -> bool:
    """Whether scheduler and dag-processor have been heard of since this start; before, there are old ones."""
    try:
        health = json.loads(_get(port, "/api/v2/monitor/health"))
    except (OSError, http.client.HTTPException):
        return False
    beats = (
        health["scheduler"].get("latest_scheduler_heartbeat"),
        health["dag_processor"].get("latest_dag_processor_heartbeat"),
    )
    return all(beat and datetime.fromisoformat(beat) > since for beat in beats)


def _get(port: int, path: str) -> bytes:
    """The body of a 200 from 127.0.0.1; no proxy setting of the environment applies. Else HTTPException."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_WITHIN_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        if response.status != 200:
            raise http.client.HTTPException(f"{path}: HTTP {response.status}")
        return response.read()
    finally:
        connection.close()


def _welcome(port: int, password: str, cluster: Cluster, folder: Path, seconds: float) -> str:
    return f"""
wiredesk is up after {seconds:.0f} s

  Airflow   http://127.0.0.1:{port}   login {ADMIN}   password {password}
  news      {cluster.psql_line()}
  logs      {_shown(folder / "logs")}
  wiredesk  eval "$(make -s env)"; wiredesk status

Polling the web? Set WIREDESK_USER_AGENT_CONTACT to an address of yours: publishers must be able to reach you.
Stop it with Ctrl-C, or from elsewhere with: make down"""


def _shown(path: Path) -> str:
    """A path as one sees it from the checkout, where make runs."""
    return str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else str(path)


@contextmanager
def _step(what: str) -> Iterator[None]:
    began = time.monotonic()
    _say(f"{what} …", end="")
    try:
        yield
    except BaseException:
        _say("")
        raise
    _say(f" {time.monotonic() - began:.1f} s")


def _say(text: str, stream: object = None, end: str = "\n") -> None:
    with suppress(OSError):  # the terminal is gone (SIGHUP): stopping must go on
        print(text, end=end, file=stream, flush=True)  # type: ignore[call-overload]


if __name__ == "__main__":
    sys.exit(main())
