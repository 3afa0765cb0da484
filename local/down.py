"""`make down`: stop what `make up` and `make demo` left running. `--remove` deletes their state too."""

from __future__ import annotations

import shutil
import signal
import sys

import psutil

from local.errors import LocalError
from local.files import state_dir
from local.postgres import EmbeddedPostgres
from local.signals import Signals
from local.supervisor import GRACE_S, running_supervisor, sole_supervisor, stop_orphans

# Two stages with a grace of their own, then Postgres's shutdown.
_STOPPED_WITHIN_S = 2 * GRACE_S + 90


def main() -> int:
    """Exit code 1 if something could not be stopped."""
    try:
        stopped = [*_stop_up(), *_stop_demo()]
        if "--remove" in sys.argv[1:]:
            _remove()
    except (LocalError, OSError) as error:
        print(f"make down: {error}", file=sys.stderr)
        return 1
    print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")
    return 0


def _stop_up() -> list[str]:
    folder = state_dir("up")
    if not folder.exists():
        return []
    if supervisor := running_supervisor(folder):
        _stop_supervisor(supervisor)
        return ["make up"]
    with Signals() as signals, sole_supervisor(folder):
        stopped = stop_orphans(folder, signals)
        return stopped + _stop_postgres(EmbeddedPostgres(folder), "Postgres of make up")


def _stop_supervisor(supervisor: psutil.Process) -> None:
    print("stopping make up …", flush=True)
    supervisor.send_signal(signal.SIGTERM)
    try:
        supervisor.wait(_STOPPED_WITHIN_S)
    except psutil.TimeoutExpired:
        raise LocalError(
            f"process {supervisor.pid} has not stopped after {_STOPPED_WITHIN_S:.0f} s. Kill it (kill -9 "
            f"{supervisor.pid}), then `make down` again stops what it started"
        ) from None


def _stop_demo() -> list[str]:
    return _stop_postgres(EmbeddedPostgres(state_dir("demo")), "Postgres of make demo")


def _stop_postgres(postgres: EmbeddedPostgres, name: str) -> list[str]:
    if not postgres.is_running():
        return []
    postgres.stop()
    return [name]


def _remove() -> None:
    for name in ("up", "demo"):
        folder = state_dir(name)
        if folder.exists():
            EmbeddedPostgres(folder).remove()
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
