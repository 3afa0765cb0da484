"""A folder for the state of a local set-up; what runs in it is gone after the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.guard import removed_with_this_process


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "state"
    with removed_with_this_process(folder):
        yield folder
