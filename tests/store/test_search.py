"""Stories are found by the words of their lead, in the forms of its language, newest news first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql
from wiredesk import steps
from wiredesk.steps.rulings import rule
from wiredesk.store.rulings import Ruling

from tests.store.desk import Desk, prose

FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>A wire</title><language>{language}</language>'
    "{items}</channel></rss>"
)
ITEM = (
    "<item><guid>{key}</guid><link>https://news.example/{key}</link><title>{title}</title>"
    "<description>{text}</description></item>"
)


def tell(desk: Desk, path: str, language: str, *stories: tuple[str, str]) -> None:
    items = "".join(
        ITEM.format(key=f"{path}-{place}", title=title, text=text) for place, (title, text) in enumerate(stories)
    )
    desk.site.put(path, FEED.format(language=language, items=items).encode())


@pytest.fixture
def told(desk: Desk) -> Desk:
    desk.subscribe("/en", "/de", "/xx")
    tell(
        desk,
        "/en",
        "en-GB",
        ("Ferries stopped", f"The harbours were closed on Monday. {prose('one')}"),
        ("A new roof", f"One ferry was seen near the town hall, 5 &amp;lt; 6 yards off. {prose('two')}"),
        ("Budget passed", f"The council voted. {prose('three')}"),
    )
    tell(desk, "/de", "de", ("Fähren stehen still", f"Die Häfen wurden geschlossen. {prose('vier')}"))
    tell(desk, "/xx", "xx", ("Zufu lala", f"Ferry kokomo tilulu. {prose('fem')}"))
    desk.poll()
    desk.settle()
    return desk


def search(desk: Desk, *arguments: object) -> list[dict[str, Any]]:
    marks = ", ".join(["%s"] * len(arguments))
    return desk.rows(f"SELECT * FROM news_v1.search({marks})", *arguments)


def titles(desk: Desk, *arguments: object) -> list[str]:
    return [row["title"] for row in search(desk, *arguments)]


def test_words_are_found_in_all_forms_of_their_language_and_the_title_counts_most(told: Desk) -> None:
    assert titles(told, "ferry", "en") == ["Ferries stopped", "A new roof"]
    assert titles(told, "closing harbour", "en") == ["Ferries stopped"]
    assert titles(told, "Hafen", "de") == ["Fähren stehen still"]
    assert titles(told, "häfen geschlossene", "de-AT") == ["Fähren stehen still"]


def test_without_a_language_words_are_found_as_written_in_every_language(told: Desk) -> None:
    assert set(titles(told, "ferry")) == {"A new roof", "Zufu lala"}
    assert titles(told, "ferries") == ["Ferries stopped"]


def test_a_language_without_a_dictionary_is_searched_as_written(told: Desk) -> None:
    assert titles(told, "kokomo", "xx") == ["Zufu lala"]


def test_phrases_alternatives_and_exclusions_work_as_in_a_search_engine(told: Desk) -> None:
    assert titles(told, '"town hall"', "en") == ["A new roof"]
    assert titles(told, "ferry -harbour", "en") == ["A new roof"]
    assert set(titles(told, "harbour or council", "en")) == {"Ferries stopped", "Budget passed"}


def test_snippets_mark_the_words_and_are_safe_html(told: Desk) -> None:
    (row,) = search(told, "town", "en")
    assert "near the <mark>town</mark> hall, 5 &lt; 6 yards off" in row["snippet"]


def test_a_misspelt_title_is_found_by_its_likeness_and_says_so(told: Desk) -> None:
    (row,) = search(told, "Budget pased")
    assert (row["title"], row["matched_by"]) == ("Budget passed", "title")
    assert titles(told, "xylophone quartz") == []
    assert titles(told, "the", "en") == []
    assert titles(told, "") == []


def test_since_leaves_out_what_was_told_before(told: Desk) -> None:
    assert titles(told, "ferry", "en", told.clock.now + timedelta(seconds=1)) == []
    assert len(titles(told, "ferry", "en", told.clock.now)) == 2


def test_news_comes_before_archives_and_archives_are_found_where_there_is_no_news(told: Desk) -> None:
    told.sql.execute("UPDATE desk.search_documents SET told_at = told_at - interval '3 years' WHERE title LIKE 'F%'")
    assert titles(told, "ferry", "en", None, 1) == ["A new roof"]
    assert titles(told, "ferry", "en") == ["Ferries stopped", "A new roof"]
    assert titles(told, "harbour", "en") == ["Ferries stopped"]


def test_a_misspelt_title_is_looked_for_in_the_archives_too(told: Desk) -> None:
    told.sql.execute("UPDATE desk.search_documents SET told_at = told_at - interval '3 years'")
    assert titles(told, "Budget pased") == ["Budget passed"]
    assert titles(told, "Budget pased", None, told.clock.now) == []


@pytest.mark.parametrize("length", [3600, 86400, 864000])
def test_what_was_told_within_an_era_is_in_the_latest_and_two_eras_ago_is_not(told: Desk, length: int) -> None:
    """One era ahead as well, which is where publishers with a wrong clock are."""
    is_latest = "SELECT desk.eras(now() + %s * interval '1 second') @@ desk.latest_eras(%s)"
    found = [told.value(is_latest, eras * length, length) for eras in (-2, -1, 0, 1, 2)]
    assert found == [False, True, True, True, False]


def test_copies_are_not_found_and_a_new_wording_is(told: Desk) -> None:
    tell(told, "/xx", "xx", ("Zufu lala", f"Mango kokomo tilulu. {prose('fem')}"))
    tell(told, "/de", "de", ("Ferries stopped", f"The harbours were closed on Monday. {prose('one')}"))
    told.poll()
    told.settle()
    assert told.value("SELECT count(*) FROM desk.articles WHERE text LIKE '%harbours%'") == 2
    assert titles(told, "harbours") == ["Ferries stopped"]
    assert titles(told, "mango") == ["Zufu lala"]
    assert titles(told, "ferry", "xx") == []


def test_what_is_no_news_is_not_found(told: Desk) -> None:
    article = told.value("SELECT article_id FROM news_v1.articles WHERE title = 'Budget passed'")
    rule(told.store, Ruling("not_news", article, None), why="a test", by="test", dry_run=False)
    assert titles(told, "council", "en") == []


def test_stories_from_before_there_was_a_search_are_indexed_once(told: Desk) -> None:
    before = told.rows("SELECT * FROM desk.search_documents ORDER BY story_id")
    told.sql.execute("DELETE FROM desk.search_documents")
    assert titles(told, "ferry", "en") == []
    assert steps.index_stories(told.store) == len(before) == 5
    assert told.rows("SELECT * FROM desk.search_documents ORDER BY story_id") == before
    assert steps.index_stories(told.store) == 0


def test_a_text_of_any_size_and_script_does_not_stop_the_publisher(told: Desk) -> None:
    longest = " ".join(f"{chr(0x4E00 + place % 20000)}{place}" for place in range(60_000))
    told.subscribe("/zh")
    tell(told, "/zh", "zh", ("A long story", longest), ("港口", "港" * 3000 + " 渡轮 停航"))
    told.poll()
    told.settle()
    assert titles(told, "渡轮", "zh") == ["港口"]
    assert len(titles(told, "一0")) == 1


def test_a_reader_may_search(told: Desk, reader_database: str) -> None:
    with psycopg.connect(reader_database) as reader:
        found = reader.execute("SELECT title FROM search('harbour', 'en')").fetchall()
    assert found == [("Ferries stopped",)]


def test_a_title_of_any_length_does_not_stop_the_publisher(told: Desk) -> None:
    title = " ".join(f"w{number:x}q" for number in range(120_000))
    tell(told, "/xx", "xx", (f"Longest {title}", prose("longest")))
    told.poll()
    told.settle()
    assert told.value("SELECT count(*) FROM desk.changes WHERE position IS NULL") == 0
    assert told.value("SELECT count(*) FROM news_v1.search('longest')") == 1


@pytest.mark.parametrize(
    "call",
    [
        "search('harbour', 'en')",
        "changes_since(0)",
        "revision_diff(1, 1, 2)",
        "explain(1, 2)",
        "confirm_position('x', 0)",
    ],
)
def test_a_function_of_the_contract_takes_no_type_of_its_callers(
    told: Desk, reader_database: str, without_constraints: psycopg.Connection[Any], call: str
) -> None:
    """What runs as its owner must not run what a reader put into pg_temp, where a database lets readers write there."""
    name = reader_database.rpartition("/")[2]
    without_constraints.execute(sql.SQL("GRANT TEMP ON DATABASE {} TO PUBLIC").format(sql.Identifier(name)))
    heard: list[str | None] = []
    with psycopg.connect(reader_database, autocommit=True) as reader:
        reader.add_notice_handler(lambda notice: heard.append(notice.message_primary))
        reader.execute("CREATE TEMP TABLE mine (x int)")
        reader.execute(
            "CREATE FUNCTION pg_temp.spy(v anyelement) RETURNS boolean LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE NOTICE 'as %', current_user; RETURN TRUE; END $$"
        )
        for kind in ("text", "tsquery", "regconfig", "int4", "int8", "timestamptz", "jsonb"):
            reader.execute(f"CREATE DOMAIN pg_temp.{kind} AS pg_catalog.{kind} CHECK (pg_temp.spy(VALUE))")
        reader.execute(f"SELECT * FROM news_v1.{call}").fetchall()
    assert heard == []
