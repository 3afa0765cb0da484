-- What must never come back, and a place for what is gone: an article's row stays, emptied, because the log of changes
-- names it, and because its address is what is refused.
ALTER TABLE desk.articles
ADD COLUMN removed_at timestamptz,
DROP CONSTRAINT articles_says_something,
ADD CONSTRAINT articles_say_something CHECK (title <> '' OR text <> '' OR removed_at IS NOT NULL) NOT VALID,
ADD CONSTRAINT articles_removed_are_empty CHECK (
    removed_at IS NULL
    OR (
        title = '' AND text = '' AND html = '' AND summary IS NULL AND url IS NULL AND canonical_url IS NULL
        AND lead_image IS NULL AND section IS NULL AND cardinality(authors) = 0 AND cardinality(tags) = 0
        AND NOT is_revised
    )
) NOT VALID;
COMMENT ON COLUMN desk.articles.removed_at IS 'When it was forgotten: nothing of it is left but its address and its ids.';
ALTER TABLE desk.articles VALIDATE CONSTRAINT articles_say_something;
ALTER TABLE desk.articles VALIDATE CONSTRAINT articles_removed_are_empty;

CREATE TABLE desk.tombstones (
    tombstone_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('article', 'prefix', 'source')),
    url_key text CHECK (octet_length(url_key) BETWEEN 1 AND 1024),
    source_id bigint REFERENCES desk.sources,
    why text NOT NULL CHECK (why <> ''),
    forgotten_by text NOT NULL CHECK (forgotten_by <> ''),
    forgotten_at timestamptz NOT NULL,
    certificate jsonb NOT NULL CHECK (jsonb_typeof(certificate) = 'object'),
    CONSTRAINT tombstones_name_one_thing CHECK (
        (kind = 'source') = (source_id IS NOT NULL) AND (kind = 'source') = (url_key IS NULL)
    )
);
CREATE UNIQUE INDEX tombstones_of_articles ON desk.tombstones (url_key) WHERE kind = 'article';
CREATE INDEX tombstones_of_prefixes ON desk.tombstones (url_key) WHERE kind = 'prefix';
CREATE INDEX tombstones_of_sources ON desk.tombstones (source_id) WHERE kind = 'source';
COMMENT ON TABLE desk.tombstones IS
'What must never come back: each is asked for inside the statement that stores an article. Of what was forgotten only the '
'address is kept, since that is what is refused.';
COMMENT ON COLUMN desk.tombstones.kind IS
'article: this address; prefix: this address and all below it; source: all of a publisher.';
COMMENT ON COLUMN desk.tombstones.url_key IS 'Canonical form of the address, as in desk.articles.';
COMMENT ON COLUMN desk.tombstones.certificate IS 'How many rows were deleted or emptied, by table.';

CREATE FUNCTION desk.is_forgotten(key text, source bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM desk.tombstones AS stone
        WHERE
            (stone.kind = 'article' AND stone.url_key = key)
            OR (stone.kind = 'source' AND stone.source_id = source)
            OR (
                stone.kind = 'prefix'
                AND (key = stone.url_key OR starts_with(key, stone.url_key || '/') OR starts_with(key, stone.url_key || '?'))
            )
    )
$$;
COMMENT ON FUNCTION desk.is_forgotten(text, bigint) IS 'Whether an article at this address, of this publisher, may not be stored.';
