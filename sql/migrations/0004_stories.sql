-- Which articles tell the same text.
CREATE TABLE desk.signature_schemes (
    scheme_id smallint PRIMARY KEY,
    normaliser text NOT NULL,
    shingle_words smallint NOT NULL CHECK (shingle_words > 0),
    permutations smallint NOT NULL CHECK (permutations > 0),
    seed int NOT NULL,
    hash_scheme text NOT NULL,
    bands smallint NOT NULL CHECK (bands > 0),
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT signature_schemes_bands_divide CHECK (permutations % bands = 0)
);
COMMENT ON TABLE desk.signature_schemes IS
'All that decides the values of a signature. Signatures compare only under one scheme.';
CREATE UNIQUE INDEX signature_schemes_one_active ON desk.signature_schemes (is_active) WHERE is_active;
-- 32 bands of 4: of the layouts that 128 permutations allow, the one that finds most wire copies (recall .855
-- against .657 for 16 bands of 8 on labelled Reuters pairs); what it finds in excess, verification drops.
INSERT INTO desk.signature_schemes (scheme_id, normaliser, shingle_words, permutations, seed, hash_scheme, bands, is_active)
VALUES (1, 'words1', 5, 128, 1, 'affine32+xxh32', 32, TRUE);

CREATE TABLE desk.signatures (
    article_id bigint NOT NULL REFERENCES desk.articles,
    scheme_id smallint NOT NULL REFERENCES desk.signature_schemes,
    revision int NOT NULL CHECK (revision >= 1),
    minima bytea NOT NULL,
    shingle_count int NOT NULL CHECK (shingle_count > 0),
    PRIMARY KEY (article_id, scheme_id)
);
COMMENT ON TABLE desk.signatures IS 'MinHash of the present text of an article.';
COMMENT ON COLUMN desk.signatures.minima IS 'permutations x uint32, little-endian.';
CREATE INDEX signatures_by_scheme ON desk.signatures (scheme_id);

CREATE TABLE desk.bands (
    article_id bigint NOT NULL,
    scheme_id smallint NOT NULL,
    band smallint NOT NULL CHECK (band >= 0),
    band_key bigint NOT NULL,
    told_at timestamptz NOT NULL,
    PRIMARY KEY (article_id, scheme_id, band),
    FOREIGN KEY (article_id, scheme_id) REFERENCES desk.signatures ON DELETE CASCADE
);
COMMENT ON TABLE desk.bands IS 'The LSH index: articles that share a band_key are candidates for a match.';
COMMENT ON COLUMN desk.bands.told_at IS 'When the article was published, or first seen: candidates lie in a window.';
CREATE INDEX bands_by_key ON desk.bands (band_key, told_at);

CREATE TABLE desk.matches (
    article_id bigint NOT NULL REFERENCES desk.articles,
    article_revision int NOT NULL CHECK (article_revision >= 1),
    other_id bigint NOT NULL REFERENCES desk.articles,
    other_revision int NOT NULL CHECK (other_revision >= 1),
    scheme_id smallint NOT NULL REFERENCES desk.signature_schemes,
    relation text NOT NULL CHECK (relation IN ('duplicate', 'excerpt', 'version', 'extended')),
    similarity double precision NOT NULL CHECK (similarity BETWEEN 0 AND 1),
    containment double precision NOT NULL CHECK (containment BETWEEN similarity AND 1),
    number_agreement double precision NOT NULL CHECK (number_agreement BETWEEN 0 AND 1),
    title_agreement double precision NOT NULL CHECK (title_agreement BETWEEN 0 AND 1),
    passages text[] NOT NULL,
    matched_at timestamptz NOT NULL,
    pipeline_version int NOT NULL,
    PRIMARY KEY (article_id, other_id),
    CONSTRAINT matches_two_articles CHECK (article_id <> other_id)
);
COMMENT ON TABLE desk.matches IS 'A verified pair: article_id repeats other_id, which came first.';
COMMENT ON COLUMN desk.matches.similarity IS 'Exact Jaccard similarity of the two sets of shingles.';
COMMENT ON COLUMN desk.matches.containment IS 'Share of the smaller set of shingles that the larger one holds.';
COMMENT ON COLUMN desk.matches.passages IS 'Longest runs of words that both hold.';
CREATE INDEX matches_by_other ON desk.matches (other_id);
CREATE INDEX matches_by_scheme ON desk.matches (scheme_id);

CREATE TABLE desk.stories (
    story_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_article_id bigint NOT NULL UNIQUE REFERENCES desk.articles,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX stories_updated ON desk.stories (updated_at);
COMMENT ON TABLE desk.stories IS 'The articles that tell the same text: one lead, the rest are copies.';

ALTER TABLE desk.articles ADD CONSTRAINT articles_story_exists FOREIGN KEY (story_id) REFERENCES desk.stories;
ALTER TABLE desk.articles ADD CONSTRAINT articles_match_exists
FOREIGN KEY (article_id, matched_id) REFERENCES desk.matches (article_id, other_id);
-- A lead belongs to its own story. Deferred: a story and the assignment of its lead are written together.
ALTER TABLE desk.stories ADD CONSTRAINT stories_lead_is_member
FOREIGN KEY (lead_article_id, story_id) REFERENCES desk.articles (article_id, story_id)
DEFERRABLE INITIALLY DEFERRED;
