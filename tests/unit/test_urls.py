"""URLs: what is stored, and the key by which addresses of one article are recognised."""

import pytest
from wiredesk.clean.urls import (
    absolute_url,
    clean_url,
    is_redirector,
    names_same_article,
    registrable_host,
    url_key,
)

STORY = "https://example.com/2024/05/harbour-reopens-at-last"


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        ("/a/b", "https://example.com/x/y", "https://example.com/a/b"),
        ("../b?q=1#top", "https://example.com/x/y/z", "https://example.com/x/b?q=1#top"),
        ("//cdn.example.com/i.jpg", "https://example.com/", "https://cdn.example.com/i.jpg"),
        (" https://example.com/a\n b ", None, "https://example.com/a%20b"),
        ("HTTP://Example.COM:80/A", None, "http://example.com/A"),
        ("https://example.com:8443/a", None, "https://example.com:8443/a"),
        ("https://user:secret@example.com/a", None, "https://example.com/a"),
        ("https://bücher.example/ä", None, "https://xn--bcher-kva.example/%C3%A4"),
        ("http://127.0.0.1:8080/feed", None, "http://127.0.0.1:8080/feed"),
        ("http://[::1]:8080/feed", None, "http://[::1]:8080/feed"),
        ('https://example.com/"><script>', None, "https://example.com/%22%3E%3Cscript%3E"),
    ],
)
def test_address_is_made_absolute_as_a_browser_would(url: str, base: str | None, expected: str) -> None:
    assert absolute_url(url, base) == expected


@pytest.mark.parametrize(
    "url",
    [
        None, "", "   ", "/relative", "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "mailto:a@b",
        "ftp://example.com/a", "tag:example.com,2024:1", "http://", "http://[", "http://exa mple.com/", "https://a:b/",
        "http://example.com:99999/", "urn:uuid:1", "http://%00/", "http://-/",
    ],
)  # fmt: skip
def test_what_is_no_http_address_is_none(url: str | None) -> None:
    assert absolute_url(url, None) is None
    assert url_key(url) is None


def test_stored_url_loses_tracking_parameters_and_nothing_else() -> None:
    given = "http://www.example.com/Story/?utm_source=rss&b=2&fbclid=x&a=1&&c=#part"
    assert clean_url(given) == "http://www.example.com/Story/?b=2&a=1&&c=#part"
    assert clean_url("https://example.com/a?utm_medium=rss") == "https://example.com/a"
    assert clean_url("https://example.com/a#xtor=RSS-1") == "https://example.com/a"
    assert clean_url("https://example.com/a?") == "https://example.com/a?"


@pytest.mark.parametrize(
    "variant",
    [
        "http://example.com/2024/05/harbour-reopens-at-last",
        "https://www.example.com/2024/05/harbour-reopens-at-last/",
        "https://m.example.com/2024/05/harbour-reopens-at-last",
        "https://amp.example.com/2024/05/harbour-reopens-at-last",
        "https://example.com:443/2024/05/harbour-reopens-at-last#comments",
        "https://example.com/2024/05/harbour-reopens-at-last?utm_source=rss&utm_medium=feed",
        "https://example.com/2024/05/harbour-reopens-at-last/amp/",
        "https://example.com/amp/2024/05/harbour-reopens-at-last",
        "https://example.com/2024/05/harbour-reopens-at-last.amp",
        "https://example.com/2024/05/harbour-reopens-at-last?amp=1",
        "https://example.com/2024/05/harbour-reopens-at-last?outputType=amp",
        "https://example.com/2024/05/harbour-reopens-at-last?ref=rss",
        "https://example.com/2024/05/harbour-reopens-at-last?%75tm_source=x",
        "https://example.com/2024/05/harbour%2Dreopens-at-last",
        "https://example.com/2024/./05/x/../harbour-reopens-at-last",
        "https://example.com//2024/05/harbour-reopens-at-last/index.html",
        "https://example.com/2024/05/harbour-reopens-at-last;jsessionid=1F2E",
        "https://www.google.com/amp/s/www.example.com/2024/05/harbour-reopens-at-last",
        "https://example-com.cdn.ampproject.org/c/s/www.example.com/2024/05/harbour-reopens-at-last/amp",
    ],
)
def test_addresses_of_one_article_have_one_key(variant: str) -> None:
    assert url_key(variant) == STORY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/story?id=1", "https://example.com/story?id=2"),
        ("https://example.com/?p=1", "https://example.com/?p=2"),
        ("https://example.com/a?ref=1412", "https://example.com/a?ref=1413"),
        ("https://example.com/a?source=7", "https://example.com/a"),
        ("https://example.com/a?page=2", "https://example.com/a"),
        ("https://example.com/Story", "https://example.com/story"),
        ("https://example.com/guitars/amp", "https://example.com/guitars"),
        ("https://example.com/#!/story/1", "https://example.com/#!/story/2"),
        ("https://news.example.com/a", "https://sport.example.com/a"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://example.com:8080/a", "https://example.com/a"),
        ("https://example.com/a?q=x+y", "https://example.com/a?q=xy"),
        ("https://m.com/a", "https://com/a"),
    ],
)
def test_addresses_of_different_articles_keep_different_keys(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


def test_order_of_the_query_does_not_matter() -> None:
    assert url_key("https://example.com/a?x=1&y=2&x=3") == url_key("https://example.com/a?x=3&y=2&x=1")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.example.com/a", "example.com"),
        ("https://a.b.example.co.uk/", "example.co.uk"),
        ("https://news.example.com.au/", "example.com.au"),
        ("https://one.blogspot.com/", "one.blogspot.com"),
        ("http://127.0.0.1:80/", "127.0.0.1"),
        ("http://localhost:1/", "localhost"),
        ("nonsense", None),
    ],
)
def test_registrable_host_tells_publishers_apart(url: str, host: str | None) -> None:
    assert registrable_host(url) == host


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        ("https://example.com/2024/05/harbour-reopens-at-last", "https://m.example.com/harbour-reopens-at-last?x=1"),
        ("https://www.example.com/world/a-new-headline-4714223", "https://example.com/news/old-headline-4714223"),
        ("https://example.com/%D0%B3%D0%B0%D0%B2%D0%B0%D0%BD%D1%8C", "http://example.com/новости/гавань"),
    ],
)
def test_canonical_of_the_same_article_is_trusted(canonical: str, url: str) -> None:
    assert names_same_article(canonical, url)


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        ("https://other.example/2024/05/harbour-reopens-at-last", STORY),  # syndicated: the original is another article
        ("https://example.com/", STORY),  # a template's mistake: the front page
        ("https://example.com/news", "https://example.com/news/harbour-reopens-at-last"),
        ("https://example.com/2016/08/apartment-smarter", "https://example.com/2020/04/face-masks"),
        ("https://example.com/story", "https://example.com/story?id=7"),  # the query was all that identified it
        ("https://two.blogspot.com/harbour-reopens", "https://one.blogspot.com/harbour-reopens"),
        (None, STORY),
    ],
)
def test_canonical_that_would_merge_articles_is_not_trusted(canonical: str | None, url: str) -> None:
    assert not names_same_article(canonical, url)


def test_feed_proxies_and_link_shorteners_are_nobodys_address() -> None:
    assert is_redirector("https://feedproxy.google.com/~r/paper/~3/abc/")
    assert is_redirector("https://t.co/abc")
    assert not is_redirector("https://www.google.com/a")
    assert not is_redirector(STORY)
