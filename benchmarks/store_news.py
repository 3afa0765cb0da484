"""The store under load, and what consumers ask of it when it is large. `python -m benchmarks.store_news`

Loading: cleaned and signed articles of 150 words into entries, articles, sightings, signatures and postings, in
transactions of 100, as a load does it. Beside it a loader that inserts the same articles row by row, as most do, and
COPY of the same rows, which is the limit; both write one table without its relations.

Asking: a database of a million stories (`--articles`), and what consumers ask most: the latest 50, one story with its
copies, the changes behind a position, a search. Milliseconds of 200 questions each, by the wall clock. `--explain`
shows the plans.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from statistics import quantiles
from typing import Any

import psycopg
from psycopg import sql
from wiredesk.dedup.sign import sign_texts
from wiredesk.models import (
    CleanArticle,
    Entry,
    FetchOutcome,
    FetchReason,
    FetchResult,
    PreparedArticle,
    SignatureScheme,
)
from wiredesk.steps.shelve import shelve_articles
from wiredesk.store import articles, evaluation, stories
from wiredesk.store.database import Connection, Database
from wiredesk.store.evaluation import OpenSource, scratch_database
from wiredesk.store.fetches import Capture

from local.guard import temporary_postgres

LOADED = 6_000
BATCH = 100  # articles of a transaction: the items of a long feed
WORDS = 150
LEAST_PER_S = 3_000
ARTICLES = 1_000_000
QUESTIONS = 200
MOST_P95_MS = 20.0
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
VOCABULARY = 20_000

# Words as frequent as in texts: the n-th a third as often as one would draw it evenly, the first in most.
FILL = """
INSERT INTO desk.articles (
    url_key, url, source_id, entry_id, fetch_id, title, text, html, authors, flags, removed, text_digest, word_count,
    language, first_seen_at, revised_at, pipeline_version
)
SELECT
    'fill/' || n, 'https://fill.example/' || n, 1, 1, 1, split_part(told.text, '.', 1), told.text, '', '{{}}', '{{}}',
    '{{}}', sha256(n::text::bytea), 60, 'en', moment.told, moment.told, 1
FROM generate_series(%(first)s::int, %(last)s::int) AS n
CROSS JOIN LATERAL (SELECT now() - ({articles} - n) * interval '3 seconds' AS told) AS moment
CROSS JOIN LATERAL (
    SELECT string_agg('w' || ({vocabulary} * power(random(), 3))::int || CASE WHEN place = 8 THEN '.' ELSE '' END, ' ')
        AS text
    FROM generate_series(1, 60) AS place
    WHERE n > 0
) AS told;
"""
# Every tenth story has a copy.
STORIES = """
INSERT INTO desk.stories (lead_article_id, created_at, updated_at)
SELECT article_id, first_seen_at, first_seen_at FROM desk.articles WHERE article_id % 11 > 0 ORDER BY article_id;
UPDATE desk.articles AS article SET story_id = story.story_id, assigned_at = article.first_seen_at
FROM desk.stories AS story WHERE story.lead_article_id = article.article_id - (article.article_id % 11 = 0)::int;
INSERT INTO desk.changes (position, kind, story_id, article_id, revision, created_at, published_at)
SELECT
    article_id, CASE WHEN article_id % 11 > 0 THEN 'article_added' ELSE 'copy_added' END, story_id, article_id, 1,
    first_seen_at, first_seen_at
FROM desk.articles ORDER BY article_id;
INSERT INTO desk.search_documents (story_id, article_id, revision, language, told_at, title, document)
SELECT
    story_id, article_id, 1, 'en', first_seen_at, title, desk.search_document('en', title, text)
FROM desk.articles WHERE article_id % 11 > 0;
"""
QUERIES: dict[str, tuple[str, Callable[[random.Random, int], tuple[Any, ...]]]] = {
    "latest 50": (
        "SELECT story_id, title, text, source, copy_count FROM news_v1.articles ORDER BY first_seen_at DESC LIMIT 50",
        lambda _pick, _most: (),
    ),
    "a story": ("SELECT * FROM news_v1.articles WHERE story_id = %s", lambda pick, most: (pick.randint(1, most),)),
    "its copies": ("SELECT * FROM news_v1.copies WHERE story_id = %s", lambda pick, most: (pick.randint(1, most),)),
    "100 changes": (
        "SELECT * FROM news_v1.changes_since(%s, 100)",
        lambda pick, most: (pick.randint(1, most),),
    ),
    "search, two words": (
        "SELECT * FROM news_v1.search(%s, 'en')",
        lambda pick, _most: (f"{_word(pick)} {_word(pick)}",),
    ),
    "search, a frequent word": (
        "SELECT * FROM news_v1.search(%s, 'en')",
        lambda pick, _most: (f"w{pick.randint(0, 30)}",),
    ),
    "search, a rare word": (
        "SELECT * FROM news_v1.search(%s)",
        lambda pick, _most: (f"w{pick.randint(VOCABULARY // 2, VOCABULARY)}",),
    ),
    "search, a misspelt word": (
        "SELECT * FROM news_v1.search(%s)",
        lambda pick, _most: (f"{_word(pick)}x",),
    ),
}


def _word(pick: random.Random) -> str:
    return f"w{int(VOCABULARY * pick.random() ** 3)}"


def prepared_articles(count: int, scheme: SignatureScheme, *, prefix: str = "") -> list[PreparedArticle]:
    """Articles as cleaning and signing leave them; those of another `prefix` have other keys and texts."""
    pick = random.Random(f"1{prefix}")
    texts = [" ".join("".join(pick.choices("abdefgiklmnop", k=6)) for _ in range(WORDS)) for _ in range(count)]
    signed = sign_texts(texts, scheme, min_words=20)
    return [
        PreparedArticle(
            entry_keys=(f"key-{prefix}{place}",),
            url_key=f"https://paper.example/{prefix}{place}",
            article=CleanArticle(
                title=f"Story {place}",
                text=text,
                html=f"<p>{text}</p>",
                url=f"https://www.paper.example/{place}",
                url_key=f"https://paper.example/{prefix}{place}",
                published_at=NOW,
                authors=("Ane Holt",),
                language="en",
            ),
            text_digest=hashlib.sha256(text.encode()).digest(),
            word_count=found.word_count,
            signature=found.signature,
        )
        for place, (text, found) in enumerate(zip(texts, signed, strict=True))
    ]


def loading(dsn: str) -> bool:
    """Articles a second of each way to store them."""
    with Database(dsn) as database:
        scheme = database.run(stories.active_scheme)
        (source,) = database.run(evaluation.open_sources, ["paper.example"], now=NOW).values()
        rows = prepared_articles(LOADED, scheme)
        ours = LOADED / _wall_s(lambda: _load(database, source, rows, scheme))
    by_row, copied = _peers(dsn, source)
    print(f"{LOADED} articles of {WORDS} words, cleaned and signed, in transactions of {BATCH}")
    for name, speed in (("wiredesk, all tables", ours), ("INSERT row by row, one table", by_row), ("COPY", copied)):
        print(f"  {name:<30} {speed:8.0f} articles/s  {speed / ours:6.2f}")
    print(f"wiredesk should reach {LEAST_PER_S}")
    return ours >= LEAST_PER_S


def _load(database: Database, source: OpenSource, rows: Sequence[PreparedArticle], scheme: SignatureScheme) -> None:
    for start in range(0, len(rows), BATCH):
        database.run(store_batch, source, rows[start : start + BATCH], scheme)


def store_batch(
    connection: Connection, source: OpenSource, rows: Sequence[PreparedArticle], scheme: SignatureScheme
) -> None:
    """What a load writes of articles, in its transaction."""
    result = FetchResult("https://paper.example/rss", FetchOutcome.FETCHED, FetchReason.NEW_BYTES, NOW, 1, body=b"")
    ids = (source.fetch_id, source.feed_id, source.source_id)
    capture = Capture(*ids, "run", result.url, None, False, result, b"\0" * 32)
    entries = [
        Entry(
            row.entry_keys[0],
            row.text_digest,
            url=row.article.url,
            title=row.article.title,
            html=row.article.html,
            item_digest=row.text_digest,
        )
        for row in rows
    ]
    entry_ids = articles.store_entries(connection, capture, entries, ())
    shelve_articles(connection, capture, rows, entry_ids, scheme)


def _peers(dsn: str, source: OpenSource) -> tuple[float, float]:
    """The same articles into a table of their own: by one INSERT a row, and by COPY."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.plain (LIKE desk.articles INCLUDING ALL)")
        given = connection.execute(
            "SELECT * FROM desk.articles WHERE source_id = %s ORDER BY article_id", (source.source_id,)
        )
        names = [column.name for column in given.description or ()]
        rows = given.fetchall()
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        marks = sql.SQL(", ").join([sql.Placeholder()] * len(names))
        insert = sql.SQL("INSERT INTO public.plain ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(columns, marks)
        objects = [place for place, name in enumerate(names) if name in ("removed", "said_by")]
        written = [
            [psycopg.types.json.Jsonb(value) if place in objects else value for place, value in enumerate(row)]
            for row in rows
        ]

        def by_row() -> None:
            for row in written:
                connection.execute(insert, row)

        def copy() -> None:
            with connection.cursor().copy(sql.SQL("COPY public.plain ({}) FROM STDIN").format(columns)) as stream:
                for row in written:
                    stream.write_row(row)

        speeds = []
        for way in (by_row, copy):
            connection.execute("TRUNCATE public.plain")
            speeds.append(len(written) / _wall_s(way))
        return speeds[0], speeds[1]


def asking(dsn: str, count: int, *, is_explained: bool) -> bool:
    """Milliseconds of each question at so many articles; whether all are answered in time."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        began = time.monotonic()
        with _without_search_indexes(connection):
            _fill(connection, count)
        connection.execute("VACUUM ANALYZE")
        print(f"{count:,} articles, filled in {time.monotonic() - began:.0f} s; {QUESTIONS} questions each")
        print(f"  {'':<26}{'p50 ms':>8}{'p95 ms':>8}{'most ms':>9}")
        is_good = True
        for name, (query, arguments) in QUERIES.items():
            pick = random.Random(name)
            asked = [arguments(pick, count * 10 // 11) for _ in range(QUESTIONS)]
            costs = [1000 * _wall_s(partial(_ask, connection, query, given)) for given in asked]
            cuts = quantiles(costs, n=20)
            print(f"  {name:<26}{cuts[9]:>8.1f}{cuts[18]:>8.1f}{max(costs):>9.1f}", flush=True)
            is_good = is_good and cuts[18] < MOST_P95_MS
            if is_explained:
                for (line,) in connection.execute(b"EXPLAIN (ANALYZE, BUFFERS) " + query.encode(), asked[0]):
                    print(f"      {line}")
        print(f"each should have p95 below {MOST_P95_MS:.0f} ms")
        return is_good


def _fill(connection: psycopg.Connection[Any], count: int) -> None:
    connection.execute("SET session_replication_role = replica")
    connection.execute("INSERT INTO desk.sources (source_id, host, name) OVERRIDING SYSTEM VALUE VALUES (1, 'f', 'f')")
    fill = FILL.format(articles=count, vocabulary=VOCABULARY)
    with psycopg.ClientCursor(connection) as cursor:
        for first in range(1, count + 1, 100_000):
            cursor.execute(fill, {"first": first, "last": min(count, first + 99_999)})
        cursor.execute(STORIES)
    connection.execute("SET session_replication_role = DEFAULT")


@contextmanager
def _without_search_indexes(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """They are built after the fill, which is many times faster than to keep them in it."""
    query = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'desk' AND indexdef LIKE '%USING gin%'"
    indexes = connection.execute(query).fetchall()
    for name, _ in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier("desk", name)))
    yield
    connection.execute("SET maintenance_work_mem = '1GB'")
    for _, definition in indexes:
        connection.execute(definition)


def _ask(connection: psycopg.Connection[Any], query: str, arguments: tuple[Any, ...]) -> None:
    connection.execute(query, arguments).fetchall()  # type: ignore[arg-type]


def _wall_s(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def main(argv: list[str] | None = None) -> int:
    """Measure both; 1 where either is too slow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--only", choices=["loading", "asking"])
    given = parser.parse_args(argv)
    parts: Iterator[Callable[[str], bool]] = iter(
        part
        for name, part in {
            "loading": loading,
            "asking": lambda dsn: asking(dsn, given.articles, is_explained=given.explain),
        }.items()
        if given.only in (None, name)
    )
    results = []
    with temporary_postgres() as server:
        for part in parts:
            with scratch_database(server.superuser_dsn()) as dsn:
                results.append(part(dsn))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
