"""What the DAGs of wiredesk produce, for DAGs of others to be scheduled on."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowSkipException

from wiredesk_airflow.connection import airflow_settings

# Updated by a run that published at least one change; `extra` holds how many of each kind.
CHANGES = Asset(name="wiredesk_changes", uri="wiredesk://changes", group="wiredesk")


def publish_changes(outlet_events: Any) -> dict[str, int]:
    """Give the changes their positions and update the asset; how many of each kind.

    Nothing changed: the task is skipped, and the asset stays as it was.
    """
    from wiredesk import steps

    with steps.open_database(airflow_settings()) as database:
        counts = steps.publish_changes(database)
    if not counts:
        raise AirflowSkipException("nothing changed")
    outlet_events[CHANGES].extra = counts
    return counts
