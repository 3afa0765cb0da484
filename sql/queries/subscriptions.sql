-- name: select_subscriptions
SELECT feed_id, url, title, category, language, is_full_text, is_conditional, is_matched, state
FROM desk.feeds
ORDER BY feed_id;

-- name: select_moves
SELECT old_url, feed_id FROM desk.feed_moves;

-- name: select_named
-- By id, by URL, or by a URL that the feed has left; the present one first.
SELECT feed_id, url, title, category, language, is_full_text, is_conditional, is_matched, state
FROM desk.feeds
WHERE
    url = any(%(names)s)
    OR feed_id::text = any(%(names)s)
    OR feed_id IN (SELECT moved.feed_id FROM desk.feed_moves AS moved WHERE moved.old_url = any(%(names)s))
ORDER BY url = any(%(names)s) DESC, feed_id
LIMIT 1;

-- name: set_options
UPDATE desk.feeds
SET
    title = %(title)s,
    category = %(category)s,
    language = %(language)s,
    is_full_text = %(is_full_text)s,
    is_conditional = %(is_conditional)s,
    is_matched = %(is_matched)s
WHERE feed_id = %(feed_id)s;

-- name: select_attempts
-- Attempts at a feed, newest first; a payload that could not be read counts as quarantined.
SELECT
    attempt.fetch_id,
    attempt.started_at,
    attempt.duration_ms,
    attempt.body_bytes,
    attempt.http_status,
    CASE WHEN poison.quarantine_id IS NULL THEN attempt.outcome ELSE 'quarantined' END AS outcome,
    coalesce(poison.reason, attempt.reason) AS reason,
    attempt.is_conditional,
    attempt.new_entry_count,
    attempt.entry_count,
    attempt.alarms,
    attempt.url,
    attempt.final_url,
    coalesce(poison.detail, attempt.detail) AS detail,
    attempt.warning,
    attempt.loaded_at
FROM desk.fetches AS attempt
LEFT JOIN desk.quarantine AS poison
    ON
        attempt.feed_id = poison.feed_id
        AND attempt.payload_digest = poison.subject_digest
        AND poison.kind = 'payload'
WHERE attempt.feed_id = %(feed_id)s AND attempt.kind = 'feed'
ORDER BY attempt.started_at DESC, attempt.fetch_id DESC
LIMIT %(most)s;
