-- severity: page
-- what: an article was forgotten, and something made of its text is still there
-- runbook: docs/runbooks/removed_not_forgotten.md
SELECT article.article_id, article.removed_at, found.tables
FROM desk.articles AS article
CROSS JOIN LATERAL (
    SELECT array_agg(kept.name ORDER BY kept.name) AS tables
    FROM (
        SELECT 'matches' AS name FROM desk.matches AS one WHERE one.article_id = article.article_id
        UNION
        SELECT 'matches' AS name FROM desk.matches AS one WHERE one.other_id = article.article_id
        UNION
        SELECT 'revisions' AS name FROM desk.revisions AS one WHERE one.article_id = article.article_id
        UNION
        SELECT 'search_documents' AS name FROM desk.search_documents AS one WHERE one.article_id = article.article_id
        UNION
        SELECT 'signatures' AS name FROM desk.signatures AS one WHERE one.article_id = article.article_id
    ) AS kept
) AS found
WHERE article.removed_at IS NOT NULL AND found.tables IS NOT NULL
ORDER BY article.article_id;
