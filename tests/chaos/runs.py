"""What the killed processes run: the whole line, the retention or the signing, once. Imported by the fork server."""

from __future__ import annotations

import os
import sys

import wiredesk.steps  # noqa: F401 (so that the fork server has it)
from wiredesk.cli.forget import forget
from wiredesk.cli.line import expire, index, resign, run
from wiredesk.cli.replay import replay
from wiredesk.cli.show import fail
from wiredesk.errors import WiredeskError


def run_command(dsn: str, crash_at: str | None, command: str) -> None:
    """One `wiredesk` command on this database, dying at the named point if there is one."""
    for name in [name for name in os.environ if name.startswith("WIREDESK_")]:
        del os.environ[name]
    os.environ["WIREDESK_DSN"] = dsn
    os.environ["WIREDESK_ALLOW_HOSTS"] = "127.0.0.1"
    os.environ["WIREDESK_PER_HOST_GAP_S"] = "0"
    os.environ["WIREDESK_PER_HOST_CONCURRENCY"] = "16"  # a killed run's permits last for a minute, on one host here
    os.environ["WIREDESK_UNCONDITIONAL_SHARE"] = "0"
    if crash_at is not None:
        os.environ["WIREDESK_CRASH_AT"] = crash_at
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115 (for the life of the process)
    try:
        if command == "expire":
            expire(dry_run=False)
        elif command == "resign":
            resign()
        elif command == "forget":
            forget(article=1, prefix=None, source=None, why="a test", by="ann", apply=True, as_json=False)
        elif command == "replay":
            replay(since="2000-01-01", until="", feed=None, apply=True, as_json=False)
        elif command == "index":
            index()
        else:
            run(feed=None, dry_run=False)
    except WiredeskError as error:
        fail(str(error))
