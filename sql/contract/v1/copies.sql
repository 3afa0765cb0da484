CREATE OR REPLACE VIEW news_v1.copies AS
SELECT
    copy.article_id,
    story.story_id,
    story.lead_article_id,
    match.partner_id AS copy_of_article_id,
    -- The match says what the later is to the earlier; seen from an earlier copy it is the other way round.
    CASE
        WHEN match.article_id = copy.article_id THEN match.relation
        WHEN match.relation = 'excerpt' THEN 'extended'
        WHEN match.relation = 'extended' THEN 'excerpt'
        ELSE match.relation
    END AS relation,
    match.similarity,
    match.containment,
    match.number_agreement,
    match.title_agreement,
    match.passages AS evidence,
    match.scheme_id,
    match.matched_at,
    CASE WHEN match.article_id = copy.article_id THEN match.article_revision ELSE match.other_revision END
    AS compared_revision,
    CASE WHEN match.article_id = copy.article_id THEN match.other_revision ELSE match.article_revision END
    AS compared_with_revision,
    copy.revision,
    copy.title,
    copy.text,
    copy.url,
    copy.published_at,
    copy.first_seen_at,
    copy.language,
    source.name AS source,
    match.opening_agreement,
    match.fresh_containment,
    match.evidence AS evidence_kind
FROM desk.articles AS copy
INNER JOIN desk.stories AS story ON copy.story_id = story.story_id AND copy.article_id <> story.lead_article_id
INNER JOIN desk.sources AS source ON copy.source_id = source.source_id
-- With the lead where the two were matched, else with what it was matched with when it joined, or was joined by.
LEFT JOIN LATERAL (
    SELECT found.*
    FROM (
        SELECT forward.*, forward.other_id AS partner_id
        FROM desk.matches AS forward
        WHERE forward.article_id = copy.article_id
        UNION ALL
        SELECT back.*, back.article_id AS partner_id
        FROM desk.matches AS back
        WHERE back.other_id = copy.article_id
    ) AS found
    INNER JOIN desk.articles AS partner ON found.partner_id = partner.article_id AND copy.story_id = partner.story_id
    ORDER BY
        found.partner_id = story.lead_article_id DESC, found.partner_id IS NOT DISTINCT FROM copy.matched_id DESC,
        found.similarity DESC, found.partner_id ASC
    LIMIT 1
) AS match ON TRUE;

COMMENT ON VIEW news_v1.copies IS
'Near-duplicates that were set aside: which article each one repeats, how closely, and the evidence. '
'Example: SELECT relation, similarity, source, url FROM news_v1.copies WHERE lead_article_id IN (ARTICLE, OTHER)';
COMMENT ON COLUMN news_v1.copies.article_id IS 'The copy. E.g. 4718';
COMMENT ON COLUMN news_v1.copies.story_id IS 'The story that it tells. E.g. 1207';
COMMENT ON COLUMN news_v1.copies.lead_article_id IS 'The article kept for that story, in news_v1.articles. E.g. 4711';
COMMENT ON COLUMN news_v1.copies.copy_of_article_id IS
'The article that it was compared with: the lead where the two were matched, else another copy of the story. Null where a person put it here.'
' E.g. 4711';
COMMENT ON COLUMN news_v1.copies.relation IS
'What it is to copy_of_article_id. duplicate: the same text; excerpt: a cut of it; version: corrected or updated; extended: it, and more.'
' E.g. excerpt';
COMMENT ON COLUMN news_v1.copies.similarity IS 'Jaccard similarity of the sets of 5-word shingles, 0 to 1, exact. E.g. 0.62';
COMMENT ON COLUMN news_v1.copies.containment IS 'Share of the smaller text''s shingles that the larger holds, 0 to 1. E.g. 0.97';
COMMENT ON COLUMN news_v1.copies.number_agreement IS 'Share of the smaller set of numbers that the other text has too. E.g. 1';
COMMENT ON COLUMN news_v1.copies.title_agreement IS 'Jaccard similarity of the words of the two titles. E.g. 0.8';
COMMENT ON COLUMN news_v1.copies.evidence IS 'The longest runs of words that both texts hold, longest first. E.g. {"the bridge reopened on monday and traffic was light"}';
COMMENT ON COLUMN news_v1.copies.scheme_id IS 'The signature scheme under which the pair was found. E.g. 2';
COMMENT ON COLUMN news_v1.copies.matched_at IS 'When the match was verified. E.g. 2026-03-09 07:02:10+00';
COMMENT ON COLUMN news_v1.copies.compared_revision IS
'The wording of the copy that was compared when the match was found.'
' E.g. 1';
COMMENT ON COLUMN news_v1.copies.compared_with_revision IS 'The wording that it was compared with. E.g. 1';
COMMENT ON COLUMN news_v1.copies.revision IS 'The present wording of the copy; see compared_revision. E.g. 1';
COMMENT ON COLUMN news_v1.copies.title IS 'Headline of the copy. E.g. Bridge open again';
COMMENT ON COLUMN news_v1.copies.text IS 'Text of the copy. E.g. The bridge reopened on Monday.';
COMMENT ON COLUMN news_v1.copies.url IS 'Where the copy stands. E.g. https://www.wire.example/4718';
COMMENT ON COLUMN news_v1.copies.published_at IS 'When its publisher says it was published. E.g. 2026-03-09 06:50:00+00';
COMMENT ON COLUMN news_v1.copies.first_seen_at IS 'When wiredesk first saw it. E.g. 2026-03-09 07:01:33+00';
COMMENT ON COLUMN news_v1.copies.language IS 'BCP 47 tag, as declared. E.g. en';
COMMENT ON COLUMN news_v1.copies.source IS 'The publisher of the copy. E.g. The Wire';
COMMENT ON COLUMN news_v1.copies.opening_agreement IS
'Share of each text''s first 50 words that the other has in the same order, the lesser of the two.'
' E.g. 0.94';
COMMENT ON COLUMN news_v1.copies.fresh_containment IS
'Share of the shorter''s fingerprints that both texts have and no other story of their publishers has.'
' E.g. 0.88';
COMMENT ON COLUMN news_v1.copies.evidence_kind IS
'What made them one story: identical, same text, long passages, correction, same opening or same headline. Null where a person did.'
' E.g. long passages';
