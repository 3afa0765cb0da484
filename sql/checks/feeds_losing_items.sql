-- severity: warning
-- what: every item was new in each of a feed's last three loads, so items were probably missed between the polls
-- runbook: docs/runbooks/feeds_losing_items.md
SELECT feed.feed_id, feed.url, feed.interval_s, feed.floor_s, min(latest.entry_count) AS fewest_items
FROM desk.feeds AS feed
CROSS JOIN LATERAL (
    SELECT attempt.alarms, attempt.entry_count
    FROM desk.fetches AS attempt
    WHERE attempt.feed_id = feed.feed_id AND attempt.kind = 'feed' AND attempt.entry_count IS NOT NULL
    ORDER BY attempt.started_at DESC
    LIMIT 3
) AS latest
WHERE feed.state = 'active'
GROUP BY feed.feed_id
HAVING count(*) = 3 AND bool_and('gap' = any(latest.alarms))
ORDER BY feed.feed_id;
