CREATE OR REPLACE FUNCTION news_v1.confirm_position(consumer_name text, handled bigint, may_go_back boolean DEFAULT FALSE)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    newest bigint := (SELECT coalesce(max(change.position), 0) FROM desk.changes AS change);
    confirmed bigint;
BEGIN
    IF handled < 0 OR handled > newest THEN
        RAISE EXCEPTION 'consumer % cannot have handled position %: the log goes from 1 to %', consumer_name, handled, newest
        USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    INSERT INTO desk.consumers AS known (consumer, login, position, begun_at, confirmed_at)
    VALUES (consumer_name, session_user, handled, now(), now())
    ON CONFLICT (consumer) DO UPDATE
    SET
        position = CASE WHEN may_go_back THEN excluded.position ELSE greatest(known.position, excluded.position) END,
        confirmed_at = greatest(known.confirmed_at, excluded.confirmed_at)
    WHERE known.login = excluded.login
    RETURNING known.position INTO confirmed;
    IF confirmed IS NULL THEN
        RAISE EXCEPTION 'consumer % belongs to another login: choose another name', consumer_name
        USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN confirmed;
END
$$;
REVOKE ALL ON FUNCTION news_v1.confirm_position(text, bigint, boolean) FROM public;
GRANT EXECUTE ON FUNCTION news_v1.confirm_position(text, bigint, boolean) TO wiredesk_reader, wiredesk_writer;
COMMENT ON FUNCTION news_v1.confirm_position(text, bigint, boolean) IS
'Say how far a consumer has come; it is kept under its name for the login that first used it. Returns the position that '
'is in force: it never goes back unless may_go_back, which is how a consumer reads again. Call it in the transaction '
'that stores what you made of the changes, and each change is handled exactly once. '
'Example: SELECT news_v1.confirm_position(''search-index'', 2)';

CREATE OR REPLACE VIEW news_v1.consumer_lag AS
SELECT
    known.consumer,
    known.position,
    last.position AS last_position,
    last.position - known.position AS changes_behind,
    unread.published_at AS behind_since,
    known.confirmed_at,
    known.login
FROM desk.consumers AS known
CROSS JOIN (SELECT coalesce(max(change.position), 0) AS position FROM desk.changes AS change) AS last
LEFT JOIN LATERAL (
    SELECT change.published_at
    FROM desk.changes AS change
    WHERE change.position > known.position
    ORDER BY change.position
    LIMIT 1
) AS unread ON TRUE;

COMMENT ON VIEW news_v1.consumer_lag IS
'How far each consumer of changes has come. Example: SELECT consumer, changes_behind, behind_since FROM news_v1.consumer_lag';
COMMENT ON COLUMN news_v1.consumer_lag.consumer IS 'Its name. E.g. search-index';
COMMENT ON COLUMN news_v1.consumer_lag.position IS 'The last position that it has confirmed; 0: none yet. E.g. 90000';
COMMENT ON COLUMN news_v1.consumer_lag.last_position IS 'The newest position of the log. E.g. 90210';
COMMENT ON COLUMN news_v1.consumer_lag.changes_behind IS 'How many changes it has not confirmed; 0: up to date. E.g. 210';
COMMENT ON COLUMN news_v1.consumer_lag.behind_since IS
'When the first change that it has not confirmed was published. Null: up to date.'
' E.g. 2026-03-09 06:58:00+00';
COMMENT ON COLUMN news_v1.consumer_lag.confirmed_at IS 'When it last confirmed a position. E.g. 2026-03-09 06:57:59+00';
COMMENT ON COLUMN news_v1.consumer_lag.login IS 'The login that it belongs to. E.g. acme';
