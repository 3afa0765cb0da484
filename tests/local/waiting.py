"""Waiting in tests: on a condition, with a deadline that only a broken machine meets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def eventually(look: Callable[[], Found], what: str, within_s: float = 20.0) -> Found:
    """The first true value of `look()`."""
    deadline = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what}: not within {within_s:.0f} s"
        threading.Event().wait(0.02)
    return found
