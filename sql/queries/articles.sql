-- name: select_known_entries
-- An entry that was loaded without its page counts as changed once the page is had, and before that, so that the
-- page is asked for again: three times in all, because what is not there after three polls will not come.
SELECT
    entry.entry_key,
    CASE WHEN entry.is_page_missing AND (page.is_had OR page.asked < 3) THEN ''::bytea ELSE entry.entry_digest END
    AS entry_digest
FROM desk.entries AS entry
CROSS JOIN LATERAL (
    SELECT
        count(*) AS asked,
        coalesce(bool_or(attempt.outcome = 'fetched'), FALSE) AS is_had
    FROM desk.fetches AS attempt
    WHERE
        attempt.kind = 'page' AND attempt.feed_id = entry.feed_id AND attempt.entry_key = entry.entry_key
        AND attempt.entry_digest = entry.entry_digest
) AS page
WHERE entry.feed_id = %(feed_id)s AND entry.entry_key = any(%(keys)s);

-- name: upsert_entries
-- In order of key, so that two transactions never wait for each other; an older payload loaded late does not
-- overwrite a newer wording.
INSERT INTO desk.entries AS entry (
    feed_id, entry_key, entry_digest, url, title, html, summary, authors, published_at, updated_at, categories,
    enclosures, language, is_page_missing, first_seen_at, last_seen_at, fetch_id, pipeline_version
)
SELECT
    %(feed_id)s, item.entry_key, decode(item.entry_digest, 'hex'), item.url, item.title, item.html, item.summary,
    item.authors, item.published_at, item.updated_at, item.categories, item.enclosures, item.language,
    item.is_page_missing, %(seen_at)s, %(seen_at)s, %(fetch_id)s, %(pipeline_version)s
FROM jsonb_to_recordset(%(entries)s) AS item (
    entry_key text, entry_digest text, url text, title text, html text, summary text, authors text[],
    published_at timestamptz, updated_at timestamptz, categories text[], enclosures jsonb, language text,
    is_page_missing boolean
)
ORDER BY item.entry_key
ON CONFLICT (feed_id, entry_key) DO UPDATE SET
    entry_digest = excluded.entry_digest,
    url = excluded.url,
    title = excluded.title,
    html = excluded.html,
    summary = excluded.summary,
    authors = excluded.authors,
    published_at = excluded.published_at,
    updated_at = excluded.updated_at,
    categories = excluded.categories,
    enclosures = excluded.enclosures,
    language = excluded.language,
    is_page_missing = excluded.is_page_missing,
    last_seen_at = excluded.last_seen_at,
    fetch_id = excluded.fetch_id,
    pipeline_version = excluded.pipeline_version
WHERE entry.last_seen_at <= excluded.last_seen_at
RETURNING entry_id, entry_key;

-- name: see_entries_again
WITH seen AS (
    UPDATE desk.entries
    SET last_seen_at = %(seen_at)s
    WHERE feed_id = %(feed_id)s AND entry_key = any(%(keys)s) AND last_seen_at < %(seen_at)s
    RETURNING entry_id
)

UPDATE desk.sightings AS sighting
SET last_seen_at = %(seen_at)s
FROM seen
WHERE sighting.entry_id = seen.entry_id AND sighting.last_seen_at < %(seen_at)s;

-- name: lock_articles
SELECT article_id, url_key, entry_id, text_digest, word_count, revised_at
FROM desk.articles
WHERE url_key = any(%(url_keys)s)
ORDER BY url_key
FOR UPDATE;

-- name: insert_articles
INSERT INTO desk.articles (
    url_key, url, canonical_url, source_id, entry_id, fetch_id, title, text, html, summary, authors, published_at,
    updated_at, language, lead_image, flags, removed, text_digest, word_count, first_seen_at, revised_at,
    pipeline_version
)
SELECT
    item.url_key, item.url, item.canonical_url, %(source_id)s, item.entry_id, %(fetch_id)s, item.title, item.text,
    item.html, item.summary, item.authors, item.published_at, item.updated_at, item.language, item.lead_image,
    item.flags, item.removed, decode(item.text_digest, 'hex'), item.word_count, %(seen_at)s, %(seen_at)s,
    %(pipeline_version)s
FROM jsonb_to_recordset(%(articles)s) AS item (
    url_key text, url text, canonical_url text, entry_id bigint, title text, text text, html text, summary text,
    authors text[], published_at timestamptz, updated_at timestamptz, language text, lead_image text,
    flags text[], removed jsonb, text_digest text, word_count int
)
ORDER BY item.url_key
ON CONFLICT (url_key) DO NOTHING
RETURNING article_id, url_key;

-- name: revise_articles
-- The present wording becomes a predecessor in the same statement that replaces it.
WITH item AS (
    SELECT *
    FROM jsonb_to_recordset(%(articles)s) AS item (
        article_id bigint, url text, canonical_url text, entry_id bigint, title text, text text, html text,
        summary text, authors text[], published_at timestamptz, updated_at timestamptz, language text,
        lead_image text, flags text[], removed jsonb, text_digest text, word_count int
    )
),

kept AS (
    INSERT INTO desk.revisions (
        article_id, revision, entry_id, fetch_id, title, text, html, published_at, updated_at, text_digest,
        revised_at, pipeline_version
    )
    SELECT
        old.article_id, old.revision, old.entry_id, old.fetch_id, old.title, old.text, old.html, old.published_at,
        old.updated_at, old.text_digest, old.revised_at, old.pipeline_version
    FROM desk.articles AS old
    INNER JOIN item ON old.article_id = item.article_id
    RETURNING article_id
)

UPDATE desk.articles AS article
SET
    url = item.url,
    canonical_url = item.canonical_url,
    source_id = %(source_id)s,
    entry_id = item.entry_id,
    fetch_id = %(fetch_id)s,
    title = item.title,
    text = item.text,
    html = item.html,
    summary = item.summary,
    authors = item.authors,
    published_at = coalesce(item.published_at, article.published_at),
    updated_at = coalesce(item.updated_at, article.updated_at),
    language = item.language,
    lead_image = item.lead_image,
    flags = item.flags,
    removed = item.removed,
    text_digest = decode(item.text_digest, 'hex'),
    word_count = item.word_count,
    revision = article.revision + 1,
    revised_at = %(seen_at)s,
    pipeline_version = %(pipeline_version)s
FROM item
INNER JOIN kept ON item.article_id = kept.article_id
WHERE article.article_id = item.article_id
RETURNING article.article_id, article.story_id, article.revision;

-- name: see_articles
INSERT INTO desk.sightings AS sighting (article_id, entry_id, feed_id, first_seen_at, last_seen_at)
SELECT item.article_id, item.entry_id, %(feed_id)s, %(seen_at)s, %(seen_at)s
FROM jsonb_to_recordset(%(sightings)s) AS item (article_id bigint, entry_id bigint)
ORDER BY item.article_id, item.entry_id
ON CONFLICT (article_id, entry_id) DO UPDATE SET
    first_seen_at = least(sighting.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(sighting.last_seen_at, excluded.last_seen_at);

-- name: select_article
SELECT article_id, title, text, url, published_at, first_seen_at, story_id, matched_id
FROM desk.articles
WHERE article_id = %(article_id)s;
