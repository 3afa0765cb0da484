"""Signals as something to wait for: no sleeping, no work inside a handler."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType
from typing import Self

# SIGHUP: the terminal was closed. Handlers are installed even where the parent ignores a signal, as a shell
# script does with SIGINT for what it starts in the background.
_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """While the block runs, stop signals are counted and the end of a child wakes `wait`. Main thread only."""

    def __init__(self) -> None:
        self.stops = 0  # how often somebody asked for the end
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        # A pipe to ourselves wakes select() even for a signal that came just before it.
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        for number in (*_STOP, signal.SIGCHLD):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # it is what signal() gave us
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, timeout_s: float) -> None:
        """Return at a signal that was not waited for yet, or after `timeout_s`."""
        if select.select([self._reader], [], [], timeout_s)[0]:
            os.read(self._reader, 4096)

    def _note(self, number: int, _: FrameType | None) -> None:
        if number in _STOP:
            self.stops += 1
        try:
            os.write(self._writer, b".")
        except BlockingIOError:
            return  # full: wait() will wake without this one
