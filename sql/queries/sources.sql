-- name: set_source
UPDATE desk.sources
SET
    is_preferred = coalesce(%(is_preferred)s, is_preferred),
    is_matched = coalesce(%(is_matched)s, is_matched),
    payload_retention_days = CASE
        WHEN %(keep_days)s::int IS NULL THEN payload_retention_days
        ELSE nullif(%(keep_days)s, 0)
    END
WHERE host = %(host)s
RETURNING source_id;

-- name: select_sources
SELECT
    source.host, source.name, source.is_preferred, source.is_matched, source.payload_retention_days,
    (SELECT count(*) FROM desk.feeds AS feed WHERE feed.source_id = source.source_id) AS feed_count,
    (SELECT count(*) FROM desk.articles AS article WHERE article.source_id = source.source_id) AS article_count
FROM desk.sources AS source
ORDER BY source.host;
