"""Every command and every query of the README does what the README says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from wiredesk import steps
from wiredesk.settings import Settings
from wiredesk.subscriptions import read_opml

from local.files import CHECKOUT
from local.wire import Wire, running_wire
from tests.store.desk import Site, item, prose, rss, running_site

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
WIREDESK = [sys.executable, "-m", "wiredesk"]

# Run as they stand by other tests of this suite.
RUN_ELSEWHERE = {
    "make demo": "tests/docs/test_demo.py",
    "make up": "tests/local/test_up.py",
    "make down": "tests/docs/test_demo.py",
    'eval "$(make -s env)"': "tests/docs/test_demo.py",
    "make test": ".ci/run",
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.splitlines() if line]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with running_wire(slow_seconds=0.05) as running:
        yield running


@pytest.fixture
def loaded(database: str, wire: Wire) -> str:
    """A database that holds the first edition."""
    import urllib.request

    settings = Settings(dsn=database, allow_hosts=("127.0.0.1",), per_host_gap_s=0)
    with steps.open_database(settings) as store, urllib.request.urlopen(wire.opml_url) as response:
        steps.subscribe(store, settings, read_opml(response.read()))
    assert wiredesk("run", dsn=database).returncode == 0
    return database


def wiredesk(*arguments: str, dsn: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")}
    environment |= {
        "WIREDESK_DSN": dsn,
        "WIREDESK_ALLOW_HOSTS": "127.0.0.1",
        "WIREDESK_PER_HOST_GAP_S": "0",
        "COLUMNS": "120",
    }
    return subprocess.run(
        [*WIREDESK, *arguments], env=environment, cwd=CHECKOUT, capture_output=True, text=True, timeout=60
    )


def test_every_command_of_the_readme_is_run_by_a_test() -> None:
    for command in commands():
        assert command.startswith("wiredesk ") or command in RUN_ELSEWHERE, command
    for place in RUN_ELSEWHERE.values():
        assert (CHECKOUT / place).is_file()


def test_every_make_target_that_the_readme_names_exists() -> None:
    listed = subprocess.run(["make", "-s", "help"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^make (\w+)", listed, re.MULTILINE))
    assert set(re.findall(r"`make (\w+)", README)) <= targets


@pytest.fixture
def example() -> Iterator[Site]:
    """What stands for https://news.example: a front page that names its feed."""
    with running_site() as site:
        site.put("/feed.xml", rss(item("one", prose("one"))))
        front = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>'
        site.put("/", front.encode(), content_type="text/html")
        yield site


def test_the_wiredesk_commands_work_in_their_order(loaded: str, example: Site) -> None:
    """On the sample wire; feeds of the internet are paused before a run, so that nobody is asked."""
    seen = 0
    for command in commands():
        if not command.startswith("wiredesk "):
            continue
        if command == "wiredesk run":
            with psycopg.connect(loaded) as connection:
                connection.execute("UPDATE desk.feeds SET state = 'paused' WHERE url NOT LIKE 'http://127.0.0.1%'")
        run = wiredesk(*shlex.split(command.replace("https://news.example", example.url))[1:], dsn=loaded)
        assert run.returncode == 0, f"{command}: {run.stdout}{run.stderr}"
        assert run.stdout.strip(), f"{command} says nothing"
        seen += 1
    assert seen > 10


@pytest.mark.parametrize("query", blocks("sql"))
def test_the_queries_of_the_readme_give_rows_to_a_reader(loaded: str, reader_database: str, query: str) -> None:
    with psycopg.connect(reader_database) as connection:
        assert connection.execute(query.encode()).fetchall()


def test_links_lead_somewhere() -> None:
    for path in [CHECKOUT / "README.md", *(CHECKOUT / "docs").glob("*.md"), CHECKOUT / "feeds" / "README.md"]:
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_check_has_a_runbook_and_every_runbook_a_check() -> None:
    checks = {path.stem for path in (CHECKOUT / "sql" / "checks").glob("*.sql")}
    assert {path.stem for path in (CHECKOUT / "docs" / "runbooks").glob("*.md")} == checks


def test_every_direct_dependency_has_its_line_in_the_design() -> None:
    design = (CHECKOUT / "docs" / "design.md").read_text(encoding="utf-8")
    names = {
        re.split(r"[\[=;]", line)[0].strip()
        for path in Path(CHECKOUT / "requirements").glob("*.in")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "-"))
    }
    missing = sorted(name for name in names if name.replace("apache-airflow-providers-", "") not in design)
    assert missing == []
