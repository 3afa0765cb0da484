"""`wiredesk explain feed F` tells what the database knows of a feed."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner
from wiredesk.cli import app
from wiredesk.explain import explain_feed
from wiredesk.store import feeds, hosts

from tests.store.desk import HTML, Desk, item, prose, rss

PATH = "/rss.xml"


def story(number: int) -> str:
    return item(f"story-{number}", prose(f"story {number}"))


def facts(desk: Desk) -> dict[str, Any]:
    return desk.store.run(
        feeds.feed_facts, desk.feed(PATH)["feed_id"], places=["127.0.0.1", "elsewhere.example"], now=desk.clock()
    )


def told(desk: Desk) -> str:
    return explain_feed(facts(desk), now=desk.clock())


@pytest.fixture
def cli(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("WIREDESK_DSN", desk.dsn)
    return lambda *arguments: CliRunner().invoke(app, ["explain", *arguments])


def test_feed_that_was_never_polled(desk: Desk) -> None:
    desk.subscribe(PATH)
    assert "It was never polled. It has been due since" in told(desk)


def test_feed_after_two_polls(desk: Desk) -> None:
    desk.site.put(PATH, rss(story(1), story(2)), ETag='"a"')
    desk.subscribe(PATH)
    desk.poll()
    desk.clock.advance(hours=1)
    desk.site.put(PATH, rss(story(2), story(3)), ETag='"b"')
    desk.poll()
    row = facts(desk)
    assert (row["week_polls"], row["week_fetched"], row["week_new_entries"]) == (2, 2, 3)
    assert "and had 2 items, 1 of them new. The next fetch is due at" in told(desk)
    assert "it shows 2 at a time" in told(desk)
    assert "It is asked only for what has changed, with its ETag." in told(desk)
    desk.poll()
    assert "and was unchanged (HTTP 304)." in told(desk)


def test_failures_and_quarantine_are_told(desk: Desk) -> None:
    desk.site.put(PATH, rss(story(1)))
    desk.subscribe(PATH)
    desk.poll()
    went_well = f"{desk.clock():%Y-%m-%d %H:%M} UTC"
    desk.site.put(PATH, status=503)
    desk.poll()
    desk.poll()
    assert "which failed: http server (HTTP 503)" in told(desk)
    assert f"That is 2 failures in a row, since it went well at {went_well}." in told(desk)
    desk.site.put(PATH, HTML, content_type="text/html")
    desk.poll()
    assert "what came was quarantined (html not feed). That is 3 failures in a row, since" in told(desk)
    assert "1 of its payloads or entries is in quarantine" in told(desk)


def test_alarms_are_told_with_how_often(desk: Desk) -> None:
    desk.subscribe(PATH)
    for number in range(3):
        desk.site.put(PATH, rss(*(story(10 * number + place) for place in range(4))))
        desk.poll()
    (gap,) = [row for row in facts(desk)["alarms"] if row["alarm"] == "gap"]
    assert gap["times"] == 2
    assert "Odd (gap, 2 times in the last 30 days" in told(desk)


def test_pause_of_its_host_is_told(desk: Desk) -> None:
    desk.site.put(PATH, rss(story(1)))
    desk.subscribe(PATH)
    desk.poll()
    assert "left alone" not in told(desk)
    desk.store.run(hosts.pause, "elsewhere.example", 7200, reason="Retry-After")
    assert "Its host wants to be left alone until" in told(desk)


def test_claimed_feed_names_the_run(desk: Desk) -> None:
    desk.subscribe(PATH)
    desk.clock.advance(minutes=1)
    desk.claim("dag")
    assert "is about to poll it, or is at it" in told(desk)


def test_command_tells_a_feed_by_url_and_by_id(desk: Desk, cli: Any) -> None:
    desk.site.put(PATH, rss(story(1)))
    desk.subscribe(PATH)
    desk.poll()
    feed = desk.feed(PATH)
    by_url, by_id = cli("feed", feed["url"]), cli("feed", str(feed["feed_id"]))
    assert by_url.exit_code == by_id.exit_code == 0, by_url.output
    assert by_url.stdout.startswith(f"Feed {feed['feed_id']} “A wire” of 127.0.0.1 <{feed['url']}> ")
    assert by_url.stdout.count("\n") == 1
    given = json.loads(cli("feed", feed["url"], "--json").stdout)
    assert (given["url"], given["alarms"], given["week_polls"]) == (feed["url"], [], 1)


def test_command_refuses_what_it_cannot_explain(desk: Desk, cli: Any) -> None:
    assert "no feed 77" in str(cli("feed", "77").exception)
    refused = cli("77", "nonsense")
    assert refused.exit_code == 2
    assert "wiredesk explain feed URL" in " ".join(refused.output.replace("│", " ").split())


def test_title_of_a_feed_cannot_move_the_cursor(desk: Desk, cli: Any) -> None:
    desk.subscribe(PATH)
    desk.sql.execute("UPDATE desk.feeds SET title = %s", ("A\x1b[2J\nwire",))
    assert "“A [2J wire”" in cli("feed", desk.feed(PATH)["url"]).stdout
