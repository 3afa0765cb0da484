-- severity: warning
-- what: a server said "unchanged" by its validators while its feed had changed, within the last 30 days
-- runbook: docs/runbooks/feeds_with_stale_validators.md
SELECT feed.feed_id, feed.url, max(attempt.started_at) AS last_found_at, count(*) AS times
FROM desk.feeds AS feed
INNER JOIN desk.fetches AS attempt ON feed.feed_id = attempt.feed_id
WHERE
    feed.is_conditional AND feed.state = 'active' AND attempt.kind = 'feed'
    AND attempt.started_at > now() - interval '30 days' AND 'stale_validators' = any(attempt.alarms)
GROUP BY feed.feed_id
ORDER BY feed.feed_id;
