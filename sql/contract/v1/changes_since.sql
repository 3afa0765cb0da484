CREATE OR REPLACE FUNCTION news_v1.changes_since(after bigint, most integer DEFAULT 1000)
RETURNS SETOF news_v1.changes
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
ROWS 1000
AS $$
    SELECT change.*
    FROM news_v1.changes AS change
    WHERE change.position > after
    ORDER BY change.position
    LIMIT most
$$;
REVOKE ALL ON FUNCTION news_v1.changes_since(bigint, integer) FROM public;
GRANT EXECUTE ON FUNCTION news_v1.changes_since(bigint, integer) TO wiredesk_reader, wiredesk_writer;
COMMENT ON FUNCTION news_v1.changes_since(bigint, integer) IS
'The changes behind a position, in order, `most` of them at once. Call it with the last position that you have handled: '
'what it returned once it returns again, and nothing ever appears below. An empty result means that you are up to date; '
'NOTIFY on the channel wiredesk_changes hints that there is more. Example: SELECT * FROM news_v1.changes_since(2)';
