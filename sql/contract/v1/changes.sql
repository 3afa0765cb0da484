CREATE OR REPLACE VIEW news_v1.changes AS
SELECT
    change.position,
    change.kind,
    change.story_id,
    change.article_id,
    change.revision,
    change.created_at,
    change.published_at,
    change.other_story_id
FROM desk.changes AS change
WHERE change.position IS NOT NULL;

COMMENT ON VIEW news_v1.changes IS
'Log of what happened. Read on with position > the last that you have handled: nothing is ever added below. '
'What a later change makes needless may be gone where its publisher has a retention; the rest tells the same. '
'Example: SELECT position, kind, story_id, article_id FROM news_v1.changes WHERE position > 0 ORDER BY position LIMIT 1000';
COMMENT ON COLUMN news_v1.changes.position IS 'Place in the log: given after the commit, and never twice; what follows from another change comes behind it. Some may be missing. E.g. 90210';
COMMENT ON COLUMN news_v1.changes.kind IS
'article_added: a new story and its lead; copy_added: the article belongs to this story from now on, wherever it was before; '
'article_revised: a new wording; article_refreshed: the same wording with better HTML or metadata; lead_changed: the article leads the story now, and the former lead is a copy; '
'stories_merged: all articles of other_story_id belong to this story now, which the article leads; story_split: the '
'article left other_story_id and leads a new story; article_removed: the article is to be seen no more, and with the lead '
'of a story the story; it may concern what you never had. More kinds may come: skip those you do not know.'
' E.g. copy_added';
COMMENT ON COLUMN news_v1.changes.story_id IS 'The story concerned. E.g. 1207';
COMMENT ON COLUMN news_v1.changes.article_id IS 'The article concerned. E.g. 4718';
COMMENT ON COLUMN news_v1.changes.revision IS 'The wording concerned. E.g. 1';
COMMENT ON COLUMN news_v1.changes.created_at IS 'When it happened. E.g. 2026-03-09 07:02:10+00';
COMMENT ON COLUMN news_v1.changes.published_at IS 'When it got its position. E.g. 2026-03-09 07:02:11+00';
COMMENT ON COLUMN news_v1.changes.other_story_id IS
'stories_merged: the story that is no more; story_split: the story that the article left. Else null.'
' E.g. 1210';
