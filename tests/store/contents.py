"""What a news database holds, to compare two of them."""

from __future__ import annotations

import psycopg

# What the database holds, by natural keys: ids, clock times and the rhythm that is measured by them differ between
# two runs, and the HTML error page of the sample has new bytes at every request.
CONTENT = {
    "feeds": """
        SELECT url, state, etag, last_modified, encode(payload_digest, 'hex'), failure_count, claim_key,
            floor_s, skip_hours, skip_days, moved_to, moved_count, item_count
        FROM desk.feeds
    """,
    "fetches": """
        SELECT f.url, f.kind, f.entry_key, encode(entry_digest, 'hex'), outcome, f.reason, http_status, f.etag,
            CASE WHEN p.reason IS NULL THEN encode(f.payload_digest, 'hex') END, entry_count, new_entry_count, warning,
            loaded_at IS NULL, p.reason, is_conditional, moved_to, alarms
        FROM desk.fetches f LEFT JOIN desk.quarantine p
            ON p.feed_id = f.feed_id AND p.subject_digest = f.payload_digest AND p.kind = 'payload'
    """,
    "entries": """
        SELECT feed.url, entry_key, encode(entry_digest, 'hex'), encode(item_digest, 'hex'), e.title, e.published_at
        FROM desk.entries e JOIN desk.feeds feed USING (feed_id)
    """,
    "aliases": """
        SELECT feed.url, entry_key, encode(alias, 'hex')
        FROM desk.entry_aliases JOIN desk.entries USING (feed_id, entry_id) JOIN desk.feeds feed USING (feed_id)
    """,
    "feed_moves": "SELECT old_url, new_url FROM desk.feed_moves",
    "robots": "SELECT origin, http_status, encode(body, 'hex') FROM desk.robots",
    "payloads": """
        SELECT encode(payload_digest, 'hex'), body IS NULL
        FROM desk.payloads WHERE NOT payload_digest IN (SELECT subject_digest FROM desk.quarantine)
    """,
    "quarantine": """
        SELECT feed.url, kind, entry_key, reason, encode(raw, 'hex')
        FROM desk.quarantine q JOIN desk.feeds feed USING (feed_id)
    """,
    "articles": """
        SELECT a.url_key, a.title, a.text, a.html, a.revision, a.flags, a.removed, encode(s.minima, 'hex'), m.url_key,
            lead.url_key
        FROM desk.articles a
        LEFT JOIN desk.signatures s USING (article_id)
        LEFT JOIN desk.articles m ON m.article_id = a.matched_id
        LEFT JOIN desk.stories st ON st.story_id = a.story_id
        LEFT JOIN desk.articles lead ON lead.article_id = st.lead_article_id
    """,
    "postings": "SELECT a.url_key, scheme_id, hash, told_on FROM desk.postings JOIN desk.articles a USING (article_id)",
    "revisions": """
        SELECT a.url_key, r.revision, r.title, r.text FROM desk.revisions r JOIN desk.articles a USING (article_id)
    """,
    "sightings": """
        SELECT a.url_key, f.url, e.entry_key FROM desk.sightings s
        JOIN desk.articles a USING (article_id) JOIN desk.feeds f ON f.feed_id = s.feed_id
        JOIN desk.entries e ON e.entry_id = s.entry_id
    """,
    "matches": """
        SELECT a.url_key, o.url_key, relation, similarity, containment, number_agreement, passages
        FROM desk.matches m JOIN desk.articles a USING (article_id) JOIN desk.articles o ON o.article_id = m.other_id
    """,
    "stories": "SELECT a.url_key FROM desk.stories s JOIN desk.articles a ON a.article_id = s.lead_article_id",
    "search": """
        SELECT a.url_key, d.revision, d.document FROM desk.search_documents d JOIN desk.articles a USING (article_id)
    """,
    "changes": """
        SELECT kind, a.url_key, c.revision, position IS NULL
        FROM desk.changes c JOIN desk.articles a USING (article_id)
    """,
}


def content(dsn: str) -> dict[str, list[str]]:
    """Every row that counts, as text, by what it is about."""
    with psycopg.connect(dsn) as connection:
        return {
            name: sorted(str(row) for row in connection.execute(query).fetchall()) for name, query in CONTENT.items()
        }
