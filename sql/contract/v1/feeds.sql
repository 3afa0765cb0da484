CREATE OR REPLACE VIEW news_v1.feeds AS
SELECT
    feed.feed_id,
    feed.url,
    feed.title,
    source.name AS source,
    feed.category,
    feed.language,
    feed.state,
    feed.is_full_text,
    feed.last_fetch_at,
    feed.last_success_at,
    latest.outcome AS last_outcome,
    latest.reason AS last_reason,
    feed.failure_count,
    feed.next_fetch_at,
    feed.next_fetch_reason,
    feed.interval_s,
    feed.floor_s,
    feed.is_conditional,
    feed.moved_to,
    feed.moved_since,
    loaded.alarms AS last_alarms,
    loaded.entry_count AS last_entry_count,
    loaded.new_entry_count AS last_new_entry_count
FROM desk.feeds AS feed
INNER JOIN desk.sources AS source ON feed.source_id = source.source_id
LEFT JOIN LATERAL (
    SELECT
        CASE WHEN poison.quarantine_id IS NULL THEN attempt.outcome ELSE 'quarantined' END AS outcome,
        coalesce(poison.reason, attempt.reason) AS reason
    FROM desk.fetches AS attempt
    LEFT JOIN desk.quarantine AS poison
        ON
            attempt.feed_id = poison.feed_id
            AND attempt.payload_digest = poison.subject_digest
            AND poison.kind = 'payload'
    WHERE attempt.feed_id = feed.feed_id AND attempt.kind = 'feed'
    ORDER BY attempt.started_at DESC, attempt.fetch_id DESC
    LIMIT 1
) AS latest ON TRUE
LEFT JOIN LATERAL (
    SELECT attempt.alarms, attempt.entry_count, attempt.new_entry_count
    FROM desk.fetches AS attempt
    WHERE attempt.feed_id = feed.feed_id AND attempt.kind = 'feed' AND attempt.entry_count IS NOT NULL
    ORDER BY attempt.started_at DESC, attempt.fetch_id DESC
    LIMIT 1
) AS loaded ON TRUE;

COMMENT ON VIEW news_v1.feeds IS
'What is polled, how it went last, and when it is polled next. '
'Example: SELECT url, last_outcome, last_reason, next_fetch_at FROM news_v1.feeds ORDER BY failure_count DESC';
COMMENT ON COLUMN news_v1.feeds.feed_id IS 'Stable id. E.g. 12';
COMMENT ON COLUMN news_v1.feeds.url IS 'Address of the feed. E.g. https://www.paper.example/rss';
COMMENT ON COLUMN news_v1.feeds.title IS 'As subscribed, or as the feed calls itself. E.g. The Paper: all news';
COMMENT ON COLUMN news_v1.feeds.source IS 'The publisher. E.g. The Paper';
COMMENT ON COLUMN news_v1.feeds.category IS 'As subscribed; levels are separated by a slash. E.g. News/Regional';
COMMENT ON COLUMN news_v1.feeds.language IS 'BCP 47 tag, as subscribed or declared. E.g. en';
COMMENT ON COLUMN news_v1.feeds.state IS 'active, paused (by a person) or retired (gone for good). E.g. active';
COMMENT ON COLUMN news_v1.feeds.is_full_text IS 'Whether article pages are fetched too. E.g. false';
COMMENT ON COLUMN news_v1.feeds.last_fetch_at IS 'Last attempt. E.g. 2026-03-09 06:30:00+00';
COMMENT ON COLUMN news_v1.feeds.last_success_at IS 'Last attempt that brought bytes or "unchanged". E.g. 2026-03-09 06:30:00+00';
COMMENT ON COLUMN news_v1.feeds.last_outcome IS 'fetched, unchanged, failed or quarantined. E.g. unchanged';
COMMENT ON COLUMN news_v1.feeds.last_reason IS 'Why, from a fixed list: docs/contract.md. E.g. not_modified';
COMMENT ON COLUMN news_v1.feeds.failure_count IS 'Failures in a row. E.g. 0';
COMMENT ON COLUMN news_v1.feeds.next_fetch_at IS 'When it is due. E.g. 2026-03-09 07:00:00+00';
COMMENT ON COLUMN news_v1.feeds.next_fetch_reason IS 'Why then, in a sentence. E.g. 6 news a day, the last 2 h ago: next fetch in 30 min.';
COMMENT ON COLUMN news_v1.feeds.interval_s IS 'Seconds between two polls that its own rhythm asks for. E.g. 1800';
COMMENT ON COLUMN news_v1.feeds.floor_s IS 'Seconds that the feed itself asks for between two polls (ttl, sy:updatePeriod). E.g. 900';
COMMENT ON COLUMN news_v1.feeds.is_conditional IS 'Whether validators are sent; false: its server lies about them. E.g. true';
COMMENT ON COLUMN news_v1.feeds.moved_to IS 'Where permanent redirects lead; the feed takes this URL if they go on to. E.g. https://www.paper.example/feed.xml';
COMMENT ON COLUMN news_v1.feeds.moved_since IS 'Since when they have led there. E.g. 2026-03-01 00:00:00+00';
COMMENT ON COLUMN news_v1.feeds.last_alarms IS
'What was odd about the last payload that was loaded: gap (every item new, so some were probably missed), volume_drop, '
'guid_churn, future_dates, missing_dates, stale_validators. More may come. Null before the first load.'
' E.g. {gap}';
COMMENT ON COLUMN news_v1.feeds.last_entry_count IS 'Items in the last payload that was loaded. E.g. 30';
COMMENT ON COLUMN news_v1.feeds.last_new_entry_count IS 'How many of them were never seen before. E.g. 2';
