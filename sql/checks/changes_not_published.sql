-- severity: page
-- what: a change has had no position for more than an hour, so consumers do not hear of it
-- runbook: docs/runbooks/changes_not_published.md
SELECT change_id, kind, article_id, created_at
FROM desk.changes
WHERE position IS NULL AND created_at < now() - interval '1 hour'
ORDER BY change_id;
