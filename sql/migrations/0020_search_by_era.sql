-- When a story was told becomes words of its index, so that one scan finds a frequent word in the last hours alone: apart
-- from each other, the index of words gives all that ever had it, and the one of times all that was told since.
-- Types are found in pg_catalog, whatever a caller of the contract has put into pg_temp, which else is looked at first.
-- While the indexes are built (half a minute per million stories) searches go on, and the publisher waits.
CREATE FUNCTION desk.eras(told_at timestamptz) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_to_tsvector(array_agg('told ' || length || ' ' || floor(extract(EPOCH FROM told_at) / length)::bigint))
    FROM unnest(ARRAY[3600, 86400, 864000]) AS length
$$;
COMMENT ON FUNCTION desk.eras(timestamptz) IS
'The hour, the day and the ten days that a moment lies in, as words that no text has: their length in seconds, and which '
'one it is since 1970.';

CREATE FUNCTION desk.latest_eras(length integer) RETURNS tsquery
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(quote_literal('told ' || length || ' ' || present.era + beside), '|')::tsquery
    FROM (SELECT floor(extract(EPOCH FROM now()) / length)::bigint AS era) AS present
    CROSS JOIN generate_series(-1, 1) AS beside
$$;
COMMENT ON FUNCTION desk.latest_eras(integer) IS
'The era of so many seconds that now lies in, the one before, and the next, which is that of publishers with a wrong clock.';

-- A search reads what is not in the tree yet from end to end: the 4 MB of Postgres's default doubled its time.
CREATE INDEX search_documents_told_words ON desk.search_documents
USING gin ((document || desk.eras(told_at))) WITH (gin_pending_list_limit = 256);
CREATE INDEX search_documents_told_titles ON desk.search_documents
USING gin (title desk.gin_trgm_ops, desk.eras(told_at)) WITH (gin_pending_list_limit = 256);
DROP INDEX desk.search_documents_words;
DROP INDEX desk.search_documents_titles;
DROP INDEX desk.search_documents_told;
