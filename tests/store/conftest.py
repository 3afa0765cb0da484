"""Fixtures of the tests that need Postgres and a site to poll."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from local.cluster import Cluster
from tests.store.desk import Desk, Site, opened_desk, running_site


@pytest.fixture(scope="session")
def shared_site() -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture
def site(shared_site: Site) -> Site:
    """The site, with no page on it yet."""
    shared_site.answers.clear()
    shared_site.asked.clear()
    shared_site.sent_validators.clear()
    return shared_site


@pytest.fixture
def desk(database: str, site: Site) -> Iterator[Desk]:
    """A line on an empty database."""
    with opened_desk(database, site) as desk:
        yield desk


@pytest.fixture
def without_constraints(cluster: Cluster, database: str) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's session for which neither triggers nor foreign keys are in force."""
    dsn = cluster.postgres.superuser_dsn(database.rpartition("/")[2])
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection
