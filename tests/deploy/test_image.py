"""Promises about the Dockerfile and its context."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from local.files import CHECKOUT
from tests.deploy import compose_file

DOCKERFILE = CHECKOUT / "Dockerfile"
HOME = "/opt/airflow"


def instructions() -> list[tuple[str, str]]:
    """(instruction, arguments) of the Dockerfile, continued lines joined."""
    text = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def copies() -> dict[str, str]:
    """Source in the checkout → place in the image."""
    words = [
        [word for word in rest.split() if not word.startswith("--")] for what, rest in instructions() if what == "COPY"
    ]
    return dict(words)


def environment() -> dict[str, str]:
    words = [word for what, rest in instructions() if what == "ENV" for word in shlex.split(rest)]
    return dict(word.split("=", 1) for word in words)


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    run = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "")


def test_base_image_is_the_airflow_of_the_pins_and_a_python_we_support() -> None:
    ((_, base),) = [each for each in instructions() if each[0] == "FROM"]
    match = re.fullmatch(r"apache/airflow:slim-(?P<airflow>[\d.]+)-python3\.(?P<minor>\d+)", base)
    assert match, base
    pins = (CHECKOUT / "requirements" / "run.txt").read_text(encoding="utf-8").splitlines()
    assert f"apache-airflow=={match['airflow']}" in pins
    assert match["minor"] in {"11", "12", "13"}


def test_the_pins_of_production_are_installed_and_checked() -> None:
    assert copies()["requirements/run.txt"] == f"{HOME}/requirements.txt"
    install = next(rest for what, rest in instructions() if what == "RUN")
    assert f"--requirement {HOME}/requirements.txt" in install
    assert install.endswith("&& pip check")


def test_it_never_runs_as_root() -> None:
    assert [rest for what, rest in instructions() if what == "USER"] == ["50000"]
    users = {service.get("user") for service in compose_file.read()["services"].values() if "build" in service}
    assert users == {None}


def test_everything_copied_exists_and_nothing_else_reaches_the_build() -> None:
    assert [source for source in copies() if not (CHECKOUT / source).exists()] == []
    lines = (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(copies())
    after = rules[max(index for index, rule in enumerate(rules) if rule.startswith("!")) + 1 :]
    assert set(after) == {"**/__pycache__", "**/*.egg-info"}


def test_airflow_and_the_library_find_the_code_where_it_is_copied() -> None:
    """Airflow's defaults are dags/ and plugins/ of its home, which the compose file does not change."""
    assert {name: copies()[name] for name in ("dags", "plugins")} == {
        "dags": f"{HOME}/dags",
        "plugins": f"{HOME}/plugins",
    }
    assert environment() == {"PYTHONPATH": copies()["plugins"], "WIREDESK_SQL_DIR": copies()["sql"]}
    keys = {key for service in compose_file.read()["services"].values() for key in service.get("environment", {})}
    assert not keys & {
        "AIRFLOW__CORE__DAGS_FOLDER",
        "AIRFLOW__CORE__PLUGINS_FOLDER",
        "AIRFLOW_HOME",
        "PYTHONPATH",
    }


def test_the_wiredesk_launcher_hands_its_arguments_to_the_library_as_they_are(tmp_path: Path) -> None:
    launcher, python = tmp_path / "wiredesk", tmp_path / "python"
    script = next(rest for what, rest in instructions() if what == "RUN" and "/bin/wiredesk" in rest)
    script = re.sub(r"\S+/bin/wiredesk", shlex.quote(str(launcher)), script)
    subprocess.run(["bash", "-c", script], check=True)
    python.write_text("""#!/bin/sh\nprintf '%s|' "$@"\n""")
    python.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.defpath}"
    run = subprocess.run([launcher, "feed", "add", "a b"], env={"PATH": path}, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "-m|wiredesk|feed|add|a b|")
    assert importlib.util.find_spec("wiredesk.__main__") is not None
