"""Every command and name that the deployment gives to Airflow, Celery and wiredesk is one that they know.

Airflow is asked once, in one process, by its own parsers; no command is run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer
from wiredesk.settings import Settings

from local.airflow_env import airflow_environment
from local.cluster import prepare
from local.postgres import EmbeddedPostgres
from tests.deploy import compose_file, production_doc

_ASK_AIRFLOW = """
import contextlib, importlib, io, json, sys

import click
from airflow.cli.cli_parser import get_parser
from airflow.configuration import retrieve_configuration_description
from celery import Celery
from celery.bin.celery import celery

refused = {}
for line in json.load(sys.stdin):
    said = io.StringIO()
    try:
        if line[0] == "airflow":
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
                get_parser().parse_args(line[1:])
        else:
            assert line[1] == "--app"
            module, _, name = line[2].rpartition(".")
            assert isinstance(getattr(importlib.import_module(module), name), Celery)
            command = celery.commands[line[3]]
            command.make_parser(click.Context(command)).parse_args(line[4:])
    except (SystemExit, click.UsageError, AssertionError, AttributeError, ImportError, KeyError) as error:
        refused[" ".join(line)] = f"{error!r} {said.getvalue()[-200:]}"
sections = retrieve_configuration_description(include_providers=True)
options = [f"AIRFLOW__{s.upper()}__{o.upper()}" for s in sections for o in sections[s]["options"]]
print(json.dumps({"refused": refused, "options": options}))
"""


def services() -> dict[str, Any]:
    resolved: dict[str, Any] = compose_file.resolve(compose_file.sample_environment())["services"]
    return resolved


def named_commands(*programs: str) -> list[list[str]]:
    """What the compose file and docs/production.md run of these programs."""
    lines = [line for service in services().values() for line in compose_file.commands(service)]
    lines += [line for _, line in production_doc.commands_in_services()]
    return [line for line in lines if line and line[0] in programs]


def names_in_environments(prefix: str) -> set[str]:
    environments = [service.get("environment", {}) for service in services().values()]
    environments += [service.get("environment", {}) for service in production_doc.overridden_services().values()]
    return {key for environment in environments for key in environment if key.startswith(prefix)}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    environment = {"PATH": os.defpath, "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow"))}
    run = subprocess.run(
        [sys.executable, "-c", _ASK_AIRFLOW],
        input=json.dumps([*named_commands("airflow", "celery"), ["airflow", "no-such-command"]]),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    answer: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return answer


def test_every_airflow_and_celery_command_is_accepted_by_the_installed_ones(airflow: dict[str, Any]) -> None:
    named = {" ".join(line[:3]) for line in named_commands("airflow", "celery")}
    assert {
        "airflow db migrate",
        "airflow scheduler",
        "airflow dag-processor",
        "airflow celery worker",
    } <= named
    refused = dict(airflow["refused"])
    assert refused.pop("airflow no-such-command")
    assert refused == {}


def test_every_airflow_setting_is_an_option_of_the_installed_airflow(airflow: dict[str, Any]) -> None:
    assert names_in_environments("AIRFLOW__") - set(airflow["options"]) == set()


def test_every_wiredesk_variable_is_a_setting() -> None:
    settings = {f"WIREDESK_{item.name.upper()}" for item in fields(Settings)}
    assert names_in_environments("WIREDESK_") - settings == set()


def test_wiredesk_accepts_the_environment_of_each_service() -> None:
    """It refuses unknown names, so a variable of ours for something else must not begin with WIREDESK_."""
    for service in services().values():
        Settings.from_environment(service.get("environment", {}))


def test_every_wiredesk_command_exists_with_its_options() -> None:
    from wiredesk.cli import app  # here, so that a broken command line fails this test alone

    for line in named_commands("wiredesk"):
        command, words = typer.main.get_command(app), line[1:]
        while hasattr(command, "commands"):
            assert words, f"{line} names a group"
            assert words[0] in command.commands, line
            command, words = command.commands[words[0]], words[1:]
        command.make_parser(typer.Context(command)).parse_args(words)


# Variables that both set-ups give to Airflow, by how they must compare.
_EQUAL = {"AIRFLOW__CORE__HOSTNAME_CALLABLE", "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"}
_SAME_SWITCH = {"AIRFLOW__CORE__LOAD_EXAMPLES"}
_SAME_BUT_HOST_AND_PASSWORD = {
    "AIRFLOW_CONN_WIREDESK_DB",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
}
_DIFFERENT_ON_PURPOSE = {
    "AIRFLOW__API__BASE_URL",
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION",
    "AIRFLOW__CORE__EXECUTOR",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",
}


def test_airflow_is_set_up_as_on_one_machine_where_not_different_on_purpose(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    here = services()["api-server"]["environment"]
    local = airflow_environment(prepare(postgres), tmp_path / "airflow", port=8080)
    shared = {key for key in here.keys() & local.keys() if key.startswith("AIRFLOW")}
    assert shared == _EQUAL | _SAME_SWITCH | _SAME_BUT_HOST_AND_PASSWORD | _DIFFERENT_ON_PURPOSE
    assert {key: here[key] for key in _EQUAL} == {key: local[key] for key in _EQUAL}
    assert [key for key in _SAME_SWITCH if here[key].lower() != local[key].lower()] == []
    for key in _SAME_BUT_HOST_AND_PASSWORD:
        ours, theirs = urlsplit(here[key]), urlsplit(local[key])
        assert (ours.scheme, ours.username, ours.path) == (theirs.scheme, theirs.username, theirs.path), key
