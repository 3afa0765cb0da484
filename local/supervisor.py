"""Runs components side by side and stops them all, also those that a killed supervisor left behind.

What runs is on record in `supervisor.json` of the state folder before anybody could need it; whether a
supervisor lives is told by a lock, which the system takes from a dead one.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from local.errors import LocalError
from local.files import tail, write_private
from local.sessions import Session, find_processes, is_same, start_session, stop_sessions
from local.signals import Signals

# Airflow's scheduler needs about 5 s to end its tasks in an orderly way; after 15 s it hangs.
GRACE_S = 15.0
# How often conditions without a signal of their own (a health page, a file, Postgres) are looked at.
_POLL_S = 0.25


class Stopped(Exception):
    """Somebody asked for the end (Ctrl-C, SIGTERM, `make down`)."""


class ComponentDied(LocalError):
    """A component ended by itself."""


@dataclass(slots=True)
class Supervisor:
    """The components of one state folder. Use inside `sole_supervisor`."""

    folder: Path
    signals: Signals
    _sessions: list[Session] = field(default_factory=list)
    _leaders: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _may_end: set[str] = field(default_factory=set)

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, may_end: bool = False
    ) -> None:
        """Start a component; its output goes to logs/`name`.log. With `may_end`, a command to `finish` later."""
        self._check()
        (self.folder / "logs").mkdir(mode=0o700, exist_ok=True)
        log = self.folder / "logs" / f"{name}.log"
        session, leader = start_session(name, command, environment, self.folder, log)
        if may_end:
            self._may_end.add(name)
        self._leaders[name] = leader
        self._sessions.append(session)
        _record(self.folder, self._sessions)

    def finish(self, name: str) -> None:
        """Wait for the end of a command that was started. LocalError with the end of its log if it fails."""
        leader = self._leaders[name]
        (session,) = (session for session in self._sessions if session.name == name)
        while leader.poll() is None:
            self._check()
            self.signals.wait(_POLL_S)
        self.stop(name)  # what it may have left running
        if leader.returncode != 0:
            raise LocalError(f"{name} failed{_ending(leader.returncode)}. End of {session.log}:\n{_end_of(session)}")

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a command and wait for its end, as `finish` does."""
        self.start(name, command, environment, may_end=True)
        self.finish(name)

    def wait_until(self, is_true: Callable[[], bool], what: str, timeout_s: float) -> None:
        """Wait for a condition. Raises Stopped, ComponentDied, or LocalError after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while not is_true():
            self._check()
            if time.monotonic() > deadline:
                raise LocalError(f"{what}: not within {timeout_s:.0f} s. The logs are in {self.folder / 'logs'}")
            self.signals.wait(_POLL_S)

    def watch(self, is_well: Callable[[], str | None], every_s: float) -> None:
        """Until the end: raises Stopped, or ComponentDied where a component ends or `is_well` names a fault."""
        while True:
            self._check()
            if fault := is_well():
                raise ComponentDied(fault)
            self.signals.wait(every_s)

    def stop(self, *names: str) -> list[str]:
        """Stop these components, or all. Returns those that had to be killed."""
        chosen = [session for session in self._sessions if not names or session.name in names]
        killed = stop_sessions(chosen, self.signals, GRACE_S)
        for session in chosen:
            self._leaders.pop(session.name).poll()  # no zombie stays
            self._sessions.remove(session)
        _record(self.folder, self._sessions)
        return killed

    def _check(self) -> None:
        if self.signals.stops:
            raise Stopped
        for session in self._sessions:
            leader = self._leaders[session.name]
            if session.name not in self._may_end and leader.poll() is not None:
                raise ComponentDied(
                    f"{session.name} ended by itself{_ending(leader.returncode)}. "
                    f"End of {session.log}:\n{_end_of(session)}"
                )


@contextmanager
def sole_supervisor(folder: Path) -> Iterator[None]:
    """Hold the state folder for this process. LocalError if another supervisor has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "supervisor.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError(
                f"it is running already (process {_read_record(folder).get('pid')}, state in {folder}). "
                "Stop it with: make down"
            ) from None
        # On record with what the last one may have left, so that `make down` finds both from now on.
        _record(folder, _recorded_sessions(folder))
        yield


def stop_orphans(folder: Path, signals: Signals) -> list[str]:
    """Stop what a supervisor that was killed left running; returns the components' names."""
    living = [session for session in _recorded_sessions(folder) if find_processes(session)]
    stop_sessions(living, signals, GRACE_S)
    _record(folder, [])
    return [session.name for session in living]


def running_supervisor(folder: Path) -> psutil.Process | None:
    """The supervisor that holds the state folder, if there is one."""
    if not folder.exists():
        return None
    with (folder / "supervisor.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            record = _read_record(folder)
            if record and is_same(record["pid"], record["started_at"]):
                return psutil.Process(record["pid"])
            raise LocalError(f"a supervisor is just starting or ending in {folder}; try again") from None
    return None


def _record(folder: Path, sessions: Sequence[Session]) -> None:
    own = {"pid": os.getpid(), "started_at": psutil.Process().create_time()}
    rows = [asdict(session) for session in sessions]
    write_private(folder / "supervisor.json", json.dumps({**own, "sessions": rows}, indent=1))


def _recorded_sessions(folder: Path) -> list[Session]:
    return [Session(**row) for row in _read_record(folder).get("sessions", [])]


def _read_record(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / "supervisor.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


def _ending(code: int) -> str:
    return f" (killed by signal {-code})" if code < 0 else f" (exit code {code})"


def _end_of(session: Session) -> str:
    return tail(Path(session.log)) or "(nothing)"
