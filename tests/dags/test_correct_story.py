"""The DAG that carries out a person's word: first it says what would change, then it does it, and it can be undone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dags.conftest import Desk

NOTHING = {"article_id": None, "other_id": None, "ruling_id": None, "by": "ann", "why": "two events", "dry_run": True}


@pytest.fixture
def pair(desk: Desk) -> tuple[int, int]:
    """A copy and the article that it was compared with."""
    assert desk.run().state == "success"
    (row,) = desk.rows(
        "SELECT article_id, copy_of_article_id FROM news_v1.copies WHERE relation = 'duplicate' ORDER BY 1 LIMIT 1"
    )
    return (row["article_id"], row["copy_of_article_id"])


def test_a_dry_run_changes_nothing_and_the_real_one_parts_two_articles_until_undone(
    desk: Desk, correct_story: Any, pair: tuple[int, int]
) -> None:
    article, other = pair
    given = {**NOTHING, "action": "keep_apart", "article_id": article, "other_id": other}
    before = desk.count("news_v1.stories")
    changes = desk.count("news_v1.changes")
    assert correct_story.test(run_conf=given).state == "success"
    assert (desk.count("news_v1.stories"), desk.count("desk.rulings")) == (before, 0)

    assert correct_story.test(run_conf={**given, "dry_run": False}).state == "success"
    assert desk.count("news_v1.stories") == before + 1
    assert desk.count("news_v1.changes") > changes
    (ruling,) = desk.rows("SELECT ruling_id, ruled_by, why FROM desk.rulings")
    assert (ruling["ruled_by"], ruling["why"]) == ("ann", "two events")

    undo = {**NOTHING, "action": "undo", "ruling_id": ruling["ruling_id"], "dry_run": False}
    assert correct_story.test(run_conf=undo).state == "success"
    assert desk.count("news_v1.stories") == before


def test_a_ruling_that_makes_no_sense_fails_the_run_at_once(desk: Desk, correct_story: Any) -> None:
    run = correct_story.test(run_conf={**NOTHING, "action": "pin_lead", "dry_run": False})
    assert run.state == "failed"
    assert {instance.try_number for instance in run.get_task_instances() if instance.task_id == "rule"} == {1}
    assert desk.count("desk.rulings") == 0


def test_the_dag_is_declared_as_operators_need_it(correct_story: Any) -> None:
    assert correct_story.max_active_runs == 1
    assert correct_story.schedule is None
    assert "On-call" in correct_story.doc_md
    assert correct_story.params["dry_run"] is True
    for task in correct_story.tasks:
        assert task.retries > 0
        assert task.retry_policy is not None
        assert task.execution_timeout is not None
