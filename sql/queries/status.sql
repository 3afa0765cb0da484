-- name: select_overview
SELECT
    (SELECT count(*) FROM desk.feeds WHERE state = 'active') AS active_feeds,
    (SELECT count(*) FROM desk.feeds WHERE state = 'paused') AS paused_feeds,
    (SELECT count(*) FROM desk.feeds WHERE state = 'retired') AS retired_feeds,
    (SELECT count(*) FROM desk.feeds WHERE state = 'active' AND next_fetch_at <= %(now)s) AS due_feeds,
    (SELECT count(*) FROM desk.feeds WHERE state = 'active' AND failure_count > 0) AS failing_feeds,
    (SELECT max(last_fetch_at) FROM desk.feeds) AS last_fetch_at,
    (SELECT count(*) FROM desk.fetches WHERE kind = 'feed' AND outcome = 'fetched' AND loaded_at IS NULL)
    AS pending_payloads,
    (SELECT count(*) FROM desk.articles WHERE story_id IS NULL AND removed_at IS NULL) AS unassigned_articles,
    (SELECT count(*) FROM desk.changes WHERE position IS NULL) AS unpublished_changes,
    (SELECT count(*) FROM desk.quarantine WHERE resolved_at IS NULL) AS quarantined,
    (SELECT count(*) FROM desk.articles) AS articles,
    (SELECT count(*) FROM desk.revisions) AS revisions,
    (SELECT count(*) FROM desk.stories) AS stories,
    (SELECT count(*) FROM desk.articles WHERE matched_id IS NOT NULL) AS copies,
    (SELECT coalesce(max(position), 0) FROM desk.changes) AS last_position;

-- name: select_work_left
-- What a run has to do even when no feed is due.
SELECT
    EXISTS (SELECT FROM desk.articles WHERE story_id IS NULL AND removed_at IS NULL)
    OR EXISTS (SELECT FROM desk.changes WHERE position IS NULL) AS is_left;

-- name: select_quarantine
SELECT
    poison.quarantine_id, poison.kind, poison.reason, poison.detail, poison.entry_key, poison.quarantined_at,
    feed.url AS feed_url
FROM desk.quarantine AS poison
INNER JOIN desk.feeds AS feed ON poison.feed_id = feed.feed_id
WHERE poison.resolved_at IS NULL
ORDER BY poison.quarantine_id DESC
LIMIT %(most)s;

-- name: select_copies
SELECT
    copy.article_id, copy.title, copy.source, copy.url, copy.copy_of_article_id, original.title AS copy_of_title,
    original.url AS copy_of_url,
    copy.lead_article_id, copy.relation, copy.similarity, copy.containment
FROM news_v1.copies AS copy
LEFT JOIN desk.articles AS original ON copy.copy_of_article_id = original.article_id
ORDER BY copy.article_id DESC
LIMIT %(most)s;

-- name: select_last_fetches
-- How the feed fetches since a moment ended.
SELECT
    feed.url, coalesce(feed.title, feed.url) AS title, attempt.outcome, attempt.reason, attempt.http_status,
    attempt.duration_ms, attempt.entry_count, attempt.new_entry_count, attempt.warning, attempt.detail,
    poison.reason AS quarantined
FROM desk.fetches AS attempt
INNER JOIN desk.feeds AS feed ON attempt.feed_id = feed.feed_id
LEFT JOIN desk.quarantine AS poison
    ON
        attempt.feed_id = poison.feed_id AND attempt.payload_digest = poison.subject_digest
        AND poison.kind = 'payload'
WHERE attempt.kind = 'feed' AND attempt.started_at >= %(since)s
ORDER BY feed.feed_id, attempt.fetch_id;

-- name: select_session
SELECT
    current_setting('server_version') AS server_version,
    current_setting('server_version_num')::int AS server_version_num,
    current_database() AS database,
    session_user::text AS login,
    current_user::text AS acts_as,
    pg_has_role(current_user, 'wiredesk_writer', 'member') AS can_write;
