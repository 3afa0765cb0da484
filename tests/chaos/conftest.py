"""A wire in a process of its own, and runs of the line in processes that may be killed."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.files import CHECKOUT

# Long enough for any run here on a busy machine; a run that takes longer hangs.
TIMEOUT_S = 60


@dataclass(frozen=True)
class RemoteWire:
    """The local wire in another process: the forked runs must not inherit its thread."""

    url: str

    def publish(self, edition: int) -> None:
        request = urllib.request.Request(f"{self.url}/-/edition/{edition}", method="POST")
        urllib.request.urlopen(request, timeout=TIMEOUT_S).close()

    @property
    def opml(self) -> bytes:
        with urllib.request.urlopen(f"{self.url}/opml", timeout=TIMEOUT_S) as response:
            return bytes(response.read())


@pytest.fixture(scope="session")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteWire]:
    url_file: Path = tmp_path_factory.mktemp("wire") / "url"
    command = [sys.executable, "-m", "local.wire", "--url-file", str(url_file), "--slow-seconds", "0.05"]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    watchdog = threading.Timer(TIMEOUT_S, process.kill)
    watchdog.start()
    process.stdout.readline()  # it speaks once it listens
    watchdog.cancel()
    yield RemoteWire(url_file.read_text(encoding="utf-8").strip())
    process.terminate()
    process.wait(TIMEOUT_S)
    process.stdout.close()


@pytest.fixture(scope="session")
def forkserver() -> multiprocessing.context.ForkServerContext:
    """Processes that start with the library imported, from a server that has no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.chaos.runs"])
    return context
