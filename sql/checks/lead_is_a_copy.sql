-- severity: page
-- what: a story is led by an article that copies another, or an article without a match is no lead
-- runbook: docs/runbooks/lead_is_a_copy.md
SELECT article.article_id, article.story_id, story.lead_article_id, article.matched_id
FROM desk.articles AS article
INNER JOIN desk.stories AS story ON article.story_id = story.story_id
WHERE (article.article_id = story.lead_article_id) <> (article.matched_id IS NULL)
ORDER BY article.article_id;
