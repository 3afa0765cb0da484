"""### Poll the feeds that are due and bring their news to Postgres

```
claim due feeds ─► batches: capture ─► load ─► match stories ─► publish changes ─► report
                     HTTP, raw bytes   parse, clean, sign
```

**Every five minutes** it asks the database which feeds are due. Each feed has its own rhythm, so most runs
poll a few, and a run that finds nothing to do ends after its first task.

* Nothing is parsed before its bytes are committed, so no failure loses news: what a run captured and did not
  load, the next one loads.
* Every task may run twice; nothing is stored twice.
* A feed that fails backs off by itself and fails no task. A **batch** that fails does not stop the others; the
  run ends red, and `report` says what to look at.
* Consumers can be scheduled on the asset `wiredesk://changes`; it is updated only when something changed.

On-call: start at the log of `report`, then `wiredesk status` and `wiredesk doctor`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, TriggerRule, dag, task, task_group
from airflow.sdk.exceptions import AirflowFailException
from wiredesk_airflow import CHANGES, RETRY_ARGS, airflow_settings, publish_changes

log = logging.getLogger(__name__)

PARAMS = {
    "feeds": Param(
        None,
        type=["null", "array"],
        items={"type": "string"},
        title="Feeds",
        description="URLs or ids of the feeds to poll now, due or not. Empty: every feed that is due.",
    ),
    "batch_size": Param(
        None,
        type=["null", "integer"],
        minimum=1,
        title="Batch size",
        description="Feeds in one mapped task. Empty: WIREDESK_BATCH_SIZE.",
    ),
    "dry_run": Param(
        False,
        type="boolean",
        title="Dry run",
        description="Only log which feeds would be polled; fetch nothing, write nothing.",
    ),
}


@dag(
    dag_id="ingest_news",
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    params=PARAMS,
    tags=["wiredesk"],
    default_args={
        **RETRY_ARGS,
        # The slowest batch is bounded by its timeouts; what takes longer hangs and should be seen.
        "execution_timeout": timedelta(minutes=15),
    },
)
def ingest_news() -> None:
    @task.short_circuit(ignore_downstream_trigger_rules=True)
    def claim_due_feeds(params: dict[str, Any], run_id: str) -> list[dict[str, Any]]:
        """Claim what is due, in batches. Nothing to do, or a dry run: the run ends here."""
        from wiredesk import steps

        settings = airflow_settings()
        with steps.open_database(settings) as database:
            if params["dry_run"]:
                log.info(
                    "dry run: would poll %s",
                    [feed.url for feed in steps.due_feeds(database, names=params["feeds"])],
                )
                return []
            batches = steps.claim_batches(
                database,
                settings,
                claimant="dag",
                run=run_id,
                names=params["feeds"],
                batch_size=params["batch_size"],
            )
        return [asdict(batch) for batch in batches]

    @task
    def capture(batch: dict[str, Any]) -> list[int]:
        """Fetch feeds, and the pages of full-text feeds; commit every answer as it came."""
        from wiredesk import steps
        from wiredesk.models import Batch

        settings = airflow_settings()
        with steps.open_database(settings) as database:
            fetch_ids = steps.capture_feeds(database, settings, Batch(**batch))
            steps.capture_pages(database, settings, fetch_ids)
        return fetch_ids

    @task
    def load(fetch_ids: list[int]) -> dict[str, int]:
        """Parse, clean and sign what was captured; one transaction a payload."""
        from wiredesk import steps

        settings = airflow_settings()
        with steps.open_database(settings) as database:
            return asdict(steps.load_fetches(database, settings, fetch_ids))

    @task_group
    def ingest_batch(batch: dict[str, Any]) -> Any:
        return load(capture(batch))

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def match_stories(run_id: str) -> dict[str, int]:
        """Compare new articles with the stories of the last days; join or start a story."""
        from wiredesk import steps

        settings = airflow_settings()
        with steps.open_database(settings) as database:
            counts = asdict(steps.match_articles(database, settings, run=run_id))
            return {**counts, "learned_lines": steps.learn_residue(database, settings)}

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def report(ti: Any, run_id: str, loaded: Sequence[Any] | None) -> None:
        """Say what the run came to, and end it red where any of its tasks failed."""
        log.info("loaded: %s", list(loaded or []))
        states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[run_id])[run_id]
        failed = sorted(name for name, state in states.items() if state in ("failed", "upstream_failed"))
        if failed:
            raise AirflowFailException(
                f"failed: {', '.join(failed)}. What was captured is kept, and the next run goes on from it."
            )

    batches = claim_due_feeds()
    loaded = ingest_batch.expand(batch=batches)
    matched = match_stories()
    published = task(outlets=[CHANGES])(publish_changes)()
    loaded >> matched >> published >> report(loaded=loaded)


ingest_news()
