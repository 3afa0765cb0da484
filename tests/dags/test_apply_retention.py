"""The DAG that deletes: by the clock it does, by hand it asks first."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.dags.conftest import Desk

KEPT = "desk.payloads WHERE body IS NOT NULL"


@pytest.fixture
def old_desk(desk: Desk) -> Desk:
    """What was fetched long ago, and is loaded."""
    assert desk.run().state == "success"
    desk.execute("UPDATE desk.payloads SET created_at = created_at - interval '91 days'")
    desk.execute("UPDATE desk.fetches SET started_at = started_at - interval '91 days'")
    return desk


@pytest.fixture
def scheduled(monkeypatch: pytest.MonkeyPatch) -> None:
    """dag.test() makes a run by hand; here it makes one as the scheduler does."""
    from airflow.models import dagrun

    make = dagrun.get_or_create_dagrun

    def scheduled_run(**options: Any) -> Any:
        run = make(**options)
        run.run_type = "scheduled"
        options["session"].commit()
        return run

    monkeypatch.setattr(dagrun, "get_or_create_dagrun", scheduled_run)


def result(run: Any, task: str = "expire_payloads") -> dict[str, int]:
    instance = run.get_task_instances()[0]
    return dict(instance.xcom_pull(task_ids=task))


def waiting(desk: Desk) -> int:
    """Payloads that something in quarantine keeps."""
    return desk.count(
        "(SELECT DISTINCT payload_digest FROM desk.quarantine JOIN desk.fetches USING (fetch_id)) AS kept"
    )


def test_a_run_by_hand_counts_and_deletes_nothing_unless_told_to(old_desk: Desk, apply_retention: Any) -> None:
    before = old_desk.count(KEPT)
    run = apply_retention.test()
    assert run.state == "success"
    assert old_desk.count(KEPT) == before
    assert result(run)["payloads"] == before - waiting(old_desk) > 0

    done = apply_retention.test(run_conf={"dry_run": False})
    assert done.state == "success"
    assert result(done) == result(run)
    assert old_desk.count(KEPT) == waiting(old_desk)


def test_a_scheduled_run_deletes(old_desk: Desk, apply_retention: Any, scheduled: None) -> None:
    assert apply_retention.test().state == "success"
    assert old_desk.count(KEPT) == waiting(old_desk)


def test_articles_of_a_publisher_with_a_retention_go_by_the_clock_and_by_hand_are_counted(
    old_desk: Desk, apply_retention: Any
) -> None:
    old_desk.execute("UPDATE desk.sources SET article_retention_days = 30")
    old_desk.execute("UPDATE desk.feeds SET state = 'retired'")
    old = "now() - interval '91 days'"
    old_desk.execute(f"UPDATE desk.articles SET first_seen_at = {old}, revised_at = {old}")
    old_desk.execute(f"UPDATE desk.sightings SET first_seen_at = {old}, last_seen_at = {old}")
    there = old_desk.count("news_v1.articles")
    run = apply_retention.test()
    assert result(run, "expire_news")["articles"] >= there > 0
    assert old_desk.count("news_v1.articles") == there
    assert result(apply_retention.test(run_conf={"dry_run": False}), "expire_news") == result(run, "expire_news")
    assert old_desk.count("news_v1.articles") == 0


def test_articles_without_a_signature_are_signed_once_a_day(desk: Desk, apply_retention: Any, scheduled: None) -> None:
    assert desk.run().state == "success"
    signed = desk.count("desk.signatures")
    desk.execute("DELETE FROM desk.signatures")
    desk.execute("DELETE FROM desk.postings")
    assert apply_retention.test(run_conf={"dry_run": False}).state == "success"
    assert desk.count("desk.signatures") == signed > 0
    assert desk.count("desk.postings") > signed


def test_what_is_young_stays(desk: Desk, apply_retention: Any) -> None:
    assert desk.run().state == "success"
    before = desk.count(KEPT)
    run = apply_retention.test(run_conf={"dry_run": False})
    assert result(run) == {"payloads": 0, "stored_bytes": 0}
    assert desk.count(KEPT) == before


def test_without_a_database_of_its_schema_it_fails_at_once(desk: Desk, apply_retention: Any, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DELETE FROM desk.schema_migrations WHERE version > 1")
    run = apply_retention.test()
    assert run.state == "failed"
    assert {instance.try_number for instance in run.get_task_instances()} == {1}


def test_the_dag_is_declared_as_operators_need_it(apply_retention: Any) -> None:
    assert apply_retention.max_active_runs == 1
    assert apply_retention.catchup is False
    assert "by hand counts only" in apply_retention.doc_md
    assert "On-call" in apply_retention.doc_md
    assert apply_retention.params["dry_run"] is True
    assert "daily run always deletes" in apply_retention.params.get_param("dry_run").description
    for task in apply_retention.tasks:
        assert task.retries > 0
        assert task.retry_policy is not None
        assert task.execution_timeout is not None
