CREATE OR REPLACE VIEW news_v1.stories AS
SELECT
    story.story_id,
    story.lead_article_id,
    members.article_count,
    members.source_count,
    story.created_at AS first_seen_at,
    story.updated_at
FROM desk.stories AS story
CROSS JOIN LATERAL (
    SELECT
        count(*)::int AS article_count,
        count(DISTINCT article.source_id)::int AS source_count
    FROM desk.articles AS article
    WHERE article.story_id = story.story_id
) AS members
WHERE
    story.merged_into IS NULL
    AND EXISTS (SELECT FROM desk.articles AS lead WHERE lead.article_id = story.lead_article_id AND lead.removed_at IS NULL)
    AND NOT EXISTS (
        SELECT
        FROM desk.rulings AS ruling
        WHERE ruling.article_id = story.lead_article_id AND ruling.kind = 'not_news' AND ruling.undone_at IS NULL
    );

COMMENT ON VIEW news_v1.stories IS
'One row for each text that was told, however often. '
'Example: SELECT story_id, source_count FROM news_v1.stories ORDER BY source_count DESC LIMIT 10';
COMMENT ON COLUMN news_v1.stories.story_id IS 'Stable id. E.g. 1207';
COMMENT ON COLUMN news_v1.stories.lead_article_id IS 'The article kept for it, in news_v1.articles. E.g. 4711';
COMMENT ON COLUMN news_v1.stories.article_count IS 'Articles that tell it: the lead and its copies. E.g. 4';
COMMENT ON COLUMN news_v1.stories.source_count IS 'Publishers that carried it. E.g. 3';
COMMENT ON COLUMN news_v1.stories.first_seen_at IS 'When wiredesk first saw it. E.g. 2026-03-09 06:41:12+00';
COMMENT ON COLUMN news_v1.stories.updated_at IS 'When an article last joined it. E.g. 2026-03-09 07:02:10+00';
