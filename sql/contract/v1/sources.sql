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
COMMENT ON COLUMN news_v1.sources.source_id IS 'Stable id of the publisher. E.g. 5';
COMMENT ON COLUMN news_v1.sources.host IS 'Host of the site, lower case, without www. E.g. paper.example';
COMMENT ON COLUMN news_v1.sources.name IS 'The publisher''s name, as in the column source of the other views. E.g. The Paper';
COMMENT ON COLUMN news_v1.sources.created_at IS 'When its first feed was subscribed to. E.g. 2026-01-12 09:00:00+00';
COMMENT ON COLUMN news_v1.sources.feed_count IS 'How many of its feeds are subscribed to, in any state. E.g. 2';
