"""Calls with a limit on processor time and memory, in a long-lived process of their own.

A payload is a stranger's document and a parser is a large program: now and then one makes the other run for ever. A
deadline can stop neither C code nor a thread, so such calls run in a process that may be killed. It starts at the
first call and stays, because starting takes longer than most calls. It is a limit and no sandbox: what it returns is
trusted. A fence keeps Python code in it from the network, from other processes and from files.

macOS does not enforce memory limits; there only the processor limit holds.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import IO, Literal, NoReturn, ParamSpec, TypeVar

from wiredesk import bounded_child
from wiredesk.errors import LimitExceeded, PayloadError, StepFailed
from wiredesk.models import PayloadReason
from wiredesk.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

_LENGTH = struct.Struct(">Q")
_PIECE_BYTES = 2**20
# Processor time passes more slowly than time on a busy machine; a call that waits for something will never end.
_WALL_PER_CPU_S = 20.0
_WALL_AT_LEAST_S = 30.0
# What an orderly process needs to end once its input has ended.
_FAREWELL_S = 2.0
# A child needs no secrets: only what finds the interpreter, its libraries, its language and its temporary files.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
# Which setting allows more of what a payload took too much of.
_SETTINGS = {"cpu": "CPU_S", "memory": "MEMORY_MB"}

_idle: dict[tuple[float, int], SimpleQueue[BoundedWorker]] = {}


class BoundedWorker:
    """One child process that makes calls one after the other. Threads may share it: they wait for each other."""

    def __init__(self, cpu_s: float, memory_bytes: int) -> None:
        """`cpu_s`: processor seconds of one call; `memory_bytes`: what the process may hold, code apart."""
        self.cpu_s = cpu_s
        self.memory_bytes = memory_bytes
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()  # after a fork the child is not ours to talk to

    def __enter__(self) -> BoundedWorker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of a module with values that pickle. What it raises is raised here, as it is.

        Raises LimitExceeded("cpu" | "memory") if it took more than it may, and LimitExceeded("died") if its process
        ended otherwise, or did neither answer nor work. The next call gets a new process.
        """
        request = pickle.dumps((pickle.dumps(function), pickle.dumps((args, kwargs), pickle.HIGHEST_PROTOCOL)))
        self._leave_to_parent()
        with self._lock:
            try:
                outcome, value = pickle.loads(self._exchange(request))  # noqa: S301 (our own child)
            except BaseException:  # interrupted half-way, child and parent no longer agree on what comes next
                self._stop()
                raise
            if outcome == "limit":
                self._stop()  # it was broken off anywhere, so nothing in it can be relied on
                raise LimitExceeded(value, self._limit_detail(value))
        if outcome == "raised":
            raise value
        result: T = value
        return result

    def close(self) -> None:
        """End the child, if there is one. A later call starts another."""
        self._leave_to_parent()
        with self._lock:
            self._stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._stop()
        self._child = child = subprocess.Popen(
            # -P: the folder of the child's file must not be searched for modules, it has names of the standard library.
            [sys.executable, "-P", str(Path(bounded_child.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        with contextlib.suppress(BrokenPipeError):  # whoever hands it a request will find out too
            _send(child, pickle.dumps((sys.path, self.cpu_s, self.memory_bytes)))
        return child

    def _exchange(self, request: bytes) -> bytes:
        deadline = time.monotonic() + _WALL_AT_LEAST_S + _WALL_PER_CPU_S * self.cpu_s
        child = self._running()
        if not self._is_taken(child, request, deadline):  # it had died before, of something else
            self._stop()
            child = self._running()
            if not self._is_taken(child, request, deadline):
                self._report_death(child)
        (length,) = _LENGTH.unpack(self._receive(child, _LENGTH.size, deadline))
        return self._receive(child, length, deadline)

    def _is_taken(self, child: subprocess.Popen[bytes], request: bytes, deadline: float) -> bool:
        """Hand over a request; whether the child lived to take it."""
        try:
            _send(child, request)
            return self._read(child, len(bounded_child.TAKEN), deadline) == bounded_child.TAKEN
        except BrokenPipeError:
            return False

    def _receive(self, child: subprocess.Popen[bytes], length: int, deadline: float) -> bytes:
        pieces = bytearray()
        while len(pieces) < length:
            piece = self._read(child, length - len(pieces), deadline)
            if not piece:
                self._report_death(child)
            pieces += piece
        return bytes(pieces)

    def _read(self, child: subprocess.Popen[bytes], most: int, deadline: float) -> bytes:
        """What the child has written, as far as it is there; empty where it has ended."""
        descriptor = _pipe(child.stdout).fileno()
        ready = select.poll()
        ready.register(descriptor, select.POLLIN)
        left = deadline - time.monotonic()
        if left <= 0 or not ready.poll(left * 1000):
            raise LimitExceeded("died", "the process neither answered nor used up its processor time")
        return os.read(descriptor, min(most, _PIECE_BYTES))

    def _report_death(self, child: subprocess.Popen[bytes]) -> NoReturn:
        try:
            status = child.wait(_FAREWELL_S)
        except subprocess.TimeoutExpired:
            raise LimitExceeded("died", "the process closed its pipes") from None
        if status == -signal.SIGVTALRM:
            raise LimitExceeded("cpu", self._limit_detail("cpu"))
        how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        raise LimitExceeded("died", f"the process {how}")

    def _limit_detail(self, what: Literal["cpu", "memory"]) -> str:
        if what == "cpu":
            return f"more than {self.cpu_s:g} processor seconds"
        return f"more than {self.memory_bytes / 2**20:.0f} MiB"

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        _pipe(child.stdin).close()
        _pipe(child.stdout).close()
        try:
            child.wait(0 if child.poll() is not None else _FAREWELL_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _leave_to_parent(self) -> None:
        """In a forked process: have nothing more to do with the child of the process that was forked."""
        if self._owner == os.getpid():
            return
        self._owner = os.getpid()
        self._lock = threading.Lock()  # another thread may have held it when the process was forked
        child, self._child = self._child, None
        if child is not None:
            _pipe(child.stdin).close()  # this process's copies: unbuffered, so nothing is written
            _pipe(child.stdout).close()
            child.returncode = 0  # so that nobody waits for a process that is not ours


def call_again(worker: BoundedWorker, work: Callable[[], T], harmless: Callable[[], object]) -> T:
    """`worker.call(work)`, once more where the process died: somebody else may have killed it, for the machine's memory
    or by mistake.

    Raises StepFailed where it dies over `harmless` too: that is not the document's fault, so it must not be
    quarantined.
    """
    try:
        return worker.call(work)
    except LimitExceeded as error:
        if error.what != "died":
            raise
    try:
        worker.call(harmless)
    except LimitExceeded as error:
        raise StepFailed(f"nothing can be read here, not even a small document of our own ({error})") from error
    return worker.call(work)


def excess(error: LimitExceeded, kind: Literal["PARSE", "CLEAN"]) -> str:
    """What a document took too much of, and which setting allows more."""
    advice = f"; to allow more, raise WIREDESK_{kind}_{_SETTINGS[error.what]}" if error.what in _SETTINGS else ""
    return f"{error.detail}{advice}"


@contextmanager
def borrowed_worker(cpu_s: float, memory_mb: int) -> Iterator[BoundedWorker]:
    """A worker with these limits that nobody uses at present. It lives on for the next who needs one, to the end of
    this process: most of what a small batch costs is the start of its workers.
    """
    idle = _idle.setdefault((cpu_s, memory_mb), SimpleQueue())
    try:
        worker = idle.get_nowait()
    except Empty:
        worker = BoundedWorker(cpu_s, memory_mb * 2**20)
        atexit.register(worker.close)
    try:
        yield worker
    finally:
        idle.put(worker)


def parse_worker(settings: Settings) -> AbstractContextManager[BoundedWorker]:
    """The process that reads payloads, which a hostile one may hurt."""
    return borrowed_worker(settings.parse_cpu_s, settings.parse_memory_mb)


def too_costly(name: str, error: LimitExceeded) -> PayloadError:
    """What the limits of `parse_worker` mean for a payload, with what would allow it."""
    return PayloadError(PayloadReason.TOO_COSTLY, f"reading {name} took {excess(error, 'PARSE')}")


def _send(child: subprocess.Popen[bytes], frame: bytes) -> None:
    """Raises BrokenPipeError where the child has ended."""
    descriptor = _pipe(child.stdin).fileno()
    left = memoryview(_LENGTH.pack(len(frame)) + frame)
    while left:
        left = left[os.write(descriptor, left) :]


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("the child was started with pipes")
    return pipe
