"""The account that the database server runs as: `postgres` refuses to run as root.

An ordinary user's server runs as that user (None here). Root's runs as an unprivileged account that the
machine has already, and only what that account can reach is given to it; no folder's permissions change.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The system packages' own accounts first (Linux, macOS): made for this. `nobody` exists everywhere.
_CANDIDATES = ("postgres", "_postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged account of this machine."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """Who the server must run as: None for "as we are", an account when we are root.

    Raises LookupError when we are root and the machine has no unprivileged account.
    """
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise LookupError(
        f"Postgres does not run as root, and this machine has none of the accounts {', '.join(_CANDIDATES)}. "
        "Run make as an ordinary user, or add one of these accounts."
    )


def run_options(account: Account | None) -> dict[str, Any]:
    """Arguments of subprocess.run that make the child run as `account`, with no group but its own."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def may(account: Account | None, test: str, path: Path) -> bool:
    """Whether `account` passes `test` (-r, -w, -x) on `path`. The system answers: ACLs and mounts count."""
    command = ["/bin/sh", "-c", f'test {test} "$1"', "sh", str(path)]
    return subprocess.run(command, cwd="/", check=False, **run_options(account)).returncode == 0
