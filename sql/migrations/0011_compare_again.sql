-- An article whose text changed after it was compared is compared again.
ALTER TABLE desk.articles
ADD COLUMN is_revised boolean NOT NULL DEFAULT FALSE,
ADD CONSTRAINT articles_revised_have_a_story CHECK (NOT is_revised OR story_id IS NOT NULL) NOT VALID;
COMMENT ON COLUMN desk.articles.is_revised IS
'Its text has changed since it was compared with others; the next run compares it again.';
CREATE INDEX articles_revised ON desk.articles (coalesce(published_at, first_seen_at), url_key) WHERE is_revised;
ALTER TABLE desk.articles VALIDATE CONSTRAINT articles_revised_have_a_story;
