-- name: select_active_scheme
SELECT scheme_id, normaliser, shingle_words, permutations, seed, hash_scheme, bands
FROM desk.signature_schemes
WHERE is_active;

-- name: delete_signatures
-- Their bands go with them.
DELETE FROM desk.signatures WHERE article_id = any(%(article_ids)s) AND scheme_id = %(scheme_id)s;

-- name: insert_signatures
WITH item AS (
    SELECT *
    FROM jsonb_to_recordset(%(signatures)s) AS item (
        article_id bigint, minima text, shingle_count int, band_keys bigint[]
    )
),

stored AS (
    INSERT INTO desk.signatures (article_id, scheme_id, revision, minima, shingle_count)
    SELECT item.article_id, %(scheme_id)s, article.revision, decode(item.minima, 'hex'), item.shingle_count
    FROM item
    INNER JOIN desk.articles AS article ON item.article_id = article.article_id
    RETURNING article_id, scheme_id
)

INSERT INTO desk.bands (article_id, scheme_id, band, band_key, told_at)
SELECT
    stored.article_id, stored.scheme_id, key.place - 1, key.band_key,
    coalesce(article.published_at, article.first_seen_at)
FROM stored
INNER JOIN item ON stored.article_id = item.article_id
INNER JOIN desk.articles AS article ON stored.article_id = article.article_id
CROSS JOIN LATERAL unnest(item.band_keys) WITH ORDINALITY AS key (band_key, place);

-- name: select_unassigned
-- Oldest first by the publisher's clock; the last word goes to what does not depend on the order of arrival.
SELECT article_id, title, text, coalesce(published_at, first_seen_at) AS told_at
FROM desk.articles
WHERE story_id IS NULL
ORDER BY coalesce(published_at, first_seen_at), url_key
LIMIT %(most)s;

-- name: select_candidates
-- For a whole batch at once. From each band the oldest in the window, where the original is, and no more than
-- that: a template that fills a band must not make it a scan. Ranked by how many bands agree, because
-- verification is what costs.
SELECT article_id, other_id
FROM (
    SELECT
        mine.article_id,
        other.article_id AS other_id,
        row_number() OVER (
            PARTITION BY mine.article_id
            ORDER BY count(*) DESC, min(other.told_at), other.article_id
        ) AS place
    FROM desk.bands AS mine
    CROSS JOIN LATERAL (
        SELECT posting.article_id, posting.told_at
        FROM desk.bands AS posting
        WHERE
            posting.band_key = mine.band_key
            AND posting.scheme_id = mine.scheme_id
            AND posting.article_id <> mine.article_id
            AND posting.told_at BETWEEN mine.told_at - make_interval(hours => %(window_h)s)
            AND mine.told_at + make_interval(hours => %(window_h)s)
        ORDER BY posting.told_at
        LIMIT %(most)s
    ) AS other
    WHERE mine.article_id = any(%(article_ids)s) AND mine.scheme_id = %(scheme_id)s
    GROUP BY mine.article_id, other.article_id
) AS ranked
WHERE place <= %(most)s
ORDER BY article_id, place;

-- name: select_texts
SELECT article_id, title, text, coalesce(published_at, first_seen_at) AS told_at, story_id
FROM desk.articles
WHERE article_id = any(%(article_ids)s);

-- name: insert_match
INSERT INTO desk.matches (
    article_id, article_revision, other_id, other_revision, scheme_id, relation, similarity, containment,
    number_agreement, title_agreement, passages, matched_at, pipeline_version
)
SELECT
    article.article_id, article.revision, other.article_id, other.revision, %(scheme_id)s, %(relation)s,
    %(similarity)s, %(containment)s, %(number_agreement)s, %(title_agreement)s, %(passages)s, %(now)s,
    %(pipeline_version)s
FROM desk.articles AS article
CROSS JOIN desk.articles AS other
WHERE article.article_id = %(article_id)s AND other.article_id = %(other_id)s
ON CONFLICT (article_id, other_id) DO NOTHING;

-- name: start_story
WITH story AS (
    INSERT INTO desk.stories (lead_article_id, created_at, updated_at)
    VALUES (%(article_id)s, %(now)s, %(now)s)
    RETURNING story_id
)

UPDATE desk.articles SET story_id = story.story_id, assigned_at = %(now)s
FROM story
WHERE article_id = %(article_id)s AND articles.story_id IS NULL;

-- name: join_story
WITH joined AS (
    UPDATE desk.articles AS article
    SET story_id = other.story_id, matched_id = other.article_id, assigned_at = %(now)s
    FROM desk.articles AS other
    WHERE article.article_id = %(article_id)s AND other.article_id = %(other_id)s AND article.story_id IS NULL
    RETURNING article.story_id
)

UPDATE desk.stories AS story SET updated_at = %(now)s FROM joined WHERE story.story_id = joined.story_id;
