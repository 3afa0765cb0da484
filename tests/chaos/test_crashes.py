"""The process is killed at every named point, and the next run ends where an undisturbed one would have."""

from __future__ import annotations

import ast
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import wiredesk
from psycopg import sql
from wiredesk import steps
from wiredesk.models import Batch
from wiredesk.settings import Settings
from wiredesk.subscriptions import read_opml

from local.cluster import Cluster
from local.sample import expected
from tests.chaos.conftest import TIMEOUT_S
from tests.chaos.runs import run_command
from tests.store.contents import content


def crash_points() -> list[str]:
    """Every name that the source hands to crash_point()."""
    calls = (
        node
        for path in Path(wiredesk.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "crash_point"
    )
    return sorted(ast.literal_eval(call.args[0]) for call in calls)


# Points that an undisturbed run does not come by: they have tests of their own.
ASIDE = ("defer.", "expire.", "expire_news.", "forget.", "index.", "replay.", "resign.")


@pytest.fixture(scope="module")
def first_edition(cluster: Cluster, wire, forkserver) -> Iterator[str]:
    """The name of a database that holds the sample's first edition, with every feed due again."""
    name = "first_edition"
    with psycopg.connect(cluster.postgres.superuser_dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE wiredesk OWNER wiredesk_owner STRATEGY file_copy")
    dsn = cluster.dsn("wiredesk", name)
    wire.publish(1)
    settings = Settings(dsn=dsn)
    with steps.open_database(settings) as database:
        steps.subscribe(database, settings, read_opml(wire.opml))
    assert finished(forkserver, dsn) == 0
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE desk.feeds SET next_fetch_at = now()")
        connection.execute("DELETE FROM desk.robots")  # a day later
    wire.publish(2)
    yield name
    with psycopg.connect(cluster.postgres.superuser_dsn(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def copied(cluster: Cluster, template: str) -> Iterator[str]:
    """The DSN of a copy of a database, gone afterwards."""
    name = sql.Identifier("second_poll")
    with psycopg.connect(cluster.postgres.superuser_dsn(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER wiredesk_owner STRATEGY file_copy").format(
                name, sql.Identifier(template)
            )
        )
    yield cluster.dsn("wiredesk", "second_poll")
    with psycopg.connect(cluster.postgres.superuser_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture(scope="module")
def undisturbed(cluster: Cluster, first_edition: str, forkserver) -> dict[str, list[str]]:
    """What the second poll comes to when nobody disturbs it."""
    with copied(cluster, first_edition) as dsn:
        assert finished(forkserver, dsn) == 0
        found = content(dsn)
    assert len(found["articles"]) == expected.TOTALS[2].articles
    return found


@pytest.fixture
def second_poll(cluster: Cluster, first_edition: str, undisturbed: dict[str, list[str]]) -> Iterator[str]:
    """The DSN of a database that is about to be polled a second time."""
    with copied(cluster, first_edition) as dsn:
        yield dsn


def finished(forkserver, dsn: str, crash_at: str | None = None, command: str = "run") -> int | None:
    """Exit code of a process that ran the command; negative: the signal that killed it."""
    process = forkserver.Process(target=run_command, args=(dsn, crash_at, command))
    process.start()
    process.join(TIMEOUT_S)
    assert not process.is_alive(), "the run hangs"
    return process.exitcode


@pytest.mark.parametrize("point", [point for point in crash_points() if not point.startswith(ASIDE)])
def test_a_run_after_a_kill_ends_like_an_undisturbed_one(
    forkserver, second_poll: str, undisturbed: dict[str, list[str]], point: str
) -> None:
    assert finished(forkserver, second_poll, crash_at=point) == -signal.SIGKILL, "the point was not reached"
    assert finished(forkserver, second_poll) == 0
    assert content(second_poll) == undisturbed


@pytest.mark.parametrize("point", [point for point in crash_points() if point.startswith("defer.")])
def test_a_kill_while_feeds_are_given_back_loses_none_of_them(
    forkserver, second_poll: str, undisturbed: dict[str, list[str]], point: str
) -> None:
    pause = "INSERT INTO desk.hosts VALUES ('127.0.0.1', NULL, '{}', now() + interval '1 hour', 'Retry-After')"
    with psycopg.connect(second_poll, autocommit=True) as connection:
        connection.execute("DELETE FROM desk.hosts")
        connection.execute(pause)
        assert finished(forkserver, second_poll, crash_at=point) == -signal.SIGKILL, "the point was not reached"
        assert finished(forkserver, second_poll) == 0
        waiting = (
            "SELECT count(*) FROM desk.feeds WHERE state = 'active' AND next_fetch_at > now() AND claim_key IS NULL"
        )
        (deferred,) = connection.execute(waiting).fetchone() or (0,)
        assert deferred == len(undisturbed["feeds"])
        connection.execute("DELETE FROM desk.hosts")
        connection.execute("UPDATE desk.feeds SET next_fetch_at = now()")
    assert finished(forkserver, second_poll) == 0
    assert content(second_poll) == undisturbed


@pytest.mark.parametrize("point", [point for point in crash_points() if point.startswith("expire.")])
def test_a_kill_while_bytes_expire_leaves_each_payload_whole(forkserver, second_poll: str, point: str) -> None:
    aged = "UPDATE {} SET {} = now() - interval '91 days'"
    bodies = "SELECT count(*) FILTER (WHERE body IS NOT NULL), count(*) FROM desk.payloads"
    kept = "SELECT count(DISTINCT payload_digest) FROM desk.quarantine JOIN desk.fetches USING (fetch_id)"
    with psycopg.connect(second_poll, autocommit=True) as connection:
        connection.execute(aged.format("desk.payloads", "created_at"))
        connection.execute(aged.format("desk.fetches", "started_at"))
        before, total = connection.execute(bodies).fetchone() or (0, 0)
        assert before == total
        assert finished(forkserver, second_poll, crash_at=point, command="expire") == -signal.SIGKILL
        half, _ = connection.execute(bodies).fetchone() or (0, 0)
        assert finished(forkserver, second_poll, command="expire") == 0
        after, now_there = connection.execute(bodies).fetchone() or (0, 0)
        assert (after,) == connection.execute(kept).fetchone()
        assert half == (before if point == "expire.before_commit" else after)
        assert now_there == total


@pytest.mark.parametrize("point", [point for point in crash_points() if point.startswith("expire_news.")])
def test_a_kill_while_articles_expire_leaves_all_of_them_or_none(forkserver, second_poll: str, point: str) -> None:
    assert finished(forkserver, second_poll) == 0
    kept = "SELECT count(*) FROM desk.articles WHERE removed_at IS NULL AND story_id IS NOT NULL"
    with psycopg.connect(second_poll, autocommit=True) as connection:
        connection.execute("UPDATE desk.sources SET article_retention_days = 1")
        old = "now() - interval '30 days'"
        connection.execute(f"UPDATE desk.articles SET first_seen_at = {old}, revised_at = {old}")
        connection.execute(f"UPDATE desk.sightings SET first_seen_at = {old}, last_seen_at = {old}")
        before = connection.execute(kept).fetchone()
        assert before != (0,)
        assert finished(forkserver, second_poll, crash_at=point, command="expire") == -signal.SIGKILL
        assert connection.execute(kept).fetchone() == (before if point == "expire_news.before_commit" else (0,))
        assert finished(forkserver, second_poll, command="expire") == 0
        assert connection.execute(kept).fetchone() == (0,)


@pytest.mark.parametrize("point", [point for point in crash_points() if point.startswith("forget.")])
def test_a_kill_while_an_article_is_forgotten_leaves_all_of_it_or_nothing(
    forkserver, second_poll: str, point: str
) -> None:
    assert finished(forkserver, second_poll) == 0
    query = "SELECT removed_at IS NULL, (SELECT count(*) FROM desk.tombstones) FROM desk.articles WHERE article_id = 1"
    with psycopg.connect(second_poll, autocommit=True) as connection:
        assert finished(forkserver, second_poll, crash_at=point, command="forget") == -signal.SIGKILL
        assert connection.execute(query).fetchone() == ((True, 0) if point == "forget.before_commit" else (False, 1))
        assert finished(forkserver, second_poll, command="forget") == 0
        assert connection.execute(query).fetchone() == (False, 1)
        certificate = connection.execute("SELECT (certificate ->> 'articles')::int FROM desk.tombstones").fetchone()
    assert certificate == (1,)


def kill_and_run_again(forkserver, dsn: str, point: str, command: str) -> None:
    """A command that is killed at a point, and then done undisturbed."""
    assert finished(forkserver, dsn, crash_at=point, command=command) == -signal.SIGKILL
    assert finished(forkserver, dsn, command=command) == 0


@pytest.mark.parametrize("point", [point for point in crash_points() if point.startswith("replay.")])
def test_a_kill_while_payloads_are_replayed_ends_like_an_undisturbed_one(
    forkserver, second_poll: str, undisturbed: dict[str, list[str]], point: str
) -> None:
    assert finished(forkserver, second_poll) == 0
    kill_and_run_again(forkserver, second_poll, point, "replay")
    assert content(second_poll) == undisturbed


@pytest.mark.parametrize("point", [point for point in crash_points() if point.startswith("index.")])
def test_a_kill_while_stories_are_indexed_leaves_each_found_once(
    forkserver, second_poll: str, undisturbed: dict[str, list[str]], point: str
) -> None:
    assert finished(forkserver, second_poll) == 0
    with psycopg.connect(second_poll, autocommit=True) as connection:
        connection.execute("DELETE FROM desk.search_documents")
    kill_and_run_again(forkserver, second_poll, point, "index")
    assert content(second_poll) == undisturbed


@pytest.mark.parametrize("point", [point for point in crash_points() if point.startswith("resign.")])
def test_a_kill_while_articles_are_signed_anew_leaves_no_posting_twice_and_none_out(
    forkserver, second_poll: str, undisturbed: dict[str, list[str]], point: str
) -> None:
    assert finished(forkserver, second_poll) == 0
    with psycopg.connect(second_poll, autocommit=True) as connection:
        connection.execute("DELETE FROM desk.signatures")
        connection.execute("DELETE FROM desk.postings")
    kill_and_run_again(forkserver, second_poll, point, "resign")
    assert content(second_poll) == undisturbed


def test_every_step_done_again_changes_no_row(forkserver, second_poll: str) -> None:
    assert finished(forkserver, second_poll) == 0
    before = everything(second_poll)
    settings = Settings(dsn=second_poll, allow_hosts=("127.0.0.1",))
    with steps.open_database(settings) as database, psycopg.connect(second_poll) as connection:
        query = (
            "SELECT claim_key, array_agg(feed_id), array_agg(fetch_id) FROM desk.fetches WHERE kind = 'feed' GROUP BY 1"
        )
        for claim_key, feed_ids, fetch_ids in connection.execute(query).fetchall():
            batch = Batch(claim_key, tuple(feed_ids))
            assert steps.capture_feeds(database, settings, batch) == []
            query = "SELECT fetch_id FROM desk.fetches WHERE fetch_id = any(%s) AND outcome = 'fetched'"
            captured = [row[0] for row in connection.execute(query, (fetch_ids,))]
            assert steps.capture_pages(database, settings, captured) == 0
            assert steps.load_fetches(database, settings, captured) == steps.LoadCounts()
        assert steps.match_articles(database, settings) == steps.MatchCounts()
        assert steps.publish_changes(database) == {}
    assert everything(second_poll) == before


def everything(dsn: str) -> dict[str, list[str]]:
    """Every row of every table, whole."""
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'desk'::regnamespace"
        )
        return {
            name: sorted(row[0] for row in connection.execute(f"SELECT t::text FROM {name} AS t"))
            for (name,) in tables.fetchall()
        }


def test_there_is_a_point_on_both_sides_of_every_step() -> None:
    names = crash_points()
    stages = {name.partition(".")[0] for name in names}
    assert {
        "claim",
        "capture",
        "defer",
        "robots",
        "page",
        "load",
        "match",
        "publish",
        "expire",
        "expire_news",
        "forget",
        "index",
        "replay",
        "resign",
    } <= stages
    for stage in stages:
        assert f"{stage}.before_commit" in names
        assert f"{stage}.after_commit" in names
