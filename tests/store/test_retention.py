"""Old bytes go; what was made of them, and what still needs them, stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from wiredesk import steps
from wiredesk.cli.line import expire as command
from wiredesk.errors import NotFound
from wiredesk.steps import ExpiredCounts
from wiredesk.store import fetches, retention, sources
from wiredesk.store.database import Connection, one

from tests.store.desk import HTML, Desk, item, page, prose, rss

KEPT = "SELECT count(*) FROM desk.payloads WHERE body IS NOT NULL"


def age(desk: Desk, days: int) -> None:
    """All that is stored was fetched so many days earlier."""
    desk.sql.execute("UPDATE desk.payloads SET created_at = created_at - make_interval(days => %s)", (days,))
    desk.sql.execute("UPDATE desk.fetches SET started_at = started_at - make_interval(days => %s)", (days,))


def expire(desk: Desk, *, dry_run: bool = False) -> ExpiredCounts:
    return steps.expire_payloads(desk.store, desk.settings, dry_run=dry_run, clock=desk.clock)


@pytest.fixture
def polled(desk: Desk) -> Desk:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", prose("1"))))
    desk.poll()
    return desk


def test_bytes_go_after_the_retention_and_their_rows_stay(polled: Desk) -> None:
    size = polled.value("SELECT octet_length(body) FROM desk.payloads")
    age(polled, 89)
    assert expire(polled) == ExpiredCounts()
    age(polled, 2)
    articles, attempts = polled.rows("SELECT * FROM desk.articles"), polled.rows("SELECT * FROM desk.fetches")
    assert expire(polled) == ExpiredCounts(payloads=1, stored_bytes=size)
    payload = polled.row("SELECT body, expired_at, body_bytes > 0 AS is_counted FROM desk.payloads")
    assert payload == {"body": None, "expired_at": polled.clock.now, "is_counted": True}
    assert polled.rows("SELECT * FROM desk.articles") == articles
    assert polled.rows("SELECT * FROM desk.fetches") == attempts
    assert polled.offences() == {}


def test_a_second_run_writes_nothing(polled: Desk) -> None:
    age(polled, 91)
    expire(polled)
    before = polled.versions()
    assert expire(polled) == ExpiredCounts()
    assert polled.versions() == before


def test_a_dry_run_counts_the_same_and_writes_nothing(polled: Desk) -> None:
    age(polled, 91)
    before = polled.versions()
    counted = expire(polled, dry_run=True)
    assert polled.versions() == before
    assert counted.payloads == 1
    assert expire(polled) == counted


def test_bytes_that_came_again_lately_stay(polled: Desk) -> None:
    polled.sql.execute("UPDATE desk.payloads SET created_at = now() - interval '91 days'")
    assert expire(polled) == ExpiredCounts()


def test_bytes_that_are_not_loaded_stay_however_old(desk: Desk) -> None:
    desk.subscribe("/feed")
    desk.site.put("/feed", rss(item("1", prose("1"))))
    captured = desk.capture()
    age(desk, 1000)
    assert expire(desk) == ExpiredCounts()
    assert desk.load(captured).new_articles == 1
    assert expire(desk).payloads == 1


def test_bytes_in_open_quarantine_stay_until_it_is_resolved(desk: Desk) -> None:
    desk.subscribe("/html", "/void")
    desk.site.put("/html", HTML, content_type="text/html")
    desk.site.put("/void", rss(item("1", prose("1")), '<item><guid isPermaLink="false">void</guid></item>'))
    desk.poll()
    assert desk.value("SELECT count(*) FROM desk.quarantine") == 2
    age(desk, 91)
    assert expire(desk) == ExpiredCounts()
    desk.sql.execute("UPDATE desk.quarantine SET resolved_at = now(), resolution = 'loaded', resolved_by = 'ann'")
    assert expire(desk).payloads == 2


def test_article_pages_and_robots_txt_go_too(desk: Desk) -> None:
    desk.subscribe("/feed", full_text=True)
    url = desk.site.put("/story", page("A report", prose("full", 240)), content_type="text/html")
    desk.site.put("/robots.txt", b"User-agent: *\nAllow: /\n", content_type="text/plain")
    desk.site.put("/feed", rss(item("1", prose("1"), link=url)))
    desk.poll()
    age(desk, 91)
    assert expire(desk).payloads == 3
    assert desk.value(KEPT) == 0
    # The entry goes on as it was, without its page being wanted again.
    desk.site.put("/feed", rss(item("1", prose("1"), link=url), "<!-- later -->"))
    assert desk.poll().revised_articles == 0
    assert desk.site.asked["/story"] == 1


def test_reading_what_expired_says_when_and_which_setting(polled: Desk) -> None:
    age(polled, 91)
    polled.clock.now = datetime(2031, 5, 17, 12, tzinfo=UTC)
    polled.sql.execute("UPDATE desk.fetches SET started_at = %s", (polled.clock.now - timedelta(days=91),))
    expire(polled)
    fetch_id = polled.value("SELECT max(fetch_id) FROM desk.fetches")
    with pytest.raises(NotFound) as refusal:
        polled.store.run(fetches.read_capture, fetch_id)
    assert str(refusal.value) == (
        f"the payload of fetch {fetch_id} was emptied on 2031-05-17, after 91 days, by its retention "
        "(WIREDESK_PAYLOAD_RETENTION_DAYS) or because it held what was forgotten: its bytes are gone, its row stays"
    )


def test_the_same_bytes_fetched_again_are_there_again(polled: Desk) -> None:
    body = polled.value("SELECT body FROM desk.payloads")
    age(polled, 91)
    expire(polled)
    polled.sql.execute("UPDATE desk.feeds SET payload_digest = NULL, last_fetch_at = NULL, last_success_at = NULL")
    captured = polled.capture()
    assert polled.row("SELECT body, expired_at FROM desk.payloads") == {"body": body, "expired_at": None}
    assert polled.load(captured).payloads == 1
    assert expire(polled) == ExpiredCounts()


def test_bytes_that_are_being_fetched_again_do_not_go(polled: Desk) -> None:
    """The fetch has locked the payload and not committed: what expires now waits for nobody and takes it not."""
    age(polled, 91)
    digest = polled.value("SELECT payload_digest FROM desk.payloads")
    with psycopg.connect(polled.dsn) as other:
        other.execute("SELECT 1 FROM desk.payloads WHERE payload_digest = %s FOR UPDATE", (digest,))
        assert expire(polled) == ExpiredCounts()
    assert polled.value(KEPT) == 1


def test_bytes_whose_fetch_commits_between_look_and_deletion_do_not_go(polled: Desk) -> None:
    """The look is older than the fetch; so it is taken again once the payload is locked."""
    age(polled, 91)
    digest = polled.value("SELECT payload_digest FROM desk.payloads")
    given = {"cutoff": polled.clock.now - timedelta(days=90), "now": polled.clock.now}

    def look_then_delete(connection: Connection) -> int:
        looked = connection.execute(retention.SQL["lock_expiring"], {**given, "most": 10}).fetchall()
        assert [row["payload_digest"] for row in looked] == [digest]
        polled.sql.execute("UPDATE desk.fetches SET started_at = %s", (polled.clock.now,))
        arguments = {**given, "digests": [digest]}
        return int(one(connection.execute(retention.SQL["expire_payloads"], arguments))["payloads"])

    assert polled.store.run(look_then_delete) == 0
    assert polled.value(KEPT) == 1


def test_eight_runs_at_once_expire_each_payload_once(desk: Desk) -> None:
    desk.subscribe(*(f"/{number}" for number in range(40)))
    for number in range(40):
        desk.site.put(f"/{number}", rss(item(f"{number}", prose(f"{number}"))))
    desk.poll()
    age(desk, 91)
    done = desk.at_once(lambda session, _: steps.expire_payloads(session, desk.settings, clock=desk.clock))
    assert sum(done, ExpiredCounts()).payloads == 40
    assert desk.value(KEPT) == 0


def test_hosts_that_nobody_asked_for_a_day_are_forgotten(polled: Desk) -> None:
    polled.sql.execute(
        "INSERT INTO desk.hosts (host, next_start_at, paused_until, paused_reason) VALUES "
        "('old.example', now() - interval '2 days', NULL, NULL), "
        "('paused.example', now() - interval '2 days', now() + interval '1 hour', 'Retry-After')"
    )
    expire(polled)
    assert {row["host"] for row in polled.rows("SELECT host FROM desk.hosts")} == {"127.0.0.1", "paused.example"}


def test_the_command_says_what_it_did_and_a_dry_run_what_it_would(
    polled: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    age(polled, 91)
    monkeypatch.setenv("WIREDESK_DSN", polled.dsn)
    size = polled.value("SELECT octet_length(body) FROM desk.payloads")
    for dry_run, verb, kept in ((True, "would expire", 1), (False, "expired", 0)):
        command(dry_run=dry_run)
        assert capsys.readouterr().out == f"{verb}: 1 payloads of more than 90 days ago, {size:,} stored bytes\n"
        assert polled.value(KEPT) == kept


def test_a_publisher_with_a_retention_of_its_own_is_kept_for_so_long_and_no_longer(polled: Desk) -> None:
    host = polled.value("SELECT host FROM desk.sources")
    age(polled, 10)
    polled.store.run(sources.set_source, host, retention=sources.Retention(payload_days=11))
    assert expire(polled, dry_run=True) == expire(polled) == ExpiredCounts()
    age(polled, 2)
    assert expire(polled, dry_run=True).payloads == 1
    polled.store.run(sources.set_source, host, retention=sources.Retention(payload_days=200))
    age(polled, 100)
    assert expire(polled, dry_run=True) == expire(polled) == ExpiredCounts()
    polled.store.run(sources.set_source, host, retention=sources.Retention(payload_days=0))
    assert expire(polled).payloads == 1


def test_of_two_publishers_with_the_same_bytes_the_longer_retention_holds(polled: Desk) -> None:
    polled.sql.execute("INSERT INTO desk.sources (host, name) VALUES ('other.example', 'other')")
    polled.sql.execute(
        "INSERT INTO desk.feeds (source_id, url, interval_s, next_fetch_at, next_fetch_reason) SELECT source_id, "
        "'https://other.example/', 3600, now(), 'new' FROM desk.sources WHERE host = 'other.example'"
    )
    polled.sql.execute(
        "INSERT INTO desk.fetches (kind, feed_id, claim_key, url, started_at, duration_ms, outcome, reason, "
        "payload_digest, loaded_at, entry_count, new_entry_count) "
        "SELECT kind, (SELECT max(feed_id) FROM desk.feeds), claim_key, 'https://other.example/', started_at, 1, "
        "outcome, reason, payload_digest, loaded_at, entry_count, new_entry_count FROM desk.fetches"
    )
    polled.store.run(sources.set_source, "other.example", retention=sources.Retention(payload_days=5))
    age(polled, 10)
    assert expire(polled) == ExpiredCounts()
    age(polled, 81)
    assert expire(polled).payloads == 1
