-- severity: page
-- what: an article has had no story for more than an hour, so consumers do not see it
-- runbook: docs/runbooks/articles_not_assigned.md
SELECT article_id, url_key, first_seen_at
FROM desk.articles
WHERE story_id IS NULL AND removed_at IS NULL AND first_seen_at < now() - interval '1 hour'
ORDER BY article_id;
