-- name: count_expiring
-- Sizes as they lie in the database, which is compressed.
SELECT count(*) AS payloads, coalesce(sum(stored_bytes), 0)::bigint AS stored_bytes
FROM desk.payload_uses AS used
CROSS JOIN LATERAL desk.kept_since(used.is_default, used.longest_days, %(cutoff)s, %(now)s) AS kept_since
WHERE used.created_at < kept_since AND used.last_fetched_at < kept_since AND NOT used.is_wanted;

-- name: lock_expiring
-- A fetch that brings the same bytes waits for this lock, and stores them again.
SELECT payload_digest
FROM desk.payloads AS payload
WHERE
    payload.body IS NOT NULL
    AND payload.created_at < (
        SELECT
            greatest(
                %(cutoff)s,
                %(now)s - make_interval(days => least(min(source.payload_retention_days), min(source.page_retention_days)))
            )
        FROM desk.sources AS source
    )
    AND payload.payload_digest IN (
        SELECT used.payload_digest
        FROM desk.payload_uses AS used
        CROSS JOIN LATERAL desk.kept_since(used.is_default, used.longest_days, %(cutoff)s, %(now)s) AS kept_since
        WHERE used.created_at < kept_since AND used.last_fetched_at < kept_since AND NOT used.is_wanted
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
        AND used.last_fetched_at < desk.kept_since(used.is_default, used.longest_days, %(cutoff)s, %(now)s)
        AND NOT used.is_wanted
    RETURNING used.stored_bytes
)

SELECT count(*) AS payloads, coalesce(sum(stored_bytes), 0)::bigint AS stored_bytes FROM expired;

-- name: select_expiring_revisions
-- Wordings that were replaced so long ago (what counts is when the next one came), up to the first that was not.
SELECT past.article_id, past.revision
FROM desk.sources AS source
INNER JOIN desk.articles AS article ON source.source_id = article.source_id
INNER JOIN desk.revisions AS past ON article.article_id = past.article_id
CROSS JOIN LATERAL (
    SELECT bool_and(following.revised_at < %(now)s - make_interval(days => source.revision_retention_days)) AS is_old
    FROM (
        SELECT kept.revised_at
        FROM desk.revisions AS kept
        WHERE kept.article_id = past.article_id AND kept.revision <= past.revision + 1 AND kept.revision > article.oldest_revision
        UNION ALL
        SELECT article.revised_at WHERE past.revision + 1 = article.revision
    ) AS following
) AS replaced
WHERE source.revision_retention_days IS NOT NULL AND replaced.is_old
ORDER BY past.article_id, past.revision
LIMIT %(most)s;

-- name: expire_revisions
WITH gone AS (
    DELETE FROM desk.revisions AS past
    USING unnest(%(article_ids)s::bigint [], %(revisions)s::int []) AS item (article_id, revision)
    WHERE past.article_id = item.article_id AND past.revision = item.revision
    RETURNING past.article_id, past.revision
)

UPDATE desk.articles AS article
SET oldest_revision = last.revision + 1
FROM (SELECT article_id, max(revision) AS revision FROM gone GROUP BY article_id) AS last
WHERE article.article_id = last.article_id;

-- name: select_expiring_articles
-- Compared already, so that consumers know of it, and in no feed any more: it would come back. A feed carries what its last
-- payload that could be read had, until a newer one has not or it is retired: one that answers with the same bytes, or
-- with errors, or is paused, says nothing else.
WITH latest AS (
    SELECT feed.feed_id, max(attempt.started_at) AS loaded_since
    FROM desk.feeds AS feed
    INNER JOIN desk.fetches AS attempt ON feed.feed_id = attempt.feed_id
    WHERE attempt.kind = 'feed' AND attempt.entry_count IS NOT NULL AND feed.state <> 'retired'
    GROUP BY feed.feed_id
)

SELECT article.article_id, article.url_key, article.story_id, FALSE AS is_removed
FROM desk.sources AS source
INNER JOIN desk.articles AS article ON source.source_id = article.source_id
CROSS JOIN LATERAL (SELECT %(now)s - make_interval(days => source.article_retention_days) AS since) AS kept
WHERE
    source.article_retention_days IS NOT NULL
    AND article.removed_at IS NULL AND article.story_id IS NOT NULL AND article.revised_at < kept.since
    AND NOT EXISTS (
        SELECT
        FROM desk.sightings AS sighting
        LEFT JOIN latest ON sighting.feed_id = latest.feed_id
        WHERE
            sighting.article_id = article.article_id
            AND sighting.last_seen_at >= least(kept.since, latest.loaded_since)
    )
ORDER BY article.article_id
LIMIT %(most)s;

-- name: select_expired_entries
-- What only these articles were made of.
SELECT sighting.entry_id
FROM desk.sightings AS sighting
WHERE sighting.article_id = any(%(article_ids)s)
EXCEPT
SELECT sighting.entry_id
FROM desk.sightings AS own
INNER JOIN desk.sightings AS sighting ON own.entry_id = sighting.entry_id
INNER JOIN desk.articles AS article ON sighting.article_id = article.article_id
WHERE
    own.article_id = any(%(article_ids)s) AND article.removed_at IS NULL
    AND article.article_id <> all(%(article_ids)s);

-- name: select_expiring_changes
-- New wordings and readings that a later change of the same article makes needless, and all of a story that is gone, of
-- whose articles none is left and which no other story came from or went into. That an article was removed is always kept:
-- a consumer may have read the rest.
WITH old AS (
    SELECT change.change_id, change.position, change.kind, change.story_id, change.article_id
    FROM desk.sources AS source
    INNER JOIN desk.articles AS article ON source.source_id = article.source_id
    INNER JOIN desk.changes AS change ON article.article_id = change.article_id
    WHERE
        source.change_retention_days IS NOT NULL AND change.kind <> 'article_removed'
        AND change.published_at < %(now)s - make_interval(days => source.change_retention_days)
)

SELECT old.change_id
FROM old
WHERE
    (
        old.kind IN ('article_revised', 'article_refreshed')
        AND EXISTS (
            SELECT
            FROM desk.changes AS later
            WHERE
                later.article_id = old.article_id AND later.position > old.position
                AND later.kind IN ('article_revised', 'article_refreshed', 'article_removed')
        )
    )
    OR (
        NOT EXISTS (SELECT FROM desk.changes AS named WHERE named.other_story_id = old.story_id)
        AND NOT EXISTS (
            SELECT
            FROM desk.changes AS other
            INNER JOIN desk.articles AS article ON other.article_id = article.article_id
            INNER JOIN desk.sources AS source ON article.source_id = source.source_id
            WHERE
                other.story_id = old.story_id
                AND (
                    article.removed_at IS NULL OR other.other_story_id IS NOT NULL OR source.change_retention_days IS NULL
                    OR other.published_at IS NULL
                    OR other.published_at >= %(now)s - make_interval(days => source.change_retention_days)
                )
        )
    )
ORDER BY old.change_id
LIMIT %(most)s;

-- name: expire_changes
DELETE FROM desk.changes WHERE change_id = any(%(change_ids)s);
