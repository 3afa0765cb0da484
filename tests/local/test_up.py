"""The front door as a person uses it: everything real, on the sample wire."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from local.cluster import existing
from local.files import CHECKOUT
from local.guard import removed_with_this_process
from local.postgres import EmbeddedPostgres
from local.sessions import Session, find_processes
from tests.local.waiting import eventually


class Airflow:
    """Airflow's public API, as the person who read the printed login."""

    def __init__(self, port: int, password: str) -> None:
        self._port = port
        self._token = ""
        answer = self.ask("POST", "/auth/token", {"username": "admin", "password": password})
        self._token = answer["access_token"]

    def ask(self, method: str, path: str, body: object = None) -> dict[str, object]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        assert response.status in (200, 201), f"{method} {path}: {response.status} {text}"
        return dict(json.loads(text))

    def run_states(self) -> list[str]:
        runs = self.ask("GET", "/api/v2/dags/ingest_news/dagRuns")["dag_runs"]
        assert isinstance(runs, list)
        return [run["state"] for run in runs]


@contextmanager
def running_up(state_dir: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`make up` on the sample wire, with what it printed up to the moment when it was ready."""
    environment = {**os.environ, "WIRE": "sample", "WIREDESK_STATE_DIR": str(state_dir)}
    command = [sys.executable, "-m", "local.up"]
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            printed = ""
            for line in process.stdout:
                printed += line
                if "make down" in line:
                    break
            yield process, printed
        finally:
            process.terminate()
            process.communicate()


def test_up_polls_the_sample_wire_and_leaves_nothing_running(tmp_path: Path) -> None:
    folder = tmp_path / "up"
    with removed_with_this_process(folder):
        with running_up(tmp_path) as (process, printed):
            login = re.search(r"http://127\.0\.0\.1:(\d+)   login admin   password (\S+)", printed)
            assert login, printed
            airflow = Airflow(int(login[1]), login[2])
            eventually(lambda: "ingest_news" in dag_ids(airflow), "the DAG is known", 120)
            airflow.ask("POST", "/api/v2/dags/ingest_news/dagRuns", {"logical_date": None})
            eventually(lambda: finished(airflow), "a run of ingest_news has ended", 240)
            assert stories(folder) > 0
            sessions = [Session(**row) for row in json.loads((folder / "supervisor.json").read_text())["sessions"]]
            assert {session.name for session in sessions} == {"wire", "api-server", "scheduler", "dag-processor"}
            processes = {process for session in sessions for process in find_processes(session)}
            process.terminate()
            assert process.wait(60) == 0
        assert all(find_processes(session) == set() for session in sessions)
        assert not [process for process in processes if process.is_running() and process.status() != "zombie"]
        assert not EmbeddedPostgres(folder).is_running()


def dag_ids(airflow: Airflow) -> list[str]:
    dags = airflow.ask("GET", "/api/v2/dags")["dags"]
    assert isinstance(dags, list)
    return [dag["dag_id"] for dag in dags if not dag["is_paused"]]


def finished(airflow: Airflow) -> bool:
    states = airflow.run_states()
    assert "failed" not in states
    return "success" in states


def stories(folder: Path) -> int:
    with psycopg.connect(existing(EmbeddedPostgres(folder)).reader_dsn) as connection:
        row = connection.execute("SELECT count(*) FROM news_v1.stories").fetchone()
    assert row is not None
    return int(row[0])
