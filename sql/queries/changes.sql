-- name: record_stories
-- In the order given.
INSERT INTO desk.changes (kind, story_id, article_id, other_story_id, revision, created_at)
SELECT item.kind, item.story_id, item.article_id, item.other_story_id, article.revision, %(now)s
FROM jsonb_to_recordset(%(changes)s) AS item (
    place int, kind text, story_id bigint, article_id bigint, other_story_id bigint
)
INNER JOIN desk.articles AS article ON item.article_id = article.article_id
ORDER BY item.place;

-- name: record_revisions
-- Articles that no story holds yet are announced, in their newest wording, once one does.
INSERT INTO desk.changes (kind, story_id, article_id, revision, created_at)
SELECT 'article_revised', article.story_id, article.article_id, article.revision, %(now)s
FROM desk.articles AS article
WHERE article.article_id = any(%(article_ids)s) AND article.story_id IS NOT NULL
ORDER BY article.article_id
ON CONFLICT (article_id, revision, story_id) WHERE kind = 'article_revised' DO NOTHING;

-- name: record_refreshed
INSERT INTO desk.changes (kind, story_id, article_id, revision, created_at)
SELECT 'article_refreshed', article.story_id, article.article_id, article.revision, %(now)s
FROM desk.articles AS article
WHERE article.article_id = any(%(article_ids)s) AND article.story_id IS NOT NULL
ORDER BY article.article_id;

-- name: publish_changes
-- Under the publisher's lock: the statement sees all that is committed, and nobody else gives positions meanwhile.
WITH waiting AS (
    SELECT change_id, row_number() OVER (ORDER BY change_id) AS place
    FROM desk.changes
    WHERE position IS NULL
    ORDER BY change_id
    LIMIT %(most)s
),

stamped AS (
    UPDATE desk.changes AS change
    SET position = (SELECT coalesce(max(last.position), 0) FROM desk.changes AS last) + waiting.place,
        published_at = %(now)s
    FROM waiting
    WHERE change.change_id = waiting.change_id
    RETURNING change.kind, change.position, change.story_id, change.other_story_id
)

SELECT
    kind,
    count(*)::int AS changes,
    max(position) AS last_position,
    array_agg(story_id) || array_agg(other_story_id) FILTER (WHERE other_story_id IS NOT NULL) AS story_ids
FROM stamped
GROUP BY kind
ORDER BY kind;

-- name: notify_consumers
-- A hint for those who listen, delivered with the commit; who misses it finds the changes at the next look.
SELECT pg_notify('wiredesk_changes', %(position)s);
