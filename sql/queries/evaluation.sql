-- name: open_sources
-- For each publisher of a stream one source with one feed that was fetched once: what an article cannot be without.
WITH source AS (
    INSERT INTO desk.sources (host, name)
    SELECT 'source-' || item.place || '.invalid', item.name
    FROM unnest(%(names)s::text []) WITH ORDINALITY AS item (name, place)
    RETURNING source_id, host, name
),

feed AS (
    INSERT INTO desk.feeds (source_id, url, state, interval_s, next_fetch_at, next_fetch_reason)
    SELECT source.source_id, 'https://' || source.host || '/', 'paused', 3600, %(now)s, 'evaluation'
    FROM source
    RETURNING feed_id, source_id, url
),

attempt AS (
    INSERT INTO desk.fetches (kind, feed_id, claim_key, url, started_at, duration_ms, outcome, reason)
    SELECT 'feed', feed.feed_id, 'evaluation', feed.url, %(now)s, 0, 'unchanged', 'not_modified'
    FROM feed
    RETURNING fetch_id, feed_id
)

SELECT source.name, source.source_id, feed.feed_id, attempt.fetch_id
FROM source
INNER JOIN feed ON source.source_id = feed.source_id
INNER JOIN attempt ON feed.feed_id = attempt.feed_id;

-- name: insert_articles
WITH item AS (
    SELECT *
    FROM jsonb_to_recordset(%(articles)s) AS item (
        place int, key text, source_id bigint, feed_id bigint, fetch_id bigint, url text, title text, text text,
        told_at timestamptz, word_count int
    )
),

entry AS (
    INSERT INTO desk.entries (
        feed_id, entry_key, entry_digest, title, authors, categories, enclosures, is_page_missing, first_seen_at,
        last_seen_at, fetch_id, pipeline_version
    )
    SELECT
        item.feed_id, item.key, sha256(item.key::bytea), item.title, '{}', '{}', '[]', FALSE, item.told_at,
        item.told_at, item.fetch_id, %(pipeline_version)s
    FROM item
    ORDER BY item.place
    RETURNING entry_id, entry_key
),

article AS (
    INSERT INTO desk.articles (
        url_key, url, source_id, entry_id, fetch_id, title, text, html, authors, published_at, flags, removed,
        text_digest, word_count, first_seen_at, revised_at, pipeline_version
    )
    SELECT
        'evaluation:' || item.key, item.url, item.source_id, entry.entry_id, item.fetch_id, item.title, item.text, '',
        '{}', item.told_at, '{}', '{}', sha256(item.key::bytea), item.word_count, item.told_at, item.told_at,
        %(pipeline_version)s
    FROM item
    INNER JOIN entry ON item.key = entry.entry_key
    ORDER BY item.place
    RETURNING article_id, entry_id
)

SELECT entry.entry_key AS key, article.article_id
FROM article
INNER JOIN entry ON article.entry_id = entry.entry_id;

-- name: select_stories
SELECT article_id, story_id FROM desk.articles ORDER BY article_id;
