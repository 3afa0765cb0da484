"""The DAG on a real Airflow, a real Postgres and a real wire."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.files import CHECKOUT
from local.sample import expected
from tests.dags.conftest import Desk

# Ids of a batch of feeds and some counts; a text would be larger.
XCOM_BYTES = 2048


def xcoms(run: Any) -> list[Any]:
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.query(XComModel).filter(XComModel.run_id == run.run_id).all()
        return [row.value for row in found]


def asset_events(run: Any) -> list[Any]:
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.query(AssetEvent).filter(AssetEvent.source_run_id == run.run_id).all()
        return [row.extra for row in found]


def states(run: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for instance in run.get_task_instances():
        found.setdefault(instance.task_id, set()).add(str(instance.state))
    return found


def test_two_polls_bring_the_sample_to_what_it_must_come_to(desk: Desk) -> None:
    published = 0
    for edition in (1, 2):
        desk.wire.publish(edition)
        desk.poll_again()
        run = desk.run()
        assert run.state == "success"
        totals = expected.TOTALS[edition]
        assert desk.count("desk.articles") == totals.articles
        assert desk.count("news_v1.articles") == totals.stories
        assert desk.count("news_v1.copies") == totals.copies
        assert desk.count("desk.quarantine WHERE kind = 'entry'") == totals.quarantined_entries
        values = [str(value) for value in xcoms(run)]
        assert values
        assert max(map(len, values)) < XCOM_BYTES
        for story in ("Tarnby", "<p>", "http"):
            assert not any(story in value for value in values), "XCom carries ids and counts only"
        (extra,) = asset_events(run)
        published += sum(extra.values())
        assert published == desk.count("news_v1.changes"), "the asset tells how many changes there were"
    kinds = {row["kind"] for row in desk.rows("SELECT DISTINCT kind FROM news_v1.changes")}
    assert kinds == {"article_added", "copy_added", "article_revised"}


def test_a_run_with_nothing_due_ends_after_its_first_task_and_updates_no_asset(desk: Desk) -> None:
    desk.execute("UPDATE desk.feeds SET next_fetch_at = now() + interval '1 hour'")
    run = desk.run()
    assert run.state == "success"
    assert states(run)["claim_due_feeds"] == {"success"}
    assert {state for name, found in states(run).items() if name != "claim_due_feeds" for state in found} == {"skipped"}
    assert asset_events(run) == []
    assert desk.wire.requests[1:] == ()  # the first was for the subscriptions


def test_a_dry_run_asks_nobody_and_writes_nothing(desk: Desk) -> None:
    run = desk.run(dry_run=True)
    assert run.state == "success"
    assert desk.count("desk.fetches") == 0
    assert desk.count("desk.feeds WHERE claim_key IS NOT NULL") == 0
    assert desk.wire.requests[1:] == ()


def test_feeds_named_by_a_person_are_polled_and_no_others(desk: Desk) -> None:
    url = desk.wire.feed_url("minato")
    desk.execute("UPDATE desk.feeds SET next_fetch_at = now() + interval '1 hour'")
    assert desk.run(feeds=[url]).state == "success"
    assert [row["url"] for row in desk.rows("SELECT url FROM desk.fetches WHERE kind = 'feed'")] == [url]


def test_a_feed_that_does_not_exist_fails_the_run_at_once(desk: Desk) -> None:
    run = desk.run(feeds=["https://nobody.example/feed"])
    assert run.state == "failed"
    assert desk.count("desk.fetches") == 0


def test_a_batch_that_fails_does_not_stop_the_others_and_the_next_run_goes_on_from_it(desk: Desk) -> None:
    # Two host names, so that there are two batches; the database refuses the rows of one feed.
    desk.execute("UPDATE desk.feeds SET url = replace(url, '127.0.0.1', 'localhost') WHERE url LIKE '%minato%'")
    desk.execute(
        """
        CREATE FUNCTION desk.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'refused by a test'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON desk.entries FOR EACH ROW
        WHEN (NEW.url LIKE '%minato%') EXECUTE FUNCTION desk.refuse();
        """
    )
    run = desk.run(batch_size=1)
    assert run.state == "failed"
    found = states(run)
    assert found["ingest_batch.load"] == {"success", "failed"}
    assert found["publish_changes"] == {"success"}
    assert desk.count("news_v1.articles") == expected.TOTALS[1].stories - 2
    assert desk.count("desk.fetches WHERE loaded_at IS NULL AND outcome = 'fetched' AND kind = 'feed'") == 1

    desk.execute("DROP TRIGGER refuse ON desk.entries")
    desk.execute("UPDATE desk.fetches SET started_at = started_at - interval '1 hour' WHERE loaded_at IS NULL")
    asked = len(desk.wire.requests)
    assert desk.run().state == "success"
    assert desk.count("news_v1.articles") == expected.TOTALS[1].stories
    assert len(desk.wire.requests) == asked, "what was captured is loaded without asking the publisher again"


def test_a_database_that_is_behind_fails_the_run_without_a_retry(desk: Desk) -> None:
    desk.execute("DELETE FROM desk.schema_migrations WHERE version > 1")
    run = desk.run()
    assert run.state == "failed"
    assert {instance.try_number for instance in run.get_task_instances() if instance.task_id == "claim_due_feeds"} == {
        1
    }


def test_no_log_of_a_run_holds_a_secret(desk: Desk, airflow: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    assert desk.run().state == "success"
    desk.execute("DELETE FROM desk.schema_migrations WHERE version > 1")
    assert desk.run().state == "failed"
    logs = [file.read_text(errors="replace") for file in Path(airflow["AIRFLOW_HOME"]).rglob("*.log")]
    told = "".join([*capfd.readouterr(), *logs])
    assert "claim_due_feeds" in told
    logins = re.findall(r"://[^:/@ ]+:([^@/ ]+)@", " ".join([*airflow.values(), desk.dsn]))
    keys = [value for name, value in airflow.items() if name.endswith(("_KEY", "_SECRET"))]
    assert logins
    assert keys
    assert [secret for secret in {*logins, *keys} if secret in told] == []


def test_without_a_connection_the_run_fails_at_once_and_says_what_to_create(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_WIREDESK_DB")
    run = desk.run()
    assert run.state == "failed"
    assert "no Connection wiredesk_db: create it" in "".join(capfd.readouterr())


def test_without_a_connection_wiredesk_dsn_serves(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_WIREDESK_DB")
    monkeypatch.setenv("WIREDESK_DSN", desk.dsn)
    assert desk.run(dry_run=True).state == "success"


def test_the_dag_is_declared_as_operators_need_it(ingest_news: Any) -> None:
    assert ingest_news.max_active_runs == 1
    assert ingest_news.catchup is False
    assert "On-call" in ingest_news.doc_md
    assert set(ingest_news.params) == {"feeds", "batch_size", "dry_run"}
    for name in ingest_news.params:
        assert ingest_news.params.get_param(name).description
    for task in ingest_news.tasks:
        assert task.retries > 0
        assert task.retry_policy is not None
        assert task.execution_timeout is not None
    json.dumps({name: ingest_news.params[name] for name in ingest_news.params})


@pytest.mark.parametrize("path", sorted((CHECKOUT / "dags").glob("*.py")), ids=lambda path: path.stem)
def test_dags_are_declarations(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            root = (node.module or "").split(".")[0]
            assert root in {"airflow", "wiredesk", "wiredesk_airflow", *sys.stdlib_module_names}
            if root == "airflow":
                assert node.module.startswith("airflow.sdk"), "the task SDK is the public interface"
        assert not isinstance(node, ast.For | ast.While), "no loop over data"
    top = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    assert top <= {"logging"}
    assert ast.get_docstring(tree)


def test_plugins_replace_no_module(airflow: dict[str, str]) -> None:
    """Airflow imports what lies in plugins/ by its bare stem: `errors`, `models`, `parse` …

    In a process of its own, because plugins load once.
    """
    script = """
import sys
before = dict(sys.modules)
from airflow import plugins_manager
plugins_manager.ensure_plugins_loaded()
assert plugins_manager.get_import_errors() == {}, plugins_manager.get_import_errors()
print(*[name for name in sys.modules if getattr(sys.modules[name], "__file__", None)])
print(*[name for name, module in before.items() if sys.modules.get(name) is not module])
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded, replaced = run.stdout.splitlines()[-2:]
    stems = {path.stem for path in (CHECKOUT / "plugins").rglob("*.py")} - {"__init__", "__main__"}
    assert replaced == ""
    assert not [name for name in loaded.split() if name in stems]
