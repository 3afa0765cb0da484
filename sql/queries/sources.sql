-- name: set_source
UPDATE desk.sources
SET
    is_preferred = coalesce(%(is_preferred)s, is_preferred),
    is_matched = coalesce(%(is_matched)s, is_matched),
    payload_retention_days = CASE
        WHEN %(payload_days)s::int IS NULL THEN payload_retention_days
        ELSE nullif(%(payload_days)s, 0)
    END,
    page_retention_days = CASE
        WHEN %(page_days)s::int IS NULL THEN page_retention_days
        ELSE nullif(%(page_days)s, 0)
    END,
    revision_retention_days = CASE
        WHEN %(revision_days)s::int IS NULL THEN revision_retention_days
        ELSE nullif(%(revision_days)s, 0)
    END,
    article_retention_days = CASE
        WHEN %(article_days)s::int IS NULL THEN article_retention_days
        ELSE nullif(%(article_days)s, 0)
    END,
    change_retention_days = CASE
        WHEN %(change_days)s::int IS NULL THEN change_retention_days
        ELSE nullif(%(change_days)s, 0)
    END
WHERE host = %(host)s
RETURNING source_id;

-- name: select_sources
SELECT
    source.host, source.name, source.is_preferred, source.is_matched, source.payload_retention_days,
    source.page_retention_days, source.revision_retention_days, source.article_retention_days,
    source.change_retention_days,
    (SELECT count(*) FROM desk.feeds AS feed WHERE feed.source_id = source.source_id) AS feed_count,
    (SELECT count(*) FROM desk.articles AS article WHERE article.source_id = source.source_id) AS article_count
FROM desk.sources AS source
ORDER BY source.host;
