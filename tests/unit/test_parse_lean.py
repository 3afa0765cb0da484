"""What is quicker than feedparser's parser must say the same of everything that becomes a field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wiredesk.parse import strict
from wiredesk.parse.captions import CaptionsApart
from wiredesk.parse.lean import LeanFeedparser

FIELDS = (
    *("id", "link", "links", "title", "title_detail", "summary", "summary_detail", "content", "authors", "author"),
    *("published", "updated", "created", "tags", "language", "media_headline", "media_caption"),
)
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:odd="http://odd.example/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:media2="http://purl.org/dc/elements/1.1/"'
)
NAMES = st.sampled_from(
    (
        *("guid", "id", "link", "title", "description", "summary", "content:encoded", "pubDate", "published"),
        *("updated", "dc:date", "dc:creator", "dc:subject", "author", "name", "email", "category", "source", "image"),
        *("textinput", "media:content", "media:group", "media:title", "media:description", "media:credit"),
        *("media:thumbnail", "media:keywords", "media:category", "itunes:keywords", "itunes:author", "itunes:image"),
        *("odd:thing", "comments", "media2:title", "content", "enclosure", "url", "b", "div"),
    )
)
ATTRIBUTES = st.sampled_from(
    (
        *("", "", "", ' type="html"', ' type="xhtml"', ' rel="ALTERNATE" href="/a"', ' url="/e.mp3" length="3"'),
        *(' xml:base="https://b.example/"', ' xml:lang="da"', ' isPermaLink="false"', ' term="t"', ' xmlns="urn:x"'),
    )
)
TEXTS = st.sampled_from(
    ["", " ", "a", "Fish &amp; chips", "été", "1", " b ", "Mon, 02 Mar 2026 08:00:00 GMT", "x@y.example"]
)


def element(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(NAMES, ATTRIBUTES, st.lists(inside, max_size=4).map("".join)).map(
        lambda one: f"<{one[0]}{one[1]}>{one[2]}</{one[0]}>"
    )


ELEMENTS = st.recursive(TEXTS, element, max_leaves=12)


def read(document: bytes, parser: type) -> tuple[Any, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strict, "LeanFeedparser", parser)
        reading = strict.read_strict(document)
    entries = [{name: dict.get(entry, name) for name in FIELDS} for item in reading.items for entry in item.entries]
    errors = [type(item.error) for item in reading.items]
    return reading.version, {name: dict.get(reading.feed, name) for name in FIELDS}, entries, errors


class Plain(CaptionsApart):
    """feedparser's own."""

    resolve_relative_uris = False
    sanitize_html = False


@given(st.lists(ELEMENTS, max_size=6).map("".join), st.lists(ELEMENTS, max_size=2).map("".join), st.booleans())
def test_every_field_is_as_feedparser_reads_it(item: str, channel: str, is_atom: bool) -> None:
    if is_atom:
        text = f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}>{channel}<entry>{item}</entry></feed>'
    else:
        text = f'<rss version="2.0" {NAMESPACES}><channel>{channel}<item>{item}</item></channel></rss>'
    document = text.encode()
    plain = read(document, Plain)
    if set(plain[3]) == {type(None)}:  # what feedparser stumbles over, the lean one may read
        assert read(document, LeanFeedparser) == plain
