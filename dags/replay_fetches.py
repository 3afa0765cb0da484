"""### Read stored payloads again with the code of today

After an upgrade that reads or cleans better, or a fix: takes the payloads that were fetched in a stretch of time,
oldest first, and does with them what a load does, on the bytes as they came. Publishers serve only the present, so
this is what backfill means here.

* **A dry run is the default.** Its log says which articles would be added, changed or refreshed, which stories would
  merge or split, and what this release cannot process. Switch `Dry run` off to write it.
* What a newer payload said stays. An article whose words stay the same gets its HTML and metadata anew, and consumers
  read `article_refreshed`. Nothing differs: nothing is written.
* Payloads whose bytes have expired (`WIREDESK_PAYLOAD_RETENTION_DAYS`) are counted, and cannot be replayed.
* It may run twice, beside `ingest_news`, and be killed anywhere: each payload is a transaction.

On-call: nobody needs to be woken for it. The same on the command line: `wiredesk replay --since …`.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task
from wiredesk_airflow import CHANGES, RETRY_ARGS, airflow_settings, publish_changes

log = logging.getLogger(__name__)

PARAMS = {
    "since": Param(
        None, type=["null", "string"], title="Since", description="ISO 8601, UTC where no zone is given. Needed."
    ),
    "until": Param(None, type=["null", "string"], title="Until", description="ISO 8601. Now, where it is not given."),
    "feed": Param(None, type=["null", "string"], title="Feed", description="URL or id. All, where it is not given."),
    "dry_run": Param(True, type="boolean", title="Dry run", description="Only show what would change."),
}


@dag(
    dag_id="replay_fetches",
    schedule=None,
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    params=PARAMS,
    tags=["wiredesk"],
    default_args={
        **RETRY_ARGS,
        # Hundreds of payloads a minute: a month of many feeds takes hours.
        "execution_timeout": timedelta(hours=12),
    },
)
def replay_fetches() -> None:
    @task
    def replay(params: dict[str, Any]) -> dict[str, int]:
        """Replay the stretch, or say what it would change; the counts."""
        from airflow.sdk.exceptions import AirflowFailException
        from wiredesk import steps
        from wiredesk.steps.replay import parse_moment, summarise

        if not params["since"]:
            raise AirflowFailException("since when? Trigger it again with the Param since, such as 2026-11-27T06:00")
        settings = airflow_settings()
        begin = parse_moment(params["since"])
        end = parse_moment(params["until"]) if params["until"] else None
        with steps.open_database(settings) as database:
            result = steps.replay_fetches(
                database, settings, since=begin, until=end, feed=params["feed"], dry_run=params["dry_run"]
            )
        log.info("%s", "\n".join(summarise(result)))
        return {
            "payloads": len(result.payloads),
            "expired": result.expired,
            "added": sum(len(payload.added) for payload in result.payloads),
            "changed": sum(len(payload.changed) for payload in result.payloads),
            "refreshed": sum(len(payload.refreshed) for payload in result.payloads),
        }

    replay() >> task(outlets=[CHANGES])(publish_changes)()


replay_fetches()
