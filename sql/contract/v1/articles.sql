CREATE OR REPLACE VIEW news_v1.articles AS
SELECT
    story.story_id,
    article.article_id,
    article.title,
    article.text,
    article.html,
    article.summary,
    article.authors,
    article.url,
    article.canonical_url,
    article.published_at,
    article.updated_at,
    article.first_seen_at,
    article.revised_at,
    article.revision,
    article.language,
    article.lead_image,
    article.flags,
    article.word_count,
    source.name AS source,
    (SELECT count(*) - 1 FROM desk.articles AS member WHERE member.story_id = story.story_id)::int AS copy_count,
    article.section,
    article.tags,
    article.access,
    article.said_by
FROM desk.stories AS story
INNER JOIN desk.articles AS article ON story.lead_article_id = article.article_id
INNER JOIN desk.sources AS source ON article.source_id = source.source_id
WHERE article.removed_at IS NULL AND NOT EXISTS (
    SELECT
    FROM desk.rulings AS ruling
    WHERE ruling.article_id = story.lead_article_id AND ruling.kind = 'not_news' AND ruling.undone_at IS NULL
);

COMMENT ON VIEW news_v1.articles IS
'Deduplicated news: one row a story, which is its lead article. What a person ruled to be no news is not here. '
'Example: SELECT published_at, source, title, url FROM news_v1.articles ORDER BY first_seen_at DESC LIMIT 20';
COMMENT ON COLUMN news_v1.articles.story_id IS 'Stable id of the story. E.g. 1207';
COMMENT ON COLUMN news_v1.articles.article_id IS 'Stable id of the lead article. E.g. 4711';
COMMENT ON COLUMN news_v1.articles.title IS 'Headline, plain text. May be empty where the feed gave none. E.g. Harbour bridge reopens after storm';
COMMENT ON COLUMN news_v1.articles.text IS 'The story as plain text; paragraphs are separated by one blank line. E.g. The bridge reopened on Monday. Traffic was light.';
COMMENT ON COLUMN news_v1.articles.html IS 'The story as safe HTML: sanitized, no scripts, no trackers. E.g. <p>The bridge reopened on Monday.</p>';
COMMENT ON COLUMN news_v1.articles.summary IS 'The publisher''s own teaser as plain text, if any. E.g. Traffic flows again.';
COMMENT ON COLUMN news_v1.articles.authors IS 'Bylines, in the publisher''s order. Empty where none was given. E.g. {"Ane Holt","Per Lund"}';
COMMENT ON COLUMN news_v1.articles.url IS 'Where to read it at the publisher''s. Null where the feed gave no link. E.g. https://www.paper.example/harbour?ref=rss';
COMMENT ON COLUMN news_v1.articles.canonical_url IS 'What the page names as its own address, if a page was read. E.g. https://www.paper.example/harbour';
COMMENT ON COLUMN news_v1.articles.published_at IS 'When the publisher says it was published. Null where not said. E.g. 2026-03-09 06:30:00+00';
COMMENT ON COLUMN news_v1.articles.updated_at IS 'When the publisher says it was last changed. Null where not said. E.g. 2026-03-09 07:10:00+00';
COMMENT ON COLUMN news_v1.articles.first_seen_at IS 'When wiredesk first saw it. E.g. 2026-03-09 06:41:12+00';
COMMENT ON COLUMN news_v1.articles.revised_at IS 'When wiredesk first saw the present wording. E.g. 2026-03-09 07:20:40+00';
COMMENT ON COLUMN news_v1.articles.revision IS 'Counts wordings from 1. E.g. 2';
COMMENT ON COLUMN news_v1.articles.language IS 'BCP 47 tag, as declared. Null where not declared. E.g. en-GB';
COMMENT ON COLUMN news_v1.articles.lead_image IS 'Address of the main picture, if any. E.g. https://cdn.paper.example/bridge.jpg';
COMMENT ON COLUMN news_v1.articles.flags IS 'What is unusual: stub (next to no text), truncated (a teaser, or a text that breaks off), page_failed (the feed''s own text), paywall (the page says that not everybody may read the whole), live (a live blog), gallery (pictures with captions). E.g. {truncated}';
COMMENT ON COLUMN news_v1.articles.word_count IS 'Words in text. E.g. 412';
COMMENT ON COLUMN news_v1.articles.source IS 'The publisher. E.g. The Paper';
COMMENT ON COLUMN news_v1.articles.copy_count IS 'How many copies of it were set aside; they are in news_v1.copies. E.g. 3';
COMMENT ON COLUMN news_v1.articles.section IS 'The section that the page puts itself in. Null where no page was read, or none said. E.g. Local news';
COMMENT ON COLUMN news_v1.articles.tags IS 'What the page, or else the feed, says it is about, in its order. E.g. {bridges,storms}';
COMMENT ON COLUMN news_v1.articles.access IS 'free or paywalled, as the page says. Null where it does not. E.g. free';
COMMENT ON COLUMN news_v1.articles.said_by IS 'Where title, authors, published_at and updated_at come from: feed, json-ld, meta, shown (what a reader sees) or guessed. E.g. {"title": "feed", "authors": "json-ld"}';
