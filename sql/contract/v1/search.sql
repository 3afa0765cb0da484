CREATE OR REPLACE FUNCTION news_v1.search(
    query text, language text DEFAULT NULL, since timestamptz DEFAULT NULL, most integer DEFAULT 20
)
RETURNS TABLE (
    story_id bigint,
    article_id bigint,
    title text,
    snippet text,
    rank real,
    published_at timestamptz,
    first_seen_at timestamptz,
    source text,
    url text,
    matched_by text
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
ROWS 20
AS $$
DECLARE
    config regconfig := CASE
        WHEN search.language IS NULL THEN 'pg_catalog.simple'::regconfig
        ELSE desk.search_config(search.language)
    END;
    wanted tsquery := websearch_to_tsquery(config, search.query);
    spoken text := lower(split_part(search.language, '-', 1));
    enough integer := CASE WHEN search.since IS NULL THEN search.most ELSE 250 END;
    era_s integer;
    hits bigint[];
    ranks real[];
    way text := 'words';
BEGIN
    IF numnode(wanted) > 0 THEN
        -- What is frequent is found in the last hours; what is not is cheap to look for farther back.
        FOREACH era_s IN ARRAY ARRAY[3600, 86400, 864000, NULL] LOOP
            -- Ranked are the newest 250 that match: to rank more takes long, and the news is what is new.
            SELECT array_agg(found.story_id), array_agg(found.weight)
            INTO hits, ranks
            FROM (
                SELECT near.story_id, ts_rank_cd(near.document, wanted, 1) AS weight, near.told_at
                FROM (
                    SELECT document.story_id, document.document, document.told_at
                    FROM desk.search_documents AS document
                    WHERE
                        (document.document || desk.eras(document.told_at)) @@ coalesce(wanted && desk.latest_eras(era_s), wanted)
                        AND document.told_at >= coalesce(search.since, '-infinity')
                        AND (spoken IS NULL OR document.language = spoken)
                    ORDER BY document.told_at DESC
                    LIMIT 250
                ) AS near
                ORDER BY weight DESC, near.told_at DESC, near.story_id
                LIMIT search.most
            ) AS found;
            EXIT WHEN cardinality(hits) >= enough;
        END LOOP;
    END IF;
    IF hits IS NULL THEN
        way := 'title';
        FOREACH era_s IN ARRAY ARRAY[3600, 86400, 864000, NULL] LOOP
            SELECT array_agg(found.story_id), array_agg(found.weight)
            INTO hits, ranks
            FROM (
                SELECT document.story_id, desk.word_similarity(search.query, document.title) AS weight
                FROM desk.search_documents AS document
                WHERE
                    document.title OPERATOR (desk.%>) search.query
                    AND (era_s IS NULL OR desk.eras(document.told_at) @@ desk.latest_eras(era_s))
                    AND document.told_at >= coalesce(search.since, '-infinity')
                    AND (spoken IS NULL OR document.language = spoken)
                ORDER BY weight DESC, document.told_at DESC, document.story_id
                LIMIT search.most
            ) AS found;
            EXIT WHEN search.since IS NULL AND hits IS NOT NULL;
        END LOOP;
    END IF;
    RETURN QUERY
    SELECT
        article.story_id, article.article_id, article.title,
        ts_headline(
            config,
            replace(replace(replace(left(article.text, 5000), '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
            wanted,
            'MaxFragments=2, MaxWords=20, MinWords=8, FragmentDelimiter=" … ", StartSel=<mark>, StopSel=</mark>'
        ),
        hit.weight, article.published_at, article.first_seen_at, article.source, article.url, way
    FROM unnest(hits, ranks) WITH ORDINALITY AS hit (story_id, weight, place)
    INNER JOIN news_v1.articles AS article ON hit.story_id = article.story_id
    ORDER BY hit.place;
END
$$;
REVOKE ALL ON FUNCTION news_v1.search(text, text, timestamptz, integer) FROM public;
GRANT EXECUTE ON FUNCTION news_v1.search(text, text, timestamptz, integer) TO wiredesk_reader, wiredesk_writer;
COMMENT ON FUNCTION news_v1.search(text, text, timestamptz, integer) IS
'Stories by the words of their lead, best first; the title counts most. `query` is as typed into a search engine: words, '
'"a phrase", or, -without. With a `language` (BCP 47) words are found in all their forms, and only stories in it; without '
'one as they are written, in every language. Without `since` it looks at the last hours first, and farther back until `most` '
'are found, so that news comes before archives; with it at all that was told since then. Ranked, and given, are the newest 250 '
'that it finds. `snippet` is safe HTML with the words in <mark>. Where no story has the words, titles that look like them are given (`matched_by` title, not words). '
'Han, Kana and Thai are searched by whole runs of characters. Example: SELECT * FROM news_v1.search(''harbour ferry'', ''en'')';
