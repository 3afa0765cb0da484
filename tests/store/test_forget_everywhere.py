"""What is forgotten is found in no corner of the database, nor comes back by another address."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.store.desk import TIMEOUT_S, Desk, item, page, prose, rss
from tests.store.test_forget import SECRET, WORDS, forget, where_found

LINK = "https://p.example/news/1"
SECRET_ITEM = item("secret", SECRET, link=LINK)


@pytest.fixture
def two(desk: Desk) -> Desk:
    desk.subscribe("/one", "/two")
    desk.site.put("/two", rss(item("z", prose("z"))))
    desk.site.put("/one", rss(SECRET_ITEM, item("o", prose("o"))))
    desk.poll()
    desk.settle()
    return desk


def test_a_payload_that_could_not_be_read_goes_with_it_and_others_stay(two: Desk) -> None:
    broken = b"<!DOCTYPE html><html><body>%s</body></html>"
    two.site.put("/one", broken % rss(SECRET_ITEM))
    two.site.put("/two", broken % rss(item("z", prose("z"), link="https://p.example/other")))
    two.poll()
    assert two.value("SELECT count(*) FROM desk.quarantine") == 2
    forget(two, url_prefix=LINK)
    assert where_found(two, WORDS) == set()
    assert two.value("SELECT count(*) FROM desk.quarantine") == 1


def test_a_payload_that_was_loaded_after_a_newer_one_goes_too(desk: Desk) -> None:
    desk.subscribe("/one")
    desk.site.put("/one", rss(SECRET_ITEM, item("o", prose("o"))))
    older = desk.capture()
    desk.site.put("/one", rss(SECRET_ITEM, item("n", prose("n"))))
    newer = [fetch_id for fetch_id in desk.capture() if fetch_id not in older]
    desk.load(newer)
    desk.load(older)
    desk.settle()
    forget(desk, url_prefix=LINK)
    assert where_found(desk, WORDS) == set()


def test_an_item_that_only_ever_was_in_quarantine_goes_with_its_payloads(desk: Desk) -> None:
    desk.subscribe("/one")
    huge = item("a guid", f"{SECRET} {'x' * 3_000_000}", link=LINK)
    for other in ("o", "n"):
        desk.site.put("/one", rss(huge, item(other, prose(other))))
        desk.poll()
    desk.settle()
    assert desk.value("SELECT count(*) FROM desk.quarantine") == 1
    forget(desk, url_prefix="https://p.example/news")
    assert where_found(desk, WORDS) == set()
    assert desk.value("SELECT count(*) FROM desk.articles") == 2


@pytest.mark.parametrize("by", ["article", "prefix"])
def test_it_does_not_come_back_at_an_address_where_it_was_before(two: Desk, by: str) -> None:
    two.site.put("/one", rss(item("secret", SECRET, link="https://p.example/moved/1")))
    two.poll()
    two.settle()
    article = two.value("SELECT article_id FROM desk.articles WHERE url_key LIKE '%moved%'")
    forget(two, **({"article_id": article} if by == "article" else {"url_prefix": "https://p.example/news"}))
    for address in (LINK, "https://p.example/moved/1"):
        two.site.put("/two", rss(item(address, SECRET, link=address)))
        two.poll()
        two.settle()
    assert where_found(two, WORDS) == set()


def test_it_is_found_and_kept_out_by_the_address_that_its_page_names(desk: Desk) -> None:
    desk.subscribe("/one", full_text=True)
    body = page("A report", SECRET).replace(b"<head>", b'<head><link rel="canonical" href="https://www.p.example/a/1">')
    for way in ("/r/1", "/r/2"):
        link = desk.site.put(way, body, content_type="text/html")
        desk.site.put("/one", rss(item(way, SECRET[:90], link=link)))
        desk.poll()
        desk.settle()
        if way == "/r/1":
            assert forget(desk, url_prefix="https://p.example/a").articles == 1
        assert where_found(desk, WORDS) == set()
    assert desk.value("SELECT count(*) FROM desk.articles WHERE removed_at IS NULL") == 0


def test_bytes_that_are_fetched_again_meanwhile_wait_to_be_loaded(two: Desk) -> None:
    """As when a feed alternates between two states, and the older is fetched again while its item is forgotten."""
    two.site.put("/one", rss(SECRET_ITEM, item("n", prose("n"))))
    two.poll()
    two.settle()
    first = "SELECT min(f.fetch_id) FROM desk.fetches AS f JOIN desk.entries USING (feed_id) WHERE title LIKE '%secret'"
    with psycopg.connect(two.dsn) as capture, ThreadPoolExecutor(1) as pool:
        capture.execute("SET ROLE wiredesk_writer")
        capture.execute(
            "INSERT INTO desk.fetches (kind, feed_id, claim_key, url, started_at, duration_ms, outcome, reason, "
            "payload_digest) SELECT kind, feed_id, 'again', url, now(), 1, outcome, reason, payload_digest "
            f"FROM desk.fetches WHERE fetch_id = ({first})"
        )
        capture.execute(
            "SELECT FROM desk.payloads WHERE payload_digest = "
            "(SELECT payload_digest FROM desk.fetches WHERE claim_key = 'again') FOR UPDATE"
        )
        forgetting = pool.submit(forget, two, url_prefix=LINK)
        waiting = "SELECT count(*) AS n FROM pg_locks WHERE NOT granted"
        looked = threading.Event()
        for _ in range(TIMEOUT_S * 20):
            if two.value(waiting):
                break
            looked.wait(0.05)
        capture.commit()
        forgetting.result(TIMEOUT_S)
    again = (
        "SELECT body IS NOT NULL FROM desk.fetches JOIN desk.payloads USING (payload_digest) WHERE claim_key = 'again'"
    )
    assert two.value(again)
    two.load([two.value("SELECT fetch_id FROM desk.fetches WHERE claim_key = 'again'")])
    assert where_found(two, WORDS) == set()
