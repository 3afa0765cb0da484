-- severity: warning
-- what: a consumer's login has no statement_timeout, so one forgotten query of it holds back vacuum for as long as it likes
-- runbook: docs/runbooks/readers_without_timeout.md
SELECT login.rolname
FROM pg_catalog.pg_roles AS login
WHERE
    login.rolcanlogin AND NOT login.rolsuper AND pg_has_role(login.oid, 'wiredesk_reader', 'member')
    AND NOT EXISTS (
        SELECT
        FROM pg_catalog.pg_db_role_setting AS given
        INNER JOIN pg_catalog.pg_database AS here ON here.datname = current_database() AND given.setdatabase IN (0, here.oid)
        CROSS JOIN LATERAL unnest(given.setconfig) AS setting
        WHERE
            given.setrole = login.oid AND starts_with(setting, 'statement_timeout=') AND setting <> 'statement_timeout=0'
    )
ORDER BY login.rolname;
