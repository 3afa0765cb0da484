-- name: insert_quarantine
INSERT INTO desk.quarantine (
    kind, feed_id, fetch_id, subject_digest, entry_key, reason, detail, raw, quarantined_at, pipeline_version
)
VALUES (
    %(kind)s, %(feed_id)s, %(fetch_id)s, %(subject_digest)s, %(entry_key)s, %(reason)s, %(detail)s, %(raw)s,
    %(now)s, %(pipeline_version)s
)
ON CONFLICT (feed_id, kind, subject_digest) DO NOTHING;

-- name: select_quarantine
-- Newest first. Open ones only, unless all are asked for.
SELECT
    poison.quarantine_id, poison.kind, poison.reason, poison.detail, feed.url AS feed_url, poison.entry_key,
    poison.quarantined_at, poison.fetch_id, poison.resolution, poison.resolved_at, poison.resolved_by,
    poison.resolved_why, poison.pipeline_version, encode(poison.subject_digest, 'hex') AS sha256
FROM desk.quarantine AS poison
INNER JOIN desk.feeds AS feed ON poison.feed_id = feed.feed_id
WHERE
    (%(quarantine_ids)s::bigint [] IS NULL OR poison.quarantine_id = any(%(quarantine_ids)s))
    AND (%(reason)s::text IS NULL OR poison.reason = %(reason)s)
    AND (%(feed)s::text IS NULL OR feed.url = %(feed)s OR feed.feed_id::text = %(feed)s)
    AND (%(is_all)s OR poison.resolved_at IS NULL)
ORDER BY poison.quarantine_id DESC
LIMIT %(most)s;

-- name: select_raw
-- The bytes: of an entry as they are kept with it, of a payload while it has not expired.
SELECT
    coalesce(poison.raw, payload.body) AS raw, poison.raw IS NULL AS is_compressed, attempt.url, attempt.content_type
FROM desk.quarantine AS poison
INNER JOIN desk.fetches AS attempt ON poison.fetch_id = attempt.fetch_id
LEFT JOIN desk.payloads AS payload ON attempt.payload_digest = payload.payload_digest
WHERE poison.quarantine_id = %(quarantine_id)s;

-- name: resolve_quarantine
UPDATE desk.quarantine
SET resolved_at = %(now)s, resolution = %(resolution)s, resolved_by = %(by)s, resolved_why = %(why)s
WHERE quarantine_id = any(%(quarantine_ids)s) AND resolved_at IS NULL
RETURNING quarantine_id;
