-- name: select_targets
-- Those that are forgotten already too: what was met of them since goes with the others.
SELECT article.article_id, article.url_key, article.story_id, article.removed_at IS NOT NULL AS is_removed
FROM desk.articles AS article
WHERE
    article.article_id = %(article_id)s
    OR article.source_id = %(source_id)s
    OR desk.is_below(article.url_key, %(prefix)s)
ORDER BY article.article_id
FOR UPDATE;

-- name: select_entries
-- Of a publisher all of its feeds.
SELECT article.entry_id FROM desk.articles AS article WHERE article.article_id = any(%(article_ids)s)
UNION
SELECT past.entry_id FROM desk.revisions AS past WHERE past.article_id = any(%(article_ids)s)
UNION
SELECT sighting.entry_id FROM desk.sightings AS sighting WHERE sighting.article_id = any(%(article_ids)s)
UNION
SELECT entry.entry_id
FROM desk.entries AS entry
WHERE entry.refused_key = %(url_key)s OR desk.is_below(entry.refused_key, %(prefix)s)
UNION
SELECT entry.entry_id
FROM desk.entries AS entry
INNER JOIN desk.feeds AS feed ON entry.feed_id = feed.feed_id
WHERE feed.source_id = %(source_id)s;

-- name: count_unloaded
-- Payloads that may hold it and are not loaded yet: their bytes are needed for the rest of what they hold, and go when
-- they are loaded.
SELECT count(DISTINCT attempt.payload_digest) AS unloaded
FROM desk.fetches AS attempt
INNER JOIN desk.feeds AS feed ON attempt.feed_id = feed.feed_id
INNER JOIN desk.payloads AS payload ON attempt.payload_digest = payload.payload_digest AND payload.body IS NOT NULL
WHERE
    attempt.kind = 'feed' AND attempt.loaded_at IS NULL
    AND (
        feed.source_id = %(source_id)s
        OR EXISTS (
            SELECT
            FROM desk.entries AS entry
            WHERE
                entry.entry_id = any(%(entry_ids)s) AND entry.feed_id = attempt.feed_id
                AND entry.first_seen_at <= attempt.started_at
        )
    );

-- name: select_canonical
-- Articles whose pages name an address of this host as their own, which many copy from other pages.
SELECT article.article_id, article.url_key, article.canonical_url
FROM desk.articles AS article
WHERE position(%(host)s IN article.canonical_url) > 0 AND article.removed_at IS NULL
ORDER BY article.article_id;

-- name: select_former_addresses
SELECT DISTINCT past.url_key
FROM desk.revisions AS past
WHERE past.article_id = any(%(article_ids)s) AND past.url_key IS NOT NULL;

-- name: select_feed_payloads
-- Of feeds that had an item in quarantine: payloads since it was first there.
SELECT payload.payload_digest, payload.body
FROM desk.payloads AS payload
WHERE
    payload.body IS NOT NULL
    AND payload.payload_digest IN (
        SELECT attempt.payload_digest
        FROM desk.quarantine AS poison
        INNER JOIN desk.fetches AS earliest ON poison.fetch_id = earliest.fetch_id
        INNER JOIN desk.fetches AS attempt ON poison.feed_id = attempt.feed_id
        WHERE
            poison.quarantine_id = any(%(quarantine_ids)s) AND poison.kind = 'entry' AND attempt.kind = 'feed'
            AND attempt.started_at >= earliest.started_at
    );

-- name: lock_payloads
-- Of every poll in which the feed held it, and of its pages; what was quarantined with it; of a publisher all. A fetch that
-- brings the same bytes waits for this lock, and stores them again.
SELECT payload.payload_digest
FROM desk.payloads AS payload
WHERE
    payload.body IS NOT NULL
    AND (
        payload.payload_digest IN (
            SELECT attempt.payload_digest
            FROM desk.entries AS entry
            INNER JOIN desk.fetches AS attempt ON entry.feed_id = attempt.feed_id
            WHERE
                entry.entry_id = any(%(entry_ids)s)
                AND (
                    (attempt.kind = 'page' AND attempt.entry_key = entry.entry_key)
                    OR (attempt.kind = 'feed' AND attempt.started_at BETWEEN entry.first_seen_at AND entry.last_seen_at)
                )
        )
        OR payload.payload_digest IN (
            SELECT attempt.payload_digest
            FROM desk.quarantine AS poison
            INNER JOIN desk.fetches AS attempt ON poison.feed_id = attempt.feed_id
            WHERE
                poison.quarantine_id = any(%(quarantine_ids)s)
                AND (
                    poison.fetch_id = attempt.fetch_id
                    OR (poison.kind = 'entry' AND attempt.kind = 'page' AND attempt.entry_key = poison.entry_key)
                )
        )
        OR payload.payload_digest = any(%(named)s)
        OR payload.payload_digest IN (
            SELECT attempt.payload_digest
            FROM desk.fetches AS attempt
            INNER JOIN desk.feeds AS feed ON attempt.feed_id = feed.feed_id
            WHERE feed.source_id = %(source_id)s AND attempt.kind IN ('feed', 'page')
        )
    )
ORDER BY payload.payload_digest
FOR UPDATE;

-- name: empty_payloads
-- Looks after the lock for whoever waits to load the same bytes.
UPDATE desk.payloads AS payload
SET body = NULL, expired_at = %(now)s
WHERE
    payload.payload_digest = any(%(digests)s) AND payload.body IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM desk.fetches AS waiting
        WHERE
            waiting.payload_digest = payload.payload_digest AND waiting.kind = 'feed' AND waiting.loaded_at IS NULL
    );

-- name: lock_refusing
-- A payload that is loaded now and held what may not come back. No other: a fetch locks it too, before it writes the feed.
SELECT payload.payload_digest
FROM desk.payloads AS payload
WHERE
    payload.payload_digest = %(payload_digest)s
    AND EXISTS (
        SELECT
        FROM desk.entries AS entry
        WHERE
            entry.feed_id = %(feed_id)s AND entry.entry_key = any(%(keys)s)
            AND desk.is_forgotten(entry.refused_key, %(source_id)s)
    )
FOR UPDATE;

-- name: empty_pages
-- Of entries that are refused because they are forgotten.
UPDATE desk.payloads AS payload
SET body = NULL, expired_at = %(now)s
FROM desk.entries AS entry
INNER JOIN desk.fetches AS attempt
    ON entry.feed_id = attempt.feed_id AND entry.entry_key = attempt.entry_key AND attempt.kind = 'page'
WHERE
    entry.entry_id = any(%(entry_ids)s) AND payload.payload_digest = attempt.payload_digest AND payload.body IS NOT NULL
    AND desk.is_forgotten(entry.refused_key, %(source_id)s);

-- name: delete_quarantine
DELETE FROM desk.quarantine AS poison
USING desk.feeds AS feed
WHERE
    poison.feed_id = feed.feed_id
    AND (
        feed.source_id = %(source_id)s
        OR poison.quarantine_id = any(%(quarantine_ids)s)
        OR (
            poison.kind = 'entry'
            AND EXISTS (
                SELECT
                FROM desk.entries AS entry
                WHERE
                    entry.entry_id = any(%(entry_ids)s) AND entry.feed_id = poison.feed_id
                    AND entry.entry_key = poison.entry_key
            )
        )
    );

-- name: select_quarantined
-- Items that never became an entry, and payloads that none could be read from.
SELECT
    poison.quarantine_id, poison.kind, poison.entry_key, coalesce(poison.raw, payload.body) AS raw,
    poison.raw IS NULL AS is_compressed
FROM desk.quarantine AS poison
INNER JOIN desk.fetches AS attempt ON poison.fetch_id = attempt.fetch_id
LEFT JOIN desk.payloads AS payload ON attempt.payload_digest = payload.payload_digest;

-- name: empty_entries
-- The key and the digests stay, so that the item is known when the feed shows it again.
UPDATE desk.entries AS entry
SET
    url = NULL, title = NULL, html = NULL, summary = NULL, authors = '{}', categories = '{}', enclosures = '[]',
    is_page_missing = FALSE,
    refused_key = coalesce(
        (
            SELECT min(article.url_key)
            FROM desk.sightings AS sighting
            INNER JOIN desk.articles AS article ON sighting.article_id = article.article_id
            WHERE sighting.entry_id = entry.entry_id AND article.article_id = any(%(article_ids)s)
        ),
        %(url_key)s, entry.entry_key
    )
WHERE entry.entry_id = any(%(entry_ids)s) AND entry.refused_key IS NULL;

-- name: refuse_entries
UPDATE desk.entries AS entry
SET
    url = NULL, title = NULL, html = NULL, summary = NULL, authors = '{}', categories = '{}', enclosures = '[]',
    is_page_missing = FALSE, refused_key = item.url_key
FROM jsonb_to_recordset(%(refused)s) AS item (entry_id bigint, url_key text)
WHERE entry.entry_id = item.entry_id;

-- name: delete_revisions
DELETE FROM desk.revisions WHERE article_id = any(%(article_ids)s);

-- name: release_matches
-- What an article joined its story by is decided anew once the match is gone.
UPDATE desk.articles SET matched_id = NULL
WHERE matched_id IS NOT NULL AND (article_id = any(%(article_ids)s) OR matched_id = any(%(article_ids)s));

-- name: delete_matches
DELETE FROM desk.matches WHERE article_id = any(%(article_ids)s) OR other_id = any(%(article_ids)s);

-- name: delete_postings
DELETE FROM desk.postings AS posting
USING desk.signatures AS signature
CROSS JOIN LATERAL unnest(signature.band_keys || signature.fingerprints) AS own (hash)
WHERE
    signature.article_id = any(%(article_ids)s) AND posting.hash = own.hash
    AND posting.article_id = signature.article_id AND posting.scheme_id = signature.scheme_id;

-- name: delete_signatures
DELETE FROM desk.signatures WHERE article_id = any(%(article_ids)s);

-- name: delete_rulings
DELETE FROM desk.rulings WHERE article_id = any(%(article_ids)s) OR other_id = any(%(article_ids)s);

-- name: delete_search_documents
DELETE FROM desk.search_documents WHERE article_id = any(%(article_ids)s);

-- name: delete_residue
-- A line that no other article has goes with its ruling, if a person made one: it is the text of this one.
WITH gone AS (
    DELETE FROM desk.residue_sightings WHERE article_id = any(%(article_ids)s)
    RETURNING source_id, line_digest
),

counted AS (
    SELECT source_id, line_digest, count(*)::int AS sightings FROM gone GROUP BY source_id, line_digest
),

lowered AS (
    UPDATE desk.residue_lines AS line
    SET
        sighting_count = line.sighting_count - counted.sightings,
        checked_count = least(line.checked_count, line.sighting_count - counted.sightings)
    FROM counted
    WHERE
        line.source_id = counted.source_id AND line.line_digest = counted.line_digest
        AND line.sighting_count > counted.sightings
)

DELETE FROM desk.residue_lines AS line
USING counted
WHERE
    line.source_id = counted.source_id AND line.line_digest = counted.line_digest
    AND line.sighting_count <= counted.sightings;

-- name: empty_articles
-- One that was alone in its story stays its lead, and the story is shown no more.
UPDATE desk.articles AS article
SET
    url = NULL, canonical_url = NULL, title = '', text = '', html = '', summary = NULL, authors = '{}',
    published_at = NULL, updated_at = NULL, language = NULL, lead_image = NULL, section = NULL, tags = '{}',
    access = NULL, said_by = '{}', flags = '{}', removed = '{}', text_digest = sha256(''::bytea), word_count = 0,
    is_revised = FALSE, removed_at = %(now)s, matched_id = NULL,
    story_id = CASE WHEN article.article_id = any(%(alone_ids)s) THEN article.story_id END,
    assigned_at = CASE WHEN article.article_id = any(%(alone_ids)s) THEN article.assigned_at END
WHERE article.article_id = any(%(article_ids)s) AND article.removed_at IS NULL;

-- name: select_remaining
-- Of each story that loses an article, those that stay, the present lead first.
SELECT article.story_id, article.article_id, article.article_id = story.lead_article_id AS is_lead
FROM desk.articles AS article
INNER JOIN desk.stories AS story ON article.story_id = story.story_id
WHERE
    article.story_id = any(%(story_ids)s) AND article.removed_at IS NULL
    AND article.article_id <> all(%(article_ids)s)
ORDER BY
    article.story_id ASC, article.article_id = story.lead_article_id DESC,
    coalesce(article.published_at, article.first_seen_at) ASC, article.url_key ASC;

-- name: insert_tombstone
-- Forgotten again, and nothing was met since: the tombstone that stands says it all.
WITH known AS (
    SELECT min(stone.tombstone_id) AS tombstone_id
    FROM desk.tombstones AS stone
    WHERE
        NOT %(is_anything)s AND stone.kind = %(kind)s AND stone.url_key IS NOT DISTINCT FROM %(url_key)s
        AND stone.source_id IS NOT DISTINCT FROM %(source_id)s
),

stored AS (
    INSERT INTO desk.tombstones (kind, url_key, source_id, why, forgotten_by, forgotten_at, certificate)
    SELECT %(kind)s, %(url_key)s, %(source_id)s, %(why)s, %(by)s, %(now)s, %(certificate)s
    FROM known
    WHERE known.tombstone_id IS NULL
    RETURNING tombstone_id
)

SELECT coalesce(known.tombstone_id, (SELECT stored.tombstone_id FROM stored)) AS tombstone_id FROM known;

-- name: insert_addresses
INSERT INTO desk.tombstones (kind, url_key, why, forgotten_by, forgotten_at, certificate)
SELECT 'article', address, %(why)s, %(by)s, %(now)s, '{}'
FROM unnest(%(addresses)s::text []) AS address
WHERE
    NOT desk.is_forgotten(address, %(source_id)s)
    -- Another article may have taken the place since.
    AND NOT EXISTS (
        SELECT FROM desk.articles AS other WHERE other.url_key = address AND other.removed_at IS NULL
    );

-- name: list_tombstones
SELECT
    stone.tombstone_id, stone.kind, coalesce(stone.url_key, source.host) AS target, stone.why, stone.forgotten_by,
    stone.forgotten_at, stone.certificate
FROM desk.tombstones AS stone
LEFT JOIN desk.sources AS source ON stone.source_id = source.source_id
ORDER BY stone.tombstone_id DESC
LIMIT %(most)s;
