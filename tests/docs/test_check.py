"""`make check` passes: style, types, who may import whom, SQL."""

from __future__ import annotations

import subprocess

from local.files import CHECKOUT


def test_make_check_passes() -> None:
    run = subprocess.run(["make", "-s", "check"], cwd=CHECKOUT, capture_output=True, text=True, timeout=170)
    assert run.returncode == 0, run.stdout + run.stderr
