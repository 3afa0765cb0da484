-- name: insert_quarantine
INSERT INTO desk.quarantine (
    kind, feed_id, fetch_id, subject_digest, entry_key, reason, detail, raw, quarantined_at, pipeline_version
)
VALUES (
    %(kind)s, %(feed_id)s, %(fetch_id)s, %(subject_digest)s, %(entry_key)s, %(reason)s, %(detail)s, %(raw)s,
    %(now)s, %(pipeline_version)s
)
ON CONFLICT (feed_id, kind, subject_digest) DO NOTHING;
