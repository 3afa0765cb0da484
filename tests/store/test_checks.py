"""sql/checks: silent on a database that the line has filled, and each one finds what it is for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from wiredesk.store import status
from wiredesk.store.queries import sql_directory

from tests.store.desk import HTML, Clock, Desk, item, prose, rss

COPY = "(SELECT article_id FROM desk.articles WHERE matched_id IS NOT NULL)"
LEAD = f"(SELECT matched_id FROM desk.articles WHERE article_id = {COPY})"

# Check → what a bug would have to leave behind, once for each way in which the check can be offended.
BROKEN = [
    (
        "articles_not_assigned",
        (
            "UPDATE desk.articles SET story_id = NULL, matched_id = NULL, assigned_at = NULL, "
            f"first_seen_at = now() - interval '61 minutes' WHERE article_id = {COPY}"
        ),
    ),
    ("articles_unsighted", f"DELETE FROM desk.sightings WHERE article_id = {COPY}"),
    ("changes_incomplete", f"DELETE FROM desk.changes WHERE article_id = {COPY}"),
    (
        "changes_not_published",
        (
            "UPDATE desk.changes SET position = NULL, published_at = NULL, created_at = now() - interval '61 minutes' "
            f"WHERE article_id = {COPY}"
        ),
    ),
    (
        "feeds_losing_items",
        (
            "WITH gaps AS (UPDATE desk.fetches SET alarms = '{gap}' WHERE feed_id = 1) "
            "INSERT INTO desk.fetches (kind, feed_id, claim_key, url, started_at, duration_ms, outcome, reason, "
            "payload_digest, entry_count, new_entry_count, loaded_at, alarms) "
            "SELECT kind, feed_id, 'a third', url, started_at + interval '1 second', 0, outcome, reason, "
            "payload_digest, 5, 5, loaded_at, '{gap,missing_dates}' "
            "FROM desk.fetches WHERE feed_id = 1 ORDER BY fetch_id DESC LIMIT 1"
        ),
    ),
    (
        "feeds_with_stale_validators",
        (
            "UPDATE desk.fetches SET alarms = '{stale_validators}' WHERE fetch_id = "
            "(SELECT min(fetch_id) FROM desk.fetches WHERE feed_id = 1)"
        ),
    ),
    (
        "feeds_not_polled",
        "UPDATE desk.feeds SET next_fetch_at = now() - interval '61 minutes' WHERE feed_id = 1",
    ),
    (
        "match_in_other_story",
        f"UPDATE desk.articles SET story_id = (SELECT max(story_id) FROM desk.stories) WHERE article_id = {COPY}",
    ),
    (
        "payloads_not_loaded",
        (
            "UPDATE desk.fetches SET loaded_at = NULL, started_at = now() - interval '61 minutes' WHERE fetch_id = "
            "(SELECT min(fetch_id) FROM desk.fetches)"
        ),
    ),
    (
        "removed_not_forgotten",
        (
            "UPDATE desk.articles SET removed_at = now(), title = '', text = '', html = '', summary = NULL, "
            f"url = NULL, canonical_url = NULL, lead_image = NULL, section = NULL, authors = '{{}}', tags = '{{}}' "
            f"WHERE article_id = {COPY}"
        ),
    ),
    ("revisions_with_gaps", "DELETE FROM desk.revisions"),
    ("revisions_with_gaps", f"UPDATE desk.articles SET revision = 5 WHERE article_id = {COPY}"),
]


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A desk with an original, a copy of it, a revised article, a quarantined payload and a feed that fails."""
    desk.subscribe("/one", "/two", "/html", "/down")
    desk.site.put("/one", rss(item("original", prose("story")), item("edited", prose("before"))))
    desk.site.put("/two", rss(item("copy", prose("story"))))
    desk.site.put("/html", HTML)
    desk.site.put("/down", status=500)
    desk.poll()
    desk.settle()
    desk.site.put("/one", rss(item("original", prose("story")), item("edited", prose("after"))))
    desk.poll()
    desk.settle()
    return desk


def test_the_checks_are_silent_on_a_healthy_database(filled: Desk) -> None:
    assert filled.offences() == {}
    counts = filled.row("SELECT (SELECT count(*) FROM desk.revisions) AS r, (SELECT count(*) FROM desk.matches) AS m")
    assert counts == {"r": 1, "m": 1}


def test_the_checks_are_silent_on_a_line_that_has_run_for_days(desk: Desk) -> None:
    desk.clock = Clock(datetime.now(UTC) - timedelta(days=3))
    desk.subscribe("/one", "/two")
    desk.site.put("/two", HTML)
    for _ in range(12):
        hour = f"{desk.clock.now:%d-%H}"
        desk.site.put("/one", rss(item(hour, prose(hour))))
        desk.load(desk.capture(desk.claim()))
        desk.settle()
        desk.clock.advance(hours=6)
    desk.clock.now = datetime.now(UTC)
    desk.load(desk.capture(desk.claim()))
    desk.settle()
    assert desk.offences() == {}
    assert desk.value("SELECT count(*) FROM desk.articles") == 12


@pytest.mark.parametrize(("check", "statement"), BROKEN)
def test_a_check_finds_what_it_is_for(
    filled: Desk, without_constraints: psycopg.Connection[Any], check: str, statement: str
) -> None:
    assert without_constraints.execute(statement).rowcount == 1
    assert filled.offences() == {check: 1}


def test_a_login_of_readers_without_a_timeout_is_found_until_it_has_one(
    filled: Desk, without_constraints: psycopg.Connection[Any]
) -> None:
    without_constraints.execute("CREATE ROLE forgetful LOGIN IN ROLE wiredesk_reader")
    try:
        assert filled.offences() == {"readers_without_timeout": 1}
        without_constraints.execute("ALTER ROLE forgetful SET statement_timeout = '60s'")
        assert filled.offences() == {}
        without_constraints.execute("ALTER ROLE forgetful SET statement_timeout = 0")
        assert filled.offences() == {"readers_without_timeout": 1}
    finally:
        without_constraints.execute("DROP ROLE forgetful")


def test_articles_left_in_a_merged_story_are_found(filled: Desk, without_constraints: psycopg.Connection[Any]) -> None:
    without_constraints.execute(
        "UPDATE desk.stories SET lead_article_id = NULL, merged_into = (SELECT max(story_id) FROM desk.stories) "
        f"WHERE lead_article_id = {LEAD}"
    )
    assert filled.offences() == {"match_in_other_story": 2}


def test_two_gaps_are_no_offence_nor_three_with_a_known_item_among_them(
    filled: Desk, without_constraints: psycopg.Connection[Any]
) -> None:
    without_constraints.execute("UPDATE desk.fetches SET alarms = '{gap}' WHERE feed_id = 1")
    assert filled.value("SELECT count(*) FROM desk.fetches WHERE alarms = '{gap}' AND entry_count IS NOT NULL") == 2
    assert filled.offences() == {}
    (statement,) = (statement for name, statement in BROKEN if name == "feeds_losing_items")
    without_constraints.execute(statement.replace("{gap,missing_dates}", "{missing_dates}"))
    assert filled.offences() == {}


@pytest.mark.parametrize("check", ["articles_not_assigned", "changes_not_published", "feeds_not_polled"])
def test_what_waits_for_less_than_an_hour_is_no_offence(
    filled: Desk, without_constraints: psycopg.Connection[Any], check: str
) -> None:
    (statement,) = (statement for name, statement in BROKEN if name == check)
    without_constraints.execute(statement.replace("61 minutes", "50 minutes"))
    assert filled.offences() == {}


def test_every_check_has_a_test_and_says_whom_to_wake(filled: Desk) -> None:
    results = filled.store.run(status.run_checks)
    # The last is about the server, and has a test of its own above.
    assert {result.name for result in results} == {check for check, _ in BROKEN} | {"readers_without_timeout"}
    assert len(results) == len(list(Path(sql_directory(), "checks").glob("*.sql")))
    assert {result.severity for result in results} <= {"page", "ticket", "warning"}
    assert all(result.what and result.runbook == f"docs/runbooks/{result.name}.md" for result in results)
