-- How long raw payloads are kept can differ from publisher to publisher.
ALTER TABLE desk.sources ADD COLUMN payload_retention_days int CHECK (payload_retention_days BETWEEN 1 AND 36500);
COMMENT ON COLUMN desk.sources.payload_retention_days IS
'Days after which the bytes of its payloads go. Null: as WIREDESK_PAYLOAD_RETENTION_DAYS says.';

CREATE OR REPLACE VIEW desk.payload_uses AS
SELECT
    payload.payload_digest,
    payload.created_at,
    octet_length(payload.body) AS stored_bytes,
    coalesce(made.last_fetched_at, payload.created_at) AS last_fetched_at,
    coalesce(made.is_wanted, FALSE) AS is_wanted,
    made.longest_days,
    coalesce(made.is_default, TRUE) AS is_default
FROM desk.payloads AS payload
CROSS JOIN LATERAL (
    SELECT
        max(attempt.started_at) AS last_fetched_at,
        bool_or(
            (attempt.kind = 'feed' AND attempt.loaded_at IS NULL)
            OR EXISTS (
                SELECT
                FROM desk.quarantine AS poison
                WHERE
                    poison.feed_id = attempt.feed_id AND poison.resolved_at IS NULL
                    AND (poison.fetch_id = attempt.fetch_id OR poison.subject_digest = attempt.payload_digest)
            )
        ) AS is_wanted,
        max(source.payload_retention_days) AS longest_days,
        bool_or(source.payload_retention_days IS NULL) AS is_default
    FROM desk.fetches AS attempt
    INNER JOIN desk.feeds AS feed ON attempt.feed_id = feed.feed_id
    INNER JOIN desk.sources AS source ON feed.source_id = source.source_id
    WHERE attempt.payload_digest = payload.payload_digest
) AS made
WHERE payload.body IS NOT NULL;
COMMENT ON COLUMN desk.payload_uses.longest_days IS 'The longest retention that a publisher of it has of its own.';
COMMENT ON COLUMN desk.payload_uses.is_default IS 'Whether a publisher of it has none of its own.';
