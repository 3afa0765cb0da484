"""Which failures of a task are worth another try."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

# First match decides, so the narrower error stands first. Named by path: the rules are stored with the DAG.
_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=["wiredesk.errors.ContractViolation", "wiredesk.errors.StepFailed"],
            action=RetryAction.FAIL,
            reason="the database refused the rows: a bug, which trying again does not mend",
        ),
        RetryRule(
            exception="wiredesk.errors.ConfigurationError",
            action=RetryAction.FAIL,
            reason="a setting or the schema is wrong: see the message, and run `wiredesk doctor`",
        ),
        RetryRule(
            exception="wiredesk.errors.NotFound",
            action=RetryAction.FAIL,
            reason="what the run was asked for does not exist",
        ),
        RetryRule(
            exception="wiredesk.errors.StoreError",
            action=RetryAction.RETRY,
            reason="the database failed in a way that may pass",
        ),
    ]
)

# The `default_args` of every DAG. A database that restarts or fails over is back within minutes; the store has retried
# for seconds already.
RETRY_ARGS: Mapping[str, Any] = {"retries": 3, "retry_delay": timedelta(minutes=1), "retry_policy": _POLICY}
