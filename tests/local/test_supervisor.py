from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from local import down
from local.errors import LocalError
from local.files import CHECKOUT
from local.sessions import find_processes, stop_sessions
from local.signals import Signals
from local.supervisor import (
    ComponentDied,
    Stopped,
    Supervisor,
    running_supervisor,
    sole_supervisor,
    stop_orphans,
)
from tests.local.waiting import eventually

WAITING = "import signal; print('ready', flush=True); signal.pause()"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAITING}"
# As Airflow's scheduler: a child in a process group of its own; and as its BashOperator: one in a session.
WITH_CHILDREN = f"""
import signal, subprocess, sys
children = [
    subprocess.Popen([sys.executable, "-c", {WAITING!r}], process_group=0),
    subprocess.Popen([sys.executable, "-c", {WAITING!r}], start_new_session=True),
]
signal.pause()
"""
# A component whose leader goes and leaves its child behind.
LEADER_LEAVES = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {WAITING!r}])
"""
# A whole supervisor, as `make up` is one.
SUPERVISOR = """
import sys
from pathlib import Path
from local.signals import Signals
from local.supervisor import Stopped, Supervisor, sole_supervisor
folder, component = Path(sys.argv[1]), sys.argv[2]
with Signals() as signals, sole_supervisor(folder):
    supervisor = Supervisor(folder, signals)
    supervisor.start("component", [sys.executable, "-c", component], {})
    try:
        supervisor.watch(lambda: None, 60)
    except Stopped:
        supervisor.stop()
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    with Signals() as signals, sole_supervisor(tmp_path):
        supervisor = Supervisor(tmp_path, signals)
        yield supervisor
        stop_sessions(supervisor._sessions, signals, grace_s=0)
        for leader in supervisor._leaders.values():
            leader.wait()


def start(supervisor: Supervisor, code: str, ready: int = 1) -> None:
    """Start `code` as a component and wait until it has said `ready` so many times."""
    supervisor.start("component", [sys.executable, "-c", code], {})
    wait_ready(supervisor.folder, ready)


def wait_ready(folder: Path, ready: int = 1) -> None:
    log = folder / "logs" / "component.log"
    eventually(lambda: log.exists() and log.read_text().count("ready") >= ready, "the component is ready")


@contextmanager
def separate_supervisor(folder: Path, component: str, *wrapper: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [*wrapper, sys.executable, "-c", SUPERVISOR, str(folder), component], cwd=CHECKOUT
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def recorded_pids(folder: Path) -> list[int]:
    return [row["pid"] for row in json.loads((folder / "supervisor.json").read_text())["sessions"]]


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_component_ends_at_sigterm(supervisor: Supervisor) -> None:
    start(supervisor, WAITING)
    (pid,) = recorded_pids(supervisor.folder)
    assert supervisor.stop() == []
    assert is_gone(pid)
    assert recorded_pids(supervisor.folder) == []


def test_component_that_ignores_sigterm_is_killed_after_the_grace(supervisor: Supervisor) -> None:
    start(supervisor, DEAF)
    (session,) = supervisor._sessions
    assert stop_sessions([session], supervisor.signals, grace_s=0.3) == ["component"]
    assert find_processes(session) == set()


def test_second_stop_signal_ends_the_grace(supervisor: Supervisor) -> None:
    start(supervisor, DEAF)
    leader = supervisor._leaders["component"]
    interrupt_us = "import os, signal, sys; os.kill(int(sys.argv[1]), signal.SIGINT)"
    with subprocess.Popen([sys.executable, "-c", interrupt_us, str(os.getpid())]):
        assert stop_sessions(supervisor._sessions, supervisor.signals, grace_s=600) == ["component"]
    assert leader.poll() == -signal.SIGKILL


def test_children_in_groups_and_sessions_of_their_own_end_too(supervisor: Supervisor) -> None:
    start(supervisor, WITH_CHILDREN, ready=2)
    (session,) = supervisor._sessions
    processes = find_processes(session)
    assert len({os.getpgid(process.pid) for process in processes}) == 3
    supervisor.stop()
    assert all(is_gone(process.pid) for process in processes)


def test_component_that_dies_is_named_with_its_log(supervisor: Supervisor) -> None:
    supervisor.start("scheduler", [sys.executable, "-c", "raise SystemExit('no more disk')"], {})
    with pytest.raises(
        ComponentDied, match=r"scheduler ended by itself \(exit code 1\)(.|\n)*scheduler.log:\nno more disk"
    ):
        supervisor.watch(lambda: None, 60)


def test_component_that_dies_while_others_start_is_noticed_at_once(supervisor: Supervisor) -> None:
    supervisor.start("scheduler", [sys.executable, "-c", "import os; os.abort()"], {})
    with pytest.raises(ComponentDied, match=r"killed by signal 6"):
        supervisor.wait_until(lambda: False, "never", 600)


def test_command_that_fails_is_named_with_its_log(supervisor: Supervisor) -> None:
    with pytest.raises(LocalError, match=r"migrate failed \(exit code 3\)(.|\n)*migrate.log:\nhalf done"):
        supervisor.run("migrate", [sys.executable, "-c", "print('half done'); raise SystemExit(3)"], {})


def test_condition_that_stays_false_names_the_logs(supervisor: Supervisor) -> None:
    with pytest.raises(LocalError, match=r"not healthy: not within 0 s. The logs are in .*logs"):
        supervisor.wait_until(lambda: False, "not healthy", 0.1)


def test_second_supervisor_is_refused_and_told_about_the_first(tmp_path: Path) -> None:
    with separate_supervisor(tmp_path, WAITING) as first:
        wait_ready(tmp_path)
        with pytest.raises(LocalError, match=f"running already.*process {first.pid}"), sole_supervisor(tmp_path):
            pytest.fail("there are two")
        first.terminate()
        assert first.wait() == 0
    with sole_supervisor(tmp_path):
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_stop_signal_stops_everything(tmp_path: Path, number: signal.Signals) -> None:
    with separate_supervisor(tmp_path, WITH_CHILDREN) as process:
        wait_ready(tmp_path, 2)
        (pid,) = recorded_pids(tmp_path)
        tree = psutil.Process(pid).children()
        process.send_signal(number)
        assert process.wait() == 0
    assert all(is_gone(child) for child in (pid, *(child.pid for child in tree)))


def test_ctrl_c_works_where_a_script_started_it_in_the_background(tmp_path: Path) -> None:
    ignoring = ("/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh")
    with separate_supervisor(tmp_path, WAITING, *ignoring) as process:
        wait_ready(tmp_path)
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0


def test_orphans_of_a_killed_supervisor_are_found_and_stopped(tmp_path: Path) -> None:
    with separate_supervisor(tmp_path, WITH_CHILDREN) as process:
        wait_ready(tmp_path, 2)
    (pid,) = recorded_pids(tmp_path)
    orphans = [pid, *(child.pid for child in psutil.Process(pid).children())]
    assert process.returncode == -signal.SIGKILL
    assert len(orphans) == 3
    with Signals() as signals, sole_supervisor(tmp_path):
        assert stop_orphans(tmp_path, signals) == ["component"]
        assert all(is_gone(pid) for pid in orphans)
        assert stop_orphans(tmp_path, signals) == []


def test_orphans_whose_leader_is_gone_are_found(supervisor: Supervisor) -> None:
    start(supervisor, LEADER_LEAVES)
    (session,) = supervisor._sessions
    supervisor._leaders["component"].wait()
    (left,) = find_processes(session)
    stop_sessions([session], supervisor.signals, grace_s=5)
    assert is_gone(left.pid)


def test_recycled_pid_is_left_alone(supervisor: Supervisor) -> None:
    start(supervisor, WAITING)
    (session,) = supervisor._sessions
    earlier = replace(session, started_at=session.started_at - 3600)
    stop_sessions([earlier], supervisor.signals, grace_s=0)
    assert supervisor._leaders["component"].poll() is None


def test_session_number_that_strangers_got_is_left_alone(supervisor: Supervisor, tmp_path: Path) -> None:
    start(supervisor, LEADER_LEAVES)
    (session,) = supervisor._sessions
    supervisor._leaders["component"].wait()
    (left,) = find_processes(session)
    assert find_processes(replace(session, folder="/another/folder")) == set()
    assert not is_gone(left.pid)


def test_down_stops_a_supervisor_and_waits_for_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WIREDESK_STATE_DIR", str(tmp_path))
    with separate_supervisor(tmp_path / "up", WAITING) as process:
        wait_ready(tmp_path / "up")
        (pid,) = recorded_pids(tmp_path / "up")
        assert down.main() == 0
        assert running_supervisor(tmp_path / "up") is None
        assert process.wait() == 0
    assert is_gone(pid)
    assert "stopped: make up" in capsys.readouterr().out
    assert down.main() == 0
    assert "nothing was running" in capsys.readouterr().out


def test_stop_asked_for_during_the_start_is_heard(supervisor: Supervisor) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stopped):
        supervisor.start("late", [sys.executable, "-c", WAITING], {})
    assert recorded_pids(supervisor.folder) == []
