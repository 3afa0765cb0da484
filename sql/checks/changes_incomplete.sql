-- severity: page
-- what: an article has a story, and the log of changes never said so
-- runbook: docs/runbooks/changes_incomplete.md
SELECT article.article_id, article.story_id
FROM desk.articles AS article
WHERE
    article.story_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM desk.changes AS change
        WHERE
            change.article_id = article.article_id
            AND (
                change.kind IN ('article_added', 'copy_added')
                OR (change.kind = 'article_removed' AND article.removed_at IS NOT NULL)
            )
    )
ORDER BY article.article_id;
