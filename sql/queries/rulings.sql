-- name: insert_ruling
INSERT INTO desk.rulings (kind, article_id, other_id, why, ruled_by, ruled_at)
VALUES (%(kind)s, %(article_id)s, %(other_id)s, %(why)s, %(ruled_by)s, %(now)s)
ON CONFLICT DO NOTHING
RETURNING ruling_id;

-- name: undo_ruling
UPDATE desk.rulings
SET undone_by = %(undone_by)s, undone_at = %(now)s
WHERE ruling_id = %(ruling_id)s AND undone_at IS NULL
RETURNING kind, article_id, other_id;

-- name: select_rulings_upon
-- Of two articles: what was ruled upon the pair, or upon either alone; undone ones too.
SELECT ruling_id, kind, article_id, other_id, why, ruled_by, ruled_at, undone_by, undone_at
FROM desk.rulings
WHERE
    (article_id = %(first)s AND other_id = %(second)s)
    OR (other_id IS NULL AND article_id IN (%(first)s, %(second)s))
ORDER BY ruling_id;

-- name: select_rulings
SELECT ruling_id, kind, article_id, other_id, why, ruled_by, ruled_at, undone_by, undone_at
FROM desk.rulings
ORDER BY ruling_id DESC
LIMIT %(most)s;

-- name: select_ruled_pairs
-- Pairs that a person has decided about, for scoring the rules against them.
SELECT article_id, other_id, kind
FROM desk.rulings
WHERE undone_at IS NULL AND other_id IS NOT NULL
ORDER BY ruling_id;
