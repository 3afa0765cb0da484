-- name: count_expiring
-- Sizes as they lie in the database, which is compressed.
SELECT count(*) AS payloads, coalesce(sum(stored_bytes), 0)::bigint AS stored_bytes
FROM desk.payload_uses AS used
CROSS JOIN LATERAL (
    -- Of several publishers with the same bytes the one that keeps them longest decides.
    SELECT least(CASE WHEN used.is_default THEN %(cutoff)s END, %(now)s - make_interval(days => used.longest_days)) AS cutoff
) AS kept
WHERE used.created_at < kept.cutoff AND used.last_fetched_at < kept.cutoff AND NOT used.is_wanted;

-- name: lock_expiring
-- A fetch that brings the same bytes waits for this lock, and stores them again.
SELECT payload_digest
FROM desk.payloads AS payload
WHERE
    payload.body IS NOT NULL
    AND payload.created_at < (
        SELECT greatest(%(cutoff)s, %(now)s - make_interval(days => min(source.payload_retention_days)))
        FROM desk.sources AS source
    )
    AND payload.payload_digest IN (
        SELECT used.payload_digest
        FROM desk.payload_uses AS used
        CROSS JOIN LATERAL (
            SELECT
                least(CASE WHEN used.is_default THEN %(cutoff)s END, %(now)s - make_interval(days => used.longest_days))
                AS cutoff
        ) AS kept
        WHERE used.created_at < kept.cutoff AND used.last_fetched_at < kept.cutoff AND NOT used.is_wanted
    )
ORDER BY payload.created_at
LIMIT %(most)s
FOR UPDATE OF payload SKIP LOCKED;

-- name: expire_payloads
-- Looks at the uses again, after the lock: a fetch may have committed since they were looked at.
WITH expired AS (
    UPDATE desk.payloads AS payload
    SET body = NULL, expired_at = %(now)s
    FROM desk.payload_uses AS used
    WHERE
        payload.payload_digest = any(%(digests)s) AND payload.payload_digest = used.payload_digest
        AND used.last_fetched_at
        < least(CASE WHEN used.is_default THEN %(cutoff)s END, %(now)s - make_interval(days => used.longest_days))
        AND NOT used.is_wanted
    RETURNING used.stored_bytes
)

SELECT count(*) AS payloads, coalesce(sum(stored_bytes), 0)::bigint AS stored_bytes FROM expired;
