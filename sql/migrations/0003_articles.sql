-- The normalized text of one URL, what it said before, and who carried it.
CREATE TABLE desk.articles (
    article_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url_key text NOT NULL UNIQUE CHECK (octet_length(url_key) BETWEEN 1 AND 1024),
    url text,
    canonical_url text,
    source_id bigint NOT NULL REFERENCES desk.sources,
    entry_id bigint NOT NULL REFERENCES desk.entries,
    fetch_id bigint NOT NULL REFERENCES desk.fetches,
    title text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    summary text,
    authors text[] NOT NULL,
    published_at timestamptz,
    updated_at timestamptz,
    language text,
    lead_image text,
    flags text[] NOT NULL,
    removed jsonb NOT NULL,
    text_digest bytea NOT NULL CHECK (octet_length(text_digest) = 32),
    word_count int NOT NULL CHECK (word_count >= 0),
    revision int NOT NULL DEFAULT 1 CHECK (revision >= 1),
    first_seen_at timestamptz NOT NULL,
    revised_at timestamptz NOT NULL,
    pipeline_version int NOT NULL,
    story_id bigint,
    matched_id bigint,
    assigned_at timestamptz,
    UNIQUE (article_id, story_id),
    CONSTRAINT articles_assignment_is_whole CHECK (
        (story_id IS NULL) = (assigned_at IS NULL) AND (matched_id IS NULL OR story_id IS NOT NULL)
    ),
    CONSTRAINT articles_says_something CHECK (title <> '' OR text <> ''),
    CONSTRAINT articles_revised_after_seen CHECK (first_seen_at <= revised_at)
);
COMMENT ON TABLE desk.articles IS 'The normalized text of one URL as it stands now.';
COMMENT ON COLUMN desk.articles.url_key IS
'Canonical form of the URL, for comparison only; entry:<feed>:<key> where the entry has no link.';
COMMENT ON COLUMN desk.articles.entry_id IS 'The entry whose wording this is, where several carry the URL.';
COMMENT ON COLUMN desk.articles.text_digest IS 'SHA-256 of title, a line feed, and text.';
COMMENT ON COLUMN desk.articles.removed IS 'What cleaning cut, by kind of residue.';
COMMENT ON COLUMN desk.articles.story_id IS 'The assignment: which story it tells; null until it was compared.';
COMMENT ON COLUMN desk.articles.matched_id IS 'The article whose match decided; null for the first of a story.';
CREATE INDEX articles_unassigned ON desk.articles (first_seen_at) WHERE story_id IS NULL;
CREATE INDEX articles_newest ON desk.articles (first_seen_at);
CREATE INDEX articles_by_date ON desk.articles (published_at);
CREATE INDEX articles_copies ON desk.articles (article_id) WHERE matched_id IS NOT NULL;
CREATE INDEX articles_by_story ON desk.articles (story_id);
CREATE INDEX articles_by_source ON desk.articles (source_id);
CREATE INDEX articles_by_entry ON desk.articles (entry_id);
CREATE INDEX articles_by_fetch ON desk.articles (fetch_id);

CREATE TABLE desk.revisions (
    article_id bigint NOT NULL REFERENCES desk.articles,
    revision int NOT NULL CHECK (revision >= 1),
    entry_id bigint NOT NULL REFERENCES desk.entries,
    fetch_id bigint NOT NULL REFERENCES desk.fetches,
    title text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    published_at timestamptz,
    updated_at timestamptz,
    text_digest bytea NOT NULL CHECK (octet_length(text_digest) = 32),
    revised_at timestamptz NOT NULL,
    pipeline_version int NOT NULL,
    PRIMARY KEY (article_id, revision)
);
COMMENT ON TABLE desk.revisions IS
'What an article said before: every wording but the present one, which is in desk.articles.';
COMMENT ON COLUMN desk.revisions.revised_at IS 'When this wording was first seen.';
CREATE INDEX revisions_by_fetch ON desk.revisions (fetch_id);
CREATE INDEX revisions_by_entry ON desk.revisions (entry_id);

CREATE TABLE desk.sightings (
    article_id bigint NOT NULL REFERENCES desk.articles,
    entry_id bigint NOT NULL REFERENCES desk.entries,
    feed_id bigint NOT NULL REFERENCES desk.feeds,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    PRIMARY KEY (article_id, entry_id),
    CONSTRAINT sightings_seen_in_order CHECK (first_seen_at <= last_seen_at)
);
COMMENT ON TABLE desk.sightings IS 'Who carried an article: entry, feed, first and last seen.';
CREATE INDEX sightings_by_entry ON desk.sightings (entry_id);
CREATE INDEX sightings_by_feed ON desk.sightings (feed_id);
