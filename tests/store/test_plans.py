"""On large tables the hot queries go through their indexes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from wiredesk.store import articles, retention, stories

ARTICLES = 10_000
HASHES = 32

# A source, a feed, a fetch and an entry carry them all; one article in three shares its band keys with two others.
FILL = f"""
INSERT INTO desk.sources (host, name) VALUES ('news.example', 'news.example');
INSERT INTO desk.articles (
    url_key, source_id, entry_id, fetch_id, title, text, html, authors, flags, removed, text_digest, word_count,
    first_seen_at, revised_at, pipeline_version
)
SELECT
    'news.example/' || n, 1, 1, 1, 'title', 'text', '', '{{}}', '{{}}', '{{}}', sha256(n::text::bytea), 60,
    now() - n * interval '1 minute', now() - n * interval '1 minute', 1
FROM generate_series(1, {ARTICLES}) AS n;
INSERT INTO desk.stories (lead_article_id, created_at, updated_at)
SELECT article_id, first_seen_at, first_seen_at FROM desk.articles ORDER BY article_id;
UPDATE desk.articles SET story_id = article_id, assigned_at = now();
INSERT INTO desk.signatures (article_id, scheme_id, revision, minima, shingle_count, fingerprints)
SELECT article_id, 2, 1, '\\x00', 56, hashes
FROM desk.articles AS article
CROSS JOIN LATERAL (
    SELECT array_agg(hashint8(article.article_id / 3 * {HASHES} + n)) AS hashes
    FROM generate_series(0, {HASHES - 1}) AS n
) AS own;
INSERT INTO desk.postings (slot, scheme_id, hash, article_id, source_id, told_on)
SELECT article_id % 3, 2, hash, article_id, 1, now()
FROM desk.signatures CROSS JOIN LATERAL unnest(fingerprints) AS hash;
INSERT INTO desk.changes (position, kind, story_id, article_id, revision, created_at, published_at)
SELECT article_id, 'article_added', story_id, article_id, 1, first_seen_at, first_seen_at FROM desk.articles;
"""

# Ten feeds, each entry with an item digest, three aliases, and a page that was fetched.
ENTRIES = f"""
INSERT INTO desk.entries (
    feed_id, entry_key, entry_digest, authors, categories, enclosures, is_page_missing, item_digest, first_seen_at,
    last_seen_at, fetch_id, pipeline_version
)
SELECT
    n % 10, 'key ' || n, sha256(n::text::bytea), '{{}}', '{{}}', '[]', FALSE, sha256(('item ' || n)::bytea), now(),
    now(), 1, 1
FROM generate_series(1, {ARTICLES}) AS n;
INSERT INTO desk.entry_aliases (feed_id, alias, entry_id)
SELECT feed_id, sha256((kind || entry_key)::bytea), entry_id
FROM desk.entries CROSS JOIN unnest(ARRAY['guid', 'url', 'told']) AS kind;
INSERT INTO desk.fetches (
    kind, feed_id, claim_key, entry_key, entry_digest, url, started_at, duration_ms, outcome, reason, payload_digest
)
SELECT 'page', feed_id, 'run', entry_key, entry_digest, '', now(), 1, 'fetched', 'new_bytes', entry_digest
FROM desk.entries;
INSERT INTO desk.payloads (payload_digest, body, body_bytes, compression, created_at)
SELECT entry_digest, '\\x00', 1, 'zstd', now() - entry_id * interval '1 hour' FROM desk.entries;
"""


@pytest.fixture
def large(database: str, without_constraints: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    without_constraints.execute(FILL)
    without_constraints.execute("VACUUM ANALYZE")
    with psycopg.connect(database, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def plan(connection: psycopg.Connection[Any], query: bytes, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """All nodes of the plan."""
    (row,) = connection.execute(b"EXPLAIN (FORMAT JSON) " + query, arguments).fetchall()
    (explained,) = row.values()
    found = explained if isinstance(explained, list) else json.loads(explained)
    waiting, nodes = [found[0]["Plan"]], []
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        waiting += node.get("Plans", [])
    return nodes


def scans(nodes: list[dict[str, Any]], table: str) -> set[tuple[str, str | None]]:
    """How a table is read: (kind of node, index)."""
    return {(node["Node Type"], node.get("Index Name")) for node in nodes if node.get("Relation Name") == table}


def sequential(nodes: list[dict[str, Any]]) -> set[str]:
    """Tables that are read from end to end."""
    return {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}


def indexes(nodes: list[dict[str, Any]]) -> set[str]:
    """All that are used, by bitmap or directly."""
    return {node["Index Name"] for node in nodes if "Index Name" in node}


def test_candidates_use_the_index_on_a_large_table(large: psycopg.Connection[Any]) -> None:
    assert large.execute("SELECT count(*) AS n FROM desk.postings").fetchone() == {"n": ARTICLES * HASHES}
    arguments = {"article_ids": list(range(500, 600)), "scheme_id": 2, "most_postings": 64}
    nodes = plan(large, stories.SQL["select_uses"], arguments)
    assert {f"postings_{slot}_hash_idx" for slot in range(3)} <= indexes(nodes)
    assert sequential(nodes) == set()
    found = large.execute(stories.SQL["select_uses"], arguments).fetchall()
    assert len(found) == 200  # it is asked for what is there: two others for each of the hundred

    gone = plan(large, stories.SQL["delete_signatures"], {"article_ids": [500, 501], "scheme_id": 2})
    assert {f"postings_{slot}_hash_idx" for slot in range(3)} <= indexes(gone)
    assert sequential(gone) == set()

    newest = plan(large, b"SELECT * FROM news_v1.articles ORDER BY first_seen_at DESC LIMIT 20", {})
    assert ("Index Scan", "articles_newest") in scans(newest, "articles")
    assert not {kind for kind, _ in scans(newest, "articles") | scans(newest, "stories") if "Seq" in kind}

    following = b"SELECT * FROM news_v1.changes WHERE position > %(last)s ORDER BY position LIMIT 100"
    assert scans(plan(large, following, {"last": 5000}), "changes") == {("Index Scan", "changes_position_key")}

    last = plan(large, b"SELECT max(position) FROM desk.changes", {})
    assert scans(last, "changes") == {("Index Only Scan", "changes_position_key")}


@pytest.fixture
def many_entries(database: str, without_constraints: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    without_constraints.execute(ENTRIES)
    without_constraints.execute("VACUUM ANALYZE")
    with psycopg.connect(database, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def digests(*texts: str) -> list[bytes]:
    return [hashlib.sha256(text.encode()).digest() for text in texts]


def test_known_items_are_found_by_index(many_entries: psycopg.Connection[Any]) -> None:
    """With each load of each feed: so it must not grow with what is stored."""
    wanted = [f"item {number}" for number in range(3, 500, 10)]
    arguments = {"feed_id": 3, "item_digests": digests(*wanted)}
    nodes = plan(many_entries, articles.SQL["select_known_items"], arguments)
    assert indexes(nodes) == {"entries_by_item", "fetches_page_once_a_claim", "payloads_pkey"}
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"]
    assert len(many_entries.execute(articles.SQL["select_known_items"], arguments).fetchall()) == len(wanted)


def test_entries_are_found_by_their_aliases_through_an_index(many_entries: psycopg.Connection[Any]) -> None:
    wanted = [f"{kind}key {number}" for kind in ("guid", "url", "told") for number in range(3, 200, 10)]
    arguments = {"feed_id": 3, "aliases": digests(*wanted)}
    nodes = plan(many_entries, articles.SQL["select_aliased"], arguments)
    assert indexes(nodes) == {"entry_aliases_pkey", "entries_pkey"}
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"]
    assert len(many_entries.execute(articles.SQL["select_aliased"], arguments).fetchall()) == len(wanted)


def test_old_payloads_are_found_by_their_age(many_entries: psycopg.Connection[Any]) -> None:
    """Daily, on the largest table: a day's worth is looked at, not all of it."""
    cutoff = datetime.now(UTC) - timedelta(hours=ARTICLES - 24)
    nodes = plan(
        many_entries, retention.SQL["lock_expiring"], {"cutoff": cutoff, "now": datetime.now(UTC), "most": 5000}
    )
    assert {"payloads_kept", "fetches_by_payload"} <= indexes(nodes)
    small = {"quarantine", "sources", "feeds"}
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan" and node["Relation Name"] not in small]


@pytest.mark.parametrize("query", ["select_expiring_revisions", "select_expiring_articles", "select_expiring_changes"])
def test_only_news_of_publishers_with_a_retention_is_looked_at(
    large: psycopg.Connection[Any], without_constraints: psycopg.Connection[Any], query: str
) -> None:
    large.execute("INSERT INTO desk.sources (host, name) SELECT n || '.example', n FROM generate_series(2, 100) AS n")
    large.execute("UPDATE desk.articles SET source_id = 1 + article_id % 100")
    retained = ", ".join(f"{kind}_retention_days = 30" for kind in ("revision", "article", "change"))
    large.execute(f"UPDATE desk.sources SET {retained} WHERE source_id = 7")
    columns = "article_id, revision, title, text, html, text_digest, revised_at, pipeline_version"
    without_constraints.execute(
        f"INSERT INTO desk.revisions ({columns}, entry_id, fetch_id) SELECT {columns}, 1, 1 FROM desk.articles"
    )
    large.execute("ANALYZE desk.sources, desk.articles, desk.revisions")
    nodes = plan(large, retention.SQL[query], {"now": datetime.now(UTC), "most": 500})
    assert "articles_by_source" in indexes(nodes)
    assert sequential(nodes) & {"articles", "changes", "revisions"} == set()
