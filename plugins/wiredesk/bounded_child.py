"""The other end of `wiredesk.bounded`: makes calls until its input ends. Run as a file, never imported for its work.

Frames are a length (8 bytes, big-endian) and a pickle. In: `(sys.path, cpu_s, memory_bytes)` once, then the pickles
of a function and of `(args, kwargs)`. Out: the byte TAKEN, without a length, as soon as a call has come in; then
`("returned", value)`, `("raised", error)` or `("limit", "cpu" | "memory")`.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import struct
import sys
import traceback
from pathlib import Path
from typing import IO, Any

TAKEN = b"\x06"  # ASCII's "acknowledge"

_LENGTH = struct.Struct(">Q")
# How much longer C code may go on that does not look for signals before the kernel ends the process.
_GRACE_S = 0.5

# What a parser has no business with, by Python's table of audit events: a document that gets so far ends there.
_REFUSED = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile",
    "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate", "shutil.",
    "tempfile.", "urllib.", "ftplib.", "smtplib.",
)  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
# Time zones, randomness, and how much this very process holds.
_READ_ELSEWHERE = (
    "/usr/share/zoneinfo", "/etc/localtime", "/etc/timezone", "/dev/null", "/dev/urandom",
    f"/proc/{os.getpid()}/status",
)  # fmt: skip


class _OutOfTimeError(BaseException):
    """The call's processor time is up. No Exception, so that no parser takes it for a fault of the document."""


def main() -> None:
    """Serve calls from standard input to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it ends our input
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    requests = sys.stdin.buffer
    sys.path, cpu_s, memory_bytes = pickle.loads(_read(requests) or b"")  # noqa: S301 (our own parent)
    with contextlib.suppress(ValueError, OSError):  # macOS has no such limit, or there is a lower one already
        # RLIMIT_DATA (since Linux 4.7) counts what is allocated; RLIMIT_AS would count shared libraries too.
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    _fence(sys.path)
    signal.signal(signal.SIGPROF, _stop)
    signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
    while (request := _read(requests)) is not None:
        answers.write(TAKEN)
        answers.flush()
        answer = _answer(request, cpu_s)
        answers.write(_LENGTH.pack(len(answer)))
        answers.write(answer)
        answers.flush()


def _fence(code_folders: list[str]) -> None:
    """From now on: no network, no other process, no file but the interpreter's, the libraries' and the code's.

    A fence and no prison: C code passes it. It is for what a parser's author did not think of, such as an entity
    that names a file.
    """
    roots = [Path(folder).resolve() for folder in (sys.prefix, sys.base_prefix, *code_folders)]
    readable = tuple({*(f"{root}{os.sep}" for root in roots if root.parent != root), *_READ_ELSEWHERE})

    def refuse(event: str, given: tuple[Any, ...]) -> None:
        if event == "open" and not isinstance(given[0], int):
            path = os.path.realpath(os.fsdecode(given[0]))
            is_read = not given[2] & _WRITING or f"{os.sep}__pycache__{os.sep}" in path
            if not (is_read and path.startswith(readable)):
                raise PermissionError(f"a document may not open {path}")
        elif event.startswith(_REFUSED):
            raise PermissionError(f"a document may not cause {event}")

    sys.addaudithook(refuse)


def _answer(request: bytes, cpu_s: float) -> bytes:
    try:
        return _bounded(request, cpu_s)
    except _OutOfTimeError:
        return pickle.dumps(("limit", "cpu"))
    except MemoryError:
        return pickle.dumps(("limit", "memory"))


def _bounded(request: bytes, cpu_s: float) -> bytes:
    named, given = pickle.loads(request)  # noqa: S301 (our own parent)
    function = pickle.loads(named)  # noqa: S301 (it imports what the function needs: no part of the call)
    signal.setitimer(signal.ITIMER_PROF, cpu_s)  # raises in Python code
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_s + _GRACE_S)  # ends the process, whatever it is doing
    try:
        args, kwargs = pickle.loads(given)  # noqa: S301
        try:
            return pickle.dumps(("returned", function(*args, **kwargs)), pickle.HIGHEST_PROTOCOL)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 (it is the caller's, and raised there)
            return _raised(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _raised(error: Exception) -> bytes:
    where = "".join(traceback.format_exception(error))
    try:
        error.add_note(f"In the bounded worker:\n{where}")
        answer = pickle.dumps(("raised", error), pickle.HIGHEST_PROTOCOL)
        pickle.loads(answer)  # noqa: S301 (some errors pickle and do not unpickle)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 (of an error that cannot travel, its words do)
        return pickle.dumps(("raised", RuntimeError(f"{type(error).__name__}: {error}\n{where}")))
    return answer


def _read(requests: IO[bytes]) -> bytes | None:
    """The next frame; None where the input ends."""
    head = requests.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    frame = requests.read(length)
    return frame if len(frame) == length else None


def _stop(_signal: int, _frame: object) -> None:
    raise _OutOfTimeError


if __name__ == "__main__":
    main()
