-- Stories that can be found by a part of their text, merged, split, led by another article and overruled by a person.

-- A scheme also says how fingerprints are made. The new one is in force at once, because this code does not make
-- signatures of the old one; the articles of the last weeks are signed anew by the next runs.
ALTER TABLE desk.signature_schemes
ADD COLUMN fingerprint_window smallint CHECK (fingerprint_window > 0),
ADD COLUMN is_next boolean NOT NULL DEFAULT FALSE,
ADD CONSTRAINT signature_schemes_next_is_not_active CHECK (NOT (is_active AND is_next));
CREATE UNIQUE INDEX signature_schemes_one_next ON desk.signature_schemes (is_next) WHERE is_next;
COMMENT ON COLUMN desk.signature_schemes.fingerprint_window IS
'Shingles of which a fingerprint is the smallest; of long texts twice as many. Null: the scheme has none.';
COMMENT ON COLUMN desk.signature_schemes.is_next IS
'The scheme that articles are being signed under in the background; it becomes active when all recent ones are.';
UPDATE desk.signature_schemes SET is_active = FALSE WHERE is_active;
-- 16 bands of 8 find whole copies; windows of 20 shingles find the rest: on labelled pairs of a news agency .986 of
-- all pairs are found (32 bands of 4, as before: .855), with 12 fingerprints for a story of 90 words.
INSERT INTO desk.signature_schemes (
    scheme_id, normaliser, shingle_words, permutations, seed, hash_scheme, bands, fingerprint_window, is_active
)
VALUES (2, 'words2', 5, 128, 1, 'affine32+golden64', 16, 20, TRUE);

DROP TABLE desk.bands;
ALTER TABLE desk.signatures
ADD COLUMN band_keys int [] NOT NULL DEFAULT '{}',
ADD COLUMN fingerprints int [] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN desk.signatures.band_keys IS 'One hash for each band of minima.';
COMMENT ON COLUMN desk.signatures.fingerprints IS 'The smallest hash of every window of shingles, each once.';

-- The inverted index. Three partitions of a fortnight each are used in turn and emptied before they are used again:
-- dropping old postings costs nothing, and a lookup reads three hash indexes. No key: it is derived, and written and
-- deleted with the signature in one transaction.
CREATE TABLE desk.postings (
    slot smallint NOT NULL CHECK (slot BETWEEN 0 AND 2),
    scheme_id smallint NOT NULL,
    hash int NOT NULL,
    article_id bigint NOT NULL,
    source_id int NOT NULL,
    told_on date NOT NULL
) PARTITION BY LIST (slot);
CREATE TABLE desk.postings_0 PARTITION OF desk.postings FOR VALUES IN (0);
CREATE TABLE desk.postings_1 PARTITION OF desk.postings FOR VALUES IN (1);
CREATE TABLE desk.postings_2 PARTITION OF desk.postings FOR VALUES IN (2);
CREATE INDEX postings_by_hash ON desk.postings USING hash (hash);
COMMENT ON TABLE desk.postings IS
'The inverted index: which articles have a band key or a fingerprint. Articles that share one are candidates.';
COMMENT ON TABLE desk.postings_0 IS 'Postings of every third fortnight.';
COMMENT ON TABLE desk.postings_1 IS 'Postings of every third fortnight.';
COMMENT ON TABLE desk.postings_2 IS 'Postings of every third fortnight.';
COMMENT ON COLUMN desk.postings.slot IS 'The fortnight in which it was written, modulo 3.';
COMMENT ON COLUMN desk.postings.told_on IS 'The day, in UTC, on which the article was published, or first seen.';

ALTER TABLE desk.matches
ADD COLUMN opening_agreement double precision CHECK (opening_agreement BETWEEN 0 AND 1),
ADD COLUMN opening_containment double precision CHECK (opening_containment BETWEEN opening_agreement AND 1),
ADD COLUMN fresh_containment double precision CHECK (fresh_containment BETWEEN 0 AND 1),
ADD COLUMN evidence text CHECK (evidence <> '');
COMMENT ON COLUMN desk.matches.opening_agreement IS
'Share of each text''s first 50 words that the other has, in the same order; the lesser of the two. Null: found by an older release.';
COMMENT ON COLUMN desk.matches.opening_containment IS 'The greater of the two.';
COMMENT ON COLUMN desk.matches.fresh_containment IS
'Share of the smaller''s fingerprints that both have and no other story of their publishers has.';
COMMENT ON COLUMN desk.matches.evidence IS 'Which kind of evidence made them one story.';

-- A story that became part of another leads there.
ALTER TABLE desk.stories
ALTER COLUMN lead_article_id DROP NOT NULL,
ADD COLUMN merged_into bigint REFERENCES desk.stories,
ADD CONSTRAINT stories_have_a_lead_or_lead_on CHECK ((lead_article_id IS NULL) = (merged_into IS NOT NULL)),
ADD CONSTRAINT stories_not_merged_into_themselves CHECK (merged_into <> story_id);
COMMENT ON COLUMN desk.stories.merged_into IS 'The story that its articles went to; follow it on.';
CREATE INDEX stories_merged ON desk.stories (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX articles_by_match ON desk.articles (matched_id) WHERE matched_id IS NOT NULL;

ALTER TABLE desk.sources
ADD COLUMN is_preferred boolean NOT NULL DEFAULT FALSE,
ADD COLUMN is_matched boolean NOT NULL DEFAULT TRUE;
COMMENT ON COLUMN desk.sources.is_preferred IS 'Its articles lead their stories.';
COMMENT ON COLUMN desk.sources.is_matched IS 'Whether its articles are compared; if not, each is its own story.';
ALTER TABLE desk.feeds ADD COLUMN is_matched boolean NOT NULL DEFAULT TRUE;
COMMENT ON COLUMN desk.feeds.is_matched IS 'Whether its articles are compared; if not, each is its own story.';

CREATE TABLE desk.rulings (
    ruling_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('keep_together', 'keep_apart', 'pin_lead', 'not_news')),
    article_id bigint NOT NULL REFERENCES desk.articles,
    other_id bigint REFERENCES desk.articles,
    why text NOT NULL CHECK (why <> ''),
    ruled_by text NOT NULL CHECK (ruled_by <> ''),
    ruled_at timestamptz NOT NULL,
    undone_by text CHECK (undone_by <> ''),
    undone_at timestamptz,
    CONSTRAINT rulings_pairs_are_ordered CHECK ((kind IN ('keep_together', 'keep_apart')) = (other_id IS NOT NULL)
        AND article_id < coalesce(other_id, article_id + 1)),
    CONSTRAINT rulings_undoing_is_whole CHECK ((undone_by IS NULL) = (undone_at IS NULL)),
    CONSTRAINT rulings_undone_after_ruled CHECK (ruled_at <= undone_at)
);
-- One ruling in force for a pair, so that no two contradict each other; one for an article of each kind.
CREATE UNIQUE INDEX rulings_one_a_pair ON desk.rulings (article_id, other_id)
WHERE undone_at IS NULL AND other_id IS NOT NULL;
CREATE UNIQUE INDEX rulings_one_an_article ON desk.rulings (article_id, kind)
WHERE undone_at IS NULL AND other_id IS NULL;
CREATE INDEX rulings_by_other ON desk.rulings (other_id) WHERE other_id IS NOT NULL;
COMMENT ON TABLE desk.rulings IS 'What a person decided about stories. It outranks every match, whatever the scheme.';
COMMENT ON COLUMN desk.rulings.kind IS
'keep_together and keep_apart (two articles), pin_lead (this article leads its story), not_news (a template: no story of '
'others).';

-- What happened to stories, for those who keep a copy of them. An article may join the same story twice now, so what
-- must happen once is kept by whoever writes it, under the lock of assignment.
ALTER TABLE desk.changes
DROP CONSTRAINT changes_once,
DROP CONSTRAINT changes_kind_check,
ADD COLUMN other_story_id bigint REFERENCES desk.stories,
ADD CONSTRAINT changes_kind_check CHECK (kind IN (
    'article_added', 'article_revised', 'article_removed', 'copy_added', 'lead_changed', 'stories_merged', 'story_split'
)),
ADD CONSTRAINT changes_name_the_other_story CHECK (
    (kind IN ('stories_merged', 'story_split')) = (other_story_id IS NOT NULL)
);
CREATE UNIQUE INDEX changes_revised_once ON desk.changes (article_id, revision, story_id) WHERE kind = 'article_revised';
CREATE INDEX changes_by_other_story ON desk.changes (other_story_id) WHERE other_story_id IS NOT NULL;
CREATE INDEX changes_by_article ON desk.changes (article_id);
COMMENT ON COLUMN desk.changes.other_story_id IS 'The story that was merged into this one, or that it was split from.';

CREATE OR REPLACE FUNCTION desk.refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.position IS NULL AND NEW.position IS NOT NULL
        AND (NEW.change_id, NEW.kind, NEW.story_id, NEW.article_id, NEW.revision, NEW.created_at)
        = (OLD.change_id, OLD.kind, OLD.story_id, OLD.article_id, OLD.revision, OLD.created_at)
        AND NEW.other_story_id IS NOT DISTINCT FROM OLD.other_story_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'desk.changes is append-only: % of change % refused', lower(TG_OP), OLD.change_id;
END
$$;
GRANT TRUNCATE ON desk.postings_0, desk.postings_1, desk.postings_2 TO wiredesk_writer;
