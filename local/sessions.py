"""A component with all the processes that come from it, found again by a later process, stopped as a whole.

Each component leads a session of its own (setsid). Its process group is not enough: Airflow puts every task
into a group of its own, inside the session. A recycled pid is never touched: the leader is known by its start
time, and where the leader is gone, its session's members by that and by their working folder.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from local.signals import Signals

# The start time comes in clock ticks since boot; the boot time that is added moves a little with the clock.
_START_TOLERANCE_S = 2.0
_POLL_S = 0.1
# After SIGKILL only a process inside a system call stays for a while.
_KILL_GRACE_S = 10.0


@dataclass(frozen=True, slots=True)
class Session:
    """One component that runs or ran: what has to be known to find its processes."""

    name: str
    pid: int  # of the leader, and so the number of the session
    started_at: float  # seconds since 1970
    folder: str  # working folder of its processes
    log: str


def start_session(
    name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
) -> tuple[Session, subprocess.Popen[bytes]]:
    """Start `command` as the leader of a new session; what it and its children print goes to the end of `log`."""
    with log.open("ab") as output:
        leader = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Session(name, leader.pid, _start_time(leader.pid), str(folder.resolve()), str(log)), leader


def is_same(pid: int, started_at: float) -> bool:
    """Whether `pid` is still the process that started at `started_at`."""
    try:
        return abs(_start_time(pid) - started_at) < _START_TOLERANCE_S
    except psutil.Error:
        return False


def find_processes(session: Session) -> set[psutil.Process]:
    """The living processes of a session, with those of its children that left it."""
    if psutil.pid_exists(session.pid):
        if not is_same(session.pid, session.started_at):
            return set()  # recycled, so no process of ours is left: a pid is not given again while its session lives
        return {process for process in _tree(session.pid) if _is_alive(process)}
    orphans = [process for process in _members(session.pid) if _is_ours(process, session)]
    return {process for orphan in orphans for process in _tree(orphan.pid) if _is_alive(process)}


def stop_sessions(sessions: Sequence[Session], signals: Signals, grace_s: float) -> list[str]:
    """SIGTERM to all processes of `sessions`, SIGKILL after `grace_s`; return when none is left.

    A further stop signal meanwhile ends the grace. Returns the names of those that had to be killed.
    """
    asked = signals.stops
    told: set[psutil.Process] = set()
    killed: set[str] = set()
    kill_at = time.monotonic() + grace_s
    owner: dict[psutil.Process, str] = {}
    while True:
        for session in sessions:
            owner.update(dict.fromkeys(find_processes(session), session.name))
        alive = {process for process in owner if _is_alive(process)}
        if not alive:
            return sorted(killed)
        if time.monotonic() > kill_at + _KILL_GRACE_S:
            return sorted(killed)
        if time.monotonic() > kill_at or signals.stops > asked:
            killed |= {owner[process] for process in alive}
            _send(alive, signal.SIGKILL)
        else:
            _send(alive - told, signal.SIGTERM)
            told |= alive
        signals.wait(_POLL_S)


def _start_time(pid: int) -> float:
    return float(psutil.Process(pid).create_time())


def _members(sid: int) -> list[psutil.Process]:
    found = []
    for pid in psutil.pids():
        try:
            if os.getsid(pid) == sid:
                found.append(psutil.Process(pid))
        except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            continue
    return found


def _tree(pid: int) -> set[psutil.Process]:
    """The process, its session and all its descendants."""
    try:
        root = psutil.Process(pid)
        return {root, *root.children(recursive=True), *_members(os.getsid(pid))}
    except (psutil.NoSuchProcess, ProcessLookupError):
        return set()


def _is_ours(process: psutil.Process, session: Session) -> bool:
    try:
        return process.create_time() > session.started_at - _START_TOLERANCE_S and process.cwd() == session.folder
    except psutil.Error:
        return False


def _is_alive(process: psutil.Process) -> bool:
    """A zombie is not: it does nothing, and where no init collects it, it stays for ever."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _send(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)  # psutil looks whether the pid is still this process
        except psutil.NoSuchProcess:
            continue
