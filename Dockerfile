# wiredesk's image: the official Airflow image with the pins of requirements/run.txt, this code and `wiredesk`.
# Slim, because the full image's other providers (fab, amazon, …) cannot be installed beside these pins.
FROM apache/airflow:slim-3.3.2-python3.12

# The pins of the local set-up. `pip check` stops the build if anything of the base image disagrees with them.
COPY --chown=airflow:root requirements/run.txt /opt/airflow/requirements.txt
RUN pip install --no-cache-dir --requirement /opt/airflow/requirements.txt && pip check

COPY --chown=airflow:root dags /opt/airflow/dags
COPY --chown=airflow:root plugins /opt/airflow/plugins
COPY --chown=airflow:root sql /opt/airflow/sql
COPY --chown=airflow:root feeds /opt/airflow/feeds

ENV PYTHONPATH=/opt/airflow/plugins \
    WIREDESK_SQL_DIR=/opt/airflow/sql
RUN printf '#!/bin/sh\nexec python -m wiredesk "$@"\n' > /home/airflow/.local/bin/wiredesk \
    && chmod 0755 /home/airflow/.local/bin/wiredesk

# airflow, the base image's unprivileged user. Its entry point stays too.
USER 50000
