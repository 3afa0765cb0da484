-- severity: ticket
-- what: an article that no feed is recorded to have carried
-- runbook: docs/runbooks/articles_unsighted.md
SELECT article.article_id, article.url_key
FROM desk.articles AS article
WHERE NOT EXISTS (SELECT FROM desk.sightings AS sighting WHERE sighting.article_id = article.article_id)
ORDER BY article.article_id;
