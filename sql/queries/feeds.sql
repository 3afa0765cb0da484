-- name: upsert_source
INSERT INTO desk.sources (host, name) VALUES (%(host)s, %(host)s)
ON CONFLICT (host) DO UPDATE SET host = excluded.host
RETURNING source_id;

-- name: select_source
SELECT source_id FROM desk.sources WHERE host = %(host)s;

-- name: insert_feed
-- Not where the URL is subscribed to, nor where a feed had it before its publisher moved it.
INSERT INTO desk.feeds (
    source_id, url, title, category, language, is_full_text, is_conditional, is_matched, interval_s,
    next_fetch_at, next_fetch_reason
)
SELECT
    %(source_id)s, %(url)s, %(title)s, %(category)s, %(language)s, %(is_full_text)s, %(is_conditional)s,
    %(is_matched)s, %(interval_s)s, %(now)s, 'new: never polled'
WHERE NOT EXISTS (SELECT FROM desk.feed_moves AS moved WHERE moved.old_url = %(url)s)
ON CONFLICT (url) DO NOTHING
RETURNING feed_id;

-- name: select_feeds
SELECT
    feed.feed_id, feed.url, feed.title, feed.category, feed.language, feed.state, feed.is_full_text,
    feed.last_fetch_at, feed.last_outcome, feed.last_reason, feed.failure_count, feed.next_fetch_at,
    feed.next_fetch_reason, feed.is_conditional,
    array(
        SELECT past.old_url FROM desk.feed_moves AS past WHERE past.feed_id = feed.feed_id ORDER BY past.old_url
    ) AS old_urls
FROM news_v1.feeds AS feed
WHERE
    %(names)s::text[] IS NULL OR feed.url = any(%(names)s) OR feed.feed_id::text = any(%(names)s)
    OR feed.feed_id IN (SELECT past.feed_id FROM desk.feed_moves AS past WHERE past.old_url = any(%(names)s))
ORDER BY feed.feed_id;

-- name: select_feed_rows
SELECT
    feed_id, url, title, state, is_full_text, language, etag, last_modified, payload_digest, interval_s,
    failure_count, floor_s, skip_hours, skip_days, is_conditional, moved_to, moved_since, moved_count, news_per_day,
    judged_at, item_count,
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
        ELSE
            url = any(%(names)s) OR feed_id::text = any(%(names)s)
            OR feed_id IN (SELECT past.feed_id FROM desk.feed_moves AS past WHERE past.old_url = any(%(names)s))
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

-- name: select_held
SELECT feed_id FROM desk.feeds WHERE claim_key = %(claim_key)s AND feed_id = any(%(feed_ids)s) ORDER BY feed_id;

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
    news_per_day = %(news_per_day)s,
    judged_at = %(judged_at)s,
    item_count = %(item_count)s,
    claim_key = CASE WHEN claim_key = %(claim_key)s THEN NULL ELSE claim_key END,
    claim_expires_at = CASE WHEN claim_key = %(claim_key)s THEN NULL ELSE claim_expires_at END
WHERE feed_id = %(feed_id)s AND (last_fetch_at IS NULL OR last_fetch_at <= %(started_at)s);

-- name: defer_feed
-- Nobody was asked, so nothing is known: only the time moves, and the claim ends.
UPDATE desk.feeds
SET
    next_fetch_at = %(next_fetch_at)s,
    next_fetch_reason = %(reason)s,
    claim_key = NULL,
    claim_expires_at = NULL
WHERE feed_id = %(feed_id)s AND claim_key = %(claim_key)s;

-- name: keep_move
-- A feed that has just taken that URL is not moving there any more.
UPDATE desk.feeds
SET moved_to = %(moved_to)s, moved_since = %(moved_since)s, moved_count = %(moved_count)s
WHERE
    feed_id = %(feed_id)s AND (last_fetch_at IS NULL OR last_fetch_at <= %(started_at)s)
    AND (moved_to IS DISTINCT FROM %(moved_to)s OR moved_count <> %(moved_count)s)
    AND url IS DISTINCT FROM %(moved_to)s;

-- name: move_feed
-- The old URL still finds the feed. Nothing is done where another feed has the new one.
WITH moved AS (
    UPDATE desk.feeds AS feed
    SET
        url = %(new_url)s,
        source_id = %(source_id)s,
        moved_to = NULL,
        moved_since = NULL,
        moved_count = 0
    FROM desk.feeds AS old
    WHERE
        feed.feed_id = %(feed_id)s AND old.feed_id = feed.feed_id AND old.url <> %(new_url)s
        AND (feed.last_fetch_at IS NULL OR feed.last_fetch_at <= %(started_at)s)
        AND NOT EXISTS (SELECT FROM desk.feeds AS other WHERE other.url = %(new_url)s)
        AND NOT EXISTS (
            SELECT FROM desk.feed_moves AS other WHERE other.old_url = %(new_url)s AND other.feed_id <> %(feed_id)s
        )
    RETURNING feed.feed_id, old.url AS old_url
),

back AS (
    DELETE FROM desk.feed_moves AS past USING moved
    WHERE past.feed_id = moved.feed_id AND past.old_url = %(new_url)s
)

INSERT INTO desk.feed_moves (old_url, feed_id, new_url, moved_at)
SELECT old_url, feed_id, %(new_url)s, %(started_at)s FROM moved
RETURNING feed_id;

-- name: select_owner
-- The other feed that has, or had, this URL.
SELECT feed_id FROM desk.feeds WHERE url = %(url)s AND feed_id <> %(feed_id)s
UNION ALL
SELECT feed_id FROM desk.feed_moves WHERE old_url = %(url)s AND feed_id <> %(feed_id)s
LIMIT 1;

-- name: refine_plan
-- Once the entries are known. Only for the newest attempt: an older payload loaded late decides nothing.
UPDATE desk.feeds
SET
    interval_s = %(interval_s)s,
    failure_count = %(failure_count)s,
    next_fetch_at = %(next_fetch_at)s,
    next_fetch_reason = %(reason)s,
    news_per_day = %(news_per_day)s,
    judged_at = %(judged_at)s,
    item_count = %(item_count)s
WHERE feed_id = %(feed_id)s AND last_fetch_at = %(started_at)s;

-- name: keep_validators
UPDATE desk.feeds
SET
    etag = %(etag)s,
    last_modified = %(last_modified)s,
    payload_digest = %(payload_digest)s,
    floor_s = %(floor_s)s,
    skip_hours = %(skip_hours)s,
    skip_days = %(skip_days)s,
    title = coalesce(title, %(title)s),
    language = coalesce(language, %(language)s)
WHERE feed_id = %(feed_id)s AND last_fetch_at = %(started_at)s;

-- name: refresh_validators
-- The bytes are those that were loaded; only how the server names them is new.
UPDATE desk.feeds SET etag = coalesce(%(etag)s, etag), last_modified = coalesce(%(last_modified)s, last_modified)
WHERE feed_id = %(feed_id)s;

-- name: select_feed_facts
-- All that says when a feed is polled next, and why. `places`: where a pause of its host may be kept.
SELECT
    feed.feed_id, feed.url, feed.title, source.name AS source, feed.state, feed.interval_s, feed.news_per_day,
    feed.item_count, feed.floor_s, feed.skip_hours, feed.skip_days, feed.is_conditional, feed.etag, feed.last_modified,
    feed.moved_to, feed.moved_since, feed.moved_count, feed.failure_count, feed.next_fetch_at, feed.next_fetch_reason,
    feed.last_fetch_at, feed.last_success_at, feed.judged_at, feed.claim_key, feed.claim_expires_at,
    latest.outcome AS last_outcome, latest.reason AS last_reason, latest.http_status AS last_http_status,
    latest.detail AS last_detail, latest.is_conditional AS last_is_conditional, latest.entry_count AS last_entry_count,
    latest.new_entry_count AS last_new_entry_count, latest.quarantine_reason AS last_quarantine_reason,
    pause.paused_until AS host_paused_until, pause.paused_reason AS host_paused_reason,
    week.polls AS week_polls, week.fetched AS week_fetched, week.unchanged AS week_unchanged,
    week.failed AS week_failed, week.new_entries AS week_new_entries,
    (
        SELECT count(*) FROM desk.quarantine AS poison
        WHERE poison.feed_id = feed.feed_id AND poison.resolved_at IS NULL
    ) AS quarantined
FROM desk.feeds AS feed
INNER JOIN desk.sources AS source ON feed.source_id = source.source_id
LEFT JOIN LATERAL (
    SELECT
        attempt.outcome, attempt.reason, attempt.http_status, attempt.detail, attempt.is_conditional,
        attempt.entry_count, attempt.new_entry_count, poison.reason AS quarantine_reason
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
    SELECT place.paused_until, place.paused_reason
    FROM desk.hosts AS place
    WHERE place.host = any(%(places)s) AND place.paused_until > %(now)s
    ORDER BY place.paused_until DESC
    LIMIT 1
) AS pause ON TRUE
CROSS JOIN LATERAL (
    SELECT
        count(*) AS polls,
        count(*) FILTER (WHERE attempt.outcome = 'fetched') AS fetched,
        count(*) FILTER (WHERE attempt.outcome = 'unchanged') AS unchanged,
        count(*) FILTER (WHERE attempt.outcome = 'failed') AS failed,
        coalesce(sum(attempt.new_entry_count), 0) AS new_entries
    FROM desk.fetches AS attempt
    WHERE
        attempt.feed_id = feed.feed_id AND attempt.kind = 'feed'
        AND attempt.started_at > %(now)s::timestamptz - interval '7 days'
) AS week
WHERE feed.feed_id = %(feed_id)s;

-- name: select_feed_alarms
-- What was odd about a feed in the last 30 days, latest first.
SELECT odd.alarm, count(*) AS times, max(attempt.started_at) AS last_at
FROM desk.fetches AS attempt
CROSS JOIN LATERAL unnest(attempt.alarms) AS odd (alarm)
WHERE
    attempt.feed_id = %(feed_id)s AND attempt.kind = 'feed'
    AND attempt.started_at > %(now)s::timestamptz - interval '30 days'
GROUP BY odd.alarm
ORDER BY last_at DESC, odd.alarm ASC;
