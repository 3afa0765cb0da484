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


@pytest.mark.parametrize("size", [3_000_000, 9_000_000])
def test_an_item_that_only_ever_was_in_quarantine_goes_with_its_payloads(desk: Desk, size: int) -> None:
    """One that was read and is too large to clean, and one that the parser set aside as it stood in the feed."""
    desk.subscribe("/one")
    desk.site.put("/one", rss(item("before", prose("before"))))
    desk.poll()
    huge = item("a guid", f"{SECRET} {'x' * size}", link=LINK)
    for other in ("o", "n"):
        desk.site.put("/one", rss(huge, item(other, prose(other))))
        desk.poll()
    desk.settle()
    assert desk.value("SELECT count(*) FROM desk.quarantine") == 1
    forget(desk, url_prefix="https://p.example/news")
    assert where_found(desk, WORDS) == set()
    assert desk.value("SELECT count(*) FROM desk.articles") == 3
    assert desk.value("SELECT count(*) FROM desk.payloads WHERE body IS NOT NULL") == 1


def test_it_does_not_come_back_at_an_address_where_it_was_before(two: Desk) -> None:
    two.site.put("/one", rss(item("secret", SECRET, link="https://p.example/moved/1")))
    two.poll()
    two.settle()
    forget(two, article_id=two.value("SELECT article_id FROM desk.articles WHERE url_key LIKE '%moved%'"))
    for address in (LINK, "https://p.example/moved/1"):
        two.site.put("/two", rss(item(address, SECRET, link=address)))
        two.poll()
        two.settle()
    assert where_found(two, WORDS) == set()


def test_an_article_that_took_its_former_place_goes_on(two: Desk) -> None:
    two.site.put("/one", rss(item("secret", SECRET, link="https://p.example/archive/1")))
    two.poll()
    two.settle()
    for text in (prose("successor"), f"{prose('successor')} An update."):
        two.site.put("/two", rss(item("successor", text, link=LINK)))
        two.poll()
        two.settle()
        if text == prose("successor"):
            forget(two, article_id=two.value("SELECT article_id FROM desk.articles WHERE url_key LIKE '%archive%'"))
    assert two.value("SELECT text FROM news_v1.articles WHERE url = %s", LINK).endswith("An update.")


@pytest.mark.parametrize("canonical", ["https://orig.example/a/1", f"https://orig.example/a/{'y' * 1100}"])
def test_a_copy_that_names_its_original_goes_alone_and_stays_alone(desk: Desk, canonical: str) -> None:
    """Pages are copied with the canonical link of another article in them: what it names is not its own place."""
    desk.subscribe("/one", full_text=True)
    desk.subscribe("/two")
    body = page("Copy", SECRET).replace(b"<head>", b'<head><link rel="canonical" href="%s">' % canonical.encode())
    link = desk.site.put("/r/1", body, content_type="text/html")
    desk.site.put("/one", rss(item("copy", SECRET[:90], link=link)))
    for text in (prose("orig"), f"{prose('orig')} An update."):
        desk.site.put("/two", rss(item("orig", text, link="https://orig.example/a/1")))
        desk.poll()
        desk.settle()
        if text == prose("orig"):
            copy = desk.value("SELECT article_id FROM desk.articles WHERE url_key LIKE '%/r/1'")
            assert forget(desk, dry_run=True, url_prefix="https://orig.example").namesakes == (copy,)
            assert forget(desk, article_id=copy).articles == 1
    assert desk.value("SELECT text FROM news_v1.articles").endswith("An update.")


SPELLINGS = {
    "cdata": b"<!DOCTYPE html><html><body><item><link><![CDATA[%s]]></link>%s</item>",
    "escaped": b"<!DOCTYPE html><html><body>&lt;a href=&quot;%s&quot;&gt;%s",
    "json": b'{"items": [{"url": "%s", "t": "%s"}]}',
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_address_is_found_in_a_payload_in_any_spelling(desk: Desk, spelling: str) -> None:
    desk.subscribe("/one")
    address = LINK.replace("/", r"\/") if spelling == "json" else LINK
    desk.site.put("/one", SPELLINGS[spelling] % (address.encode(), SECRET.encode()))
    desk.poll()
    assert desk.value("SELECT count(*) FROM desk.quarantine") == 1
    forget(desk, url_prefix=LINK)
    assert where_found(desk, WORDS) == set()


def test_what_is_quarantined_of_another_publisher_stays_when_one_is_forgotten(two: Desk) -> None:
    two.sql.execute("UPDATE desk.sources SET host = 'gone.example'")
    two.subscribe("/three")
    huge = f"{prose('huge')} {'x' * 3_000_000} <a href='{LINK}'>as they say</a>"
    for number in range(2):
        two.site.put("/three", rss(item("huge", huge), item(f"fine {number}", prose(f"fine {number}"))))
        two.poll()
        two.settle()
    kept = (
        "SELECT count(*) FROM desk.payloads JOIN desk.fetches USING (payload_digest) JOIN desk.feeds USING (feed_id) "
        "WHERE feeds.url LIKE '%/three' AND body IS NOT NULL"
    )
    for target in ({"host": "gone.example"}, {"url_prefix": LINK}):
        forget(two, **target)
        assert two.value(kept) == 2
        assert two.value("SELECT count(*) FROM desk.quarantine") == 1


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
