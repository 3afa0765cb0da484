from __future__ import annotations

import shlex
import stat
import subprocess

import psycopg
import pytest

from local.cluster import Cluster, prepare
from local.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def prepared(postgres: EmbeddedPostgres) -> Cluster:
    return prepare(postgres)


def test_preparing_again_changes_no_login(prepared: Cluster) -> None:
    again = prepare(prepared.postgres)
    assert again.writer_dsn == prepared.writer_dsn
    with psycopg.connect(prepared.writer_dsn), psycopg.connect(prepared.reader_dsn):
        pass


def test_lost_password_file_gives_new_passwords_that_work(prepared: Cluster) -> None:
    (prepared.postgres.state_dir / "passwords.json").rename(prepared.postgres.state_dir / "aside.json")
    try:
        renewed = prepare(prepared.postgres)
        assert renewed.writer_dsn != prepared.writer_dsn
        with psycopg.connect(renewed.writer_dsn), psycopg.connect(renewed.dsn("airflow", "airflow")):
            pass
    finally:
        (prepared.postgres.state_dir / "aside.json").rename(prepared.postgres.state_dir / "passwords.json")
        prepare(prepared.postgres)


@pytest.mark.parametrize(
    ("user", "database"), [("wiredesk", "airflow"), ("news_reader", "airflow"), ("airflow", "wiredesk")]
)
def test_nobody_enters_the_others_database(prepared: Cluster, user: str, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match=f'permission denied for database "{database}"'):
        psycopg.connect(prepared.dsn(user, database))


def test_no_login_is_a_superuser(prepared: Cluster) -> None:
    with psycopg.connect(prepared.postgres.superuser_dsn()) as connection:
        powerful = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND (rolsuper OR rolcreaterole OR rolbypassrls)"
        ).fetchall()
    assert powerful == [("postgres",)]


def test_readers_forgotten_query_ends(prepared: Cluster) -> None:
    with psycopg.connect(prepared.reader_dsn) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("1min",)


def test_printed_psql_line_works_in_a_shell_and_shows_no_password(prepared: Cluster) -> None:
    line = prepared.psql_line("--no-psqlrc", "-Atc", "SELECT current_user")
    run = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("news_reader\n", "")
    assert not any(password in line for password in prepared.passwords.values())
    assert shlex.split(line)[0].startswith("PGPASSFILE=")


def test_files_with_passwords_are_private(prepared: Cluster) -> None:
    for name in ("passwords.json", "pgpass"):
        assert stat.S_IMODE((prepared.postgres.state_dir / name).stat().st_mode) == 0o600
