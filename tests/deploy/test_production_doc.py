"""What docs/production.md tells people to type works, as far as that shows without Docker."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from wiredesk.settings import Settings

from local.files import CHECKOUT
from tests.deploy import compose_file, production_doc


def test_first_block_fills_every_required_variable_once(tmp_path: Path) -> None:
    shutil.copy(compose_file.ENV_EXAMPLE, tmp_path)
    block = production_doc.blocks("sh")[0]
    filled = []
    for _ in range(2):
        block = block.replace("install -m 600 .env.example .env", "test -e .env || install -m 600 .env.example .env")
        subprocess.run(["bash", "-euc", block], cwd=tmp_path, env={"PATH": os.defpath}, check=True)
        lines = (tmp_path / ".env").read_text(encoding="utf-8").splitlines()
        filled.append(dict(line.split("=", 1) for line in lines if line and not line.startswith("#")))
    assert filled[0] == filled[1]
    required = {name for name, kind in compose_file.references() if kind == "?"}
    assert {name for name, value in filled[0].items() if value} == required
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    compose_file.resolve(filled[0])


def test_every_service_that_it_names_exists() -> None:
    services = set(compose_file.read()["services"])
    named = {service for service, _ in production_doc.commands_in_services()}
    for subcommand, words in production_doc.compose_calls():
        if subcommand in {"up", "stop", "logs", "build"}:
            named |= set(words)
    assert named <= services
    assert {"wiredesk", "scheduler", "news-db", "news-migrate"} <= named
    table = re.findall(r"^\| (`.+?`) \| ", production_doc.PATH.read_text(encoding="utf-8"), re.MULTILINE)
    assert services <= set(re.findall(r"`([\w-]+)`", " ".join(table)))


def test_every_file_of_the_image_that_it_names_is_copied_there() -> None:
    text = production_doc.PATH.read_text(encoding="utf-8")
    paths = set(re.findall(r"/opt/airflow/([\w./-]+)", text)) - {"logs"}
    assert "feeds/default.opml" in paths
    assert [path for path in paths if not (CHECKOUT / path).exists()] == []


def test_every_variable_that_it_names_exists() -> None:
    text = production_doc.PATH.read_text(encoding="utf-8")
    known = set(compose_file.explained())
    known |= {key for service in compose_file.read()["services"].values() for key in service.get("environment", {})}
    known |= {
        key for service in production_doc.overridden_services().values() for key in service.get("environment", {})
    }
    known |= {f"WIREDESK_{item.name.upper()}" for item in fields(Settings)}
    named = set(re.findall(r"\b(?:AIRFLOW|NEWS|REDIS|WIREDESK)_[A-Z_]*[A-Z]\b", text))
    assert named - known == set()


def test_override_examples_follow_the_specification_and_name_our_services(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.yml" for number, _ in enumerate(production_doc.blocks("yaml"))]
    for file, block in zip(files, production_doc.blocks("yaml"), strict=True):
        file.write_text(block)
    check = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        *map(str, files),
    ]
    run = subprocess.run(check, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert set(production_doc.overridden_services()) <= set(compose_file.read()["services"])
