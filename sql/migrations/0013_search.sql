-- Full-text search over stories. A table of its own: the words of a lead in the dictionary of its language and as they
-- are, kept by whoever gives changes their positions. To add a column to the articles would rewrite them all.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA desk;

CREATE FUNCTION desk.search_config(language text) RETURNS regconfig
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE lower(split_part(language, '-', 1))
        WHEN 'ar' THEN 'pg_catalog.arabic'::regconfig
        WHEN 'ca' THEN 'pg_catalog.catalan'::regconfig
        WHEN 'da' THEN 'pg_catalog.danish'::regconfig
        WHEN 'de' THEN 'pg_catalog.german'::regconfig
        WHEN 'el' THEN 'pg_catalog.greek'::regconfig
        WHEN 'en' THEN 'pg_catalog.english'::regconfig
        WHEN 'es' THEN 'pg_catalog.spanish'::regconfig
        WHEN 'eu' THEN 'pg_catalog.basque'::regconfig
        WHEN 'fi' THEN 'pg_catalog.finnish'::regconfig
        WHEN 'fr' THEN 'pg_catalog.french'::regconfig
        WHEN 'ga' THEN 'pg_catalog.irish'::regconfig
        WHEN 'hi' THEN 'pg_catalog.hindi'::regconfig
        WHEN 'hu' THEN 'pg_catalog.hungarian'::regconfig
        WHEN 'hy' THEN 'pg_catalog.armenian'::regconfig
        WHEN 'id' THEN 'pg_catalog.indonesian'::regconfig
        WHEN 'it' THEN 'pg_catalog.italian'::regconfig
        WHEN 'lt' THEN 'pg_catalog.lithuanian'::regconfig
        WHEN 'nb' THEN 'pg_catalog.norwegian'::regconfig
        WHEN 'ne' THEN 'pg_catalog.nepali'::regconfig
        WHEN 'nl' THEN 'pg_catalog.dutch'::regconfig
        WHEN 'nn' THEN 'pg_catalog.norwegian'::regconfig
        WHEN 'no' THEN 'pg_catalog.norwegian'::regconfig
        WHEN 'pt' THEN 'pg_catalog.portuguese'::regconfig
        WHEN 'ro' THEN 'pg_catalog.romanian'::regconfig
        WHEN 'ru' THEN 'pg_catalog.russian'::regconfig
        WHEN 'sr' THEN 'pg_catalog.serbian'::regconfig
        WHEN 'sv' THEN 'pg_catalog.swedish'::regconfig
        WHEN 'ta' THEN 'pg_catalog.tamil'::regconfig
        WHEN 'tr' THEN 'pg_catalog.turkish'::regconfig
        WHEN 'yi' THEN 'pg_catalog.yiddish'::regconfig
        ELSE 'pg_catalog.simple'::regconfig
    END
$$;
COMMENT ON FUNCTION desk.search_config(text) IS
'The text search configuration of a BCP 47 tag; simple, which takes words as they are, where Postgres has no dictionary.';

-- 100,000 characters: twice so many, of four bytes each, stay below the megabyte that a tsvector may hold.
CREATE FUNCTION desk.search_document(language text, title text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT
        setweight(to_tsvector('pg_catalog.simple', title), 'A')
        || to_tsvector('pg_catalog.simple', left(body, 100000))
        || CASE
            WHEN desk.search_config(language) = 'pg_catalog.simple'::regconfig THEN ''::tsvector
            ELSE setweight(to_tsvector(desk.search_config(language), title), 'A')
                || to_tsvector(desk.search_config(language), left(body, 100000))
        END
$$;
COMMENT ON FUNCTION desk.search_document(text, text, text) IS
'The words of an article as they are, for who searches in every language, and their stems in its own; the title has weight A.';

CREATE TABLE desk.search_documents (
    story_id bigint PRIMARY KEY REFERENCES desk.stories,
    article_id bigint NOT NULL REFERENCES desk.articles,
    revision int NOT NULL CHECK (revision >= 1),
    language text NOT NULL,
    told_at timestamptz NOT NULL,
    title text NOT NULL,
    document tsvector NOT NULL
);
CREATE INDEX search_documents_words ON desk.search_documents USING gin (document);
CREATE INDEX search_documents_titles ON desk.search_documents USING gin (title desk.gin_trgm_ops);
CREATE INDEX search_documents_told ON desk.search_documents (told_at);
CREATE INDEX search_documents_by_article ON desk.search_documents (article_id);
COMMENT ON TABLE desk.search_documents IS 'What news_v1.search looks in: the lead of each story, derived from it.';
COMMENT ON COLUMN desk.search_documents.article_id IS 'The lead that was indexed.';
COMMENT ON COLUMN desk.search_documents.revision IS 'Its wording that was indexed.';
COMMENT ON COLUMN desk.search_documents.language IS 'First part of its BCP 47 tag, lower case; empty where not declared.';
COMMENT ON COLUMN desk.search_documents.told_at IS 'When it was published, or first seen where its publisher does not say.';
COMMENT ON COLUMN desk.search_documents.title IS 'For searching by likeness where no word fits.';
COMMENT ON COLUMN desk.search_documents.document IS 'desk.search_document of it.';
