"""sql/init/logins.psql on a real server: the logins of local/cluster.py, and passwords that change."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from wiredesk.store.migrate import migrate

from local.cluster import prepare
from local.files import CHECKOUT
from local.guard import removed_with_this_process
from local.postgres import EmbeddedPostgres, dsn
from tests.deploy import compose_file, production_doc

WRITER = "the writer's"  # a quote, as a generated password never has and a person's may
READER = "the reader's"

# What may differ between two servers is a password; all else is compared.
STATE = """
SELECT 'role', rolname, rolcanlogin::text, rolsuper::text, rolconfig::text
FROM pg_roles WHERE rolname LIKE 'wiredesk%' OR rolname = 'news_reader'
UNION ALL
SELECT 'member', roleid::regrole::text, member::regrole::text, admin_option::text, inherit_option::text
FROM pg_auth_members WHERE roleid >= 16384
UNION ALL
SELECT 'database', datname, datdba::regrole::text, datacl::text, ''
FROM pg_database WHERE datname = 'wiredesk'
UNION ALL
SELECT 'schema', nspname, nspowner::regrole::text, nspacl::text, ''
FROM pg_namespace WHERE nspname = 'public'
ORDER BY 1, 2, 3
"""


def run_logins(server: EmbeddedPostgres, writer: str, reader: str) -> subprocess.CompletedProcess[str]:
    """The job news-roles of docker-compose.yml, against `server`."""
    service = compose_file.resolve(compose_file.sample_environment())["services"]["news-roles"]
    ((source, target),) = [mount.split(":")[:2] for mount in service["volumes"]]
    folder = (CHECKOUT / source).resolve()
    program, *arguments = (word.replace(f"={target}/", f"={folder}/") for word in service["command"])
    environment = {
        **service["environment"],
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PATH": os.defpath,
    }
    environment |= {"NEWS_DB_WRITER_PASSWORD": writer, "NEWS_DB_READER_PASSWORD": reader}
    environment["PGPASSWORD"] = password_of(server)
    command = [str(server.bin_dir / program), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def run_on(server: EmbeddedPostgres, command: list[str], given: bytes | None = None) -> bytes:
    """A client program of Postgres as superuser of `server`; its output."""
    environment = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres", "PATH": os.defpath}
    environment["PGPASSWORD"] = password_of(server)
    program = str(server.bin_dir / command[0])
    run = subprocess.run([program, *command[1:]], env=environment, input=given, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout


def without_key(dump: bytes) -> list[bytes]:
    """The lines of a dump but for the random key that brackets it since 18."""
    return [line for line in dump.splitlines() if not line.startswith((b"\\restrict", b"\\unrestrict"))]


def password_of(server: EmbeddedPostgres) -> str:
    info = psycopg.conninfo.conninfo_to_dict(server.superuser_dsn())
    return str(info["password"])


def state(server: EmbeddedPostgres) -> list[tuple[Any, ...]]:
    with psycopg.connect(server.superuser_dsn("wiredesk")) as connection:
        return connection.execute(STATE).fetchall()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A news server as the image makes it at its first start, with the job run once.

    Of its own: roles belong to a whole server, and the other tests log in with theirs.
    """
    state_dir = tmp_path_factory.mktemp("news")
    with removed_with_this_process(state_dir), EmbeddedPostgres(state_dir, durable=False) as server:
        with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE wiredesk")
        run = run_logins(server, WRITER, READER)
        assert (run.returncode, run.stderr) == (0, "")
        yield server


def test_roles_and_logins_equal_those_of_the_local_set_up(server: EmbeddedPostgres, postgres: EmbeddedPostgres) -> None:
    prepare(postgres)
    expected = state(postgres)
    assert state(server) == expected
    assert len(expected) > 8


def test_strings_sort_as_in_the_local_set_up(postgres: EmbeddedPostgres) -> None:
    services = compose_file.resolve(compose_file.sample_environment())["services"]
    with psycopg.connect(postgres.superuser_dsn()) as connection:
        query = """
            SELECT '--encoding=' || pg_encoding_to_char(encoding), '--locale=' || datcollate,
                CASE datlocprovider WHEN 'b' THEN '--locale-provider=builtin' END, '--builtin-locale=' || datlocale
            FROM pg_database WHERE datname = 'template1'
        """
        (local,) = connection.execute(query).fetchall()
    for name in ("airflow-db", "news-db"):
        assert services[name]["environment"]["POSTGRES_INITDB_ARGS"].split() == list(local)


def test_second_run_changes_nothing(server: EmbeddedPostgres) -> None:
    before = state(server)
    run = run_logins(server, WRITER, READER)
    assert (run.returncode, run.stderr) == (0, "")
    assert state(server) == before


def test_writer_migrates_and_reader_sees_the_contract_alone(server: EmbeddedPostgres) -> None:
    migrate(dsn("wiredesk", WRITER, server.port, "wiredesk"))
    with psycopg.connect(dsn("news_reader", READER, server.port, "wiredesk"), autocommit=True) as connection:
        schemas = "SELECT nspname FROM pg_namespace WHERE nspname IN ('desk', 'news_v1') AND {}"
        usable = sql.SQL(schemas).format(sql.SQL("has_schema_privilege(oid, 'USAGE')"))
        assert connection.execute(usable).fetchall() == [("news_v1",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE news_v1.mine ()")


def test_backup_restores_whole_beside_roles_that_the_job_has_made(server: EmbeddedPostgres) -> None:
    """With the pg_dump and pg_restore lines of docs/production.md."""
    said = {line[0]: line for service, line in production_doc.commands_in_services() if service == "news-db"}
    migrate(dsn("wiredesk", WRITER, server.port, "wiredesk"))
    before = run_on(server, ["pg_dump", "--schema-only", "wiredesk"])
    dump = run_on(server, said["pg_dump"])
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute("DROP DATABASE wiredesk WITH (FORCE)")
        connection.execute("CREATE DATABASE wiredesk")
    assert run_logins(server, WRITER, READER).returncode == 0
    run_on(server, said["pg_restore"], dump)
    assert without_key(run_on(server, ["pg_dump", "--schema-only", "wiredesk"])) == without_key(before)
    assert not migrate(dsn("wiredesk", WRITER, server.port, "wiredesk"))


def test_changed_password_in_env_is_the_password_after_the_next_run(server: EmbeddedPostgres) -> None:
    assert run_logins(server, WRITER, "changed").returncode == 0
    psycopg.connect(dsn("news_reader", "changed", server.port, "wiredesk")).close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(dsn("news_reader", READER, server.port, "wiredesk"))
    assert run_logins(server, WRITER, READER).returncode == 0


def test_passwords_stay_out_of_the_servers_log_even_when_it_logs_all(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET log_statement = 'all'")
        connection.execute("SELECT pg_reload_conf()")
    assert run_logins(server, WRITER, "not-to-be-logged").returncode == 0
    log = server.log_path.read_text(encoding="utf-8")
    assert "log_statement = 'none'" in log
    assert "not-to-be-logged" not in log
