CREATE OR REPLACE VIEW news_v1.copies AS
SELECT
    copy.article_id,
    story.story_id,
    story.lead_article_id,
    match.other_id AS copy_of_article_id,
    match.relation,
    match.similarity,
    match.containment,
    match.number_agreement,
    match.title_agreement,
    match.passages AS evidence,
    match.scheme_id,
    match.matched_at,
    match.article_revision AS compared_revision,
    match.other_revision AS compared_with_revision,
    copy.revision,
    copy.title,
    copy.text,
    copy.url,
    copy.published_at,
    copy.first_seen_at,
    copy.language,
    source.name AS source
FROM desk.articles AS copy
INNER JOIN desk.stories AS story ON copy.story_id = story.story_id AND copy.article_id <> story.lead_article_id
INNER JOIN desk.sources AS source ON copy.source_id = source.source_id
LEFT JOIN desk.matches AS match ON copy.article_id = match.article_id AND copy.matched_id = match.other_id;

COMMENT ON VIEW news_v1.copies IS
'Near-duplicates that were set aside: which article each one repeats, how closely, and the evidence.';
COMMENT ON COLUMN news_v1.copies.article_id IS 'The copy.';
COMMENT ON COLUMN news_v1.copies.story_id IS 'The story that it tells.';
COMMENT ON COLUMN news_v1.copies.lead_article_id IS 'The article kept for that story, in news_v1.articles.';
COMMENT ON COLUMN news_v1.copies.copy_of_article_id IS
'The article that it was compared with and repeats: the lead, or another copy of the story.';
COMMENT ON COLUMN news_v1.copies.relation IS
'duplicate: the same text; excerpt: a cut of it; version: corrected or updated; extended: it, and more.';
COMMENT ON COLUMN news_v1.copies.similarity IS 'Jaccard similarity of the sets of 5-word shingles, 0 to 1, exact.';
COMMENT ON COLUMN news_v1.copies.containment IS 'Share of the smaller text''s shingles that the larger holds, 0 to 1.';
COMMENT ON COLUMN news_v1.copies.number_agreement IS 'Share of the smaller set of numbers that the other text has too.';
COMMENT ON COLUMN news_v1.copies.title_agreement IS 'Jaccard similarity of the words of the two titles.';
COMMENT ON COLUMN news_v1.copies.evidence IS 'The longest runs of words that both texts hold, longest first.';
COMMENT ON COLUMN news_v1.copies.scheme_id IS 'The signature scheme under which the pair was found.';
COMMENT ON COLUMN news_v1.copies.matched_at IS 'When the match was verified.';
COMMENT ON COLUMN news_v1.copies.compared_revision IS
'The wording of the copy that was compared. An edit after it is not compared again in this version.';
COMMENT ON COLUMN news_v1.copies.compared_with_revision IS 'The wording that it was compared with.';
COMMENT ON COLUMN news_v1.copies.revision IS 'The present wording of the copy; see compared_revision.';
COMMENT ON COLUMN news_v1.copies.title IS 'Headline of the copy.';
COMMENT ON COLUMN news_v1.copies.text IS 'Text of the copy: nothing is removed for good.';
COMMENT ON COLUMN news_v1.copies.url IS 'Where the copy stands.';
COMMENT ON COLUMN news_v1.copies.published_at IS 'When its publisher says it was published.';
COMMENT ON COLUMN news_v1.copies.first_seen_at IS 'When wiredesk first saw it.';
COMMENT ON COLUMN news_v1.copies.language IS 'BCP 47 tag, as declared.';
COMMENT ON COLUMN news_v1.copies.source IS 'The publisher of the copy.';
