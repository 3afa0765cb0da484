"""Who may ask a host now is decided in one place for all workers, and a dead one blocks nobody for long."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from wiredesk.fetch import Wait
from wiredesk.steps.budget import SharedBudget
from wiredesk.store.database import Database

from tests.store.desk import Desk, item, prose, rss

HOST = "news.example"


def budget(desk: Desk, store: Database | None = None, **settings: object) -> SharedBudget:
    return SharedBudget(store or desk.store, replace(desk.settings, **settings))


def let_pass(desk: Desk, seconds: float) -> None:
    """So much time goes by for every host."""
    desk.sql.execute(
        """
        UPDATE desk.hosts SET
            next_start_at = next_start_at - make_interval(secs => %(s)s),
            paused_until = paused_until - make_interval(secs => %(s)s),
            leases = (
                SELECT coalesce(jsonb_object_agg(key, value::timestamptz - make_interval(secs => %(s)s)), '{}')
                FROM jsonb_each_text(leases)
            )
        """,
        {"s": seconds},
    )


def test_eight_sessions_at_once_hold_no_more_permits_than_a_host_has(desk: Desk) -> None:
    def ask(session: Database, _: int) -> str | Wait:
        return budget(desk, session, per_host_concurrency=2).try_start(HOST)

    for _ in range(20):
        answers = desk.at_once(ask)
        permits = {answer for answer in answers if isinstance(answer, str)}
        assert len(permits) == 2
        assert desk.row("SELECT ARRAY(SELECT jsonb_object_keys(leases)) AS held FROM desk.hosts")["held"] == sorted(
            permits
        )
        assert all(answer == Wait(1.0, is_paused=False) for answer in answers if isinstance(answer, Wait))
        desk.sql.execute("DELETE FROM desk.hosts")


def test_starts_of_eight_sessions_at_once_lie_a_gap_apart(desk: Desk) -> None:
    gap = timedelta(seconds=0.02)

    def ask(session: Database, _: int) -> list[datetime]:
        own = budget(desk, session, per_host_concurrency=16, per_host_gap_s=gap.total_seconds())
        starts = []
        while len(starts) < 5:  # each answer says how long to wait; asking at once only costs more questions
            if isinstance(permit := own.try_start(HOST), str):
                row = session.run(
                    lambda connection: connection.execute("SELECT next_start_at FROM desk.hosts").fetchone()
                )
                assert row is not None
                starts.append(row["next_start_at"] - gap)
                own.finish(HOST, permit)
        return starts

    starts = sorted(start for own in desk.at_once(ask) for start in own)
    assert len(starts) == 40
    # Another session may have started before this one looked: then both saw the later start, and it counts once.
    distinct = sorted(set(starts))
    assert len(distinct) >= 10
    assert min(later - earlier for earlier, later in pairwise(distinct)) >= gap


def test_a_permit_given_back_is_free_for_the_next(desk: Desk) -> None:
    own = budget(desk, per_host_concurrency=1)
    permit = own.try_start(HOST)
    assert isinstance(permit, str)
    assert isinstance(own.try_start(HOST), Wait)
    own.finish(HOST, permit)
    own.finish(HOST, permit)  # of a permit that is not held any more nothing comes
    assert isinstance(own.try_start(HOST), str)


def test_a_killed_holder_blocks_its_host_no_longer_than_its_request_could_have_taken(desk: Desk) -> None:
    dead = budget(desk, per_host_concurrency=1, fetch_timeout_s=10.0)
    assert isinstance(dead.try_start(HOST), str)
    alive = budget(desk, per_host_concurrency=1)
    let_pass(desk, 39)  # the deadline, and half a minute for a slow commit
    assert isinstance(alive.try_start(HOST), Wait)
    let_pass(desk, 2)
    permit = alive.try_start(HOST)
    assert desk.row("SELECT ARRAY(SELECT jsonb_object_keys(leases)) AS held FROM desk.hosts")["held"] == [permit]


def test_a_host_is_one_whatever_its_spelling_and_others_are_not_it(desk: Desk) -> None:
    own = budget(desk, per_host_concurrency=1)
    assert isinstance(own.try_start("News.Example"), str)
    assert isinstance(own.try_start("news.example"), Wait)
    assert isinstance(own.try_start("other.example"), str)


def test_the_wait_for_the_gap_is_what_is_left_of_it(desk: Desk) -> None:
    own = budget(desk, per_host_gap_s=5.0)
    own.try_start(HOST)
    let_pass(desk, 2)
    answer = own.try_start(HOST)
    assert isinstance(answer, Wait)
    assert not answer.is_paused
    assert 0 < answer.seconds <= 3
    let_pass(desk, 3)
    assert isinstance(own.try_start(HOST), str)


def test_a_crawl_delay_widens_the_gap_and_never_beyond_a_minute(desk: Desk) -> None:
    own = budget(desk, per_host_gap_s=5.0)
    for asked, kept in ((20, 20), (3, 5), (3600, 60)):
        desk.sql.execute("DELETE FROM desk.hosts")
        own.widen_gap(HOST, asked)
        own.try_start(HOST)
        answer = own.try_start(HOST)
        assert isinstance(answer, Wait)
        assert kept - 2 < answer.seconds <= kept


def test_retry_after_keeps_every_session_away_until_it_is_over(desk: Desk) -> None:
    budget(desk).pause(HOST, 600)
    budget(desk).pause(HOST, 5)  # the longer one holds

    def ask(session: Database, _: int) -> str | Wait:
        return budget(desk, session).try_start(HOST)

    for answer in desk.at_once(ask):
        assert isinstance(answer, Wait)
        assert answer.is_paused
        assert 590 < answer.seconds <= 600
    assert isinstance(budget(desk).try_start("elsewhere.example"), str)
    let_pass(desk, 600)
    assert isinstance(budget(desk).try_start(HOST), str)


def test_a_pause_of_one_tenant_holds_for_its_siblings(desk: Desk) -> None:
    own = budget(desk)
    assert isinstance(own.try_start("two.blogspot.com"), str)
    own.pause("one.blogspot.com", 600)
    for host in ("one.blogspot.com", "two.blogspot.com", "three.blogspot.com"):
        answer = own.try_start(host)
        assert isinstance(answer, Wait)
        assert answer.is_paused
    reason = desk.value("SELECT paused_reason FROM desk.hosts WHERE host = 'blogspot.com'")
    assert reason == "Retry-After of one.blogspot.com"
    assert isinstance(own.try_start("paper.example"), str)


def test_a_feed_whose_host_sent_retry_after_to_another_is_given_back_and_no_attempt(desk: Desk) -> None:
    desk.subscribe("/limited", "/other")
    desk.site.put("/limited", status=429, **{"Retry-After": "900"})
    desk.site.put("/other", rss(item("1", prose("1"))))
    batches = desk.claim(names=[f"{desk.site.url}/limited"])
    desk.capture(batches)
    (batch,) = desk.claim()
    before = desk.feed("/other")
    assert desk.capture([batch]) == []
    assert desk.site.asked == {"/limited": 1}
    assert desk.value("SELECT count(*) FROM desk.fetches") == 1
    after = desk.feed("/other")
    assert after["next_fetch_at"] > desk.clock.now + timedelta(seconds=880)
    assert "Its host asked not to be polled for a while" in after["next_fetch_reason"]
    for column in ("state", "failure_count", "interval_s", "last_fetch_at", "last_outcome"):
        assert after[column] == before[column], column
    assert desk.value("SELECT count(*) FROM desk.feeds WHERE claim_key IS NOT NULL") == 0

    assert desk.capture([batch]) == [], "a task that runs twice has lost the claim on what it gave back"
    assert desk.site.asked == {"/limited": 1}
    let_pass(desk, 901)
    assert desk.poll().new_articles == 1


@pytest.mark.parametrize("attempt", range(2))
def test_all_permits_are_given_back_when_a_batch_is_done(desk: Desk, attempt: int) -> None:
    desk.subscribe("/feed", "/down", "/gone")
    desk.site.put("/feed", rss(item("1", prose("1"))))
    desk.site.put("/down", status=500)
    desk.poll()
    assert desk.value("SELECT count(*) FROM desk.hosts") == 1
    assert desk.value("SELECT leases FROM desk.hosts") == {}


@pytest.mark.parametrize("host", ["", "." * 5, "a" * 2000, "a%00b.example", "a'b.example", "::1", "x" * 253])
def test_a_host_that_cannot_be_is_counted_like_any_other(desk: Desk, host: str) -> None:
    own = budget(desk, per_host_concurrency=1)
    permit = own.try_start(host)
    assert isinstance(permit, str)
    assert isinstance(own.try_start(host), Wait)
    own.finish(host, permit)
    own.pause(host, 10**12)
    answer = own.try_start(host)
    assert isinstance(answer, Wait)
    assert answer.is_paused
    assert answer.seconds <= 86_400


def test_a_redirect_to_a_host_that_cannot_be_fails_its_feed_and_no_other(desk: Desk) -> None:
    desk.subscribe("/long", "/none", "/feed")
    desk.site.put("/long", status=302, Location=f"http://{'a' * 2000}.example/")
    desk.site.put("/none", status=302, Location="http://..../")
    desk.site.put("/feed", rss(item("1", prose("1"))))
    assert desk.poll().new_articles == 1
    assert {desk.feed(path)["last_outcome"] for path in ("/long", "/none")} == {"failed"}
