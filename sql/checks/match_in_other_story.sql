-- severity: page
-- what: an article belongs to one story and what it was matched with to another, or it belongs to a merged story
-- runbook: docs/runbooks/match_in_other_story.md
SELECT article.article_id, article.story_id, article.matched_id, other.story_id AS other_story_id, story.merged_into
FROM desk.articles AS article
INNER JOIN desk.stories AS story ON article.story_id = story.story_id
LEFT JOIN desk.articles AS other ON article.matched_id = other.article_id
WHERE article.story_id <> other.story_id OR story.merged_into IS NOT NULL
ORDER BY article.article_id;
