from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from local.airflow_env import admin_password, airflow_environment
from local.cluster import Cluster, prepare
from local.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def prepared(postgres: EmbeddedPostgres) -> Cluster:
    return prepare(postgres)


def test_settings_of_the_callers_shell_do_not_reach_this_airflow(
    prepared: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://production/airflow")
    monkeypatch.setenv("AIRFLOW__CORE__REMOTE", "1")
    monkeypatch.setenv("WIREDESK_DSN", "postgresql://production/news")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("WIREDESK_FETCH_TIMEOUT_S", "5")
    environment = airflow_environment(prepared, tmp_path, 1234)
    assert not [value for value in environment.values() if "production" in value]
    assert "AIRFLOW__CORE__REMOTE" not in environment
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert environment["WIREDESK_FETCH_TIMEOUT_S"] == "5"


def test_everything_is_on_the_loopback_address_and_follows_the_port(prepared: Cluster, tmp_path: Path) -> None:
    environment = airflow_environment(prepared, tmp_path, 1234)
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:1234/execution/"
    assert environment["AIRFLOW_CONN_WIREDESK_DB"] == prepared.writer_dsn


def test_secrets_are_long_kept_and_private(prepared: Cluster, tmp_path: Path) -> None:
    first, second = (airflow_environment(prepared, tmp_path / "home", 1234) for _ in range(2))
    assert first == second
    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"].encode()) >= 64
    login = json.loads(Path(first["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]).read_text())
    assert login == {"admin": admin_password(tmp_path / "home")}
    for file in (tmp_path / "home").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
