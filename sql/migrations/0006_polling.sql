-- Polite polling that all workers share, items that are known before they are parsed, ids that change, and bytes
-- that expire. CHECKs on tables that may be large are added without looking at the rows; 0007 looks at them, in a
-- transaction of its own, because only so can others read and write meanwhile.

-- What a feed asks for, where it is moving to, and its rhythm.
ALTER TABLE desk.feeds
ADD COLUMN floor_s int CONSTRAINT feeds_floor_is_positive CHECK (floor_s > 0),
ADD COLUMN skip_hours smallint[] NOT NULL DEFAULT '{}',
ADD COLUMN skip_days smallint[] NOT NULL DEFAULT '{}',
ADD COLUMN is_conditional boolean NOT NULL DEFAULT TRUE,
ADD COLUMN moved_to text,
ADD COLUMN moved_since timestamptz,
ADD COLUMN moved_count int NOT NULL DEFAULT 0,
ADD COLUMN news_per_day double precision CONSTRAINT feeds_news_is_a_rate CHECK (news_per_day >= 0),
ADD COLUMN judged_at timestamptz,
ADD COLUMN item_count int CONSTRAINT feeds_items_are_counted CHECK (item_count >= 0),
ADD CONSTRAINT feeds_skip_hours_exist CHECK (
    skip_hours <@ ARRAY[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]::smallint[]
),
ADD CONSTRAINT feeds_skip_days_exist CHECK (skip_days <@ ARRAY[0, 1, 2, 3, 4, 5, 6]::smallint[]),
ADD CONSTRAINT feeds_move_is_whole CHECK (
    (moved_to IS NULL) = (moved_since IS NULL) AND (moved_to IS NULL) = (moved_count = 0) AND moved_count >= 0
);
COMMENT ON COLUMN desk.feeds.floor_s IS
'Seconds between two polls that the feed itself asks for (RSS ttl, sy:updatePeriod), as its last loaded payload said.';
COMMENT ON COLUMN desk.feeds.skip_hours IS 'RSS skipHours of the last loaded payload: hours of UTC, 0 to 23.';
COMMENT ON COLUMN desk.feeds.skip_days IS 'RSS skipDays of the last loaded payload: 0 (Monday) to 6, UTC.';
COMMENT ON COLUMN desk.feeds.is_conditional IS
'Whether validators are sent. False: a person found that its server says "unchanged" when it is not.';
COMMENT ON COLUMN desk.feeds.moved_to IS
'Where permanent redirects have led without a break; the feed takes this URL when they have done so long enough.';
COMMENT ON COLUMN desk.feeds.moved_count IS 'Polls in a row that were led there, the first at moved_since.';
COMMENT ON COLUMN desk.feeds.news_per_day IS 'Estimate of its new entries a day; null until two polls were read.';
COMMENT ON COLUMN desk.feeds.judged_at IS
'Start of the last poll whose content is known (unchanged, or loaded): news_per_day counts from it.';
COMMENT ON COLUMN desk.feeds.item_count IS 'Items in the last payload that was loaded: what its window holds.';

CREATE TABLE desk.feed_moves (
    old_url text PRIMARY KEY CHECK (old_url ~ '^https?://' AND octet_length(old_url) <= 1024),
    feed_id bigint NOT NULL REFERENCES desk.feeds,
    new_url text NOT NULL,
    moved_at timestamptz NOT NULL,
    CONSTRAINT feed_moves_lead_elsewhere CHECK (old_url <> new_url)
);
COMMENT ON TABLE desk.feed_moves IS
'URLs that a feed had before its publisher moved it (HTTP 301, 308): who asks for one finds the feed.';
CREATE INDEX feed_moves_by_feed ON desk.feed_moves (feed_id);

-- Who may ask a host now. Rewritten with every request: half-filled pages keep the updates inside their page.
CREATE TABLE desk.hosts (
    host text PRIMARY KEY CHECK (host <> '' AND octet_length(host) <= 1024),
    next_start_at timestamptz,
    leases jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(leases) = 'object'),
    paused_until timestamptz,
    paused_reason text,
    CONSTRAINT hosts_pause_is_whole CHECK ((paused_until IS NULL) = (paused_reason IS NULL))
) WITH (fillfactor = 50);
COMMENT ON TABLE desk.hosts IS 'The budget of each host, shared by all workers. All times are the database''s own.';
COMMENT ON COLUMN desk.hosts.host IS
'Host name, lower case; for a pause of a host with many tenants the registrable domain.';
COMMENT ON COLUMN desk.hosts.next_start_at IS 'No request starts before; null: none has been made.';
COMMENT ON COLUMN desk.hosts.leases IS
'Requests under way: permit to the time at which it counts as dead, in case its worker was killed.';
COMMENT ON COLUMN desk.hosts.paused_until IS 'The host sent Retry-After: nobody asks it before.';

CREATE TABLE desk.robots (
    origin text PRIMARY KEY CHECK (origin ~ '^https?://[^/]+$' AND octet_length(origin) <= 1024),
    fetched_at timestamptz NOT NULL,
    http_status int CHECK (http_status BETWEEN 100 AND 599),
    body bytea CHECK (octet_length(body) <= 512000)
);
COMMENT ON TABLE desk.robots IS
'robots.txt as it last was; asked for again after 24 hours (RFC 9309, 2.4), sooner where it could not be had.';
COMMENT ON COLUMN desk.robots.origin IS 'Scheme, host and port that it speaks for.';
COMMENT ON COLUMN desk.robots.http_status IS 'Null: no answer, so nothing may be asked (RFC 9309, 2.3.1.4).';
COMMENT ON COLUMN desk.robots.body IS 'Its first 500 KiB (RFC 9309, 2.5).';

-- Attempts: more of what happened.
ALTER TABLE desk.fetches
ADD COLUMN body_bytes int,
ADD COLUMN is_conditional boolean,
ADD COLUMN moved_to text,
ADD COLUMN alarms text[] NOT NULL DEFAULT '{}',
ADD CONSTRAINT fetches_body_is_counted CHECK (body_bytes >= 0) NOT VALID,
ADD CONSTRAINT fetches_alarms_are_known CHECK (
    alarms <@ ARRAY['gap', 'volume_drop', 'guid_churn', 'future_dates', 'missing_dates', 'stale_validators']
) NOT VALID,
DROP CONSTRAINT fetches_kind_check,
ADD CONSTRAINT fetches_kind_check CHECK (kind IN ('feed', 'page', 'robots')) NOT VALID,
DROP CONSTRAINT fetches_reason_fits_outcome,
ADD CONSTRAINT fetches_reason_fits_outcome CHECK (
    (outcome = 'fetched' AND reason = 'new_bytes')
    OR (outcome = 'unchanged' AND reason IN ('not_modified', 'same_bytes'))
    OR (outcome = 'failed' AND reason IN (
        'bad_url', 'blocked_address', 'dns', 'connect', 'tls', 'timeout', 'too_large', 'bad_encoding',
        'redirects', 'not_found', 'gone', 'rate_limited', 'http_client', 'http_server', 'protocol', 'robots_denied'
    ))
) NOT VALID;
COMMENT ON COLUMN desk.fetches.kind IS
'feed; page: the article page of one entry of that feed; robots: the robots.txt that such a page needs.';
COMMENT ON COLUMN desk.fetches.body_bytes IS 'Decoded size of what was read, also where it was not kept.';
COMMENT ON COLUMN desk.fetches.is_conditional IS 'Validators were sent; null for attempts before this was recorded.';
COMMENT ON COLUMN desk.fetches.moved_to IS 'Where it was found, if every redirect on the way was permanent.';
COMMENT ON COLUMN desk.fetches.alarms IS 'What was odd about the payload when it was loaded; nothing is held back for it.';

-- Items that need not be read again, and entries under other names.
ALTER TABLE desk.entries
ADD COLUMN item_digest bytea,
ADD CONSTRAINT entries_item_digest_is_sha256 CHECK (octet_length(item_digest) = 32) NOT VALID;
COMMENT ON COLUMN desk.entries.item_digest IS
'SHA-256 of the item''s source as it gave the present wording: an item with it says nothing new. Null: unknown.';
CREATE INDEX entries_by_item ON desk.entries (feed_id, item_digest) WHERE item_digest IS NOT NULL;

CREATE TABLE desk.entry_aliases (
    feed_id bigint NOT NULL REFERENCES desk.feeds,
    alias bytea NOT NULL CHECK (octet_length(alias) BETWEEN 1 AND 64),
    entry_id bigint NOT NULL REFERENCES desk.entries,
    PRIMARY KEY (feed_id, alias, entry_id)
);
COMMENT ON TABLE desk.entry_aliases IS
'By what else an entry is recognised when its feed gives it another id: digests of what stays the same.';
CREATE INDEX entry_aliases_by_entry ON desk.entry_aliases (entry_id);

-- Bytes may expire; that they were there stays.
ALTER TABLE desk.payloads
ALTER COLUMN body DROP NOT NULL,
ADD COLUMN expired_at timestamptz,
ADD CONSTRAINT payloads_body_is_there_or_expired CHECK ((body IS NULL) = (expired_at IS NOT NULL)) NOT VALID;
COMMENT ON COLUMN desk.payloads.expired_at IS
'When its bytes were deleted (WIREDESK_PAYLOAD_RETENTION_DAYS); the same bytes fetched again are stored again.';
CREATE INDEX payloads_kept ON desk.payloads (created_at) WHERE body IS NOT NULL;

-- New reasons.
ALTER TABLE desk.quarantine
DROP CONSTRAINT quarantine_reason_fits_kind,
ADD CONSTRAINT quarantine_reason_fits_kind CHECK (
    (kind = 'payload' AND reason IN (
        'empty', 'html_not_feed', 'not_a_feed', 'malformed', 'parser_failed', 'too_many_items', 'too_deep', 'too_costly'
    ))
    OR (kind = 'entry' AND reason IN (
        'no_identity', 'empty', 'too_large', 'too_deep', 'parser_failed', 'clean_failed'
    ))
) NOT VALID;

CREATE VIEW desk.payload_uses AS
SELECT
    payload.payload_digest,
    payload.created_at,
    octet_length(payload.body) AS stored_bytes,
    coalesce(made.last_fetched_at, payload.created_at) AS last_fetched_at,
    coalesce(made.is_wanted, FALSE) AS is_wanted
FROM desk.payloads AS payload
CROSS JOIN LATERAL (
    SELECT
        max(attempt.started_at) AS last_fetched_at,
        bool_or(
            (attempt.kind = 'feed' AND attempt.loaded_at IS NULL)
            OR EXISTS (
                SELECT
                FROM desk.quarantine AS poison
                WHERE
                    poison.feed_id = attempt.feed_id AND poison.resolved_at IS NULL
                    AND (poison.fetch_id = attempt.fetch_id OR poison.subject_digest = attempt.payload_digest)
            )
        ) AS is_wanted
    FROM desk.fetches AS attempt
    WHERE attempt.payload_digest = payload.payload_digest
) AS made
WHERE payload.body IS NOT NULL;
COMMENT ON VIEW desk.payload_uses IS
'Payloads whose bytes are there: when they last came, and whether a load or something in quarantine still needs them.';
