-- An article that is read better from the same bytes, word for word the same: a replay refreshes it, and consumers are told.
-- And of changes may go what their publisher's retention says, where a later one makes them needless.
-- least code: 21
ALTER TABLE desk.changes
DROP CONSTRAINT changes_kind_check,
ADD CONSTRAINT changes_kind_check CHECK (
    kind IN (
        'article_added', 'article_revised', 'article_refreshed', 'article_removed', 'copy_added', 'lead_changed',
        'stories_merged', 'story_split'
    )
) NOT VALID;

CREATE OR REPLACE FUNCTION desk.refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.position IS NULL AND NEW.position IS NOT NULL
        AND (NEW.change_id, NEW.kind, NEW.story_id, NEW.article_id, NEW.revision, NEW.created_at)
        = (OLD.change_id, OLD.kind, OLD.story_id, OLD.article_id, OLD.revision, OLD.created_at)
        AND NEW.other_story_id IS NOT DISTINCT FROM OLD.other_story_id THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND OLD.kind <> 'article_removed' AND EXISTS (
        SELECT
        FROM desk.articles AS article
        INNER JOIN desk.sources AS source ON article.source_id = source.source_id
        WHERE article.article_id = OLD.article_id AND source.change_retention_days IS NOT NULL
    ) AND EXISTS (
        SELECT
        FROM desk.changes AS later
        WHERE
            later.position > OLD.position
            AND (
                (later.story_id = OLD.story_id AND later.kind = 'article_removed')
                OR (
                    later.article_id = OLD.article_id AND OLD.kind IN ('article_revised', 'article_refreshed')
                    AND later.kind IN ('article_revised', 'article_refreshed', 'article_removed')
                )
            )
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'desk.changes is append-only: % of change % refused', lower(TG_OP), OLD.change_id;
END
$$;
COMMENT ON FUNCTION desk.refuse_change_of_history() IS
'Only the stamping of a position may touch a change, and the retention of its publisher delete it where a later one makes it '
'needless.';
