"""### Let old payloads go, and news that is not kept for ever, and keep the index of stories small

Once a day it deletes the bytes of payloads that were last fetched more than `WIREDESK_PAYLOAD_RETENTION_DAYS` ago.
What was made of them stays: entries, articles, revisions, stories, and the row of every fetch. With the bytes goes
only the possibility to replay them on newer code.

* **The daily run deletes.** A run **by hand counts only**, unless `Dry run` is switched off for it: what is deleted
  does not come back.
* **News is kept for ever**, unless a publisher has a retention for its former wordings, articles or changes:
  `wiredesk source HOST --keep-articles 365`. The text of an article goes only with the article, once no feed has
  carried it for so long; consumers read `article_removed`.
* Bytes that are not loaded yet, or of which something waits in quarantine, are kept however old they are.
* It may run twice, and be killed anywhere: it works in batches, and a batch is whole or not at all.

It also empties the part of the index that is written to next, so that stories of more than two to four weeks ago are
no longer compared with, and signs recent articles that have no signature of the present scheme: after a change of
scheme these are all; and it lets stories be found by `news_v1.search` that were told before there was one. All three
only make what is derived; a dry run does none of them.

On-call: nobody needs to be woken for it. Payloads that pile up cost disk, nothing else; the next run takes them along.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task
from wiredesk_airflow import RETRY_ARGS, airflow_settings

log = logging.getLogger(__name__)

PARAMS = {
    "dry_run": Param(
        True,
        type="boolean",
        title="Dry run",
        description="Only count what would go. Holds for runs by hand; the daily run always deletes.",
    ),
}


@dag(
    dag_id="apply_retention",
    # When the news is thinnest in most of the world's newsrooms, and not at the full hour, as everybody else.
    schedule=CronTriggerTimetable("23 3 * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    params=PARAMS,
    tags=["wiredesk"],
    default_args={
        **RETRY_ARGS,
        # A batch takes seconds; the first run on a database that never forgot may take a while.
        "execution_timeout": timedelta(hours=1),
    },
)
def apply_retention() -> None:
    @task
    def expire_payloads(params: dict[str, Any], dag_run: Any) -> dict[str, int]:
        """Delete the bytes, or count them; how many payloads, and their stored bytes."""
        from wiredesk import steps

        settings = airflow_settings()
        is_dry = params["dry_run"] and dag_run.run_type != "scheduled"
        with steps.open_database(settings) as database:
            counts = steps.expire_payloads(database, settings, dry_run=is_dry)
        verb = "dry run: would expire" if is_dry else "expired"
        log.info("%s %d payloads, %d stored bytes", verb, counts.payloads, counts.stored_bytes)
        return {"payloads": counts.payloads, "stored_bytes": counts.stored_bytes}

    @task
    def expire_news(params: dict[str, Any], dag_run: Any) -> dict[str, int]:
        """Remove the news of publishers that have a retention for it, or count it; how many of each kind."""
        from wiredesk import steps

        is_dry = params["dry_run"] and dag_run.run_type != "scheduled"
        with steps.open_database(airflow_settings()) as database:
            counts = steps.expire_news(database, dry_run=is_dry)
        verb = "dry run: would remove" if is_dry else "removed"
        told = "%s %d articles, %d former wordings, %d changes"
        log.info(told, verb, counts.articles, counts.revisions, counts.changes)
        return {"articles": counts.articles, "revisions": counts.revisions, "changes": counts.changes}

    @task
    def keep_index(params: dict[str, Any], dag_run: Any) -> dict[str, Any]:
        """Empty what is written to next, sign what lacks a signature; the counts of both."""
        from wiredesk import steps

        if params["dry_run"] and dag_run.run_type != "scheduled":
            log.info("dry run: the index stays as it is")
            return {}
        settings = airflow_settings()
        with steps.open_database(settings) as database:
            is_emptied = steps.expire_postings(database)
            counts = asdict(steps.resign_articles(database, settings))
            indexed = steps.index_stories(database)
        log.info("emptied a part: %s; signed: %s; indexed for search: %d", is_emptied, counts, indexed)
        return {"is_emptied": is_emptied, **counts, "indexed": indexed}

    expire_payloads()
    expire_news()
    keep_index()


apply_retention()
