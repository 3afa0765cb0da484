"""The code of the release before keeps its promises on this schema, as the newest migrations say in their heads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from wiredesk.store.migrate import read_migrations

from local.schema import SCHEMA_FILE

ROOT = SCHEMA_FILE.parents[1]
# What writes and reads most of the tables: polling, loading, comparing, publishing, taking down.
PROMISES = ("test_loading", "test_stories", "test_changes", "test_forget")


def oldest_code() -> int:
    """The schema that code must know at least to run on this one, by what the migrations say."""
    files = read_migrations()
    needs = {file.version: file.least_code or file.version for file in files}
    return next(n for n in range(len(files) + 1) if all(need <= n for version, need in needs.items() if version > n))


def git(*arguments: str) -> bytes:
    """What git says, or a skipped test where there is no history to ask."""
    try:
        return subprocess.run(["git", "-C", str(ROOT), *arguments], check=True, capture_output=True, timeout=60).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no history of this repository: {error}")


def revision_before(version: int) -> str:
    """The last commit without this migration."""
    added = git("log", "--format=%H", "--diff-filter=A", "--", f"sql/migrations/{version:04}_*.sql").decode().split()
    return f"{added[-1]}^" if added else "HEAD"


def test_the_release_before_keeps_its_promises_on_this_schema(tmp_path: Path) -> None:
    known = oldest_code()
    if known == len(read_migrations()):
        pytest.skip("the newest migration says that it needs its own code")
    archive = git("archive", "--format=tar", revision_before(known + 1))
    subprocess.run(["tar", "--extract", "--directory", str(tmp_path)], input=archive, check=True, timeout=60)
    if len(list((tmp_path / "sql" / "migrations").glob("*.sql"))) != known:
        pytest.skip(f"the history has no commit with schema {known}: several migrations came in one")
    for part in ("migrations", "contract"):
        shutil.rmtree(tmp_path / "sql" / part)
        shutil.copytree(ROOT / "sql" / part, tmp_path / "sql" / part)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-qx",
            "-p",
            "no:cacheprovider",
            *(f"tests/store/{name}.py" for name in PROMISES),
        ],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert done.returncode == 0, done.stdout[-8000:]
