-- severity: page
-- what: bytes were captured more than an hour ago and are not loaded
-- runbook: docs/runbooks/payloads_not_loaded.md
SELECT fetch_id, feed_id, started_at, claim_key
FROM desk.fetches
WHERE kind = 'feed' AND outcome = 'fetched' AND loaded_at IS NULL AND started_at < now() - interval '1 hour'
ORDER BY fetch_id;
