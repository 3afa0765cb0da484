"""The wiredesk library: feeds over HTTP to deduplicated articles in Postgres. Knows no Airflow."""

# Stamped on every row that a step derives, because Airflow does not version plugin code with a DAG bundle:
# it tells which rows a replay on newer code would change. Raise it when parse, clean, sign or match change
# what they return for the same bytes.
PIPELINE_VERSION = 2
