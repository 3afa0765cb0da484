-- name: try_start
-- A permit, or for how long there is none: one statement, so that no two workers get what is left for one.
-- What counts is read after the row is locked, by the clock of then and not by that of the transaction. The wait
-- is that of the snapshot: too short at worst, and asked for again.
WITH started AS (
    INSERT INTO desk.hosts AS host (host, next_start_at, leases)
    SELECT
        %(host)s, clock_timestamp() + make_interval(secs => %(gap_s)s),
        jsonb_build_object(%(permit)s::text, clock_timestamp() + make_interval(secs => %(lease_s)s))
    WHERE NOT EXISTS (
        SELECT FROM desk.hosts AS place
        WHERE place.host = any(%(places)s) AND place.paused_until > clock_timestamp()
    )
    ON CONFLICT (host) DO UPDATE SET
        next_start_at = clock_timestamp() + make_interval(secs => %(gap_s)s),
        leases = jsonb_build_object(%(permit)s::text, clock_timestamp() + make_interval(secs => %(lease_s)s)) || (
            SELECT coalesce(jsonb_object_agg(lease.key, lease.value), '{}')
            FROM jsonb_each_text(host.leases) AS lease  -- noqa: RF01
            WHERE lease.value::timestamptz > clock_timestamp()
        )
    WHERE
        (host.next_start_at IS NULL OR host.next_start_at <= clock_timestamp())
        AND (host.paused_until IS NULL OR host.paused_until <= clock_timestamp())
        AND (
            SELECT count(*)
            FROM jsonb_each_text(host.leases) AS lease  -- noqa: RF01
            WHERE lease.value::timestamptz > clock_timestamp()
        ) < %(most)s
    RETURNING next_start_at
)

SELECT
    (SELECT count(*) FROM started) > 0 AS is_started,
    coalesce(max(extract(EPOCH FROM place.paused_until - clock_timestamp())), 0)::float8 AS pause_s,
    coalesce(
        max(extract(EPOCH FROM place.next_start_at - clock_timestamp())) FILTER (WHERE place.host = %(host)s), 0
    )::float8 AS gap_s
FROM desk.hosts AS place
WHERE place.host = any(%(places)s);

-- name: finish
UPDATE desk.hosts SET leases = leases - %(permit)s::text WHERE host = %(host)s AND leases ? %(permit)s;

-- name: pause
-- The longer of two pauses holds.
INSERT INTO desk.hosts AS host (host, paused_until, paused_reason)
VALUES (%(host)s, clock_timestamp() + make_interval(secs => %(seconds)s), %(reason)s)
ON CONFLICT (host) DO UPDATE SET
    paused_until = excluded.paused_until,
    paused_reason = excluded.paused_reason
WHERE host.paused_until IS NULL OR host.paused_until < excluded.paused_until;

-- name: forget_hosts
-- Nobody asks them any more; they come back with the next request.
DELETE FROM desk.hosts
WHERE
    coalesce(next_start_at, paused_until) < clock_timestamp() - interval '1 day'
    AND coalesce(paused_until, next_start_at) < clock_timestamp() - interval '1 day';
