-- How far each consumer of news_v1.changes has come. It lies beside the log, so that a dump holds both.
CREATE TABLE desk.consumers (
    consumer text PRIMARY KEY CHECK (consumer ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'),
    login text NOT NULL CHECK (login <> ''),
    position bigint NOT NULL CHECK (position >= 0),
    begun_at timestamptz NOT NULL,
    confirmed_at timestamptz NOT NULL,
    CONSTRAINT consumers_confirmed_after_begun CHECK (begun_at <= confirmed_at)
);
COMMENT ON TABLE desk.consumers IS 'How far those who follow the log of changes have come, as they say themselves.';
COMMENT ON COLUMN desk.consumers.login IS 'The database login that began it; no other may move it.';
COMMENT ON COLUMN desk.consumers.position IS 'The last position that was handled; 0: none yet.';
COMMENT ON COLUMN desk.consumers.confirmed_at IS 'When it last said so.';
