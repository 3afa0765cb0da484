-- A title of a hundred thousand words does not fit a tsvector, and stopped the publisher.
-- least code: 21
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
