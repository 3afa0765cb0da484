-- name: select_schemes
-- The one in force, and the one that is being prepared, if any.
SELECT
    scheme_id, normaliser, shingle_words, permutations, seed, hash_scheme, bands, fingerprint_window AS "window",
    is_active
FROM desk.signature_schemes
WHERE is_active OR is_next
ORDER BY is_active DESC;

-- name: delete_signatures
-- Their postings go with them; found by their hashes, so that the index needs no second key.
WITH gone AS (
    DELETE FROM desk.signatures
    WHERE article_id = any(%(article_ids)s) AND scheme_id = %(scheme_id)s
    RETURNING article_id, scheme_id, band_keys || fingerprints AS own_hashes
)

DELETE FROM desk.postings AS posting
USING gone
CROSS JOIN LATERAL unnest(gone.own_hashes) AS old (hash)
WHERE posting.hash = old.hash AND posting.article_id = gone.article_id AND posting.scheme_id = gone.scheme_id;

-- name: insert_signatures
-- Not of those that are not to be compared.
WITH item AS (
    SELECT *
    FROM jsonb_to_recordset(%(signatures)s) AS item (
        article_id bigint, minima text, shingle_count int, band_keys int [], fingerprints int []
    )
),

stored AS (
    INSERT INTO desk.signatures (
        article_id, scheme_id, revision, minima, shingle_count, band_keys, fingerprints
    )
    SELECT
        item.article_id, %(scheme_id)s, article.revision, decode(item.minima, 'hex'), item.shingle_count,
        item.band_keys, item.fingerprints
    FROM item
    INNER JOIN desk.articles AS article ON item.article_id = article.article_id AND article.removed_at IS NULL
    INNER JOIN desk.entries AS entry ON article.entry_id = entry.entry_id
    INNER JOIN desk.feeds AS feed ON entry.feed_id = feed.feed_id AND feed.is_matched
    INNER JOIN desk.sources AS source ON article.source_id = source.source_id AND source.is_matched
    ON CONFLICT (article_id, scheme_id) DO NOTHING
    RETURNING article_id, scheme_id, band_keys || fingerprints AS own_hashes
)

INSERT INTO desk.postings (slot, scheme_id, hash, article_id, source_id, told_on)
SELECT
    %(slot)s, stored.scheme_id, own.hash, stored.article_id, article.source_id,
    (coalesce(article.published_at, article.first_seen_at) AT TIME ZONE 'UTC')::date
FROM stored
INNER JOIN desk.articles AS article ON stored.article_id = article.article_id
CROSS JOIN LATERAL unnest(stored.own_hashes) AS own (hash);

-- name: select_unsigned
-- Recent articles that were never signed under a scheme, though they are long enough and may be compared.
SELECT article.article_id, article.text
FROM desk.articles AS article
INNER JOIN desk.entries AS entry ON article.entry_id = entry.entry_id
INNER JOIN desk.feeds AS feed ON entry.feed_id = feed.feed_id AND feed.is_matched
INNER JOIN desk.sources AS source ON article.source_id = source.source_id AND source.is_matched
WHERE
    article.first_seen_at >= %(since)s AND article.word_count >= %(min_words)s AND article.removed_at IS NULL
    AND NOT EXISTS (
        SELECT
        FROM desk.signatures AS signature
        WHERE signature.article_id = article.article_id AND signature.scheme_id = %(scheme_id)s
    )
ORDER BY article.first_seen_at DESC, article.article_id DESC
LIMIT %(most)s;

-- name: activate_scheme
UPDATE desk.signature_schemes
SET is_active = (scheme_id = %(scheme_id)s), is_next = FALSE
WHERE is_active OR is_next;

-- name: claim_unassigned
-- Oldest first by the publisher's clock. What another worker has claimed is left to it.
SELECT
    article_id, source_id, url_key, title, text, coalesce(published_at, first_seen_at) AS told_at, story_id,
    exists(
        SELECT
        FROM desk.signatures AS signature
        WHERE signature.article_id = articles.article_id AND signature.scheme_id = %(scheme_id)s
    ) AS is_signed
FROM desk.articles
WHERE story_id IS NULL AND removed_at IS NULL
ORDER BY coalesce(published_at, first_seen_at), url_key
LIMIT %(most)s
FOR NO KEY UPDATE SKIP LOCKED;

-- name: claim_revised
-- Articles that have a story, and whose text is another one since they were compared.
SELECT
    article_id, source_id, url_key, title, text, coalesce(published_at, first_seen_at) AS told_at, story_id,
    exists(
        SELECT
        FROM desk.signatures AS signature
        WHERE signature.article_id = articles.article_id AND signature.scheme_id = %(scheme_id)s
    ) AS is_signed
FROM desk.articles
WHERE is_revised
ORDER BY coalesce(published_at, first_seen_at), url_key
LIMIT %(most)s
FOR NO KEY UPDATE SKIP LOCKED;

-- name: clear_revised
UPDATE desk.articles SET is_revised = FALSE WHERE article_id = any(%(article_ids)s);

-- name: select_uses
-- For a whole batch at once: every other article that shares a hash, with the hashes. From each hash at most so many
-- postings, so that what everybody says does not make it a scan.
WITH mine AS (
    SELECT signature.article_id, own.hash
    FROM desk.signatures AS signature
    CROSS JOIN LATERAL unnest(signature.band_keys || signature.fingerprints) AS own (hash)
    WHERE signature.article_id = any(%(article_ids)s) AND signature.scheme_id = %(scheme_id)s
),

shared AS (
    SELECT
        mine.article_id, posting.article_id AS other_id, posting.source_id, posting.told_on,
        array_agg(mine.hash) AS own_hashes
    FROM mine
    CROSS JOIN LATERAL (
        SELECT found.article_id, found.source_id, found.told_on
        FROM desk.postings AS found
        WHERE found.hash = mine.hash AND found.scheme_id = %(scheme_id)s
        LIMIT %(most_postings)s  -- noqa: AM09
    ) AS posting
    WHERE posting.article_id <> mine.article_id
    GROUP BY mine.article_id, posting.article_id, posting.source_id, posting.told_on
)

SELECT shared.article_id, shared.other_id, shared.source_id, shared.told_on, shared.own_hashes, other.story_id
FROM shared
-- One by one: the planner expects every hash to be everywhere, and would read all articles.
CROSS JOIN LATERAL (
    SELECT article.story_id, article.url_key
    FROM desk.articles AS article
    WHERE article.article_id = shared.other_id
    LIMIT 1  -- noqa: AM09
) AS other
ORDER BY shared.article_id ASC, cardinality(shared.own_hashes) DESC, shared.told_on ASC, other.url_key ASC;

-- name: select_texts
SELECT
    article_id, source_id, url_key, title, text, coalesce(published_at, first_seen_at) AS told_at, story_id,
    TRUE AS is_signed
FROM desk.articles
WHERE article_id = any(%(article_ids)s);

-- name: insert_matches
INSERT INTO desk.matches (
    article_id, article_revision, other_id, other_revision, scheme_id, relation, similarity, containment,
    number_agreement, title_agreement, opening_agreement, opening_containment, fresh_containment, evidence, passages,
    matched_at, pipeline_version, run
)
SELECT
    item.article_id, article.revision, item.other_id, other.revision, %(scheme_id)s, item.relation, item.similarity,
    item.containment, item.number_agreement, item.title_agreement, item.opening_agreement, item.opening_containment,
    item.fresh_containment, item.evidence, item.passages, %(now)s, %(pipeline_version)s,
    %(run)s
FROM jsonb_to_recordset(%(matches)s) AS item (
    article_id bigint, other_id bigint, relation text, similarity float8, containment float8,
    number_agreement float8, title_agreement float8, opening_agreement float8, opening_containment float8,
    fresh_containment float8,
    evidence text, passages text []
)
INNER JOIN desk.articles AS article ON item.article_id = article.article_id AND article.removed_at IS NULL
INNER JOIN desk.articles AS other ON item.other_id = other.article_id AND other.removed_at IS NULL
ORDER BY item.article_id, item.other_id
ON CONFLICT (article_id, other_id) DO NOTHING;

-- name: select_concerned
-- The given articles, and all of every story that one of them belongs to, matches, or was ruled upon with.
WITH near AS (
    SELECT unnest(%(article_ids)s::bigint []) AS article_id
    UNION
    SELECT other_id FROM desk.matches WHERE article_id = any(%(article_ids)s)
    UNION
    SELECT article_id FROM desk.matches WHERE other_id = any(%(article_ids)s)
    UNION
    SELECT other_id FROM desk.rulings WHERE undone_at IS NULL AND other_id IS NOT NULL AND article_id = any(%(article_ids)s)
    UNION
    SELECT article_id FROM desk.rulings WHERE undone_at IS NULL AND other_id = any(%(article_ids)s)
),

concerned AS (
    SELECT article.story_id
    FROM near
    INNER JOIN desk.articles AS article ON near.article_id = article.article_id
    WHERE article.story_id IS NOT NULL
    GROUP BY article.story_id
)

SELECT
    article.article_id, coalesce(article.published_at, article.first_seen_at) AS told_at,
    article.first_seen_at, article.url_key, article.word_count, source.is_preferred, article.story_id, article.matched_id, story.lead_article_id
FROM desk.articles AS article
INNER JOIN desk.sources AS source ON article.source_id = source.source_id
LEFT JOIN desk.stories AS story ON article.story_id = story.story_id
WHERE
    article.removed_at IS NULL
    AND (article.article_id = any(%(article_ids)s) OR article.story_id IN (SELECT concerned.story_id FROM concerned))
ORDER BY article.article_id;

-- name: select_edges
SELECT article_id, other_id, similarity, containment
FROM desk.matches
WHERE article_id = any(%(article_ids)s) AND other_id = any(%(article_ids)s)
ORDER BY article_id, other_id;

-- name: select_rulings_upon
SELECT kind, article_id, other_id
FROM desk.rulings
WHERE undone_at IS NULL AND article_id = any(%(article_ids)s)
ORDER BY ruling_id;

-- name: start_stories
-- In the order given; a story and the assignment of its lead are written in one transaction.
INSERT INTO desk.stories (lead_article_id, created_at, updated_at)
SELECT lead.article_id, %(now)s, %(now)s
FROM unnest(%(lead_ids)s::bigint []) WITH ORDINALITY AS lead (article_id, place)
ORDER BY lead.place
RETURNING story_id, lead_article_id;

-- name: free_leads
-- Before others take their place: an article leads one story at most.
UPDATE desk.stories AS story
SET lead_article_id = NULL, merged_into = item.merged_into, updated_at = %(now)s
FROM jsonb_to_recordset(%(merged)s) AS item (story_id bigint, merged_into bigint)
WHERE story.story_id = item.story_id;

-- name: select_leads
SELECT story_id, lead_article_id FROM desk.stories WHERE story_id = any(%(story_ids)s);

-- name: change_leads
UPDATE desk.stories AS story
SET lead_article_id = item.article_id, updated_at = %(now)s
FROM jsonb_to_recordset(%(leads)s) AS item (story_id bigint, article_id bigint)
WHERE story.story_id = item.story_id;

-- name: touch_stories
UPDATE desk.stories SET updated_at = %(now)s WHERE story_id = any(%(story_ids)s);

-- name: place_articles
UPDATE desk.articles AS article
SET story_id = item.story_id, matched_id = item.matched_id, assigned_at = %(now)s
FROM jsonb_to_recordset(%(articles)s) AS item (article_id bigint, story_id bigint, matched_id bigint)
WHERE article.article_id = item.article_id;

-- name: expire_postings
-- Whether the partition that is used next holds anything: only then is it worth the lock to empty it.
SELECT exists(SELECT FROM desk.postings WHERE slot = %(slot)s) AS is_used;

-- name: select_match
SELECT matched_at, run, scheme_id, relation, evidence
FROM desk.matches
WHERE (article_id, other_id) IN ((%(article_id)s, %(other_id)s), (%(other_id)s, %(article_id)s))
ORDER BY matched_at DESC
LIMIT 1;
