-- A title of a hundred thousand words does not fit a tsvector, and stopped the publisher. And what a function of the contract
-- calls as its owner finds its types in pg_catalog, whatever a caller has put into pg_temp, which else is looked at first.
-- least code: 21
-- contract: 591c74bd207d7dff965a053c9cf0d27658c26ec363f8ecfe2722caa844f7342c
CREATE OR REPLACE FUNCTION desk.search_document(language text, title text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT
        setweight(to_tsvector('pg_catalog.simple', left(title, 10000)), 'A')
        || to_tsvector('pg_catalog.simple', left(body, 100000))
        || CASE
            WHEN desk.search_config(language) = 'pg_catalog.simple'::regconfig THEN ''::tsvector
            ELSE setweight(to_tsvector(desk.search_config(language), left(title, 10000)), 'A')
                || to_tsvector(desk.search_config(language), left(body, 100000))
        END
$$;

CREATE OR REPLACE FUNCTION desk.eras(told_at timestamptz) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_to_tsvector(array_agg('told ' || length || ' ' || floor(extract(EPOCH FROM told_at) / length)::bigint))
    FROM unnest(ARRAY[3600, 86400, 864000]) AS length
$$;

CREATE OR REPLACE FUNCTION desk.latest_eras(length integer) RETURNS tsquery
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(quote_literal('told ' || length || ' ' || present.era + beside), '|')::tsquery
    FROM (SELECT floor(extract(EPOCH FROM now()) / length)::bigint AS era) AS present
    CROSS JOIN generate_series(-1, 1) AS beside
$$;
