-- name: select_robots
-- What could not be had is asked for again soon: it forbids every page meanwhile.
SELECT origin, http_status, body
FROM desk.robots
WHERE
    origin = any(%(origins)s)
    AND fetched_at > %(now)s - CASE
        WHEN body IS NOT NULL OR (http_status BETWEEN 300 AND 499 AND http_status <> 429) THEN interval '24 hours'
        ELSE interval '1 hour'
    END;

-- name: keep_robots
INSERT INTO desk.robots AS robots (origin, fetched_at, http_status, body)
VALUES (%(origin)s, %(fetched_at)s, %(http_status)s, %(body)s)
ON CONFLICT (origin) DO UPDATE SET
    fetched_at = excluded.fetched_at,
    http_status = excluded.http_status,
    body = excluded.body
WHERE robots.fetched_at <= excluded.fetched_at;
