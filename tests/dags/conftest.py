"""A real Airflow on the session's Postgres; imported only once its environment stands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from wiredesk import steps
from wiredesk.settings import Settings
from wiredesk.subscriptions import read_opml

from local.airflow_env import airflow_environment, migrate_airflow
from local.cluster import Cluster
from local.wire import Wire, running_wire


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Airflow and what it depends on warn of each other; here only our own modules' warnings are errors."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("error::Warning:wiredesk"))
            item.add_marker(pytest.mark.filterwarnings("error::Warning:wiredesk_airflow"))
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture(scope="session")
def airflow(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Airflow's environment, in force for the rest of the session, on a migrated database."""
    home: Path = tmp_path_factory.mktemp("airflow")
    environment = airflow_environment(cluster, home)
    environment["WIREDESK_ALLOW_HOSTS"] = "127.0.0.1,localhost"
    environment["WIREDESK_PER_HOST_GAP_S"] = "0"
    environment["WIREDESK_UNCONDITIONAL_SHARE"] = "0"
    os.environ.update(environment)
    migrate_airflow(cluster, home, home / "migrate.log")
    yield environment
    from airflow import settings

    settings.dispose_orm()  # before its server stops


def loaded_dag(airflow: dict[str, str], dag_id: str) -> Any:
    """The DAG as the dag-processor would load it; anew, because dag.test() keeps the Params of one run for the next."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(airflow["AIRFLOW__CORE__DAGS_FOLDER"])
    assert bag.import_errors == {}
    return bag.get_dag(dag_id)


@pytest.fixture
def ingest_news(airflow: dict[str, str]) -> Any:
    return loaded_dag(airflow, "ingest_news")


@pytest.fixture
def apply_retention(airflow: dict[str, str]) -> Any:
    return loaded_dag(airflow, "apply_retention")


@pytest.fixture
def correct_story(airflow: dict[str, str]) -> Any:
    return loaded_dag(airflow, "correct_story")


@pytest.fixture
def replay_fetches(airflow: dict[str, str]) -> Any:
    return loaded_dag(airflow, "replay_fetches")


@dataclass(frozen=True)
class Desk:
    """A wire, a news database that is subscribed to it, and the DAG."""

    dag: Any
    wire: Wire
    dsn: str

    def run(self, **params: Any) -> Any:
        """Run the DAG once; the ended dag run."""
        return self.dag.test(run_conf={"feeds": [], "batch_size": None, "dry_run": False, **params})

    def rows(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.dsn, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(query, arguments or None).fetchall()

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement)

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])

    def poll_again(self) -> None:
        """Every feed is due again."""
        self.execute("UPDATE desk.feeds SET next_fetch_at = now()")


@pytest.fixture
def desk(ingest_news: Any, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("AIRFLOW_CONN_WIREDESK_DB", database)
    settings = Settings(dsn=database)
    with running_wire(slow_seconds=0.05) as wire:
        import urllib.request

        with urllib.request.urlopen(wire.opml_url) as response:
            wanted = read_opml(response.read())
        with steps.open_database(settings) as store:
            steps.subscribe(store, settings, wanted)
        yield Desk(ingest_news, wire, database)
