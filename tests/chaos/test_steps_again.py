"""Whatever is run again, or by several at once, leaves what one run leaves."""

from __future__ import annotations

from benchmarks.race_steps import race, two_desks


def test_every_step_run_twice_and_by_eight_at_once_leaves_what_one_run_leaves() -> None:
    """Of rounds enough for revisions, copies, a takedown and a removal; `python -m benchmarks.race_steps` runs 100."""
    with two_desks() as (once, again):
        assert race(once, again, 5, seed=1).total() == 0
        kinds = {row["kind"] for row in once.rows("SELECT DISTINCT kind FROM desk.changes")}
        assert {"article_added", "article_revised", "article_removed", "copy_added"} <= kinds
