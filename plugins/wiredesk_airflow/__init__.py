"""The seam between Airflow and the library: connection, asset, retry policy. Nothing else imports Airflow."""

from wiredesk_airflow.assets import CHANGES, publish_changes
from wiredesk_airflow.connection import airflow_settings
from wiredesk_airflow.retries import RETRY_ARGS

__all__ = ["CHANGES", "RETRY_ARGS", "airflow_settings", "publish_changes"]
