"""No page is asked for that its site's robots.txt does not allow, and that file is asked for once a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from wiredesk import steps

from tests.store.desk import Desk, item, page, prose, rss

FULL = prose("full", 240)
TEASER = prose("teaser", 30)
FETCHES = "SELECT kind, outcome, reason, http_status FROM desk.fetches WHERE kind <> 'feed' ORDER BY fetch_id"


def publish(desk: Desk, *paths: str, note: int = 0) -> None:
    """A full-text feed whose entries have their pages at these paths."""
    items = []
    for path in paths:
        url = desk.site.put(path, page("A report", FULL), content_type="text/html; charset=utf-8")
        items.append(item(path, TEASER, link=url, title="A report"))
    desk.site.put("/feed", rss(*items, f"<!-- {note} -->"))


def put_robots(desk: Desk, text: str, **options: object) -> None:
    desk.site.put("/robots.txt", text.encode(), content_type="text/plain", **options)


@pytest.fixture
def full_text(desk: Desk) -> Desk:
    desk.subscribe("/feed", full_text=True)
    return desk


def test_a_page_that_robots_txt_forbids_is_not_asked_for_and_the_feeds_text_stands_in(full_text: Desk) -> None:
    put_robots(full_text, "User-agent: *\nDisallow: /private/\n")
    publish(full_text, "/private/1", "/open/2")
    assert full_text.poll().new_articles == 2
    assert full_text.site.asked == {"/feed": 1, "/robots.txt": 1, "/open/2": 1}
    assert full_text.rows(FETCHES) == [
        {"kind": "robots", "outcome": "fetched", "reason": "new_bytes", "http_status": 200},
        {"kind": "page", "outcome": "failed", "reason": "robots_denied", "http_status": None},
        {"kind": "page", "outcome": "fetched", "reason": "new_bytes", "http_status": 200},
    ]
    found = {row["url"][-10:]: row for row in full_text.rows("SELECT url, text, flags, word_count FROM desk.articles")}
    assert (found["/private/1"]["text"], found["/private/1"]["flags"]) == (TEASER, ["page_failed"])
    assert found[next(url for url in found if url.endswith("/open/2"))]["word_count"] == 240
    assert full_text.offences() == {}


def test_rules_for_wiredesk_by_name_come_before_those_for_everybody(full_text: Desk) -> None:
    put_robots(full_text, "User-agent: *\nDisallow: /\n\nUser-agent: wiredesk\nDisallow: /private/\n")
    publish(full_text, "/open/1")
    full_text.poll()
    assert full_text.site.asked["/open/1"] == 1


def test_robots_txt_is_asked_for_once_a_day_for_all_feeds(full_text: Desk) -> None:
    put_robots(full_text, "User-agent: *\nAllow: /\n")
    for number in range(3):
        publish(full_text, f"/story/{number}", note=number)
        full_text.poll()
    full_text.clock.advance(hours=23)
    publish(full_text, "/story/later")
    full_text.poll()
    assert full_text.site.asked["/robots.txt"] == 1
    full_text.clock.advance(hours=1)
    publish(full_text, "/story/next-day")
    full_text.poll()
    assert full_text.site.asked["/robots.txt"] == 2
    assert full_text.value("SELECT count(*) FROM desk.robots") == 1
    assert full_text.value("SELECT fetched_at FROM desk.robots") == full_text.clock.now


def test_no_robots_txt_allows_everything(full_text: Desk) -> None:
    publish(full_text, "/story")
    full_text.poll()
    assert full_text.site.asked == {"/feed": 1, "/robots.txt": 1, "/story": 1}
    assert full_text.rows(FETCHES)[0] == {
        "kind": "robots",
        "outcome": "failed",
        "reason": "not_found",
        "http_status": 404,
    }
    assert full_text.feed("/feed")["last_reason"] == "new_bytes", "how a feed stands is told by its own fetches"


def test_a_robots_txt_that_cannot_be_had_forbids_everything_and_is_asked_for_again_soon(full_text: Desk) -> None:
    put_robots(full_text, "", status=503)
    publish(full_text, "/story")
    full_text.poll()
    assert full_text.site.asked["/story"] == 0
    put_robots(full_text, "User-agent: *\nAllow: /\n")
    publish(full_text, "/story", note=1)
    full_text.poll()
    assert full_text.site.asked["/robots.txt"] == 1
    full_text.clock.advance(hours=1)
    publish(full_text, "/story", note=2)
    full_text.poll()
    assert (full_text.site.asked["/robots.txt"], full_text.site.asked["/story"]) == (2, 1)
    assert full_text.row("SELECT word_count, flags FROM desk.articles") == {"word_count": 240, "flags": []}


def test_a_denied_page_counts_as_asked_for_three_times_in_all(full_text: Desk) -> None:
    put_robots(full_text, "User-agent: *\nDisallow: /\n")
    for number in range(5):
        publish(full_text, "/story", note=number)
        full_text.poll()
    assert full_text.value("SELECT count(*) FROM desk.fetches WHERE reason = 'robots_denied'") == 3
    assert full_text.site.asked["/robots.txt"] == 1
    assert full_text.site.asked["/story"] == 0


def test_a_crawl_delay_is_kept_between_two_pages(full_text: Desk) -> None:
    put_robots(full_text, "User-agent: *\nCrawl-delay: 30\n")
    publish(full_text, "/story")
    full_text.poll()
    waits = full_text.value("SELECT next_start_at > clock_timestamp() + interval '20 seconds' FROM desk.hosts")
    assert waits is True


def test_pages_are_asked_for_once_though_the_task_runs_twice_and_so_is_robots_txt(full_text: Desk) -> None:
    put_robots(full_text, "User-agent: *\nDisallow: /private/\n")
    publish(full_text, "/private/1", "/open/2")
    full_text.make_due()
    batches = full_text.claim()
    captured = full_text.capture(batches)
    before = full_text.versions()
    assert full_text.capture(batches) == captured
    assert full_text.versions() == before


def test_a_page_that_two_feeds_carry_is_asked_for_once(desk: Desk) -> None:
    desk.subscribe("/one", "/two", full_text=True)
    url = desk.site.put("/story", page("A report", FULL), content_type="text/html; charset=utf-8")
    for path in ("/one", "/two"):
        desk.site.put(path, rss(item(path, TEASER, link=url, title="A report")))
    assert desk.poll().new_articles == 1
    assert desk.site.asked["/story"] == 1
    assert desk.value("SELECT count(*) FROM desk.fetches WHERE kind = 'page' AND outcome = 'fetched'") == 2
    assert desk.value("SELECT count(*) FROM desk.entries WHERE is_page_missing") == 0


def test_an_entry_with_an_impossible_link_keeps_nobody_from_their_pages(full_text: Desk) -> None:
    url = full_text.site.put("/story", page("A report", FULL), content_type="text/html; charset=utf-8")
    links = ["http://[::1/x", f"http://{'a' * 900}.example/x", "http://..../x", "http://x.invalid:99999/"]
    odd = [item(f"{number}", prose(f"{number}"), link=link) for number, link in enumerate(links)]
    full_text.site.put("/feed", rss(*odd, item("last", TEASER, link=url, title="A report")))
    assert full_text.poll().new_articles == 1 + len(links)
    assert full_text.site.asked["/story"] == 1


def test_a_paused_host_defers_its_pages_to_the_next_poll(full_text: Desk) -> None:
    publish(full_text, "/story")
    full_text.make_due()
    (batch,) = full_text.claim()
    captured = steps.capture_feeds(full_text.store, full_text.settings, batch, clock=full_text.clock)
    full_text.sql.execute(
        "UPDATE desk.hosts SET paused_until = clock_timestamp() + interval '1 hour', paused_reason = 'Retry-After'"
    )
    assert steps.capture_pages(full_text.store, full_text.settings, captured, clock=full_text.clock) == 0
    full_text.load(captured)
    assert full_text.rows(FETCHES) == []
    assert full_text.value("SELECT flags FROM desk.articles") == ["page_failed"]
    full_text.sql.execute("UPDATE desk.hosts SET paused_until = clock_timestamp() - interval '1 second'")
    publish(full_text, "/story", note=1)
    full_text.clock.now += timedelta(hours=1)
    full_text.poll()
    assert full_text.row("SELECT word_count, flags FROM desk.articles") == {"word_count": 240, "flags": []}
