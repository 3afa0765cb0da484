CREATE OR REPLACE FUNCTION news_v1.explain(a bigint, b bigint)
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
        'a', a,
        'b', b,
        'is_same_story', one.story_id IS NOT DISTINCT FROM two.story_id AND one.story_id IS NOT NULL,
        'stories', jsonb_build_array(one.story_id, two.story_id),
        'leads', jsonb_build_array(one_story.lead_article_id, two_story.lead_article_id),
        'matched_with', jsonb_build_array(one.matched_id, two.matched_id),
        'match', (
            SELECT
                jsonb_build_object(
                    'article_id', found.article_id,
                    'article_revision', found.article_revision,
                    'other_id', found.other_id,
                    'other_revision', found.other_revision,
                    'scheme_id', found.scheme_id,
                    'relation', found.relation,
                    'similarity', found.similarity,
                    'containment', found.containment,
                    'number_agreement', found.number_agreement,
                    'title_agreement', found.title_agreement,
                    'opening_agreement', found.opening_agreement,
                    'opening_containment', found.opening_containment,
                    'fresh_containment', found.fresh_containment,
                    'evidence', found.evidence,
                    'passages', found.passages,
                    'matched_at', found.matched_at,
                    'run', found.run,
                    'is_of_present_wordings',
                    found.article_revision = later.revision AND found.other_revision = earlier.revision
                )
            FROM desk.matches AS found
            INNER JOIN desk.articles AS later ON found.article_id = later.article_id
            INNER JOIN desk.articles AS earlier ON found.other_id = earlier.article_id
            WHERE
                (found.article_id = a AND found.other_id = b)
                OR (found.article_id = b AND found.other_id = a)
            ORDER BY found.matched_at DESC
            LIMIT 1
        ),
        'rulings', (
            SELECT coalesce(jsonb_agg(
                jsonb_build_object(
                    'ruling_id', ruling.ruling_id,
                    'kind', ruling.kind,
                    'article_id', ruling.article_id,
                    'other_id', ruling.other_id,
                    'why', ruling.why,
                    'ruled_by', ruling.ruled_by,
                    'ruled_at', ruling.ruled_at,
                    'undone_by', ruling.undone_by,
                    'undone_at', ruling.undone_at
                ) ORDER BY ruling.ruling_id
            ), '[]'::jsonb)
            FROM desk.rulings AS ruling
            WHERE
                (ruling.article_id = least(a, b) AND ruling.other_id = greatest(a, b))
                OR (ruling.other_id IS NULL AND ruling.article_id IN (a, b))
        )
    )
    FROM desk.articles AS one
    INNER JOIN desk.articles AS two ON two.article_id = b
    LEFT JOIN desk.stories AS one_story ON one.story_id = one_story.story_id
    LEFT JOIN desk.stories AS two_story ON two.story_id = two_story.story_id
    WHERE one.article_id = a
$$;
REVOKE ALL ON FUNCTION news_v1.explain(bigint, bigint) FROM public;
GRANT EXECUTE ON FUNCTION news_v1.explain(bigint, bigint) TO wiredesk_reader, wiredesk_writer;
COMMENT ON FUNCTION news_v1.explain(bigint, bigint) IS
'Why two articles are one story, or are not: their stories and leads, the verified match between them with every score, '
'its kind of evidence and the shared passages (null where none was found), and what persons ruled. Null where there is no '
'such article. Scores beside the thresholds in force: wiredesk explain A B. '
'Example: SELECT news_v1.explain(ARTICLE, OTHER)';
