"""What holds for every input of cleaning, not only for those that somebody thought of."""

import re
from string import ascii_lowercase

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wiredesk.clean.fragment import clean_fragment
from wiredesk.clean.limits import check_limits
from wiredesk.clean.page import clean_page
from wiredesk.clean.residue import strip_residue
from wiredesk.clean.sanitize import sanitize
from wiredesk.clean.text import plain_title, tidy_line
from wiredesk.clean.urls import absolute_url, clean_url, names_same_article, url_key
from wiredesk.errors import EntryRejected

# Time limits of Hypothesis measure the machine's other tenants.
calm = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])

words = st.text(ascii_lowercase, min_size=1, max_size=8)
hosts = st.lists(words, min_size=1, max_size=3).map(".".join)
paths = st.lists(st.sampled_from(["amp", "a-b-c", "2024", "..", ".", "", "index.html", "x.amp", "%7Ea", "é"]) | words)
names = st.sampled_from(["utm_source", "fbclid", "id", "p", "ref", "amp", "%75tm_x", "source"]) | words
queries = st.lists(st.tuples(names, words | st.sampled_from(["rss", "1", ""])), max_size=4)
urls = st.builds(
    lambda scheme, prefix, host, port, path, query, fragment: (
        f"{scheme}://{prefix}{host}{port}/{'/'.join(path)}?{'&'.join('='.join(pair) for pair in query)}#{fragment}"
    ),
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["", "www.", "m.", "amp.", "www.google.com/amp/s/", "x.cdn.ampproject.org/c/s/"]),
    hosts,
    st.sampled_from(["", ":80", ":443", ":8080"]),
    paths,
    queries,
    words | st.just("!/a"),
)

blocks = st.sampled_from(["p", "div", "ul", "li", "table", "tr", "td", "h2", "pre", "blockquote", "figure"])
inlines = st.sampled_from(["span", "b", "a", "img", "br", "code", "script", "style", "iframe", "svg", "noscript"])
tags = blocks | inlines
attributes = st.sampled_from(
    [
        "",
        " href='/a?utm_source=x'",
        " src=x.jpg width=1",
        " hidden",
        " style='display:none'",
        " onclick=x()",
        " class='sr-only'",
    ]
)
pieces = st.one_of(
    st.builds("<{}{}>".format, tags, attributes),
    st.builds("</{}>".format, tags),
    st.text(max_size=20),
    st.sampled_from(
        ["&lt;p&gt;", "&amp;lt;", "&nbsp;", "&#0;", "&#xD800;", "<!--", "-->", "<![CDATA[", "]]>", "[…]", "Read more"]
    ),
)
markup = st.lists(pieces, max_size=30).map("".join)


@calm
@given(urls)
def test_key_of_a_key_is_itself(url: str) -> None:
    key = url_key(url)
    assert key is not None
    assert url_key(key) == key


@calm
@given(st.text(max_size=60), st.text(max_size=30))
def test_any_text_has_an_address_or_none(url: str, base: str) -> None:
    address = absolute_url(url, base)
    if address is not None:
        assert re.fullmatch(r"https?://[!-~]+", address)
        assert absolute_url(address, None) == address
        assert url_key(url_key(address)) == url_key(address)
        names_same_article(address, address)


@calm
@given(urls, st.sampled_from(["utm_source=feed", "fbclid=x1", "xtor=RSS-7", "ref=rss", "at_medium=RSS"]))
def test_tracking_parameter_changes_no_key(url: str, parameter: str) -> None:
    bare, _, fragment = url.partition("#")
    assert url_key(f"{bare}&{parameter}#{fragment}") == url_key(url)
    assert parameter not in clean_url(f"{bare}&{parameter}#{fragment}").partition("?")[2].split("&")


@calm
@given(urls, st.sampled_from(["id", "p", "story", "article", "page", "cat"]), st.integers(0, 9), st.integers(0, 9))
def test_key_never_drops_an_identifying_query(url: str, name: str, one: int, other: int) -> None:
    bare, _, _ = url.partition("#")
    keys = {url_key(f"{bare}&{name}={value}") for value in (one, other)}
    assert len(keys) == (1 if one == other else 2)


@calm
@given(markup)
def test_any_fragment_is_cleaned_into_storable_text_and_safe_html(html: str) -> None:
    try:
        fragment = clean_fragment(html, base_url="https://coast.example/a")
    except EntryRejected:
        return
    for text in (fragment.text, fragment.html):
        assert "\x00" not in text
        text.encode("utf-8")
    assert all(line == tidy_line(line) != "" for line in fragment.text.split("\n\n") if fragment.text)
    assert sanitize(fragment.html) == fragment.html
    assert not re.search(r"<(script|style|iframe|svg)|\son\w+=|javascript:", fragment.html)


@settings(calm, max_examples=40)
@given(markup)
def test_any_page_is_cleaned_and_an_empty_result_is_flagged(html: str) -> None:
    page = clean_page(html.encode("utf-8", "replace"), url="https://coast.example/a")
    assert ("stub" in page.flags) == (page.text == "")
    assert "\x00" not in page.text + page.html + page.title
    (page.text + page.html + page.title).encode("utf-8")


@calm
@given(st.text(max_size=80))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert tidy_line(tidy_line(text)) == tidy_line(text)
    assert "\n" not in plain_title(text)


sentences = st.lists(words, min_size=6, max_size=20).map(lambda found: f"{' '.join(found).capitalize()}.")
furniture = st.sampled_from(
    [
        "Get a summary",
        "Next Article",
        "Previous Article",
        "A headline of somebody",
        "By Ane Holt",
        "3 March 2024",
        "Share",
    ]
)


@calm
@given(st.lists(furniture, max_size=4), st.lists(sentences | furniture, min_size=1), st.lists(furniture, max_size=4))
def test_no_sentence_is_ever_residue(head: list[str], body: list[str], tail: list[str]) -> None:
    lines = [*head, *body, *tail]
    kept = strip_residue(lines, titles=("A headline of somebody",), authors=("Ane Holt",)).indexes
    assert set(kept) >= {index for index, line in enumerate(lines) if line.endswith(".")}


@calm
@given(
    st.lists(
        st.sampled_from(["<div>", "</div>", "<b", " a='", "'", ">", "<!--", "-->", "<script>", "</script>", "=", "/"])
    )
)
def test_scan_of_the_limits_ends_on_any_markup(parts: list[str]) -> None:
    check_limits("".join(parts))
