-- name: see_lines
-- In order of their digest, so that two transactions never wait for each other. Only what is new for its article counts.
WITH item AS (
    SELECT DISTINCT ON (found.line_digest, found.article_id)
        decode(found.line_digest, 'hex') AS line_digest, found.article_id, found.line, found.is_sentence
    FROM jsonb_to_recordset(%(lines)s) AS found (
        line_digest text, article_id bigint, line text, is_sentence boolean
    )
    WHERE
        NOT EXISTS (
            SELECT
            FROM desk.residue_sightings AS known
            WHERE
                known.source_id = %(source_id)s AND known.line_digest = decode(found.line_digest, 'hex')
                AND known.article_id = found.article_id
        )
),

line AS (
    INSERT INTO desk.residue_lines AS line (
        source_id, line_digest, line, is_sentence, sighting_count, first_seen_at
    )
    SELECT %(source_id)s, item.line_digest, min(item.line), bool_or(item.is_sentence), count(*), %(seen_at)s
    FROM item
    GROUP BY item.line_digest
    ORDER BY item.line_digest
    ON CONFLICT (source_id, line_digest) DO UPDATE
    SET sighting_count = line.sighting_count + excluded.sighting_count
    RETURNING line.line_digest
)

INSERT INTO desk.residue_sightings (source_id, line_digest, article_id)
SELECT %(source_id)s, item.line_digest, item.article_id
FROM item
INNER JOIN line ON item.line_digest = line.line_digest
ON CONFLICT DO NOTHING;

-- name: select_learned
SELECT line_digest
FROM desk.residue_lines
WHERE source_id = %(source_id)s AND is_cut;

-- name: learn_lines
-- Lines that were seen in more articles than when they were last looked at. A sentence is a person's to judge.
WITH waiting AS (
    SELECT line.source_id, line.line_digest, line.sighting_count
    FROM desk.residue_lines AS line
    WHERE
        line.learned_at IS NULL AND NOT line.is_sentence
        AND line.sighting_count >= %(least_stories)s AND line.sighting_count > line.checked_count
    ORDER BY line.source_id, line.line_digest
    FOR UPDATE
),

counted AS (
    SELECT
        waiting.source_id, waiting.line_digest, waiting.sighting_count,
        count(DISTINCT article.story_id) AS story_count, bool_or(article.story_id IS NULL) AS is_waiting
    FROM waiting
    INNER JOIN desk.residue_sightings AS sighting
        ON waiting.source_id = sighting.source_id AND waiting.line_digest = sighting.line_digest
    INNER JOIN desk.articles AS article ON sighting.article_id = article.article_id
    GROUP BY waiting.source_id, waiting.line_digest, waiting.sighting_count
),

checked AS (
    UPDATE desk.residue_lines AS line
    SET checked_count = counted.sighting_count
    FROM counted
    WHERE
        line.source_id = counted.source_id AND line.line_digest = counted.line_digest
        AND counted.story_count < %(least_stories)s AND NOT counted.is_waiting
)

UPDATE desk.residue_lines AS line
SET learned_at = %(now)s, checked_count = counted.sighting_count
FROM counted
WHERE
    line.source_id = counted.source_id AND line.line_digest = counted.line_digest
    AND counted.story_count >= %(least_stories)s;

-- name: list_lines
SELECT
    line.line, line.sighting_count, line.is_cut, line.is_sentence, line.learned_at, line.ruling, line.ruled_by,
    line.ruled_at, line.why,
    (
        SELECT count(DISTINCT article.story_id)
        FROM desk.residue_sightings AS sighting
        INNER JOIN desk.articles AS article ON sighting.article_id = article.article_id
        WHERE sighting.source_id = line.source_id AND sighting.line_digest = line.line_digest
    ) AS story_count
FROM desk.residue_lines AS line
INNER JOIN desk.sources AS source ON line.source_id = source.source_id
WHERE source.host = %(source)s
ORDER BY line.is_cut DESC, (line.ruling IS NOT NULL) DESC, line.sighting_count DESC, line.line ASC
LIMIT %(most)s;

-- name: rule_line
INSERT INTO desk.residue_lines AS line (
    source_id, line_digest, line, is_sentence, sighting_count, first_seen_at, ruling, ruled_by, ruled_at, why
)
VALUES (
    %(source_id)s, %(line_digest)s, %(line)s, %(is_sentence)s, 0, %(now)s, %(ruling)s, %(by)s,
    CASE WHEN %(ruling)s::text IS NULL THEN NULL ELSE %(now)s::timestamptz END, %(why)s
)
ON CONFLICT (source_id, line_digest) DO UPDATE
SET ruling = excluded.ruling, ruled_by = excluded.ruled_by, ruled_at = excluded.ruled_at, why = excluded.why;
