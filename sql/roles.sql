-- The three roles of the news database. Idempotent; run once a cluster by a superuser, in the news database.
-- They cannot log in: people and programs log in as members of one of them.
--   wiredesk_owner   owns both schemas; `wiredesk migrate` acts as it
--   wiredesk_writer  what the DAGs and the CLI act as; no DDL
--   wiredesk_reader  downstream consumers; sees news_v1 and nothing else
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['wiredesk_owner', 'wiredesk_writer', 'wiredesk_reader'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
    END LOOP;
END
$$;

REVOKE ALL ON SCHEMA public FROM public;
-- Migrations create the schemas desk and news_v1 as the owner.
DO $$
BEGIN
    EXECUTE format('GRANT CREATE, CONNECT ON DATABASE %I TO wiredesk_owner', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO wiredesk_writer, wiredesk_reader', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM public', current_database());
END
$$;
-- A login does not inherit the settings of its groups. Give each consumer's login, when you create it:
--   ALTER ROLE consumer SET search_path = news_v1;
--   ALTER ROLE consumer SET statement_timeout = '60s';  -- a forgotten query holds back vacuum
