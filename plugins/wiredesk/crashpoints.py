"""Named places where a test may kill the process, so that "nothing lost" is proved and not hoped.

A point does nothing unless the environment variable WIREDESK_CRASH_AT holds its name; then the process
gets SIGKILL there, as the kernel or a power cut would do it. `tests/chaos` lists the points by reading the
source and visits each one.
"""

from __future__ import annotations

import os
import signal


def crash_point(name: str) -> None:
    """Die here if WIREDESK_CRASH_AT names this point."""
    if os.environ.get("WIREDESK_CRASH_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
