-- How long a publisher's pages, former wordings, articles and changes are kept. Nothing of it goes unless somebody says so.
-- least code: 21
ALTER TABLE desk.sources
ADD COLUMN page_retention_days int CHECK (page_retention_days BETWEEN 1 AND 36500),
ADD COLUMN revision_retention_days int CHECK (revision_retention_days BETWEEN 1 AND 36500),
ADD COLUMN article_retention_days int CHECK (article_retention_days BETWEEN 1 AND 36500),
ADD COLUMN change_retention_days int CHECK (change_retention_days BETWEEN 1 AND 36500);
COMMENT ON COLUMN desk.sources.page_retention_days IS 'Days after which the bytes of its pages go. Null: as its other payloads.';
COMMENT ON COLUMN desk.sources.revision_retention_days IS
'Days after which a wording that was replaced goes. Null: kept for ever.';
COMMENT ON COLUMN desk.sources.article_retention_days IS
'Days after which an article goes that no feed carries any more. Null: kept for ever.';
COMMENT ON COLUMN desk.sources.change_retention_days IS
'Days after which changes go that are not needed to tell how the stories are now. Null: kept for ever.';

ALTER TABLE desk.articles
ADD COLUMN oldest_revision int NOT NULL DEFAULT 1,
ADD CONSTRAINT articles_keep_the_present_wording CHECK (oldest_revision BETWEEN 1 AND revision) NOT VALID;
COMMENT ON COLUMN desk.articles.oldest_revision IS 'The first wording that is kept: those before it were kept long enough.';
COMMENT ON COLUMN desk.articles.removed_at IS
'When it was forgotten, or kept long enough: nothing of it is left but its address and its ids.';

CREATE OR REPLACE VIEW desk.payload_uses AS
SELECT
    payload.payload_digest,
    payload.created_at,
    octet_length(payload.body) AS stored_bytes,
    coalesce(made.last_fetched_at, payload.created_at) AS last_fetched_at,
    coalesce(made.is_wanted, FALSE) AS is_wanted,
    made.longest_days,
    coalesce(made.is_default, TRUE) AS is_default
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
        ) AS is_wanted,
        max(kept.days) AS longest_days,
        bool_or(kept.days IS NULL) AS is_default
    FROM desk.fetches AS attempt
    INNER JOIN desk.feeds AS feed ON attempt.feed_id = feed.feed_id
    INNER JOIN desk.sources AS source ON feed.source_id = source.source_id
    CROSS JOIN LATERAL (
        SELECT
            coalesce(
                CASE WHEN attempt.kind = 'page' THEN source.page_retention_days END, source.payload_retention_days
            ) AS days
    ) AS kept
    WHERE attempt.payload_digest = payload.payload_digest
) AS made
WHERE payload.body IS NOT NULL;

CREATE FUNCTION desk.kept_since(is_default boolean, longest_days int, cutoff timestamptz, present timestamptz)
RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT least(CASE WHEN is_default THEN cutoff END, present - make_interval(days => longest_days))
$$;
COMMENT ON FUNCTION desk.kept_since(boolean, int, timestamptz, timestamptz) IS
'Payloads older than this may go: of several publishers with the same bytes the one that keeps them longest decides.';
