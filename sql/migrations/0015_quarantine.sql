-- What became of something in quarantine: today's code could load it, or a person decided that nobody needs it.
ALTER TABLE desk.quarantine
ADD COLUMN resolution text,
ADD COLUMN resolved_by text,
ADD COLUMN resolved_why text,
ADD CONSTRAINT quarantine_resolution_is_known CHECK (resolution IN ('loaded', 'dropped')) NOT VALID,
ADD CONSTRAINT quarantine_resolution_is_whole CHECK (
    (resolution IS NULL) = (resolved_at IS NULL) AND (resolution IS NULL) = (resolved_by IS NULL)
    AND (resolution IS NOT DISTINCT FROM 'dropped') = (resolved_why IS NOT NULL)
) NOT VALID,
ADD CONSTRAINT quarantine_resolved_says_who CHECK (resolved_by <> '' AND resolved_why <> '') NOT VALID;
COMMENT ON COLUMN desk.quarantine.resolution IS
'loaded: a later release could read it; dropped: a person set it aside. Null: it waits.';
COMMENT ON COLUMN desk.quarantine.resolved_by IS 'Who tried it again, or set it aside.';
COMMENT ON COLUMN desk.quarantine.resolved_why IS 'Why it was set aside.';
ALTER TABLE desk.quarantine VALIDATE CONSTRAINT quarantine_resolution_is_known;
ALTER TABLE desk.quarantine VALIDATE CONSTRAINT quarantine_resolution_is_whole;
ALTER TABLE desk.quarantine VALIDATE CONSTRAINT quarantine_resolved_says_who;
