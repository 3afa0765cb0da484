-- severity: ticket
-- what: a wording that an article once had is missing
-- runbook: docs/runbooks/revisions_with_gaps.md
SELECT article.article_id, article.oldest_revision, article.revision, count(kept.revision) AS kept
FROM desk.articles AS article
LEFT JOIN desk.revisions AS kept ON article.article_id = kept.article_id
WHERE article.removed_at IS NULL
GROUP BY article.article_id, article.oldest_revision, article.revision
HAVING count(kept.revision) <> article.revision - article.oldest_revision
ORDER BY article.article_id;
