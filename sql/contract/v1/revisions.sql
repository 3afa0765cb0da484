CREATE OR REPLACE VIEW news_v1.revisions AS
WITH told AS (
    SELECT
        past.article_id, past.revision, past.title, past.text, past.html, past.published_at, past.updated_at,
        past.revised_at, past.text_digest, FALSE AS is_current
    FROM desk.revisions AS past
    UNION ALL
    SELECT
        article.article_id, article.revision, article.title, article.text, article.html, article.published_at,
        article.updated_at, article.revised_at, article.text_digest, TRUE AS is_current
    FROM desk.articles AS article
    WHERE article.removed_at IS NULL
)

SELECT
    told.article_id,
    told.revision,
    told.title,
    told.text,
    told.html,
    told.published_at,
    told.updated_at,
    told.revised_at AS first_seen_at,
    told.is_current,
    article.story_id,
    CASE
        WHEN told.revision = 1 THEN FALSE
        WHEN former.article_id IS NOT NULL
            THEN coalesce(
                former.text_digest <> told.text_digest
                AND (former.updated_at, former.published_at) IS NOT DISTINCT FROM (told.updated_at, told.published_at), FALSE
            )
    END AS is_silent
FROM told
INNER JOIN desk.articles AS article ON told.article_id = article.article_id
LEFT JOIN desk.revisions AS former
    ON told.article_id = former.article_id AND told.revision = former.revision + 1;

COMMENT ON VIEW news_v1.revisions IS
'Every wording that an article had, the present one included, for as long as they are kept (for ever, unless its publisher has '
'a retention). '
'Example: SELECT revision, first_seen_at, is_silent, title FROM news_v1.revisions WHERE article_id = ARTICLE ORDER BY revision';
COMMENT ON COLUMN news_v1.revisions.article_id IS 'The article. E.g. 4711';
COMMENT ON COLUMN news_v1.revisions.revision IS 'Counts its wordings from 1. E.g. 1';
COMMENT ON COLUMN news_v1.revisions.title IS 'Headline of this wording. E.g. Harbour bridge closed by storm';
COMMENT ON COLUMN news_v1.revisions.text IS 'Text of this wording; paragraphs are separated by one blank line. E.g. The bridge was closed on Sunday.';
COMMENT ON COLUMN news_v1.revisions.html IS 'This wording as safe HTML. E.g. <p>The bridge was closed on Sunday.</p>';
COMMENT ON COLUMN news_v1.revisions.published_at IS 'When the publisher then said it was published. E.g. 2026-03-09 06:30:00+00';
COMMENT ON COLUMN news_v1.revisions.updated_at IS 'When the publisher then said it was last changed. E.g. 2026-03-09 07:10:00+00';
COMMENT ON COLUMN news_v1.revisions.first_seen_at IS 'When wiredesk first saw this wording. E.g. 2026-03-09 06:41:12+00';
COMMENT ON COLUMN news_v1.revisions.is_current IS 'Whether it is the present wording. E.g. false';
COMMENT ON COLUMN news_v1.revisions.story_id IS 'The story that the article tells now. E.g. 1207';
COMMENT ON COLUMN news_v1.revisions.is_silent IS
'Whether the words changed and the publisher named no new time: a silent edit. False for the first wording, null where the '
'one before it is kept no more.'
' E.g. true';

CREATE OR REPLACE FUNCTION news_v1.revision_diff(article bigint, one integer, other integer)
RETURNS TABLE (mark text, paragraph text)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
ROWS 20
AS $$
    WITH line AS (
        -- The n-th time that a paragraph stands in a wording is the same as the n-th time in the other.
        SELECT
            side.revision, part.place, part.paragraph,
            row_number() OVER (PARTITION BY side.revision, part.paragraph ORDER BY part.place) AS nth
        FROM news_v1.revisions AS side
        CROSS JOIN LATERAL (
            SELECT 0 AS place, side.title AS paragraph
            UNION ALL
            SELECT cut.place, cut.paragraph
            FROM regexp_split_to_table(side.text, E'\n\n') WITH ORDINALITY AS cut (paragraph, place)
        ) AS part
        WHERE side.article_id = article AND one <> other AND side.revision IN (one, other) AND part.paragraph <> ''
    )

    SELECT CASE WHEN line.revision = one THEN '-' ELSE '+' END, line.paragraph
    FROM line
    WHERE NOT EXISTS (
        SELECT
        FROM line AS same
        WHERE same.revision <> line.revision AND same.paragraph = line.paragraph AND same.nth = line.nth
    )
    ORDER BY line.place ASC, line.revision = other ASC
$$;
REVOKE ALL ON FUNCTION news_v1.revision_diff(bigint, integer, integer) FROM public;
GRANT EXECUTE ON FUNCTION news_v1.revision_diff(bigint, integer, integer) TO wiredesk_reader, wiredesk_writer;
COMMENT ON FUNCTION news_v1.revision_diff(bigint, integer, integer) IS
'What changed from one wording of an article to another: paragraphs (the title is the first) that only the one (mark -) or '
'only the other (mark +) has, in their order. Empty where both say the same; a wording that does not exist counts as empty. '
'Example: SELECT * FROM news_v1.revision_diff(ARTICLE, 1, 2)';
