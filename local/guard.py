"""A Postgres for a while: it is removed when the process that wanted it is gone, however that went.

`python -m local.guard STATE_DIR` waits for the end of its standard input, a pipe from the watched process.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.errors import PostgresError
from local.files import CHECKOUT
from local.postgres import EmbeddedPostgres


@contextmanager
def removed_with_this_process(state_dir: Path) -> Iterator[None]:
    """Whatever ends the block or the process, the Postgres in `state_dir` is stopped and deleted."""
    command = [sys.executable, "-m", "local.guard", str(state_dir)]
    guard = subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield
    finally:
        guard.communicate()
    if guard.returncode != 0:
        raise PostgresError(f"The Postgres in {state_dir} could not be removed.")


@contextmanager
def temporary_postgres() -> Iterator[EmbeddedPostgres]:
    """A running server without durability, of which nothing stays."""
    with tempfile.TemporaryDirectory() as folder:
        state_dir = Path(folder, "state")
        with removed_with_this_process(state_dir), EmbeddedPostgres(state_dir, durable=False) as server:
            yield server


def main() -> None:
    """Wait, remove, end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the watched process reacts to these, and this one to its end
    sys.stdin.read()
    EmbeddedPostgres(Path(sys.argv[1])).remove()


if __name__ == "__main__":
    main()
