"""Former wordings, articles and changes go of publishers that have a retention for them, and of no other."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from wiredesk import steps
from wiredesk.cli.line import expire as command
from wiredesk.cli.source import source as source_command
from wiredesk.steps import ExpiredCounts
from wiredesk.store import sources
from wiredesk.store.sources import Retention

from tests.store.desk import HTML, Desk, item, prose, rss
from tests.store.retelling import Retelling, retold, shown

EVERYTHING = Retention(revision_days=30, article_days=30, change_days=30)


def keep(desk: Desk, retention: Retention) -> None:
    host = desk.value("SELECT host FROM desk.sources ORDER BY source_id LIMIT 1")
    desk.store.run(sources.set_source, host, retention=retention)


def expire(desk: Desk, *, dry_run: bool = False) -> ExpiredCounts:
    counts = steps.expire_news(desk.store, dry_run=dry_run, clock=desk.clock)
    steps.publish_changes(desk.store, clock=desk.clock)
    return counts


def carry(desk: Desk, *items: str) -> None:
    desk.site.put("/feed", rss(*items))
    desk.poll()
    desk.settle()


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A story with a copy, and an article that was worded three times, ten days apart."""
    desk.subscribe("/feed")
    pair = (item("one", prose("one", 70)), item("copy", prose("one", 60)))
    for words in (60, 70, 80):
        carry(desk, *pair, item("edited", f"{prose('edited', words)} {words} were hurt."))
        desk.clock.advance(days=10)
    assert desk.value("SELECT max(revision) FROM desk.articles") == 3
    return desk


def articles(desk: Desk) -> set[str]:
    return {
        row["url"].rpartition("/")[2] for row in desk.rows("SELECT url FROM desk.articles WHERE removed_at IS NULL")
    }


def test_nothing_goes_of_a_publisher_without_a_retention(told: Desk) -> None:
    carry(told)
    told.clock.advance(days=36_000)
    before = told.versions()
    assert expire(told) == ExpiredCounts()
    assert told.versions() == before


def test_a_former_wording_goes_so_long_after_it_was_replaced_and_the_present_one_stays(told: Desk) -> None:
    keep(told, Retention(revision_days=15))
    left = "SELECT revision, is_current, is_silent FROM news_v1.revisions ORDER BY article_id, revision"
    whole = told.rows(left)
    assert expire(told, dry_run=True) == expire(told) == ExpiredCounts(revisions=1)
    unknown = [{**row, "is_silent": None} if row["revision"] == 2 else row for row in whole]
    assert told.rows(left) == [row for row in unknown if (row["revision"], row["is_current"]) != (1, False)]
    told.clock.advance(days=3_000)
    assert expire(told) == ExpiredCounts(revisions=1)
    assert [row["is_current"] for row in told.rows(left)] == [True, True, True]
    assert articles(told) == {"one", "copy", "edited"}
    assert expire(told) == ExpiredCounts()
    assert told.offences() == {}


def test_an_article_goes_once_no_feed_carried_it_for_so_long(told: Desk) -> None:
    keep(told, Retention(article_days=30))
    carry(told, item("copy", prose("one", 60)))
    told.clock.advance(days=21)
    carry(told, item("copy", prose("one", 60)))
    assert expire(told, dry_run=True) == expire(told) == ExpiredCounts(articles=2)
    assert articles(told) == {"copy"}
    assert shown(told) == retold(told)
    assert told.offences() == {}
    texts = "SELECT count(*) FROM desk.entries WHERE title IS NOT NULL OR html IS NOT NULL OR summary IS NOT NULL"
    assert told.value(texts) == 1
    before = told.versions()
    assert expire(told) == ExpiredCounts()
    assert told.versions() == before


def test_what_was_in_the_last_payload_that_could_be_read_stays_until_its_feed_is_retired(told: Desk) -> None:
    """Whether the feed has the same bytes since, or error pages, or is paused: none says that it is gone from it."""
    keep(told, Retention(article_days=30))
    carry(told, item("one", prose("one", 70)))
    told.clock.advance(days=31)
    told.poll()
    assert expire(told) == ExpiredCounts(articles=2)
    carry(told, item("one", prose("one", 70)))
    for _ in range(3):
        told.clock.advance(days=31)
        told.site.put("/feed", HTML + str(told.clock.now).encode())
        told.poll()
        assert expire(told) == ExpiredCounts()
    told.sql.execute("UPDATE desk.feeds SET state = 'paused'")
    assert expire(told) == ExpiredCounts()
    assert articles(told) == {"one"}
    told.sql.execute("UPDATE desk.feeds SET state = 'retired'")
    assert expire(told) == ExpiredCounts(articles=1)
    assert told.offences() == {}


def test_an_article_whose_newest_wording_cannot_be_stored_is_carried_all_the_same(desk: Desk) -> None:
    desk.subscribe("/feed")
    keep(desk, Retention(article_days=30))
    carry(desk, item("one", prose("one")))
    for number in range(2):
        desk.clock.advance(days=20)
        carry(desk, item("one", f"{prose('one')} {'x' * (3_000_000 + number)}"), item(str(number), prose(str(number))))
    assert expire(desk) == ExpiredCounts()
    assert "one" in articles(desk)


def test_what_is_gone_does_not_come_back_with_the_next_poll(told: Desk) -> None:
    keep(told, Retention(article_days=30))
    carry(told)
    told.clock.advance(days=31)
    assert expire(told) == ExpiredCounts(articles=3)
    carry(told, item("one", prose("one", 90)), item("new", prose("new")))
    assert articles(told) == {"new"}
    assert shown(told) == retold(told)
    assert told.offences() == {}


def test_a_payload_with_what_is_gone_by_retention_keeps_its_bytes(told: Desk) -> None:
    keep(told, Retention(article_days=30))
    carry(told)
    told.clock.advance(days=31)
    expire(told)
    carry(told, item("one", prose("one", 90)), item("new", prose("new")))
    assert told.value("SELECT count(*) FROM desk.payloads WHERE body IS NULL") == 0


def test_an_item_that_keeps_its_id_for_another_article_brings_that_once_the_old_one_is_gone(told: Desk) -> None:
    keep(told, Retention(article_days=30))
    carry(told, item("column", prose("january"), link="https://news.example/january"))
    carry(told, item("other", prose("other")))
    told.clock.advance(days=31)
    carry(told, item("other", prose("other")))
    expire(told)
    for month in ("february", "march"):
        carry(told, item("column", prose(month), link=f"https://news.example/{month}"))
    assert articles(told) == {"other", "march"}
    assert shown(told) == retold(told)
    assert told.offences() == {}


def test_changes_of_an_article_that_went_to_another_story_and_was_removed_there_go(desk: Desk) -> None:
    desk.subscribe("/feed")
    keep(desk, Retention(article_days=30, change_days=30))
    kept = item("one", prose("one", 70))
    carry(desk, kept, item("moving", prose("moving", 70)))
    desk.clock.advance(hours=1)
    carry(desk, kept, item("moving", f"{prose('one', 70)} A tail."))
    carry(desk, kept)
    total = ExpiredCounts()
    for _ in range(3):
        desk.clock.advance(days=31)
        carry(desk, kept)
        total += expire(desk)
    assert (total.articles, total.changes) == (1, 1)
    assert shown(desk) == retold(desk)


def test_an_article_that_has_no_story_yet_stays_however_old(told: Desk) -> None:
    keep(told, EVERYTHING)
    told.site.put("/feed", rss(item("late", prose("late"))))
    told.poll()
    told.clock.advance(days=31)
    assert expire(told).articles == 3
    assert articles(told) == {"late"}


def test_changes_go_that_are_not_needed_to_tell_the_stories(told: Desk) -> None:
    keep(told, EVERYTHING)
    reader = Retelling()
    reader.read_on(told)
    carry(told, item("copy", prose("one", 60)))
    told.clock.advance(days=31)
    carry(told, item("copy", prose("one", 60)))
    counts = expire(told)
    # Of the second wording the change went at once: the third says the same, and so does the removal.
    assert (counts.revisions, counts.articles, counts.changes) == (2, 2, 1)
    told.clock.advance(days=31)
    carry(told, item("copy", prose("one", 60)))
    assert expire(told, dry_run=True) == expire(told)
    kinds = told.rows("SELECT kind, url_key FROM desk.changes JOIN desk.articles USING (article_id) ORDER BY position")
    of_edited = [row["kind"] for row in kinds if row["url_key"].endswith("edited")]
    assert of_edited == ["article_removed"]
    reader.read_on(told)
    assert shown(told) == retold(told) == reader.stories()
    assert told.offences() == {}


def test_positions_are_never_given_again(told: Desk) -> None:
    keep(told, EVERYTHING)
    carry(told)
    for _ in range(3):
        told.clock.advance(days=31)
        expire(told)
    last = told.value("SELECT max(position) FROM desk.changes")
    told.clock.advance(days=31)
    expire(told)
    assert told.value("SELECT max(position) FROM desk.changes") == last
    carry(told, item("new", prose("new")))
    assert told.value("SELECT max(position) FROM desk.changes") == last + 1


@pytest.mark.parametrize("seed", range(4))
def test_whatever_goes_the_log_retells_every_story_to_who_begins_and_to_who_reads_along(desk: Desk, seed: int) -> None:
    pick = random.Random(seed)
    desk.subscribe("/feed")
    keep(desk, Retention(revision_days=2, article_days=3, change_days=4))
    readers = [Retelling() for _ in range(3)]
    total = ExpiredCounts()
    for _ in range(14):
        chosen = pick.sample(range(12), pick.randrange(6))
        texts = {one: f"{prose(f'story {one % 5}', 60)} {pick.randrange(3)} more" for one in chosen}
        carry(desk, *(item(str(one), text) for one, text in texts.items()))
        desk.clock.advance(hours=pick.randrange(60))
        total += expire(desk)
        pick.choice(readers).read_on(desk)
        assert desk.offences() == {}
        assert desk.value("SELECT count(*) FROM desk.articles WHERE removed_at IS NULL AND text = ''") == 0
    assert min(total.revisions, total.articles, total.changes) > 0
    expected = shown(desk)
    assert retold(desk) == expected
    for reader in readers:
        reader.read_on(desk)
        assert reader.stories() == expected


def test_the_command_line_sets_and_shows_a_retention_and_counts_what_would_go(
    told: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WIREDESK_DSN", told.dsn)
    source_command("127.0.0.1", keep_articles=400, keep_pages=7)
    assert "pages 7, articles 400" in capsys.readouterr().out
    source_command("127.0.0.1", keep_articles=0, keep_pages=0, keep_revisions=1)
    assert "revisions 1 " in capsys.readouterr().out
    age = "UPDATE desk.articles SET revised_at = revised_at - %s, first_seen_at = first_seen_at - %s"
    told.sql.execute(age, (timedelta(days=3650),) * 2)
    told.sql.execute("UPDATE desk.revisions SET revised_at = revised_at - interval '3650 days'")
    command(dry_run=True)
    assert "would expire: 0 articles, 2 former wordings, 0 changes" in capsys.readouterr().out


def test_pages_may_be_kept_for_a_shorter_time_than_feeds(told: Desk) -> None:
    told.sql.execute(
        "UPDATE desk.fetches SET kind = 'page', entry_key = 'one', entry_digest = sha256('') "
        "WHERE fetch_id = (SELECT min(fetch_id) FROM desk.fetches)"
    )
    told.sql.execute("UPDATE desk.payloads SET created_at = created_at - interval '40 days'")
    told.sql.execute("UPDATE desk.fetches SET started_at = started_at - interval '40 days'")
    keep(told, Retention(page_days=20))
    assert steps.expire_payloads(told.store, told.settings, dry_run=True, clock=told.clock).payloads == 1
    assert steps.expire_payloads(told.store, told.settings, clock=told.clock).payloads == 1
