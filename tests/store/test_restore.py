"""After a dump and a restore consumers go on from where they were, and the line goes on as if nothing had happened."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from wiredesk.store.migrate import check_schema
from wiredesk.tail import tail

from local.cluster import Cluster
from tests.store.desk import Desk, item, opened_desk, prose, rss

RESTORED = "restored"


def run(cluster: Cluster, program: str, *arguments: str) -> None:
    """A program of the server's own, as its superuser, like docs/production.md says."""
    given = conninfo_to_dict(cluster.postgres.superuser_dsn())
    options = [f"--host={given['host']}", f"--port={given['port']}", f"--username={given['user']}"]
    environment = {"PATH": os.defpath, "PGPASSWORD": str(given.get("password") or "")}
    command = [str(cluster.postgres.bin_dir / program), *options, *arguments]
    subprocess.run(command, env=environment, check=True, timeout=60)


@pytest.fixture
def restored(cluster: Cluster) -> Iterator[str]:
    """An empty database to restore into; its name."""
    with psycopg.connect(cluster.postgres.superuser_dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {RESTORED} OWNER wiredesk_owner")
        yield RESTORED
        connection.execute(f"DROP DATABASE {RESTORED} WITH (FORCE)")


def contract(desk: Desk) -> dict[str, list[str]]:
    """Every row of every view of the contract."""
    names = [row["viewname"] for row in desk.rows("SELECT viewname FROM pg_views WHERE schemaname = 'news_v1'")]
    return {
        name: sorted(str(row) for row in desk.rows(f"SELECT view::text FROM news_v1.{name} AS view"))
        for name in sorted(names)
    }


def test_consumers_and_the_line_go_on_after_a_restore(
    desk: Desk, cluster: Cluster, restored: str, tmp_path: Path
) -> None:
    desk.subscribe("/one", "/two")
    desk.site.put("/one", rss(*(item(f"1-{number}", prose(str(number))) for number in range(20))))
    desk.site.put("/two", rss(*(item(f"2-{number}", prose(str(number))) for number in range(10))))
    desk.poll()
    desk.settle()
    list(islice(tail(desk.dsn, "index", batch=10), 12))  # confirmed up to 10, then killed
    before = contract(desk)
    file = str(tmp_path / "news.dump")
    name = conninfo_to_dict(desk.dsn)["dbname"]
    run(cluster, "pg_dump", "--format=custom", f"--file={file}", str(name))
    run(cluster, "pg_restore", f"--dbname={restored}", "--exit-on-error", file)
    with opened_desk(cluster.dsn("wiredesk", restored), desk.site) as again:
        again.store.run(check_schema)
        assert contract(again) == before
        assert again.offences() == {}
        again.clock.now = desk.clock.now
        again.site.put("/one", rss(item("new", prose("new"))))
        again.poll()
        again.settle()
        last = again.value("SELECT max(position) FROM news_v1.changes")
        assert [change.position for change in tail(again.dsn, "index", follow=False)] == list(range(11, last + 1))
        assert again.value("SELECT count(*) FROM news_v1.search('report new')") == 1
        assert again.offences() == {}
