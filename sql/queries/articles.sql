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
        coalesce(bool_or(payload.body IS NOT NULL), FALSE) AS is_had
    FROM desk.fetches AS attempt
    LEFT JOIN desk.payloads AS payload ON attempt.payload_digest = payload.payload_digest
    WHERE
        attempt.kind = 'page' AND attempt.feed_id = entry.feed_id AND attempt.entry_key = entry.entry_key
        AND attempt.entry_digest = entry.entry_digest
) AS page
WHERE entry.feed_id = %(feed_id)s AND entry.entry_key = any(%(keys)s);

-- name: select_known_items
-- Items that say what their entry says at present, so that reading them brings nothing. Not those that are still
-- wanted, because their page is missing. As with entries an older pipeline's word counts: the digest has the
-- parser's version in it, and cleaning anew is for a replay.
SELECT entry.item_digest, entry.entry_key
FROM desk.entries AS entry
WHERE
    entry.feed_id = %(feed_id)s AND entry.item_digest = any(%(item_digests)s)
    AND NOT (
        entry.is_page_missing
        AND (
            SELECT coalesce(bool_or(payload.body IS NOT NULL), FALSE) OR count(*) < 3
            FROM desk.fetches AS attempt
            LEFT JOIN desk.payloads AS payload ON attempt.payload_digest = payload.payload_digest
            WHERE
                attempt.kind = 'page' AND attempt.feed_id = entry.feed_id AND attempt.entry_key = entry.entry_key
                AND attempt.entry_digest = entry.entry_digest
        )
    );

-- name: select_aliased
-- Entries that are known by these aliases, whatever their key is now.
SELECT
    alias.alias, entry.entry_id, entry.entry_key, entry.last_seen_at
FROM desk.entry_aliases AS alias
INNER JOIN desk.entries AS entry ON alias.entry_id = entry.entry_id
WHERE alias.feed_id = %(feed_id)s AND alias.alias = any(%(aliases)s)
ORDER BY entry.entry_id;

-- name: rename_entries
-- The attempts at its pages are those of the same entry.
WITH item AS (
    SELECT * FROM jsonb_to_recordset(%(renames)s) AS item (old_key text, new_key text)
),

pages AS (
    UPDATE desk.fetches AS attempt
    SET entry_key = item.new_key
    FROM item
    WHERE attempt.kind = 'page' AND attempt.feed_id = %(feed_id)s AND attempt.entry_key = item.old_key
)

UPDATE desk.entries AS entry
SET entry_key = item.new_key
FROM item
WHERE entry.feed_id = %(feed_id)s AND entry.entry_key = item.old_key;

-- name: keep_aliases
-- Those of the present wording: what an entry was called before says nothing of what it will be.
WITH item AS (
    SELECT entry.entry_id, decode(alias.alias, 'hex') AS alias
    FROM jsonb_to_recordset(%(entries)s) AS item (entry_key text, aliases text[])
    INNER JOIN desk.entries AS entry ON item.entry_key = entry.entry_key AND entry.feed_id = %(feed_id)s
    CROSS JOIN LATERAL unnest(item.aliases) AS alias (alias)
),

dropped AS (
    DELETE FROM desk.entry_aliases AS old
    WHERE
        old.entry_id IN (SELECT item.entry_id FROM item)
        AND NOT EXISTS (SELECT FROM item WHERE item.entry_id = old.entry_id AND item.alias = old.alias)
)

INSERT INTO desk.entry_aliases (feed_id, alias, entry_id)
SELECT DISTINCT %(feed_id)s::bigint, item.alias, item.entry_id FROM item
ON CONFLICT DO NOTHING;

-- name: upsert_entries
-- In order of key, so that two transactions never wait for each other; an older payload loaded late does not
-- overwrite a newer wording.
INSERT INTO desk.entries AS entry (
    feed_id, entry_key, entry_digest, url, title, html, summary, authors, published_at, updated_at, categories,
    enclosures, language, is_page_missing, item_digest, first_seen_at, last_seen_at, fetch_id, pipeline_version
)
SELECT
    %(feed_id)s, item.entry_key, decode(item.entry_digest, 'hex'), item.url, item.title, item.html, item.summary,
    item.authors, item.published_at, item.updated_at, item.categories, item.enclosures, item.language,
    item.is_page_missing, decode(item.item_digest, 'hex'), %(seen_at)s, %(seen_at)s, %(fetch_id)s,
    %(pipeline_version)s
FROM jsonb_to_recordset(%(entries)s) AS item (
    entry_key text, entry_digest text, url text, title text, html text, summary text, authors text[],
    published_at timestamptz, updated_at timestamptz, categories text[], enclosures jsonb, language text,
    is_page_missing boolean, item_digest text
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
    item_digest = excluded.item_digest,
    last_seen_at = excluded.last_seen_at,
    fetch_id = excluded.fetch_id,
    pipeline_version = excluded.pipeline_version,
    refused_key = NULL
WHERE entry.last_seen_at <= excluded.last_seen_at
RETURNING entry_id, entry_key;

-- name: see_entries_again
-- An item that was read again for another spelling of the same words is known by that one from now on. A payload that is
-- loaded after a newer one says since when there is the entry: all payloads from then on may hold it.
WITH seen AS (
    UPDATE desk.entries AS entry
    SET
        first_seen_at = least(entry.first_seen_at, %(seen_at)s),
        last_seen_at = greatest(entry.last_seen_at, %(seen_at)s),
        item_digest = CASE
            WHEN entry.last_seen_at < %(seen_at)s THEN coalesce(decode(item.item_digest, 'hex'), entry.item_digest)
            ELSE entry.item_digest
        END
    FROM jsonb_to_recordset(%(entries)s) AS item (entry_key text, item_digest text)
    WHERE
        entry.feed_id = %(feed_id)s AND entry.entry_key = item.entry_key
        AND (entry.last_seen_at < %(seen_at)s OR entry.first_seen_at > %(seen_at)s)
    RETURNING entry.entry_id
)

UPDATE desk.sightings AS sighting
SET last_seen_at = %(seen_at)s
FROM seen
WHERE sighting.entry_id = seen.entry_id AND sighting.last_seen_at < %(seen_at)s;

-- name: lock_articles
SELECT
    article_id, url_key, entry_id, text_digest, word_count, revised_at, removed_at IS NOT NULL AS is_removed,
    'page_failed' = any(flags) AS is_page_missing
FROM desk.articles
WHERE url_key = any(%(url_keys)s)
ORDER BY url_key
FOR UPDATE;

-- name: lock_articles_of_entries
-- The article whose wording an entry gives, where there is one and only one. One that was kept long enough does not count:
-- the entry may be of something new by now, as with a column that keeps its id.
SELECT
    article_id, url_key, entry_id, text_digest, word_count, revised_at, removed_at IS NOT NULL AS is_removed,
    'page_failed' = any(flags) AS is_page_missing
FROM desk.articles AS article
WHERE
    entry_id = any(%(entry_ids)s)
    AND (removed_at IS NULL OR desk.is_forgotten(url_key, source_id))
    AND NOT EXISTS (
        SELECT
        FROM desk.articles AS other
        WHERE
            other.entry_id = article.entry_id AND other.article_id <> article.article_id
            AND (other.removed_at IS NULL OR desk.is_forgotten(other.url_key, other.source_id))
    )
ORDER BY url_key
FOR UPDATE;

-- name: insert_articles
INSERT INTO desk.articles (
    url_key, url, canonical_url, source_id, entry_id, fetch_id, title, text, html, summary, authors, published_at,
    updated_at, language, lead_image, section, tags, access, said_by, flags, removed, text_digest, word_count,
    first_seen_at, revised_at, pipeline_version
)
SELECT
    item.url_key, item.url, item.canonical_url, %(source_id)s, item.entry_id, %(fetch_id)s, item.title, item.text,
    item.html, item.summary, item.authors, item.published_at, item.updated_at, item.language, item.lead_image,
    item.section, item.tags, item.access, item.said_by, item.flags, item.removed, decode(item.text_digest, 'hex'),
    item.word_count, %(seen_at)s, %(seen_at)s, %(pipeline_version)s
FROM jsonb_to_recordset(%(articles)s) AS item (
    url_key text, url text, canonical_url text, entry_id bigint, title text, text text, html text, summary text,
    authors text[], published_at timestamptz, updated_at timestamptz, language text, lead_image text,
    section text, tags text[], access text, said_by jsonb, flags text[], removed jsonb, text_digest text,
    word_count int
)
WHERE NOT desk.is_forgotten(item.url_key, %(source_id)s)
ORDER BY item.url_key
ON CONFLICT (url_key) DO NOTHING
RETURNING article_id, url_key;

-- name: select_forgotten
SELECT item.url_key
FROM unnest(%(url_keys)s::text []) AS item (url_key)
WHERE desk.is_forgotten(item.url_key, %(source_id)s);

-- name: revise_articles
-- The present wording becomes a predecessor in the same statement that replaces it.
WITH item AS (
    SELECT *
    FROM jsonb_to_recordset(%(articles)s) AS item (
        article_id bigint, url_key text, url text, canonical_url text, entry_id bigint, title text, text text,
        html text, summary text, authors text[], published_at timestamptz, updated_at timestamptz, language text,
        lead_image text, section text, tags text[], access text, said_by jsonb, flags text[], removed jsonb,
        text_digest text, word_count int
    )
),

kept AS (
    INSERT INTO desk.revisions (
        article_id, revision, entry_id, fetch_id, title, text, html, published_at, updated_at, text_digest,
        revised_at, pipeline_version, url_key
    )
    SELECT
        old.article_id, old.revision, old.entry_id, old.fetch_id, old.title, old.text, old.html, old.published_at,
        old.updated_at, old.text_digest, old.revised_at, old.pipeline_version, old.url_key
    FROM desk.articles AS old
    INNER JOIN item ON old.article_id = item.article_id
    WHERE old.removed_at IS NULL AND NOT desk.is_forgotten(item.url_key, %(source_id)s)
    RETURNING article_id
)

UPDATE desk.articles AS article
SET
    url_key = item.url_key,
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
    section = item.section,
    tags = item.tags,
    access = item.access,
    said_by = item.said_by,
    flags = item.flags,
    removed = item.removed,
    text_digest = decode(item.text_digest, 'hex'),
    word_count = item.word_count,
    revision = article.revision + 1,
    revised_at = %(seen_at)s,
    -- Without a story it was not compared yet, and will be.
    is_revised = article.story_id IS NOT NULL
    AND (article.is_revised OR article.text_digest <> decode(item.text_digest, 'hex')),
    pipeline_version = %(pipeline_version)s
FROM item
INNER JOIN kept ON item.article_id = kept.article_id
WHERE article.article_id = item.article_id
RETURNING article.article_id, article.story_id, article.revision;

-- name: refresh_articles
-- The words stay, so that there is no new wording; where nothing differs nothing is written.
UPDATE desk.articles AS article
SET
    url = item.url,
    canonical_url = item.canonical_url,
    html = item.html,
    summary = item.summary,
    authors = item.authors,
    published_at = coalesce(item.published_at, article.published_at),
    updated_at = coalesce(item.updated_at, article.updated_at),
    language = item.language,
    lead_image = item.lead_image,
    section = item.section,
    tags = item.tags,
    access = item.access,
    said_by = item.said_by,
    flags = item.flags,
    removed = item.removed,
    pipeline_version = %(pipeline_version)s
FROM jsonb_to_recordset(%(articles)s) AS item (
    article_id bigint, url text, canonical_url text, html text, summary text, authors text[],
    published_at timestamptz, updated_at timestamptz, language text, lead_image text, section text, tags text[],
    access text, said_by jsonb, flags text[], removed jsonb, text_digest text
)
WHERE
    article.article_id = item.article_id AND article.removed_at IS NULL
    AND article.text_digest = decode(item.text_digest, 'hex')
    AND (
        article.url, article.canonical_url, article.html, article.summary, article.authors, article.published_at,
        article.updated_at, article.language, article.lead_image, article.section, article.tags, article.access,
        article.said_by, article.flags, article.removed
    )
    IS DISTINCT FROM (
        item.url, item.canonical_url, item.html, item.summary, item.authors,
        coalesce(item.published_at, article.published_at), coalesce(item.updated_at, article.updated_at),
        item.language, item.lead_image, item.section, item.tags, item.access, item.said_by, item.flags, item.removed
    )
RETURNING article.article_id;

-- name: see_articles
INSERT INTO desk.sightings AS sighting (article_id, entry_id, feed_id, first_seen_at, last_seen_at)
SELECT item.article_id, item.entry_id, %(feed_id)s, %(seen_at)s, %(seen_at)s
FROM jsonb_to_recordset(%(sightings)s) AS item (article_id bigint, entry_id bigint)
ORDER BY item.article_id, item.entry_id
ON CONFLICT (article_id, entry_id) DO UPDATE SET
    first_seen_at = least(sighting.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(sighting.last_seen_at, excluded.last_seen_at);

-- name: select_article
SELECT
    article.article_id, article.source_id, article.url_key, article.title, article.text, article.url,
    coalesce(article.published_at, article.first_seen_at) AS told_at, article.published_at, article.first_seen_at,
    article.story_id, article.matched_id, coalesce(story.lead_article_id = article.article_id, FALSE) AS is_lead
FROM desk.articles AS article
LEFT JOIN desk.stories AS story ON article.story_id = story.story_id
WHERE article.article_id = %(article_id)s;

-- name: select_stored_entries
-- And whether a newer payload had them.
SELECT
    entry.entry_key, entry.entry_id, entry.entry_digest, entry.last_seen_at > %(seen_at)s AS is_superseded,
    entry.is_page_missing, entry.refused_key IS NOT NULL AS is_refused, page.had_page
FROM desk.entries AS entry
CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS had_page
    FROM desk.fetches AS attempt
    WHERE
        attempt.kind = 'page' AND attempt.feed_id = entry.feed_id AND attempt.entry_key = entry.entry_key
        AND attempt.outcome = 'fetched'
) AS page
WHERE entry.feed_id = %(feed_id)s AND entry.entry_key = any(%(keys)s);
