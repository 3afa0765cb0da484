"""Google News sitemaps."""

from datetime import UTC, datetime

import pytest
from wiredesk.errors import PayloadError
from wiredesk.models import Enclosure, EntryReason, ParsedFeed, PayloadReason
from wiredesk.parse import parse_entries
from wiredesk.parse.sitemap import parse_news_sitemap

NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)


def news(number: int, date: str = "2026-03-02T08:00:00+01:00") -> str:
    return (
        f"<url><loc>https://gazette.example/{number}?a=1&amp;b=2</loc><lastmod>2026-03-02T09:30Z</lastmod><n:news>"
        "<n:publication><n:name>Tidewater Gazette</n:name><n:language>en</n:language></n:publication>"
        f"<n:publication_date>{date}</n:publication_date><n:title><![CDATA[Ferry & {number}]]></n:title>"
        "<n:keywords>Harbour, Ferries,Harbour</n:keywords></n:news>"
        f"<image:image><image:loc>/{number}.jpg</image:loc><image:title>Not it</image:title></image:image></url>"
    )


def sitemap(*entries: str) -> bytes:
    return f"<?xml version='1.0'?><urlset {NAMESPACES}>{''.join(entries)}</urlset>".encode()


def quarantined(body: bytes) -> PayloadError:
    with pytest.raises(PayloadError) as caught:
        parse_entries(body, url="https://gazette.example/sitemap.xml")
    return caught.value


def parsed(*entries: str) -> ParsedFeed:
    return parse_entries(sitemap(*entries), url="https://gazette.example/sitemap.xml")


def test_every_field_of_a_news_sitemap_is_read() -> None:
    feed = parsed(news(1), news(2))
    assert (feed.kind, feed.title, feed.language, feed.warning) == ("news_sitemap", "Tidewater Gazette", "en", None)
    entry = feed.entries[0]
    assert (entry.key, entry.url) == ("https://gazette.example/1?a=1&b=2", "https://gazette.example/1?a=1&b=2")
    assert (entry.title, entry.html, entry.categories) == ("Ferry & 1", None, ("Harbour", "Ferries"))
    assert entry.published_at == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert entry.updated_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert entry.enclosures == (Enclosure("https://gazette.example/1.jpg", "image/jpeg"),)
    assert (entry.language, len(entry.digest)) == ("en", 32)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-02T08:00Z", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T08:00:00.5-05:00", datetime(2026, 3, 2, 13, tzinfo=UTC)),
        ("2026-03-02T08:00:00+0530", datetime(2026, 3, 2, 2, 30, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 08:00:00 GMT", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("soon", None),
    ],
)
def test_date_is_read_in_any_w3c_format(date: str, expected: datetime | None) -> None:
    assert parsed(news(1, date)).entries[0].published_at == expected


def test_pages_without_news_are_passed_over_and_counted() -> None:
    feed = parsed("<url><loc>https://gazette.example/about</loc></url>", news(1))
    assert [entry.title for entry in feed.entries] == ["Ferry & 1"]
    assert feed.rejected == ()
    assert feed.warning == "1 page(s) without news elements passed over"


def test_entry_without_an_address_is_rejected_whole_and_its_neighbours_live() -> None:
    broken = "<url><loc>javascript:alert(1)</loc><n:news/></url>"
    feed = parsed(news(1), broken, news(3))
    assert [entry.title for entry in feed.entries] == ["Ferry & 1", "Ferry & 3"]
    assert [(one.reason, one.raw) for one in feed.rejected] == [(EntryReason.NO_IDENTITY, broken.encode())]


def test_sitemap_that_breaks_off_gives_what_came_before() -> None:
    feed = parse_entries(sitemap(news(1), news(2))[:-200])
    assert [entry.title for entry in feed.entries] == ["Ferry & 1"]
    assert "not well-formed" in (feed.warning or "")


def test_empty_news_sitemap_is_a_quiet_hour() -> None:
    assert parsed().entries == ()


@pytest.mark.parametrize(
    ("body", "reason", "words"),
    [
        (
            b"<sitemapindex><sitemap><loc>https://gazette.example/news.xml</loc></sitemap></sitemapindex>",
            PayloadReason.NOT_A_FEED,
            ("index of sitemaps", "subscribe", "https://gazette.example/news.xml"),
        ),
        (b"<urlset><url><loc>https://x/</loc></url></urlset>", PayloadReason.NOT_A_FEED, ("<urlset>", "robots.txt")),
        (b"<urlset><url><loc>https://x/</loc>", PayloadReason.MALFORMED, ("breaks off",)),
        (b"<urlset>" + b"<a>" * 300 + b"</a>" * 300 + b"</urlset>", PayloadReason.TOO_DEEP, ("deeper",)),
    ],
)
def test_other_sitemaps_are_quarantined_with_advice(body: bytes, reason: PayloadReason, words: tuple[str, ...]) -> None:
    error = quarantined(body)
    assert error.reason is reason
    assert all(word in error.detail for word in (*words, "https://gazette.example/sitemap.xml"))


def test_more_entries_than_allowed_are_refused() -> None:
    with pytest.raises(PayloadError) as caught:
        parse_news_sitemap(sitemap(*map(news, range(4))).decode(), where="it", url=None, max_items=3)
    assert caught.value.reason is PayloadReason.TOO_MANY_ITEMS


def test_entities_are_refused() -> None:
    body = "<!DOCTYPE u [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]><urlset><url><loc>&c;</loc></url></urlset>"
    with pytest.raises(PayloadError) as caught:
        parse_news_sitemap(body, where="it", url=None)
    assert caught.value.reason is PayloadReason.MALFORMED
