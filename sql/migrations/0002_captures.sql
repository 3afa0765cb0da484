-- What the wire brought: attempts, bytes, items, and what could not be processed.
CREATE TABLE desk.payloads (
    payload_digest bytea PRIMARY KEY CHECK (octet_length(payload_digest) = 32),
    body bytea NOT NULL,
    body_bytes int NOT NULL CHECK (body_bytes >= 0),
    compression text NOT NULL CHECK (compression IN ('zstd')),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE desk.payloads IS 'Raw bytes, addressed by the SHA-256 of what the server sent, stored once.';
COMMENT ON COLUMN desk.payloads.body_bytes IS 'Size before compression.';
-- Already compressed: a second attempt by TOAST would cost and gain nothing.
ALTER TABLE desk.payloads ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE desk.fetches (
    fetch_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('feed', 'page')),
    feed_id bigint NOT NULL REFERENCES desk.feeds,
    claim_key text NOT NULL,
    entry_key text,
    entry_digest bytea,
    url text NOT NULL,
    final_url text,
    started_at timestamptz NOT NULL,
    duration_ms int NOT NULL CHECK (duration_ms >= 0),
    outcome text NOT NULL CHECK (outcome IN ('fetched', 'unchanged', 'failed')),
    reason text NOT NULL,
    http_status int CHECK (http_status BETWEEN 100 AND 599),
    content_type text,
    etag text,
    last_modified text,
    max_age_s int CHECK (max_age_s >= 0),
    retry_after_s int CHECK (retry_after_s >= 0),
    payload_digest bytea REFERENCES desk.payloads DEFERRABLE INITIALLY DEFERRED,
    detail text,
    entry_count int CHECK (entry_count >= 0),
    new_entry_count int CHECK (new_entry_count BETWEEN 0 AND entry_count),
    warning text,
    loaded_at timestamptz,
    CONSTRAINT fetches_reason_fits_outcome CHECK (
        (outcome = 'fetched' AND reason = 'new_bytes')
        OR (outcome = 'unchanged' AND reason IN ('not_modified', 'same_bytes'))
        OR (outcome = 'failed' AND reason IN (
            'bad_url', 'blocked_address', 'dns', 'connect', 'tls', 'timeout', 'too_large', 'bad_encoding',
            'redirects', 'not_found', 'gone', 'rate_limited', 'http_client', 'http_server', 'protocol'
        ))
    ),
    CONSTRAINT fetches_page_names_its_entry CHECK ((kind = 'page') = (entry_key IS NOT NULL AND entry_digest IS NOT NULL)),
    CONSTRAINT fetches_fetched_has_payload CHECK ((outcome = 'fetched') = (payload_digest IS NOT NULL)),
    CONSTRAINT fetches_only_fetched_loads CHECK (loaded_at IS NULL OR outcome = 'fetched')
);
COMMENT ON TABLE desk.fetches IS 'One attempt at a URL: when, how it ended, what it brought.';
-- The payload is written after its fetch, and only if the fetch was new: hence deferred.
COMMENT ON COLUMN desk.fetches.kind IS 'feed, or page: the article page of one entry of that feed.';
COMMENT ON COLUMN desk.fetches.claim_key IS 'The run that made the attempt: a task run twice finds its first attempt by it.';
COMMENT ON COLUMN desk.fetches.loaded_at IS 'When its entries were stored, or it was quarantined; until then it is pending.';
CREATE UNIQUE INDEX fetches_feed_once_a_claim ON desk.fetches (feed_id, claim_key) WHERE kind = 'feed';
CREATE UNIQUE INDEX fetches_page_once_a_claim ON desk.fetches (feed_id, entry_key, entry_digest, claim_key)
WHERE kind = 'page';
CREATE INDEX fetches_pending ON desk.fetches (fetch_id) WHERE outcome = 'fetched' AND loaded_at IS NULL AND kind = 'feed';
CREATE INDEX fetches_by_feed ON desk.fetches (feed_id, started_at DESC);
CREATE INDEX fetches_by_payload ON desk.fetches (payload_digest);

CREATE TABLE desk.entries (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_id bigint NOT NULL REFERENCES desk.feeds,
    entry_key text NOT NULL CHECK (octet_length(entry_key) BETWEEN 1 AND 1024),
    entry_digest bytea NOT NULL CHECK (octet_length(entry_digest) = 32),
    url text,
    title text,
    html text,
    summary text,
    authors text[] NOT NULL,
    published_at timestamptz,
    updated_at timestamptz,
    categories text[] NOT NULL,
    enclosures jsonb NOT NULL,
    language text,
    is_page_missing boolean NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    fetch_id bigint NOT NULL REFERENCES desk.fetches,
    pipeline_version int NOT NULL,
    UNIQUE (feed_id, entry_key),
    CONSTRAINT entries_seen_in_order CHECK (first_seen_at <= last_seen_at)
);
COMMENT ON TABLE desk.entries IS 'One item as the feed last said it. Identity: (feed_id, entry_key).';
COMMENT ON COLUMN desk.entries.entry_digest IS 'SHA-256 of what the item says; equal digest, unchanged item.';
COMMENT ON COLUMN desk.entries.is_page_missing IS 'Its feed is full text, and it was loaded without its page.';
COMMENT ON COLUMN desk.entries.fetch_id IS 'The fetch that brought the present wording.';
CREATE INDEX entries_by_fetch ON desk.entries (fetch_id);

CREATE TABLE desk.quarantine (
    quarantine_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('payload', 'entry')),
    feed_id bigint NOT NULL REFERENCES desk.feeds,
    fetch_id bigint NOT NULL REFERENCES desk.fetches,
    subject_digest bytea NOT NULL CHECK (octet_length(subject_digest) = 32),
    entry_key text,
    reason text NOT NULL,
    detail text NOT NULL,
    raw bytea,
    quarantined_at timestamptz NOT NULL,
    resolved_at timestamptz,
    pipeline_version int NOT NULL,
    UNIQUE (feed_id, kind, subject_digest),
    CONSTRAINT quarantine_reason_fits_kind CHECK (
        (kind = 'payload' AND reason IN ('empty', 'html_not_feed', 'not_a_feed', 'malformed', 'parser_failed'))
        OR (kind = 'entry' AND reason IN ('no_identity', 'empty', 'too_large', 'parser_failed', 'clean_failed'))
    ),
    CONSTRAINT quarantine_entry_is_whole CHECK ((kind = 'entry') = (raw IS NOT NULL))
);
COMMENT ON TABLE desk.quarantine IS 'A payload or an entry that could not be processed, kept whole and replayable.';
COMMENT ON COLUMN desk.quarantine.subject_digest IS
'SHA-256 of the payload, or of the entry as found: the same poison polled again is the same row.';
COMMENT ON COLUMN desk.quarantine.raw IS 'The entry as found. A payload is kept in desk.payloads.';
CREATE INDEX quarantine_open ON desk.quarantine (quarantined_at) WHERE resolved_at IS NULL;
CREATE INDEX quarantine_by_fetch ON desk.quarantine (fetch_id);
