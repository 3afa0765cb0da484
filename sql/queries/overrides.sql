-- name: select_override
SELECT rules FROM desk.overrides WHERE source_id = %(source_id)s;

-- name: set_override
INSERT INTO desk.overrides (source_id, rules, set_by, set_at, why)
VALUES (%(source_id)s, %(rules)s, %(set_by)s, %(now)s, %(why)s)
ON CONFLICT (source_id) DO UPDATE
SET rules = excluded.rules, set_by = excluded.set_by, set_at = excluded.set_at, why = excluded.why;

-- name: drop_override
DELETE FROM desk.overrides WHERE source_id = %(source_id)s;

-- name: list_overrides
SELECT source.host AS source, override.rules, override.set_by, override.set_at, override.why
FROM desk.overrides AS override
INNER JOIN desk.sources AS source ON override.source_id = source.source_id
ORDER BY source.host;
