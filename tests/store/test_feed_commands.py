"""`wiredesk feed …` as a person types it: a real database, a real site on loopback."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time

import pytest

from tests.store.desk import TIMEOUT_S, Desk, item, prose, rss
from tests.store.feed_commands import Command, dated, lively, page, urls


def test_add_fetches_once_shows_what_there_is_and_saves(desk: Desk, feed: Command) -> None:
    url = desk.site.put("/rss", lively(), ETag='"1"')
    run = feed("add", url, "--category", "/News/World/", "--unconditional")
    assert run.code == 0, run.err
    assert desk.site.asked == {"/rss": 1}
    for words in (
        "RSS 2.0",
        "A wire",
        "en-GB",
        "20, from ",
        "about 4 new entries a day",
        "20 of 20 look cut short; --full-text fetches the article pages too",
        "not more often than every 2 h, as it asks",
        "HTTP 200",
        f"added {url}; it is due now",
    ):
        assert words in run.out, words
    assert "warning" not in run.out
    row = desk.row("SELECT url, category, is_conditional, is_full_text FROM desk.feeds")
    assert row == {"url": url, "category": "News/World", "is_conditional": False, "is_full_text": False}


def test_whole_stories_need_no_full_text_and_oddities_are_warned_of(desk: Desk, feed: Command) -> None:
    whole = [dated(str(number), 24 * 200 + number, prose(str(number), 300)) for number in range(5)]
    ahead = dated("ahead", -100, prose("ahead", 300))
    undated = item("undated", prose("u", 300)).replace("<pubDate>Tue, 06 Jan 2026 08:00:00 GMT</pubDate>", "")
    url = desk.site.put("/rss", rss(*whole, undated))
    out = feed("add", url, "--dry-run").out
    assert "which looks like whole stories" in out
    assert "warning   1 of 6 entries have no date" in out
    assert "days old; is it still kept?" in out
    assert "its server sends no validators" in out
    desk.site.put("/rss", rss(*whole, ahead))
    assert "warning   1 entries are dated in the future" in feed("add", url, "--dry-run").out
    desk.site.put("/rss", rss())
    assert "warning   it has no entries now" in feed("add", url, "--dry-run").out


def test_dry_run_saves_nothing(desk: Desk, feed: Command) -> None:
    url = desk.site.put("/rss", lively())
    run = feed("add", url, "--dry-run")
    assert (run.code, urls(desk)) == (0, [])
    assert "nothing was saved (--dry-run)" in run.out


def test_no_fetch_saves_unseen_and_asks_nobody(desk: Desk, feed: Command) -> None:
    url = desk.site.put("/rss", lively())
    assert feed("add", url, "--no-fetch", "--full-text").code == 0
    assert desk.row("SELECT url, is_full_text FROM desk.feeds") == {"url": url, "is_full_text": True}
    assert not desk.site.asked


def test_feed_that_is_subscribed_already_is_not_asked_again(desk: Desk, feed: Command) -> None:
    url = desk.site.put("/rss", lively())
    desk.subscribe("/rss")
    for option in ("--yes", "--no-fetch"):
        run = feed("add", url, option)
        assert (run.code, len(urls(desk))) == (1, 1)
        assert "is subscribed already as feed" in run.err
    assert not desk.site.asked


def test_permanent_redirect_saves_the_new_address_and_says_so(desk: Desk, feed: Command) -> None:
    new = desk.site.put("/new", lively())
    old = desk.site.put("/old", status=301, Location="/new")
    run = feed("add", old)
    assert urls(desk) == [new]
    assert f"{new} (moved for good: this address is the one to save)" in run.out
    again = feed("add", old)
    assert again.code == 1
    assert f"{new} is subscribed already" in again.err
    assert urls(desk) == [new]


def test_temporary_redirect_keeps_the_address_that_was_given(desk: Desk, feed: Command) -> None:
    desk.site.put("/new", lively())
    old = desk.site.put("/old", status=302, Location="/new")
    run = feed("add", old)
    assert urls(desk) == [old]
    assert "redirected for now" in run.out


def test_page_that_names_one_feed_leads_to_it(desk: Desk, feed: Command) -> None:
    url = desk.site.put("/rss", lively())
    site = desk.site.put("/", page(("/rss", "All")), content_type="text/html")
    run = feed("add", site)
    assert (run.code, urls(desk)) == (0, [url])
    assert f"{site} is a page, and its feed is {url}" in run.out
    assert desk.site.asked == {"/": 1, "/rss": 1}


def test_page_with_several_feeds_tells_the_commands_to_run(desk: Desk, feed: Command) -> None:
    site = desk.site.put("/", page(("/rss", "All"), ("/sport", "Sport")), content_type="text/html")
    run = feed("add", site, "--category", "World News", "--full-text")
    assert (run.code, urls(desk)) == (1, [])
    for path in ("/rss", "/sport"):
        assert f"wiredesk feed add {desk.site.url}{path} --category 'World News' --full-text" in run.out
    assert desk.site.asked == {"/": 1}


def test_page_without_feeds_is_searched_in_a_few_usual_places(desk: Desk, feed: Command) -> None:
    site = desk.site.put("/section/page", page(), content_type="text/html")
    run = feed("add", site)
    assert (run.code, urls(desk)) == (1, [])
    assert "it names no feed, and there is none where feeds usually stand" in run.err
    assert desk.site.asked.total() == 1 + 6
    desk.site.put("/rss.xml", lively())
    assert feed("add", site).code == 0
    assert urls(desk) == [f"{desk.site.url}/rss.xml"]


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, b"", ["answered 404", "check the address"]),
        (410, b"", ["gone for good"]),
        (403, b"", ["answered 403", "refuses programs"]),
        (500, b"", ["answered 500", "try again later"]),
        (200, b"Just words.", ["is no markup"]),
        (200, b"", ["has no content"]),
        (200, b"<opml version='2.0'/>", []),
    ],
)
def test_what_is_no_feed_is_refused_with_the_reason_and_what_to_do(
    desk: Desk, feed: Command, status: int, body: bytes, words: list[str]
) -> None:
    url = desk.site.put("/rss", body, status=status)
    run = feed("add", url)
    assert (run.code, urls(desk)) == (1, [])
    for one in [*words, "/rss", "Nothing was saved; --no-fetch subscribes unseen"]:
        assert one in run.err, run.err
    assert run.err.count("\n") == 1


def test_non_public_address_is_not_reached_and_the_setting_is_named(
    desk: Desk, feed: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WIREDESK_ALLOW_HOSTS")
    run = feed("add", desk.site.put("/rss", lively()))
    assert (run.code, urls(desk)) == (1, [])
    assert "add 127.0.0.1 to WIREDESK_ALLOW_HOSTS" in run.err
    assert not desk.site.asked


def test_server_that_asks_to_be_left_alone_is(desk: Desk, feed: Command) -> None:
    """For the runs too: the budget of a host is one for all."""
    url = desk.site.put("/rss", b"", status=429, **{"Retry-After": "3600"})
    assert "try again later" in feed("add", url).err
    run = feed("add", url)
    assert run.code == 1
    assert "try again later" in run.err
    assert desk.site.asked == {"/rss": 1}


def test_feed_that_takes_too_long_to_read_is_broken_off(
    desk: Desk, feed: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIREDESK_PARSE_CPU_S", "0.5")
    heavy = desk.site.put("/heavy", rss(*(item(str(number), "Words.") for number in range(4000))))
    light = desk.site.put("/light", lively())
    run = feed("add", heavy, light)
    assert (run.code, urls(desk)) == (1, [light])
    assert f"{heavy} is not to be read: " in run.err


def test_several_addresses_are_added_and_one_bad_one_does_not_stop_the_others(desk: Desk, feed: Command) -> None:
    good = [desk.site.put(f"/{name}", lively()) for name in ("one", "two")]
    run = feed("add", good[0], f"{desk.site.url}/missing", "ftp://nowhere", good[1])
    assert (run.code, urls(desk)) == (1, good)
    assert "/missing answered 404" in run.err
    assert "'ftp://nowhere' is no http(s) URL" in run.err
    assert feed("add", *good, "--title", "Both").code == 2


def test_titles_cannot_command_the_terminal(desk: Desk, feed: Command) -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "\x1b]0;owned\x07\x1b[2JNews\u202e",
        "items": [{"id": "1", "content_text": "Words.", "title": "\x1b[2J"}],
    }
    url = desk.site.put("/feed.json", json.dumps(document).encode(), content_type="application/feed+json")
    run = feed("add", url)
    assert run.code == 0, run.err
    assert "\x1b" not in run.out
    assert "\u202e" not in run.out


def test_discover_lists_what_there_is_and_saves_nothing(desk: Desk, feed: Command) -> None:
    site = desk.site.put("/", page(("/rss", "All"), ("/sport", "Sport")), content_type="text/html")
    run = feed("discover", site)
    assert run.code == 0, run.err
    assert f"{desk.site.url}/rss" in run.out
    assert "Sport" in run.out
    assert "is a feed itself" in feed("discover", desk.site.put("/rss", lively())).out
    failed = feed("discover", f"{desk.site.url}/missing")
    assert failed.code == 1
    assert "answered 404" in failed.err
    assert urls(desk) == []


def on_terminal(environment: dict[str, str], *arguments: str, answers: dict[str, str]) -> str:
    """Run `wiredesk feed …` on a terminal of its own, answering each question; all that it showed."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "wiredesk", "feed", *arguments]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, **environment}, start_new_session=True
    )
    os.close(theirs)
    shown = b""
    left = dict(answers)
    deadline = time.monotonic() + TIMEOUT_S
    try:
        while time.monotonic() < deadline:
            ready, _, _ = select.select([ours], [], [], 1)
            if not ready:
                continue
            try:
                chunk = os.read(ours, 4096)
            except OSError:  # how Linux says that the other end is closed
                break
            if not chunk:
                break
            shown += chunk
            for question in [question for question in left if question.encode() in shown]:
                os.write(ours, f"{left.pop(question)}\n".encode())
        process.wait(TIMEOUT_S)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert not left, shown.decode()
    return shown.decode()


def test_on_a_terminal_nothing_is_saved_without_a_yes(desk: Desk, environment: dict[str, str]) -> None:
    url = desk.site.put("/rss", lively())
    shown = on_terminal(environment, "add", url, answers={f"Subscribe to {url}?": "n"})
    assert "nothing was saved" in shown
    assert urls(desk) == []
    on_terminal(environment, "add", url, answers={f"Subscribe to {url}?": ""})
    assert urls(desk) == [url]


def test_on_a_terminal_one_of_several_feeds_is_picked(desk: Desk, environment: dict[str, str]) -> None:
    site = desk.site.put("/", page(("/rss", "All"), ("/sport", "Sport")), content_type="text/html")
    sport = desk.site.put("/sport", lively())
    on_terminal(environment, "add", site, answers={"Which one?": "2", "Subscribe to": "y"})
    assert urls(desk) == [sport]
