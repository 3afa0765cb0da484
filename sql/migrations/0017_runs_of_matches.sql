-- Which run found a match, so that an explanation leads to its log.
ALTER TABLE desk.matches
ADD COLUMN run text,
ADD CONSTRAINT matches_name_a_run CHECK (run <> '') NOT VALID;
COMMENT ON COLUMN desk.matches.run IS
'The run that found it: of Airflow its run id, else the command. Null: found by an older release.';
ALTER TABLE desk.matches VALIDATE CONSTRAINT matches_name_a_run;
