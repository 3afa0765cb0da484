"""The seam between Airflow and the library: connection, asset, retry policy. Nothing else imports Airflow."""

from wiredesk_airflow.assets import CHANGES
from wiredesk_airflow.connection import airflow_settings
from wiredesk_airflow.retries import RETRIES, RETRY_DELAY, RETRY_POLICY

__all__ = ["CHANGES", "RETRIES", "RETRY_DELAY", "RETRY_POLICY", "airflow_settings"]
