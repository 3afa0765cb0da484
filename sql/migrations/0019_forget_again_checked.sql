-- In a transaction of its own: 0018 keeps everybody out of the entries until it ends. Others read and write while this
-- looks for what was forgotten before, and whether all rows fit the CHECK.
UPDATE desk.entries AS entry
SET refused_key = article.url_key
FROM desk.sightings AS sighting
INNER JOIN desk.articles AS article ON sighting.article_id = article.article_id
WHERE
    entry.entry_id = sighting.entry_id AND article.removed_at IS NOT NULL AND entry.title IS NULL AND entry.html IS NULL
    AND entry.url IS NULL AND entry.summary IS NULL;

ALTER TABLE desk.entries VALIDATE CONSTRAINT entries_refused_are_empty;
