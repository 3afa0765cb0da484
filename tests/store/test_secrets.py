"""What a command prints, and what is logged on the way, never holds the password of the database."""

from __future__ import annotations

import logging
import os
import subprocess
import sys

import psycopg.conninfo
import pytest

from tests.store.desk import HTML, Desk, item, prose, rss

COMMANDS = (["doctor"], ["--debug", "doctor"], ["status"], ["migrate"], ["source"], ["forget"])


def printed(dsn: str, *arguments: str) -> str:
    """Standard output and standard error of a command."""
    command = [sys.executable, "-m", "wiredesk", *arguments]
    environment = {**os.environ, "WIREDESK_DSN": dsn}
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
    return run.stdout + run.stderr


def password(dsn: str) -> str:
    found = str(psycopg.conninfo.conninfo_to_dict(dsn)["password"])
    assert len(found) >= 16
    return found


CASES = [
    *(("none", command) for command in COMMANDS),
    *((fault, command) for fault in ("no such database", "no server") for command in COMMANDS[:2]),
]


@pytest.mark.parametrize(("fault", "arguments"), CASES, ids=str)
def test_no_command_prints_the_password(desk: Desk, fault: str, arguments: list[str]) -> None:
    secret = password(desk.dsn)
    replaced = {"none": {}, "no such database": {"dbname": "nowhere"}, "no server": {"port": "1"}}[fault]
    told = printed(psycopg.conninfo.make_conninfo(desk.dsn, **replaced), *arguments)
    assert secret not in told
    assert told.strip(), "it says what it did, or what is wrong"


def test_a_wrong_password_is_not_printed_either(desk: Desk) -> None:
    told = printed(psycopg.conninfo.make_conninfo(desk.dsn, password="a-wrong-password-entirely"), "doctor")
    assert "a-wrong-password-entirely" not in told
    assert "password authentication failed" in told


def test_nothing_that_is_logged_while_news_come_in_holds_the_password(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.subscribe("/one", "/html", "/down")
    desk.site.put("/one", rss(item("one", prose("one")), item("two", prose("one"))))
    desk.site.put("/html", HTML)
    desk.site.put("/down", status=500)
    desk.poll()
    desk.settle()
    assert desk.value("SELECT count(*) FROM desk.quarantine") == 1
    assert password(desk.dsn) not in caplog.text
