-- The public log. Writers append; one publisher gives positions after their commit, so that a consumer who has
-- read up to a position has missed nothing below it.
CREATE TABLE desk.changes (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    position bigint UNIQUE CHECK (position > 0),
    kind text NOT NULL CHECK (kind IN ('article_added', 'article_revised', 'copy_added')),
    story_id bigint NOT NULL REFERENCES desk.stories,
    article_id bigint NOT NULL REFERENCES desk.articles,
    revision int NOT NULL CHECK (revision >= 1),
    created_at timestamptz NOT NULL,
    published_at timestamptz,
    CONSTRAINT changes_published_is_whole CHECK ((position IS NULL) = (published_at IS NULL)),
    CONSTRAINT changes_once UNIQUE (article_id, kind, revision, story_id)
);
COMMENT ON TABLE desk.changes IS 'Append-only: what happened, in commit order once it has a position.';
CREATE INDEX changes_unpublished ON desk.changes (change_id) WHERE position IS NULL;
CREATE INDEX changes_by_story ON desk.changes (story_id);

CREATE FUNCTION desk.refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.position IS NULL AND NEW.position IS NOT NULL
        AND (NEW.change_id, NEW.kind, NEW.story_id, NEW.article_id, NEW.revision, NEW.created_at)
        = (OLD.change_id, OLD.kind, OLD.story_id, OLD.article_id, OLD.revision, OLD.created_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'desk.changes is append-only: % of change % refused', lower(TG_OP), OLD.change_id;
END
$$;
COMMENT ON FUNCTION desk.refuse_change_of_history() IS 'Only the stamping of a position may touch a change.';
CREATE TRIGGER changes_append_only BEFORE UPDATE OR DELETE ON desk.changes
FOR EACH ROW EXECUTE FUNCTION desk.refuse_change_of_history();
