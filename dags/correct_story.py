"""### A person's word on a story

Keep two articles together or apart, let one lead its story, say that one is no news, or take such a ruling back. It
outranks every later run and survives new signatures; consumers learn of it from the log of changes, as of everything.

* **A run only says what would change, unless `Dry run` is switched off.** Read its log, then run it again.
* Who and why are kept beside the ruling, and `wiredesk explain A B` shows them.
* Every ruling can be undone: choose `undo` and give its id. Then the stories are what they would have been without it.

On-call: for "these two are not the same story" and "this copy should lead". `wiredesk explain A B` first shows why the
line decided so.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task
from wiredesk_airflow import CHANGES, RETRY_ARGS, airflow_settings, publish_changes

log = logging.getLogger(__name__)

PARAMS = {
    "action": Param(
        "keep_apart",
        type="string",
        enum=["keep_together", "keep_apart", "pin_lead", "not_news", "undo"],
        title="What",
        description="keep_together and keep_apart are upon two articles, pin_lead and not_news upon one, undo upon a "
        "ruling.",
    ),
    "article_id": Param(
        None, type=["null", "integer"], minimum=1, title="Article", description="Its id, as in news_v1."
    ),
    "other_id": Param(
        None, type=["null", "integer"], minimum=1, title="Other article", description="For keep_together, keep_apart."
    ),
    "ruling_id": Param(None, type=["null", "integer"], minimum=1, title="Ruling", description="For undo: its id."),
    "by": Param("", type="string", title="Who", description="Your name: it stands beside the ruling."),
    "why": Param("", type="string", title="Why", description="The reason, for whoever wonders."),
    "dry_run": Param(True, type="boolean", title="Dry run", description="Only say what would change."),
}


@dag(
    dag_id="correct_story",
    schedule=None,
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    params=PARAMS,
    tags=["wiredesk"],
    default_args={
        **RETRY_ARGS,
        # It waits for one batch of matching at most, and touches the stories of two articles.
        "execution_timeout": timedelta(minutes=5),
    },
)
def correct_story() -> None:
    @task
    def rule(params: dict[str, Any]) -> dict[str, Any]:
        """Carry the ruling out, or say what it would change."""
        from wiredesk import steps

        with steps.open_database(airflow_settings()) as database:
            result = steps.correct_story(database, **params)
        verb = "dry run: would change" if result.is_dry_run else f"ruling {result.ruling_id}: changed"
        log.info("%s %s", verb, [asdict(change) for change in result.changes] or "no story")
        return {"ruling_id": result.ruling_id, "changes": len(result.changes)}

    rule() >> task(outlets=[CHANGES])(publish_changes)()


correct_story()
