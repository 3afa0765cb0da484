-- The private schema, the public one, and who is polled.
CREATE SCHEMA desk;
COMMENT ON SCHEMA desk IS 'Private to wiredesk: may change in any release. Consumers read news_v1.';
CREATE SCHEMA news_v1;
COMMENT ON SCHEMA news_v1 IS 'The public contract, version 1: additive changes only.';

GRANT USAGE ON SCHEMA desk TO wiredesk_writer;
GRANT USAGE ON SCHEMA news_v1 TO wiredesk_writer, wiredesk_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA desk GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO wiredesk_writer;
ALTER DEFAULT PRIVILEGES IN SCHEMA desk GRANT USAGE ON SEQUENCES TO wiredesk_writer;
ALTER DEFAULT PRIVILEGES IN SCHEMA news_v1 GRANT SELECT ON TABLES TO wiredesk_writer, wiredesk_reader;

CREATE TABLE desk.schema_migrations (
    version int PRIMARY KEY,
    name text NOT NULL,
    checksum bytea NOT NULL CHECK (octet_length(checksum) = 32),
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE desk.schema_migrations IS 'Which files of sql/migrations have run here, and the SHA-256 of each.';

CREATE TABLE desk.schema_contract (
    file text PRIMARY KEY,
    checksum bytea NOT NULL CHECK (octet_length(checksum) = 32),
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE desk.schema_contract IS 'Which state of each file of sql/contract is in force.';

-- Column CHECKs below that bound a key to 1,024 bytes keep it inside a btree page (2,704 bytes at most).

CREATE TABLE desk.sources (
    source_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host text NOT NULL UNIQUE CHECK (host <> '' AND octet_length(host) <= 1024),
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE desk.sources IS 'A publisher: one site.';
COMMENT ON COLUMN desk.sources.host IS 'Host of the site, lower case, without www.';

CREATE TABLE desk.feeds (
    feed_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id bigint NOT NULL REFERENCES desk.sources,
    url text NOT NULL UNIQUE CHECK (url ~ '^https?://' AND octet_length(url) <= 1024),
    title text,
    category text,
    language text,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'retired')),
    is_full_text boolean NOT NULL DEFAULT FALSE,
    etag text,
    last_modified text,
    payload_digest bytea CHECK (octet_length(payload_digest) = 32),
    interval_s int NOT NULL CHECK (interval_s BETWEEN 1 AND 2592000),
    failure_count int NOT NULL DEFAULT 0 CHECK (failure_count >= 0),
    next_fetch_at timestamptz NOT NULL,
    next_fetch_reason text NOT NULL,
    last_fetch_at timestamptz,
    last_success_at timestamptz,
    claim_key text,
    claim_expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT feeds_claim_is_whole CHECK ((claim_key IS NULL) = (claim_expires_at IS NULL)),
    CONSTRAINT feeds_success_was_fetched CHECK (last_success_at IS NULL OR last_fetch_at >= last_success_at)
);
COMMENT ON TABLE desk.feeds IS 'One syndicated URL, with its schedule, validators and state.';
COMMENT ON COLUMN desk.feeds.payload_digest IS 'SHA-256 of the last payload that was loaded.';
COMMENT ON COLUMN desk.feeds.etag IS 'As the server sent it; changed only by the transaction that loads the payload.';
COMMENT ON COLUMN desk.feeds.next_fetch_reason IS 'Why next_fetch_at is what it is, in one sentence.';
COMMENT ON COLUMN desk.feeds.claim_key IS 'Which run is polling it now; free again after claim_expires_at.';
CREATE INDEX feeds_due ON desk.feeds (next_fetch_at) WHERE state = 'active';
CREATE INDEX feeds_claimed ON desk.feeds (claim_key) WHERE claim_key IS NOT NULL;
CREATE INDEX feeds_by_source ON desk.feeds (source_id);
