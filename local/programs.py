"""Runs the programs of the embedded Postgres, as the account that the server runs as."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from local.account import Account, run_options
from local.errors import PostgresError
from local.files import write_private


def initdb(programs: Path, account: Account | None, home: Path, password: str, *, durable: bool) -> None:
    """Make `home`/data, whose superuser `postgres` has `password`. PostgresError with what initdb said.

    It is made under another name first: what was killed half-way is never taken for a database.
    """
    fresh, password_file = home / "data.new", home / "password"
    shutil.rmtree(fresh, ignore_errors=True)
    write_private(password_file, password, (account.uid, account.gid) if account else None)
    command = [
        str(programs / "initdb"),
        f"--pgdata={fresh}",
        "--username=postgres",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",  # the same order of strings on Linux and macOS
        "--builtin-locale=C.UTF-8",
        *([] if durable else ["--no-sync"]),
    ]
    try:
        run = _run(command, account, subprocess.PIPE)
    finally:
        password_file.unlink(missing_ok=True)
    if run.returncode != 0:
        raise PostgresError(f"initdb failed in {fresh}:\n{run.stdout.strip()[-2000:]}")
    with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("include 'wiredesk.conf'\n")
    fresh.rename(home / "data")


def pg_ctl(programs: Path, account: Account | None, arguments: list[str]) -> bool:
    """Whether pg_ctl succeeded; why it did not is in the server's log."""
    # No pipe: the server would inherit it, and reading to its end would wait for the server's end.
    return _run([str(programs / "pg_ctl"), *arguments], account, subprocess.DEVNULL).returncode == 0


def _run(command: list[str], account: Account | None, output: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd="/",  # the account may not be able to enter the caller's folder
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},  # the caller's PG* and LC_* would change things
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **run_options(account),
    )
