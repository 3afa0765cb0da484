"""Which local set-up runs now: that of `make up`, else what the demo left up."""

from __future__ import annotations

from local.cluster import Cluster, existing
from local.errors import LocalError
from local.files import state_dir
from local.postgres import EmbeddedPostgres


def running_cluster() -> tuple[str, Cluster]:
    """Its name and how to reach its databases. Raises LocalError where none runs."""
    for name in ("up", "demo"):
        postgres = EmbeddedPostgres(state_dir(name))
        if postgres.is_running():
            return name, existing(postgres)
    raise LocalError("no Postgres runs. Start one with: make demo, or make up")
