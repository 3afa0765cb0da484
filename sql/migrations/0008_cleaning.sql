-- Cleaning within limits: an entry, or its page, may take too much (the rows that are there fit; 0009 looks at them).
-- Residue that is learned: lines that a source puts around its stories.
ALTER TABLE desk.quarantine
DROP CONSTRAINT quarantine_reason_fits_kind,
ADD CONSTRAINT quarantine_reason_fits_kind CHECK (
    (kind = 'payload' AND reason IN (
        'empty', 'html_not_feed', 'not_a_feed', 'malformed', 'parser_failed', 'too_many_items', 'too_deep', 'too_costly'
    ))
    OR (kind = 'entry' AND reason IN (
        'no_identity', 'empty', 'too_large', 'too_deep', 'parser_failed', 'clean_failed', 'too_costly'
    ))
) NOT VALID;

-- What a page says of itself, and where each field comes from.
ALTER TABLE desk.articles
ADD COLUMN section text,
ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
ADD COLUMN access text,
ADD COLUMN said_by jsonb NOT NULL DEFAULT '{}',
ADD CONSTRAINT articles_access_is_known CHECK (access IN ('free', 'paywalled')) NOT VALID,
ADD CONSTRAINT articles_said_by_is_an_object CHECK (jsonb_typeof(said_by) = 'object') NOT VALID;
COMMENT ON COLUMN desk.articles.section IS 'The section that the page puts itself in.';
COMMENT ON COLUMN desk.articles.tags IS 'What the page, or else the feed, says it is about.';
COMMENT ON COLUMN desk.articles.access IS 'Whether everybody may read the whole, as the page says; null: not said.';
COMMENT ON COLUMN desk.articles.said_by IS
'Field to where it comes from: feed, json-ld, meta, shown (what a reader sees) or guessed (by trafilatura).';

CREATE TABLE desk.overrides (
    source_id bigint PRIMARY KEY REFERENCES desk.sources,
    rules jsonb NOT NULL CHECK (jsonb_typeof(rules) = 'object'),
    set_by text NOT NULL CHECK (set_by <> ''),
    set_at timestamptz NOT NULL,
    why text NOT NULL
);
COMMENT ON TABLE desk.overrides IS 'What a person says of a source''s pages where the general rules get them wrong.';
COMMENT ON COLUMN desk.overrides.rules IS
'keep, strip, title, authors, published_at: lists of selectors, CSS or XPath.';

CREATE TABLE desk.residue_lines (
    source_id bigint NOT NULL REFERENCES desk.sources,
    line_digest bytea NOT NULL CHECK (octet_length(line_digest) = 16),
    line text NOT NULL CHECK (line <> ''),
    is_sentence boolean NOT NULL,
    sighting_count int NOT NULL CHECK (sighting_count >= 0),
    checked_count int NOT NULL DEFAULT 0 CHECK (checked_count BETWEEN 0 AND sighting_count),
    first_seen_at timestamptz NOT NULL,
    learned_at timestamptz,
    ruling text CHECK (ruling IN ('cut', 'keep')),
    ruled_by text CHECK (ruled_by <> ''),
    ruled_at timestamptz,
    why text,
    is_cut boolean GENERATED ALWAYS AS (coalesce(ruling = 'cut', learned_at IS NOT NULL)) STORED,
    PRIMARY KEY (source_id, line_digest),
    CONSTRAINT residue_lines_ruling_is_whole CHECK (
        (ruling IS NULL) = (ruled_by IS NULL) AND (ruling IS NULL) = (ruled_at IS NULL)
        AND (ruling IS NULL) = (why IS NULL)
    ),
    CONSTRAINT residue_lines_sentence_is_not_learned CHECK (learned_at IS NULL OR NOT is_sentence)
);
COMMENT ON TABLE desk.residue_lines IS
'Short lines at the head or tail of a source''s texts. One that many of its stories carry is residue and is cut.';
COMMENT ON COLUMN desk.residue_lines.line_digest IS 'SHA-256 (16 bytes of it) of its letters and digits, caseless.';
COMMENT ON COLUMN desk.residue_lines.is_sentence IS 'It ends like a sentence: then only a person may have it cut.';
COMMENT ON COLUMN desk.residue_lines.checked_count IS 'Its sightings when its stories were last counted.';
COMMENT ON COLUMN desk.residue_lines.learned_at IS
'When it stood in enough stories that are not copies of each other; null: it has not yet.';
COMMENT ON COLUMN desk.residue_lines.ruling IS 'A person''s word, which outranks what was learned.';
COMMENT ON COLUMN desk.residue_lines.is_cut IS 'Whether it is cut from texts that are cleaned from now on.';
CREATE INDEX residue_lines_cut ON desk.residue_lines (source_id) WHERE is_cut;
CREATE INDEX residue_lines_waiting ON desk.residue_lines (source_id, line_digest)
WHERE learned_at IS NULL AND NOT is_sentence AND sighting_count > checked_count;

CREATE TABLE desk.residue_sightings (
    source_id bigint NOT NULL,
    line_digest bytea NOT NULL,
    article_id bigint NOT NULL REFERENCES desk.articles,
    PRIMARY KEY (source_id, line_digest, article_id),
    FOREIGN KEY (source_id, line_digest) REFERENCES desk.residue_lines
);
COMMENT ON TABLE desk.residue_sightings IS 'In which articles a line stood, also where it was cut.';
CREATE INDEX residue_sightings_by_article ON desk.residue_sightings (article_id);
