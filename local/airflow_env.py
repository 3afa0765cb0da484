"""Airflow's settings on one machine: everything in the state folder, everything on 127.0.0.1."""

from __future__ import annotations

import base64
import importlib.metadata
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg

from local.cluster import Cluster
from local.errors import LocalError
from local.files import CHECKOUT, persisted_secret, write_private

ADMIN = "admin"

# Forks that wait for tasks. A task mostly waits for the network or Postgres, so a small machine gets more than
# cores; beyond 16 the feeds' servers, not the machine, set the pace.
_PARALLELISM = max(4, min(16, os.cpu_count() or 4))


def airflow_environment(cluster: Cluster, home: Path, port: int | None = None) -> dict[str, str]:
    """The whole environment of an Airflow process with AIRFLOW_HOME `home`; `port` is the api-server's.

    The caller's environment without what would change this Airflow or slow it. Holds passwords.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    hidden = _secrets(home)
    write_private(home / "passwords.json", json.dumps({ADMIN: hidden["admin_password"]}))
    return {
        **_inherited(),
        **_settings(home, hidden),
        **_database_settings(cluster),
        **(_server_settings(port) if port else {}),
    }


def admin_password(home: Path) -> str:
    """The password of the login `admin`, made at the first start and kept."""
    return _secrets(home)["admin_password"]


def airflow_command(*arguments: str) -> list[str]:
    """An airflow command that needs no PATH and no script with the path of this checkout in it."""
    return [sys.executable, "-m", "airflow", *arguments]


def migrate_airflow(cluster: Cluster, home: Path, log: Path) -> None:
    """Bring Airflow's database to the installed Airflow; at once where it is known to be there.

    Raises LocalError that names `log`.
    """
    if airflow_is_migrated(cluster, home):
        return
    with log.open("ab") as output:
        command = airflow_command("db", "migrate")
        environment = airflow_environment(cluster, home)
        run = subprocess.run(command, env=environment, cwd=home, stdout=output, stderr=output, check=False)
    if run.returncode != 0:
        raise LocalError(f"`airflow db migrate` failed: see {log}")
    remember_migrated(cluster, home)


def airflow_is_migrated(cluster: Cluster, home: Path) -> bool:
    """Whether the last `airflow db migrate` was by this Airflow and on this database, which costs no import of it."""
    try:
        known = json.loads((home / "migrated.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    return bool(known == _schema_stamp(cluster))


def remember_migrated(cluster: Cluster, home: Path) -> None:
    """Note that `airflow db migrate` has succeeded."""
    write_private(home / "migrated.json", json.dumps(_schema_stamp(cluster)))


def _schema_stamp(cluster: Cluster) -> dict[str, str | None]:
    with psycopg.connect(cluster.dsn("airflow", "airflow")) as connection:
        found = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if found != (None,) else None
    version = importlib.metadata.version("apache-airflow-core")
    return {"airflow": version, "revision": row[0] if row else None}


def _inherited() -> dict[str, str]:
    """No Airflow settings of the caller's shell, nor its news database: this Airflow has its own."""
    unwanted = {"PYTHONDONTWRITEBYTECODE", "WIREDESK_DSN"}  # without bytecode each start takes 5 s longer
    return {
        name: value
        for name, value in os.environ.items()
        if name not in unwanted and not name.startswith(("AIRFLOW_", "_AIRFLOW_"))
    }


def _secrets(home: Path) -> Mapping[str, str]:
    fresh = {
        "admin_password": secrets.token_urlsafe(12),  # 16 characters, for a person to type
        "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),  # what Fernet asks for
        "jwt_secret": secrets.token_urlsafe(64),  # HS512 wants 64 bytes (RFC 7518, 3.2)
        "session_key": secrets.token_urlsafe(32),
    }
    kept: dict[str, str] = json.loads(persisted_secret(home / "secrets.json", json.dumps(fresh)))
    return kept


def _settings(home: Path, hidden: Mapping[str, str]) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(CHECKOUT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(CHECKOUT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(_PARALLELISM),
        "AIRFLOW__CORE__FERNET_KEY": hidden["fernet_key"],
        # The default asks the DNS for this machine's full name, which takes seconds where there is no DNS.
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__API_AUTH__JWT_SECRET": hidden["jwt_secret"],
        "AIRFLOW__API__SECRET_KEY": hidden["session_key"],
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home / "logs" / "dag_processor"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        # A DAG file that a person adds is seen within seconds, not after five minutes.
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        # After a hard stop the next start gives up the lost tasks, and so the run that they block, in a minute.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "SCARF_ANALYTICS": "False",
        "DO_NOT_TRACK": "1",
        # On macOS a forked child that asks for the system's proxy settings crashes.
        **({"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "no_proxy": "*"} if sys.platform == "darwin" else {}),
    }


def _database_settings(cluster: Cluster) -> dict[str, str]:
    return {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": cluster.airflow_dsn,
        "AIRFLOW_CONN_WIREDESK_DB": cluster.writer_dsn,
    }


def _server_settings(port: int) -> dict[str, str]:
    address = f"http://127.0.0.1:{port}"
    return {
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
    }
