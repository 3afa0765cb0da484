-- name: index_stories
-- As news_v1.articles shows them; what it does not show is not found either.
WITH shown AS (
    SELECT
        article.story_id, article.article_id, article.revision, lower(split_part(coalesce(article.language, ''), '-', 1)) AS language,
        coalesce(article.published_at, article.first_seen_at) AS told_at, left(article.title, 10000) AS title,
        desk.search_document(article.language, article.title, article.text) AS document
    FROM news_v1.articles AS article
    WHERE article.story_id = any(%(story_ids)s)
),

gone AS (
    DELETE FROM desk.search_documents AS known
    WHERE
        known.story_id = any(%(story_ids)s)
        AND NOT EXISTS (SELECT FROM shown WHERE shown.story_id = known.story_id)
)

INSERT INTO desk.search_documents (story_id, article_id, revision, language, told_at, title, document)
SELECT shown.story_id, shown.article_id, shown.revision, shown.language, shown.told_at, shown.title, shown.document
FROM shown
ON CONFLICT (story_id) DO UPDATE SET
    article_id = excluded.article_id,
    revision = excluded.revision,
    language = excluded.language,
    told_at = excluded.told_at,
    title = excluded.title,
    document = excluded.document;

-- name: select_unindexed
-- Stories from before there was a search, newest first.
SELECT story.story_id
FROM desk.stories AS story
WHERE
    story.merged_into IS NULL AND story.story_id < %(before)s
    AND NOT EXISTS (SELECT FROM desk.search_documents AS known WHERE known.story_id = story.story_id)
ORDER BY story.story_id DESC
LIMIT %(most)s;
