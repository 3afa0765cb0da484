CREATE OR REPLACE VIEW news_v1.story_redirects AS
WITH RECURSIVE way AS (
    SELECT story.story_id, story.merged_into, story.updated_at AS merged_at
    FROM desk.stories AS story
    WHERE story.merged_into IS NOT NULL
    UNION ALL
    SELECT way.story_id, next.merged_into, way.merged_at
    FROM way
    INNER JOIN desk.stories AS next ON way.merged_into = next.story_id
    WHERE next.merged_into IS NOT NULL
)

SELECT way.story_id, way.merged_into, way.merged_at
FROM way
INNER JOIN desk.stories AS story ON way.merged_into = story.story_id AND story.merged_into IS NULL;

COMMENT ON VIEW news_v1.story_redirects IS
'Ids of stories that were merged into others: where their articles are now. '
'Example: SELECT story_id, merged_into FROM news_v1.story_redirects ORDER BY merged_at DESC LIMIT 10';
COMMENT ON COLUMN news_v1.story_redirects.story_id IS 'The id that is no more. E.g. 1210';
COMMENT ON COLUMN news_v1.story_redirects.merged_into IS 'The story to ask for instead. E.g. 1207';
COMMENT ON COLUMN news_v1.story_redirects.merged_at IS 'When it was merged. E.g. 2026-03-09 08:00:05+00';
