CREATE OR REPLACE VIEW news_v1.sources AS
SELECT
    source.source_id,
    source.host,
    source.name,
    source.created_at,
    (SELECT count(*) FROM desk.feeds AS feed WHERE feed.source_id = source.source_id)::int AS feed_count
FROM desk.sources AS source;

COMMENT ON VIEW news_v1.sources IS
'Publishers: one row a site. Example: SELECT source_id, host, name FROM news_v1.sources ORDER BY host';
COMMENT ON COLUMN news_v1.sources.source_id IS 'Stable id of the publisher.';
COMMENT ON COLUMN news_v1.sources.host IS 'Host of the site, lower case, without www.';
COMMENT ON COLUMN news_v1.sources.name IS 'The publisher''s name, as in the column source of the other views.';
COMMENT ON COLUMN news_v1.sources.created_at IS 'When its first feed was subscribed to.';
COMMENT ON COLUMN news_v1.sources.feed_count IS 'How many of its feeds are subscribed to, in any state.';
