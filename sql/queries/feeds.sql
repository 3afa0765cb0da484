-- name: upsert_source
INSERT INTO desk.sources (host, name) VALUES (%(host)s, %(host)s)
ON CONFLICT (host) DO UPDATE SET host = excluded.host
RETURNING source_id;

-- name: insert_feed
INSERT INTO desk.feeds (
    source_id, url, title, category, language, is_full_text, interval_s, next_fetch_at, next_fetch_reason
)
VALUES (
    %(source_id)s, %(url)s, %(title)s, %(category)s, %(language)s, %(is_full_text)s, %(interval_s)s, %(now)s,
    'new: never polled'
)
ON CONFLICT (url) DO NOTHING
RETURNING feed_id;

-- name: select_feeds
SELECT
    feed.feed_id, feed.url, feed.title, feed.category, feed.language, feed.state, feed.is_full_text,
    feed.last_fetch_at, feed.last_outcome, feed.last_reason, feed.failure_count, feed.next_fetch_at,
    feed.next_fetch_reason
FROM news_v1.feeds AS feed
WHERE %(names)s::text[] IS NULL OR feed.url = any(%(names)s) OR feed.feed_id::text = any(%(names)s)
ORDER BY feed.feed_id;

-- name: select_feed_rows
SELECT
    feed_id, url, title, state, is_full_text, language, etag, last_modified, payload_digest, interval_s,
    failure_count,
    (
        SELECT attempt.reason
        FROM desk.fetches AS attempt
        WHERE attempt.feed_id = feeds.feed_id AND attempt.kind = 'feed'
        ORDER BY attempt.started_at DESC
        LIMIT 1
    ) AS last_reason
FROM desk.feeds
WHERE feed_id = any(%(feed_ids)s)
ORDER BY feed_id;

-- name: set_feed_state
UPDATE desk.feeds
SET
    state = %(state)s,
    failure_count = CASE WHEN %(state)s = 'active' THEN 0 ELSE failure_count END,
    next_fetch_at = CASE WHEN %(state)s = 'active' THEN %(now)s ELSE next_fetch_at END,
    next_fetch_reason = %(reason)s
WHERE feed_id = %(feed_id)s AND state <> %(state)s;

-- name: select_due
-- Due, active and claimed by nobody; feeds named by a person need not be due.
SELECT feed_id, url, claim_key
FROM desk.feeds
WHERE
    state = 'active'
    AND (claim_expires_at IS NULL OR claim_expires_at <= %(now)s)
    AND CASE
        WHEN %(names)s::text[] IS NULL THEN next_fetch_at <= %(now)s
        ELSE url = any(%(names)s) OR feed_id::text = any(%(names)s)
    END
ORDER BY next_fetch_at, feed_id;

-- name: claim_feeds
UPDATE desk.feeds
SET claim_key = %(claim_key)s, claim_expires_at = %(now)s + make_interval(secs => %(lease_s)s)
WHERE feed_id IN (
    SELECT feed_id
    FROM desk.feeds
    WHERE
        feed_id = any(%(feed_ids)s)
        AND state = 'active'
        AND (claim_expires_at IS NULL OR claim_expires_at <= %(now)s)
    ORDER BY feed_id
    FOR UPDATE SKIP LOCKED
)
RETURNING feed_id, url, claim_key;

-- name: select_claimed
SELECT feed_id, url, claim_key FROM desk.feeds WHERE starts_with(claim_key, %(prefix)s) ORDER BY feed_id;

-- name: release_claims
UPDATE desk.feeds
SET claim_key = NULL, claim_expires_at = NULL
WHERE starts_with(claim_key, %(claimant)s) AND NOT starts_with(claim_key, %(but)s);

-- name: plan_feed
-- The claim ends with the attempt; a later claim by another run is left alone.
UPDATE desk.feeds
SET
    interval_s = %(interval_s)s,
    failure_count = %(failure_count)s,
    state = CASE WHEN state = 'active' THEN %(state)s ELSE state END,
    next_fetch_at = %(next_fetch_at)s,
    next_fetch_reason = %(reason)s,
    last_fetch_at = %(started_at)s,
    last_success_at = CASE WHEN %(is_success)s THEN %(started_at)s ELSE last_success_at END,
    claim_key = CASE WHEN claim_key = %(claim_key)s THEN NULL ELSE claim_key END,
    claim_expires_at = CASE WHEN claim_key = %(claim_key)s THEN NULL ELSE claim_expires_at END
WHERE feed_id = %(feed_id)s AND (last_fetch_at IS NULL OR last_fetch_at <= %(started_at)s);

-- name: refine_plan
-- Once the entries are known. Only for the newest attempt: an older payload loaded late decides nothing.
UPDATE desk.feeds
SET
    interval_s = %(interval_s)s,
    failure_count = %(failure_count)s,
    next_fetch_at = %(next_fetch_at)s,
    next_fetch_reason = %(reason)s
WHERE feed_id = %(feed_id)s AND last_fetch_at = %(started_at)s;

-- name: keep_validators
UPDATE desk.feeds
SET
    etag = %(etag)s,
    last_modified = %(last_modified)s,
    payload_digest = %(payload_digest)s,
    title = coalesce(title, %(title)s),
    language = coalesce(language, %(language)s)
WHERE feed_id = %(feed_id)s AND last_fetch_at = %(started_at)s;

-- name: refresh_validators
-- The bytes are those that were loaded; only how the server names them is new.
UPDATE desk.feeds SET etag = coalesce(%(etag)s, etag), last_modified = coalesce(%(last_modified)s, last_modified)
WHERE feed_id = %(feed_id)s;
