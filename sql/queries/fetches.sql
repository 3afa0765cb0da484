-- name: insert_payload
-- Bytes that had expired are there again.
INSERT INTO desk.payloads (payload_digest, body, body_bytes, compression)
VALUES (%(payload_digest)s, %(body)s, %(body_bytes)s, 'zstd')
ON CONFLICT (payload_digest) DO UPDATE SET body = excluded.body, created_at = now(), expired_at = NULL
WHERE payloads.body IS NULL;

-- name: insert_fetch
INSERT INTO desk.fetches (
    kind, feed_id, claim_key, entry_key, entry_digest, url, final_url, started_at, duration_ms, outcome, reason,
    http_status, content_type, etag, last_modified, max_age_s, retry_after_s, payload_digest, detail, body_bytes,
    is_conditional, moved_to
)
VALUES (
    %(kind)s, %(feed_id)s, %(claim_key)s, %(entry_key)s, %(entry_digest)s, %(url)s, %(final_url)s, %(started_at)s,
    %(duration_ms)s, %(outcome)s, %(reason)s, %(http_status)s, %(content_type)s, %(etag)s, %(last_modified)s,
    %(max_age_s)s, %(retry_after_s)s, %(payload_digest)s, %(detail)s, %(body_bytes)s, %(is_conditional)s, %(moved_to)s
)
ON CONFLICT DO NOTHING
RETURNING fetch_id;

-- name: select_claim_fetches
-- Attempts that this claim has made already: a task that runs twice goes on from them.
SELECT fetch_id, feed_id, outcome, loaded_at
FROM desk.fetches
WHERE kind = 'feed' AND claim_key = %(claim_key)s AND feed_id = any(%(feed_ids)s)
ORDER BY fetch_id;

-- name: select_left_over
-- Captured and never loaded: by a run of this claimant that ended, or by anybody longer ago than a lease.
SELECT fetch_id
FROM desk.fetches
WHERE
    kind = 'feed' AND outcome = 'fetched' AND loaded_at IS NULL
    AND (
        starts_with(claim_key, %(claimant)s)
        OR started_at < %(now)s - make_interval(secs => %(lease_s)s)
    )
ORDER BY fetch_id;

-- name: select_capture
SELECT
    attempt.fetch_id, attempt.feed_id, attempt.claim_key, attempt.url, attempt.final_url, attempt.started_at,
    attempt.duration_ms, attempt.http_status, attempt.content_type, attempt.etag, attempt.last_modified,
    attempt.max_age_s, attempt.retry_after_s, attempt.payload_digest, attempt.loaded_at, attempt.is_conditional,
    attempt.body_bytes, attempt.moved_to, payload.body, payload.expired_at,
    feed.url AS feed_url, feed.source_id, feed.language AS feed_language, feed.is_full_text
FROM desk.fetches AS attempt
INNER JOIN desk.payloads AS payload ON attempt.payload_digest = payload.payload_digest
INNER JOIN desk.feeds AS feed ON attempt.feed_id = feed.feed_id
WHERE attempt.fetch_id = %(fetch_id)s AND attempt.kind = 'feed';

-- name: lock_pending
SELECT fetch_id FROM desk.fetches WHERE fetch_id = %(fetch_id)s AND loaded_at IS NULL FOR UPDATE;

-- name: finish_fetch
UPDATE desk.fetches
SET
    loaded_at = %(now)s,
    entry_count = %(entry_count)s,
    new_entry_count = %(new_entry_count)s,
    warning = %(warning)s,
    alarms = %(alarms)s
WHERE fetch_id = %(fetch_id)s;

-- name: select_usual_entry_counts
-- Of the loads before this one, newest first.
SELECT entry_count
FROM desk.fetches
WHERE feed_id = %(feed_id)s AND kind = 'feed' AND entry_count IS NOT NULL AND started_at < %(started_at)s
ORDER BY started_at DESC
LIMIT %(most)s;

-- name: select_pages
-- The newest page that was fetched for each of these entries, in the wording at hand; in any, where that is asked
-- for: newer code may read the same entry otherwise, and knows it by another digest.
SELECT DISTINCT ON (attempt.entry_key)
    attempt.fetch_id, attempt.entry_key, attempt.url, attempt.final_url, attempt.content_type, payload.body
FROM desk.fetches AS attempt
INNER JOIN desk.payloads AS payload ON attempt.payload_digest = payload.payload_digest
INNER JOIN jsonb_to_recordset(%(entries)s) AS wanted (entry_key text, entry_digest text, url text)
    ON
        attempt.entry_key = wanted.entry_key
        AND (
            attempt.entry_digest = decode(wanted.entry_digest, 'hex')
            OR (%(is_any_wording)s AND attempt.url = wanted.url)
        )
WHERE
    attempt.kind = 'page' AND attempt.feed_id = %(feed_id)s AND attempt.outcome = 'fetched' AND payload.body IS NOT NULL
ORDER BY
    attempt.entry_key ASC, attempt.entry_digest = decode(wanted.entry_digest, 'hex') DESC, attempt.fetch_id DESC;

-- name: select_page_attempts
-- Entries whose page this claim has asked for, or anybody has got, or three runs have not got.
SELECT attempt.entry_key
FROM desk.fetches AS attempt
INNER JOIN jsonb_to_recordset(%(entries)s) AS wanted (entry_key text, entry_digest text)
    ON attempt.entry_key = wanted.entry_key AND attempt.entry_digest = decode(wanted.entry_digest, 'hex')
WHERE attempt.kind = 'page' AND attempt.feed_id = %(feed_id)s
GROUP BY attempt.entry_key
HAVING bool_or(attempt.outcome = 'fetched') OR bool_or(attempt.claim_key = %(claim_key)s) OR count(*) >= 3;

-- name: select_replayable
-- Loaded payloads of feeds, oldest first, and whether their bytes are still there.
SELECT attempt.fetch_id, feed.url AS feed_url, payload.body IS NULL AS is_expired
FROM desk.fetches AS attempt
INNER JOIN desk.payloads AS payload ON attempt.payload_digest = payload.payload_digest
INNER JOIN desk.feeds AS feed ON attempt.feed_id = feed.feed_id
WHERE
    attempt.kind = 'feed' AND attempt.loaded_at IS NOT NULL
    AND attempt.started_at >= %(since)s AND attempt.started_at < %(until)s
    AND (%(feed)s::text IS NULL OR feed.url = %(feed)s OR feed.feed_id::text = %(feed)s)
ORDER BY attempt.started_at, attempt.fetch_id;
