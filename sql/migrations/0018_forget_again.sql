-- What is met again of what was forgotten, so that nothing of it stays: an entry that was refused is known by the address
-- at which it was, and each run of forgetting that finds anything keeps its own certificate.
ALTER TABLE desk.entries
ADD COLUMN refused_key text,
ADD CONSTRAINT entries_refused_are_empty CHECK (
    refused_key IS NULL
    OR (refused_key <> '' AND url IS NULL AND title IS NULL AND html IS NULL AND summary IS NULL)
) NOT VALID;
COMMENT ON COLUMN desk.entries.refused_key IS
'Canonical form of the address that was forgotten, of an entry that may not become an article. A payload that holds the '
'entry is emptied once it is loaded.';

DROP INDEX desk.tombstones_of_articles;
CREATE INDEX tombstones_of_articles ON desk.tombstones (url_key) WHERE kind = 'article';
COMMENT ON COLUMN desk.tombstones.certificate IS
'How many rows were deleted or emptied, by table. Forgotten again: a tombstone more, if anything was found.';

CREATE FUNCTION desk.is_below(key text, prefix text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT key = prefix OR starts_with(key, prefix || '/') OR starts_with(key, prefix || '?')
$$;
COMMENT ON FUNCTION desk.is_below(text, text) IS 'Whether a canonical address is the other or lies below it.';

CREATE OR REPLACE FUNCTION desk.is_forgotten(key text, source bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM desk.tombstones AS stone
        WHERE
            (stone.kind = 'article' AND stone.url_key = key)
            OR (stone.kind = 'source' AND stone.source_id = source)
            OR (stone.kind = 'prefix' AND desk.is_below(key, stone.url_key))
    )
$$;
