"""The DAG that reads stored payloads again: it shows first, and writes when it is told to."""

from __future__ import annotations

from typing import Any

from tests.dags.conftest import Desk

STRETCH = {"since": "2000-01-01", "until": None, "feed": None, "dry_run": True}
BADLY = """
UPDATE desk.articles SET text = text || ' Share this', text_digest = sha256('x')
WHERE article_id = (SELECT min(article_id) FROM desk.articles WHERE revision = 1)
"""


def test_a_dry_run_writes_nothing_and_the_real_one_mends_what_was_read_badly(desk: Desk, replay_fetches: Any) -> None:
    assert desk.run().state == "success"
    desk.execute(BADLY)
    assert replay_fetches.test(run_conf=STRETCH).state == "success"
    assert desk.count("desk.revisions") == 0
    assert replay_fetches.test(run_conf={**STRETCH, "dry_run": False}).state == "success"
    assert desk.count("desk.revisions") == 1
    assert desk.rows("SELECT 1 AS bad FROM desk.articles WHERE text LIKE '%Share this'") == []
    assert desk.rows("SELECT kind FROM news_v1.changes ORDER BY position DESC LIMIT 1")[0]["kind"] == "article_revised"


def test_a_run_without_a_beginning_fails_at_once_and_says_what_to_do(desk: Desk, replay_fetches: Any) -> None:
    run = replay_fetches.test(run_conf={**STRETCH, "since": None})
    assert run.state == "failed"
    assert {one.try_number for one in run.get_task_instances() if one.task_id == "replay"} == {1}


def test_the_dag_is_declared_as_operators_need_it(replay_fetches: Any) -> None:
    assert replay_fetches.max_active_runs == 1
    assert replay_fetches.schedule is None
    assert "On-call" in replay_fetches.doc_md
    assert replay_fetches.params["dry_run"] is True
    for task in replay_fetches.tasks:
        assert task.retries > 0
        assert task.retry_policy is not None
        assert task.execution_timeout is not None
