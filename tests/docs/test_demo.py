"""`make demo` as a new user runs it: its output, the psql line that it prints, and nothing left afterwards."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from local.files import CHECKOUT
from local.postgres import EmbeddedPostgres
from local.sample import expected

TIMEOUT_S = 170


@dataclass(frozen=True)
class Demo:
    """What the demo printed, and the environment to go on in."""

    output: str
    environment: dict[str, str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WIREDESK_", "AIRFLOW"))}
    environment["WIREDESK_STATE_DIR"] = str(tmp_path_factory.mktemp("state"))
    try:
        yield Demo(sh("make demo", environment), environment)
    finally:
        sh("make down", environment)


def sh(command: str, environment: dict[str, str]) -> str:
    run = subprocess.run(
        ["sh", "-c", command],
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert run.returncode == 0, run.stdout
    return run.stdout


def test_the_demo_shows_what_became_of_the_sample(demo: Demo) -> None:
    totals = expected.TOTALS[2]
    assert f"{totals.articles} articles tell {totals.stories} stories" in demo.output
    copies = dict(re.findall(r"^\d+ +(/\S+) -> (/\S+)", demo.output, re.MULTILINE))
    assert copies == expected.shown_copies()
    for reason in ("not_found", "html_not_feed", "no_identity", "not_modified", "same_bytes"):
        assert reason in demo.output


def test_the_readme_shows_the_real_output(demo: Demo) -> None:
    """But for times, ports and counts of milliseconds; lines may be cut at their end."""
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```text\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    (shown,) = [block for block in blocks if "poll 2" in block]
    real = [_plain(line) for line in demo.output.splitlines()]
    for line in shown.splitlines():
        if line and not line.startswith("["):
            assert any(other.startswith(_plain(line)) for other in real), line


def test_the_printed_psql_line_works_and_shows_no_password(demo: Demo) -> None:
    (line,) = re.findall(r"^  (.*/psql'? .*)$", demo.output, re.MULTILINE)
    found = sh(f"{line} -At -c 'SELECT count(*) FROM articles'", demo.environment)
    assert found.strip() == str(expected.TOTALS[2].stories)
    passwords = Path(demo.environment["WIREDESK_STATE_DIR"], "demo", "pgpass").read_text(encoding="utf-8")
    for row in passwords.splitlines():
        assert row.rpartition(":")[2] not in demo.output


def test_the_customers_kind_of_page_lands_as_title_and_six_paragraphs(demo: Demo) -> None:
    (line,) = re.findall(r"^  (.*/psql'? .*)$", demo.output, re.MULTILINE)
    query = f"SELECT title, text FROM articles WHERE url LIKE '%{expected.WIDGET_ADDRESS}'"
    found = sh(f'{line} -At -F "|" -c "{query}"', demo.environment)
    title, _, text = found.rstrip("\n").partition("|")
    assert title == expected.WIDGET_TITLE
    assert text.split("\n\n") == list(expected.WIDGET_PARAGRAPHS)


def test_make_env_points_wiredesk_at_the_demo_without_a_password(demo: Demo) -> None:
    shown = sh('eval "$(make -s env)" && make -s env && wiredesk status', demo.environment)
    assert re.search(r"^stories +36$", shown, re.MULTILINE)
    assert not re.search(r"wiredesk:[^@\s]+@", shown)


def test_a_second_demo_tells_the_same_story(demo: Demo) -> None:
    again = sh("make demo", demo.environment)
    for line in demo.output.splitlines():
        if " copies were set aside" in line or line.startswith(("Northern Wire Agency", "Harbour Gazette")):
            assert re.sub(r"\d+ms|\s+", " ", line).split(" 200 ")[0] in re.sub(r"\s+", " ", again)


def test_nothing_runs_after_make_down(demo: Demo) -> None:
    sh("make down", demo.environment)
    state = Path(demo.environment["WIREDESK_STATE_DIR"])
    assert not EmbeddedPostgres(state / "demo").is_running()
    running = [process.pid for process in psutil.process_iter() if str(state) in " ".join(_command(process))]
    assert running == []


def _plain(line: str) -> str:
    return re.sub(r"\d+", "0", re.sub(r" +", " ", line)).strip()


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []
