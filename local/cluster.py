"""The databases and logins on the embedded Postgres: Airflow's and the news, which never share a database."""

from __future__ import annotations

import json
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from local.files import CHECKOUT, persisted_secret, write_private
from local.postgres import EmbeddedPostgres, dsn

ROLES_SQL = CHECKOUT / "sql" / "roles.sql"

# Login → the group roles of sql/roles.sql that it gets.
_MEMBERSHIPS: Mapping[str, tuple[str, ...]] = {
    "airflow": (),
    "wiredesk": ("wiredesk_owner", "wiredesk_writer"),
    "news_reader": ("wiredesk_reader",),
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """How to reach the databases. All but `psql_line` hold passwords: do not print them."""

    postgres: EmbeddedPostgres
    passwords: Mapping[str, str]
    pgpass: Path

    def dsn(self, user: str, database: str = "wiredesk") -> str:
        """A libpq URI for one of the logins airflow, wiredesk and news_reader."""
        return dsn(user, self.passwords[user], self.postgres.port, database)

    @property
    def airflow_dsn(self) -> str:
        """Airflow's metadata database, as SQLAlchemy writes it."""
        return self.dsn("airflow", "airflow").replace("postgresql://", "postgresql+psycopg2://", 1)

    @property
    def writer_dsn(self) -> str:
        """The news database for the pipeline: migrates and writes."""
        return self.dsn("wiredesk")

    @property
    def reader_dsn(self) -> str:
        """The news database as a consumer sees it: `news_v1`, read only."""
        return self.dsn("news_reader")

    def psql_command(self, *options: str) -> tuple[list[str], dict[str, str]]:
        """Arguments and added environment of a psql session as the reader."""
        psql = str(self.postgres.bin_dir / "psql")
        target = ["-h", "127.0.0.1", "-p", str(self.postgres.port), "-U", "news_reader", *options, "wiredesk"]
        return [psql, *target], {"PGPASSFILE": str(self.pgpass)}

    def psql_line(self, *options: str) -> str:
        """The same as one line to paste into a shell; it shows no password."""
        command, environment = self.psql_command(*options)
        return " ".join([*(f"{name}={shlex.quote(value)}" for name, value in environment.items()), shlex.join(command)])


def prepare(postgres: EmbeddedPostgres) -> Cluster:
    """Create what is missing of the databases, roles and logins on a running server."""
    cluster = existing(postgres)
    with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as connection:
        databases = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        for name in sorted({"airflow", "wiredesk"} - databases):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(postgres.superuser_dsn("wiredesk"), autocommit=True) as connection:
        connection.execute(ROLES_SQL.read_bytes())
        _create_logins(connection, cluster.passwords)
        _close_databases(connection)
    return cluster


def existing(postgres: EmbeddedPostgres) -> Cluster:
    """The cluster of a server that was prepared before; makes the files with its passwords if need be."""
    fresh = json.dumps({user: secrets.token_urlsafe(24) for user in _MEMBERSHIPS})
    passwords: dict[str, str] = json.loads(persisted_secret(postgres.state_dir / "passwords.json", fresh))
    pgpass = postgres.state_dir / "pgpass"
    lines = [f"127.0.0.1:{postgres.port}:*:{user}:{password}\n" for user, password in passwords.items()]
    write_private(pgpass, "".join(lines))
    return Cluster(postgres, passwords, pgpass)


def _create_logins(connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    found = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    for user, groups in _MEMBERSHIPS.items():
        login = sql.Identifier(user)
        if user not in found:
            connection.execute(sql.SQL("CREATE ROLE {}").format(login))
        # Hashed on this side: the server, and so its log, never sees the password.
        verifier = connection.pgconn.encrypt_password(passwords[user].encode(), user.encode(), b"scram-sha-256")
        connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(login, sql.Literal(verifier.decode())))
        for group in groups:
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), login))
    # Settings of a group role do not reach its members, so the login repeats those of wiredesk_reader.
    connection.execute("ALTER ROLE news_reader SET search_path = news_v1")
    connection.execute("ALTER ROLE news_reader SET statement_timeout = '60s'")


def _close_databases(connection: psycopg.Connection) -> None:
    """Each database belongs to its owner and admits only its own logins."""
    connection.execute("ALTER DATABASE airflow OWNER TO airflow")
    connection.execute("ALTER DATABASE wiredesk OWNER TO wiredesk_owner")
    connection.execute("REVOKE ALL ON DATABASE airflow, wiredesk FROM PUBLIC")
    connection.execute("GRANT CONNECT ON DATABASE wiredesk TO wiredesk_writer, wiredesk_reader")
