-- severity: page
-- what: an active feed is more than an hour overdue
-- runbook: docs/runbooks/feeds_not_polled.md
SELECT feed_id, url, next_fetch_at, last_fetch_at, claim_key, claim_expires_at
FROM desk.feeds
WHERE state = 'active' AND next_fetch_at < now() - interval '1 hour'
ORDER BY next_fetch_at;
