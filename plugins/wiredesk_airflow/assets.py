"""What the DAGs of wiredesk produce, for DAGs of others to be scheduled on."""

from __future__ import annotations

from airflow.sdk import Asset

# Updated by a run that published at least one change; `extra` holds how many of each kind.
CHANGES = Asset(name="wiredesk_changes", uri="wiredesk://changes", group="wiredesk")
