"""Fixtures of the tests that need Postgres and a site to poll."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from wiredesk.cli import main

from local.cluster import Cluster
from tests.store.desk import Desk, Site, opened_desk, running_site
from tests.store.feed_commands import Command, Run


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


@pytest.fixture
def environment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name in os.environ:
        if name.startswith("WIREDESK_"):
            monkeypatch.delenv(name)
    settings = {
        "WIREDESK_DSN": desk.dsn,
        "WIREDESK_ALLOW_HOSTS": "127.0.0.1",
        "WIREDESK_PER_HOST_GAP_S": "0",
        "WIREDESK_FETCH_TIMEOUT_S": "10",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return settings


@pytest.fixture
def feed(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `wiredesk feed …` in this process, without a terminal."""

    def run(*arguments: str | Path) -> Run:
        monkeypatch.setattr(sys, "argv", ["wiredesk", "feed", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Run(ended.value.code if isinstance(ended.value.code, int) else 0, told.out, told.err)

    return run
