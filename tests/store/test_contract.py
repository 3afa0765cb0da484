"""The contract only grows: what a consumer could rely on once is there, under its name and of its type."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from wiredesk.store.consumers import ConsumerSession

from local.schema import EXAMPLE
from tests.store.desk import Desk, item, prose, rss

FROZEN = Path(__file__).with_name("contract_v1.txt")
COLUMNS = """
SELECT view.relname || '.' || col.attname || ' ' || format_type(col.atttypid, col.atttypmod)
FROM pg_class AS view
JOIN pg_attribute AS col ON col.attrelid = view.oid AND col.attnum > 0 AND NOT col.attisdropped
WHERE view.relnamespace = 'news_v1'::regnamespace AND view.relkind = 'v'
"""
FUNCTIONS = """
SELECT proname || '(' || pg_get_function_arguments(oid) || ') ' || pg_get_function_result(oid)
FROM pg_proc WHERE pronamespace = 'news_v1'::regnamespace
"""
# What consumers switch upon: the words that these columns may hold.
WORDS = """
SELECT conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint
WHERE conname IN ('changes_kind_check', 'matches_relation_check', 'articles_access_is_known')
"""
COMMENTS = """
SELECT relname::text, obj_description(oid, 'pg_class') FROM pg_class
WHERE relnamespace = 'news_v1'::regnamespace AND relkind = 'v'
UNION ALL
SELECT proname::text, obj_description(oid, 'pg_proc') FROM pg_proc WHERE pronamespace = 'news_v1'::regnamespace
ORDER BY 1
"""


def contract(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return sorted(line for query in (COLUMNS, FUNCTIONS, WORDS) for (line,) in connection.execute(query))


def test_nothing_of_version_1_is_renamed_removed_or_of_another_type(database: str) -> None:
    """A new line goes into the file as well; a line that changes or goes needs a schema news_v2."""
    assert contract(database) == FROZEN.read_text("utf-8").splitlines()


def test_every_column_has_an_example_of_its_type(database: str) -> None:
    comments = (
        "SELECT view.relname || '.' || col.attname, format_type(col.atttypid, col.atttypmod), "
        "split_part(col_description(view.oid, col.attnum), %s, 2) FROM pg_class AS view "
        "JOIN pg_attribute AS col ON col.attrelid = view.oid AND col.attnum > 0 AND NOT col.attisdropped "
        "WHERE view.relnamespace = 'news_v1'::regnamespace AND view.relkind = 'v'"
    )
    with psycopg.connect(database, autocommit=True) as connection:
        for name, kind, example in connection.execute(comments, (EXAMPLE,)).fetchall():
            assert example, f"{name} has no example: end its comment with {EXAMPLE!r} and a value"
            connection.execute(sql.SQL("SELECT {}::{}").format(example, sql.SQL(kind)))


def test_every_example_of_the_contract_runs_as_a_reader_and_finds_something(desk: Desk, reader_database: str) -> None:
    desk.subscribe("/one", "/two")
    desk.sql.execute("UPDATE desk.feeds SET language = 'en'")
    stories = [item(str(number), f"The harbour ferry. {prose(str(number))}") for number in range(3)]
    desk.site.put("/one", rss(*stories))
    desk.site.put("/two", rss(item("copy", f"The harbour ferry. {prose('0')}")))
    desk.poll()
    desk.settle()
    desk.site.put("/one", rss(item("0", f"The harbour ferries. {prose('0')}"), *stories[1:]))
    desk.poll()
    desk.settle()
    pair = desk.row("SELECT article_id, lead_article_id FROM news_v1.copies")
    one, other = sorted(pair.values())
    dropped = desk.value("SELECT article_id FROM news_v1.articles WHERE article_id NOT IN (%s, %s) LIMIT 1", one, other)
    desk.sql.execute(
        "INSERT INTO desk.stories (merged_into, created_at, updated_at) "
        "SELECT story_id, now(), now() FROM desk.articles WHERE article_id = %s",
        (dropped,),
    )
    with ConsumerSession.open(reader_database, "search-index") as session:
        session.confirm(1)
    with psycopg.connect(reader_database) as reader:
        comments = reader.execute(COMMENTS).fetchall()
        for name, comment in comments:
            found = re.search(r"Example: (SELECT .+)$", comment)
            assert found, f"{name} has no example"
            query = found[1].replace("ARTICLE", str(one)).replace("OTHER", str(other))
            with reader.transaction(force_rollback=True):
                assert reader.execute(query).fetchall(), query  # type: ignore[arg-type]


@pytest.mark.parametrize("statement", ["SELECT 1 FROM desk.articles", "DELETE FROM news_v1.sources"])
def test_a_reader_reads_the_contract_and_nothing_else(reader_database: str, statement: str) -> None:
    with psycopg.connect(reader_database) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement)  # type: ignore[arg-type]
