from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local.files import CHECKOUT


def test_help_lists_every_target() -> None:
    text = (CHECKOUT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony
    targets = [name for name in phony[1].split() if not name.startswith("install-")]
    command = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    assert sorted(line.split()[1] for line in shown.splitlines()) == sorted(targets)
    assert sorted(re.findall(r"^([a-z-]+):", text, re.MULTILINE)) == sorted(phony[1].split())


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What an installation reads, below a folder with a space in its name, with nothing installed."""
    folder = tmp_path / "a clone"
    (folder / "local").mkdir(parents=True)
    shutil.copy(CHECKOUT / "local" / "install.sh", folder / "local")
    shutil.copytree(CHECKOUT / "requirements", folder / "requirements")
    shutil.copy(CHECKOUT / "pyproject.toml", folder)
    return folder


def fake_python(clone: Path, body: str) -> Path:
    python = clone / "python"
    python.write_text(f"#!/bin/sh\n{body}\n")
    python.chmod(0o755)
    return python


def install(clone: Path, python: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": python.name}
    environment["PATH"] = f"{clone}:{environment['PATH']}"
    return subprocess.run([clone / "local" / "install.sh", "local"], env=environment, capture_output=True, text=True)


def test_python_that_is_too_old_is_named(clone: Path) -> None:
    run = install(clone, fake_python(clone, "exit 1"))
    assert run.returncode == 1
    assert "wiredesk needs Python 3.11 to 3.14; found none as python." in run.stderr
    assert not (clone / ".venv").exists()


def test_python_without_venv_is_named_with_what_to_install(clone: Path) -> None:
    run = install(clone, fake_python(clone, 'case "$2" in *ensurepip*) exit 1;; esac'))
    assert run.returncode == 1
    assert "apt install python3-venv" in run.stderr
    assert not (clone / ".venv").exists()


def test_second_installation_does_nothing() -> None:
    if not (CHECKOUT / ".venv" / "installed-test").exists():
        pytest.skip("this .venv was not made by make")
    run = subprocess.run([CHECKOUT / "local" / "install.sh", "test"], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")


def test_compiled_requirements_name_no_address_and_pin_everything() -> None:
    for file in (CHECKOUT / "requirements").glob("*.txt"):
        lines = file.read_text().splitlines()
        assert not [line for line in lines if "://" in line]
        assert not [line for line in lines if not line.startswith("#") and "==" not in line]
