"""Settings of a task: WIREDESK_* from the environment, the database from Airflow's Connection."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urlencode

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from wiredesk.errors import ConfigurationError
from wiredesk.settings import Settings

CONNECTION_ID = "wiredesk_db"


def airflow_settings() -> Settings:
    """The settings of this worker. Raises ConfigurationError where there is neither Connection nor WIREDESK_DSN."""
    settings = Settings.from_environment()
    try:
        connection = Connection.get(CONNECTION_ID)
    except AirflowNotFoundException:
        if settings.dsn:
            return settings
        raise ConfigurationError(
            f"no Connection {CONNECTION_ID}: create it (type postgres, the login that is a member of "
            "wiredesk_writer), or set WIREDESK_DSN for the workers"
        ) from None
    return replace(settings, dsn=_libpq_uri(connection))


def _libpq_uri(connection: Connection) -> str:
    """The Connection as a libpq URI (PostgreSQL manual, 32.1.1.2); its extra becomes parameters."""
    user = quote(connection.login or "", safe="")
    password = quote(connection.password or "", safe="")
    extra = {name: str(value) for name, value in connection.extra_dejson.items()}
    query = f"?{urlencode(extra)}" if extra else ""
    port = connection.port or 5432
    return f"postgresql://{user}:{password}@{connection.host}:{port}/{connection.schema or ''}{query}"
