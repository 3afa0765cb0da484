"""Which feeds a page names, and in which order."""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wiredesk.parse.discover import USUAL_PATHS, FoundFeed, find_feeds, usual_addresses

SHARED = Path(__file__).parents[2] / "../shared/data/feeds/conformance_dev.tar.xz"
SITE = "https://gazette.example"
PAGE = f"{SITE}/news/"
RSS = 'rel="alternate" type="application/rss+xml"'


def urls(html: str | bytes, base: str = PAGE) -> list[str]:
    return [feed.url for feed in find_feeds(html, base)]


@pytest.mark.parametrize(
    ("link", "url", "media_type"),
    [
        (f"<link {RSS} href=/rss.xml>", f"{SITE}/rss.xml", "application/rss+xml"),
        ("<LINK REL=Alternate TYPE=Application/Atom+XML HREF=atom>", f"{PAGE}atom", "application/atom+xml"),
        ("<link rel='home  alternate\tx' type='application/rss+xml' href=' /f '>", f"{SITE}/f", "application/rss+xml"),
        ("<link rel=alternate type=' text/xml; charset=utf-8' href=/index.xml>", f"{SITE}/index.xml", "text/xml"),
        (
            "<link rel=alternate type=application/rdf+xml href=//w.example/i>",
            "https://w.example/i",
            "application/rdf+xml",
        ),
        ("<link rel=&#65;lternate type=application/rss&#43;xml href=/f>", f"{SITE}/f", "application/rss+xml"),
        (f"<link {RSS} href='?a=1&amp;feed=rss2'>", f"{PAGE}?a=1&feed=rss2", "application/rss+xml"),
        ("<link rel=alternate type=application/feed+json href=/f>", f"{SITE}/f", "application/feed+json"),
        ("<link rel=alternate type=application/json href=/feed.json>", f"{SITE}/feed.json", "application/json"),
        ("<link rel=feed href=/atom.xml>", f"{SITE}/atom.xml", None),
        (f"<link {RSS} href=feed://gazette.example/rss>", "http://gazette.example/rss", "application/rss+xml"),
        (f"<link {RSS} href=feed:https://gazette.example/rss>", f"{SITE}/rss", "application/rss+xml"),
        (f"<body><p><link {RSS} href=/rss#top>", f"{SITE}/rss", "application/rss+xml"),
    ],
)
def test_declared_feed_is_found(link: str, url: str, media_type: str | None) -> None:
    page = f"<html><head>{link}</head><body></body></html>"
    assert find_feeds(page, PAGE) == [FoundFeed(url, None, media_type)]


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alter nate" type="application/rss+xml" href="/rss">',
        '<link rev="alternate" type="application/rss+xml" href="/rss">',
        '<link rel="alternate" type="application/ rss+xml" href="/rss">',
        '<link rel="alternate stylesheet" type="text/css" href="/feed.css">',
        '<link rel="alternate" type="text/html" hreflang="da" href="/da/feed">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed?format=xml">',
        f'<link {RSS} href="">',
        f'<link {RSS} href="javascript:void(0)">',
        f'<link {RSS} href="http://[">',
        f"<!-- <link {RSS} href='/rss'> -->",
        f"<script>'<link {RSS} href=\"/rss\">'</script>",
        '<a href="/archive/rss-readers">How to read feeds</a><a href="/feed-me">Recipes</a>',
    ],
)
def test_what_only_resembles_a_feed_is_not_taken_for_one(link: str) -> None:
    assert find_feeds(f"<html><head>{link}</head></html>", PAGE) == []


def test_base_counts_for_what_follows_it() -> None:
    page = f'<link {RSS} href="1"><base href="/b/"><base href="/c/"><link {RSS} href="2">'
    assert urls(page) == [f"{PAGE}1", "https://gazette.example/b/2"]


def test_order_is_that_of_the_page_with_comments_last_and_each_once() -> None:
    page = "".join(f"<link {RSS} href={path}>" for path in ("/comments/feed/", "/feed/", "/sport", "/feed/"))
    assert urls(page) == [f"https://gazette.example/{path}" for path in ("feed/", "sport", "comments/feed/")]


def test_links_that_look_like_feeds_are_the_second_choice() -> None:
    anchors = (
        '<a href="/rss.xml">News <b>feed</b></a><a href="https://x.example/?format=rss">x</a><a href="/about">y</a>'
    )
    assert find_feeds(anchors, PAGE)[0] == FoundFeed("https://gazette.example/rss.xml", "News feed", None)
    assert urls(anchors) == ["https://gazette.example/rss.xml", "https://x.example/?format=rss"]
    assert urls(f'{anchors}<link {RSS} href="/main">') == ["https://gazette.example/main"]


@pytest.mark.parametrize(
    "page",
    [
        f'<link {RSS} href="/f" title="Zürich">'.encode(),
        f'<?xml version="1.0" encoding="latin-1"?><link {RSS} href="/f" title="Zürich">',
        f'<meta charset="iso-8859-1"><link {RSS} href="/f" title="Zürich">'.encode("iso-8859-1"),
    ],
)
def test_title_is_read_in_the_pages_encoding(page: str | bytes) -> None:
    assert [feed.title for feed in find_feeds(page, PAGE)] == ["Zürich"]


@given(st.binary(max_size=300) | st.text(max_size=300), st.sampled_from([PAGE, "", "http://[", "feed"]))
def test_any_page_gives_http_addresses_or_none(page: bytes | str, base: str) -> None:
    assert all(feed.url.startswith(("http://", "https://")) for feed in find_feeds(page, base))


def test_usual_addresses_are_below_the_page_and_then_below_the_front_page() -> None:
    found = list(usual_addresses("https://gazette.example/news"))
    assert found[0] == "https://gazette.example/news/feed/"
    assert found[len(USUAL_PATHS)] == "https://gazette.example/feed/"
    assert len(found) == len(set(found)) == 2 * len(USUAL_PATHS)
    assert len(list(usual_addresses("https://gazette.example/"))) == len(USUAL_PATHS)


def pages() -> Iterator[tuple[str, bytes]]:
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is absent: shared data for development")
    with tarfile.open(SHARED) as archive:
        for member in archive:
            name = member.name.rpartition("/")[2]
            if re.fullmatch(r"html4-\d+\.html", name) and (content := archive.extractfile(member)):
                with content:
                    yield name.removesuffix(".html"), content.read()


def test_every_page_of_the_autodiscovery_suite_leads_to_its_feed_alone() -> None:
    read = 0
    for name, page in pages():
        found = urls(page, f"http://diveintomark.org/tests/client/autodiscovery/{name}.html")
        live = [re.sub(r"^https://web\.archive\.org/web/\d+/http:/+", "http://", url) for url in found]
        # 047 to 050 declare a base on another host.
        host = "www.ragingplatypus.com" if "047" <= name[-3:] <= "050" else "diveintomark.org"
        assert live == [f"http://{host}/tests/client/autodiscovery/{name}.xml"], name
        read += 1
    assert read == 57
