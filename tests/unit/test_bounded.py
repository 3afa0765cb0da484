"""Calls in a process of their own: they end within their limits, and what is around them goes on."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from wiredesk.bounded import BoundedWorker
from wiredesk.errors import EntryRejected, FetchError, LimitExceeded, PayloadError
from wiredesk.models import EntryReason, FetchReason, PayloadReason
from wiredesk.parse import parse_entries, scan_items

from tests.unit.bounded_calls import hoard, itself, raise_payload_error, raise_what_cannot_travel, spin, spin_stubbornly

MIB = 2**20


@pytest.fixture(scope="module")
def worker() -> Iterator[BoundedWorker]:
    with BoundedWorker(0.3, 256 * MIB) as worker:
        yield worker


def test_value_and_arguments_pass_as_they_are(worker: BoundedWorker) -> None:
    body = os.urandom(3 * MIB)
    assert worker.call(bytes.join, b"-", [body, body]) == body + b"-" + body


def test_calls_share_one_process(worker: BoundedWorker) -> None:
    assert worker.call(os.getpid) == worker.call(os.getpid) != os.getpid()


def test_error_of_the_function_comes_back_as_it_is(worker: BoundedWorker) -> None:
    with pytest.raises(PayloadError, match="broken off") as caught:
        worker.call(raise_payload_error)
    assert caught.value.reason is PayloadReason.MALFORMED
    assert "In the bounded worker" in caught.value.__notes__[0]


def test_error_that_cannot_travel_comes_back_in_words(worker: BoundedWorker) -> None:
    with pytest.raises(RuntimeError, match="Local: from afar"):
        worker.call(raise_what_cannot_travel)


@pytest.mark.parametrize("call", [spin, spin_stubbornly], ids=lambda call: call.__name__)
def test_endless_python_ends_and_the_next_call_is_served(worker: BoundedWorker, call: object) -> None:
    started = time.monotonic()
    with pytest.raises(LimitExceeded) as caught:
        worker.call(call)  # type: ignore[arg-type]
    assert caught.value.what == "cpu"
    assert time.monotonic() - started < 20
    assert worker.call(len, b"abc") == 3


def test_endless_c_code_ends(worker: BoundedWorker) -> None:
    with pytest.raises(LimitExceeded) as caught:
        worker.call(pow, 7, 10**9)  # one operation of the interpreter, some hours long
    assert caught.value.what == "cpu"


def test_endless_expression_ends(worker: BoundedWorker) -> None:
    with pytest.raises(LimitExceeded) as caught:
        worker.call(re.match, "(a+)+b", "a" * 40)
    assert caught.value.what == "cpu"


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="only Linux limits memory")
def test_hoarding_ends_and_the_next_call_is_served(worker: BoundedWorker) -> None:
    with pytest.raises(LimitExceeded) as caught:
        worker.call(hoard)
    assert (caught.value.what, "256 MiB" in str(caught.value)) == ("memory", True)
    assert worker.call(len, b"abc") == 3


def test_process_that_dies_is_named_and_replaced(worker: BoundedWorker) -> None:
    with pytest.raises(LimitExceeded, match="status 3") as caught:
        worker.call(os._exit, 3)
    assert caught.value.what == "died"
    assert worker.call(len, b"abc") == 3


def test_process_that_died_between_two_calls_is_replaced(worker: BoundedWorker) -> None:
    first = worker.call(os.getpid)
    os.kill(first, signal.SIGKILL)  # not waited for: it may die while the next call is handed over
    assert worker.call(os.getpid) != first


def test_child_has_neither_secrets_nor_its_own_folder_as_modules(
    worker: BoundedWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIREDESK_DSN", "postgresql://secret@db.example/")
    with BoundedWorker(1, 256 * MIB) as fresh:
        assert fresh.call(os.getenv, "WIREDESK_DSN") is None


def test_closed_worker_leaves_no_process_and_starts_again() -> None:
    worker = BoundedWorker(1, 256 * MIB)
    first = worker.call(os.getpid)
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert worker.call(os.getpid) != first
    worker.close()
    worker.close()


def test_child_ends_with_the_process_that_started_it() -> None:
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12: a fork beside threads may deadlock
        parent = os.fork()
    if parent == 0:
        os.write(writer, b"%d" % BoundedWorker(1, 256 * MIB).call(os.getpid))
        os._exit(0)  # neither closed nor collected, as when it is killed
    os.waitpid(parent, 0)
    os.close(writer)
    child = int(os.read(reader, 20))
    os.close(reader)
    deadline = time.monotonic() + 20
    while _runs(child):
        assert time.monotonic() < deadline, "the child outlived its parent"


def _runs(process: int) -> bool:
    """Whether it lives; one that only waits to be collected by init does not."""
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_forked_process_has_a_child_of_its_own(worker: BoundedWorker) -> None:
    ours = worker.call(os.getpid)
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        fork = os.fork()
    if fork == 0:
        os.write(writer, b"%d" % worker.call(os.getpid))
        worker.close()
        os._exit(0)
    os.waitpid(fork, 0)
    os.close(writer)
    theirs = int(os.read(reader, 20))
    os.close(reader)
    assert theirs != ours == worker.call(os.getpid)


def test_feed_is_scanned_and_read_in_the_worker() -> None:
    body = b"<rss version='2.0'><channel><title>G</title><item><guid>1</guid></item></channel></rss>"
    with BoundedWorker(2, 256 * MIB) as worker:
        (digest,) = worker.call(scan_items, body, url="https://g.example/rss")
        parsed = worker.call(parse_entries, body, url="https://g.example/rss", known={digest: "1"})
        assert (parsed.seen_keys, parsed.entries) == (("1",), ())
        with pytest.raises(PayloadError, match="no content"):
            worker.call(parse_entries, b"")


@pytest.mark.parametrize(
    "error",
    [
        PayloadError(PayloadReason.EMPTY, "nothing"),
        EntryRejected(EntryReason.EMPTY, "nothing"),
        FetchError(FetchReason.DNS, "nobody", http_status=None),
        LimitExceeded("cpu", "2 s"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_pass_between_processes_whole(worker: BoundedWorker, error: Exception) -> None:
    restored = worker.call(itself, error)
    assert (type(restored), str(restored), vars(restored)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize(
    "reach",
    [
        (socket.create_connection, ("127.0.0.1", 9)),
        (socket.getaddrinfo, "news.example", 80),
        (subprocess.call, ["true"]),
        (os.system, "true"),
        (os.fork,),
        (Path.read_bytes, Path("/etc/passwd")),
        (Path.write_bytes, Path(sys.prefix) / "left-behind", b"x"),
        (Path.unlink, Path(sys.prefix) / "pyvenv.cfg"),
    ],
    ids=lambda reach: getattr(reach[0], "__qualname__", str(reach[0])),
)
def test_a_document_reaches_neither_network_nor_processes_nor_files(
    worker: BoundedWorker, reach: tuple[Callable[..., object], ...]
) -> None:
    with pytest.raises(PermissionError, match="a document may not"):
        worker.call(*reach)
    assert worker.call(len, b"abc") == 3
