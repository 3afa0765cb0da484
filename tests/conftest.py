"""The Postgres of a test process: a real one, started once, with a fresh database for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from local.cluster import Cluster, prepare
from local.guard import temporary_postgres
from local.postgres import EmbeddedPostgres

_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay in one process, because its fixtures are costly; so do all that import Airflow."""
    for item in items:
        is_dag = item.path.parent.name == "dags"
        item.add_marker(pytest.mark.xdist_group("dags" if is_dag else str(item.path)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for the tests of a process, without durability. It goes with the session, even when that is killed."""
    with temporary_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def cluster(postgres: EmbeddedPostgres) -> Cluster:
    """Roles and logins of sql/roles.sql; its database `wiredesk` is migrated and serves as the template."""
    from wiredesk.store.migrate import migrate

    made = prepare(postgres)
    migrate(made.writer_dsn)
    return made


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """The writer's DSN of a new migrated database that holds no row of another test."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(cluster.postgres.superuser_dsn(), autocommit=True) as connection:
        # file_copy: half the time of the default here, and safe while nobody writes to the template.
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE wiredesk OWNER wiredesk_owner STRATEGY file_copy").format(
                sql.Identifier(name)
            )
        )
    yield cluster.dsn("wiredesk", name)
    with psycopg.connect(cluster.postgres.superuser_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def reader_database(cluster: Cluster, database: str) -> str:
    """The reader's DSN of this test's database."""
    return cluster.dsn("news_reader", database.rpartition("/")[2])
