"""Whatever the bytes: entries or a PayloadError, and no neighbour lost."""

import json
import random
from datetime import UTC

from hypothesis import example, given, settings
from hypothesis import strategies as st
from wiredesk.parse import parse_entries, to_json_lines
from wiredesk.parse.dates import EARLIEST, LATEST
from wiredesk.parse.items import item_spans
from wiredesk.parse.text import clean_characters

from tests.corpus.feed_promises import broken_promise, parse

SEEDS = (
    (
        b"<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>"
        b"<title>G</title><item><guid>1</guid><title>One &amp; &#233;</title><dc:creator>Ada</dc:creator>"
        b"<description><![CDATA[<p>x</p>]]></description><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item>"
        b"<item><link>https://g.example/2</link><enclosure url='/2.mp3' length='7'/></item></channel></rss>"
    ),
    (
        b"<feed xmlns='http://www.w3.org/2005/Atom'><title>G</title><entry><id>1</id><link href='/1'/>"
        b"<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>x</div></content></entry></feed>"
    ),
    b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","content_text":"x","tags":["a"]}]}',
)
DEBRIS = (
    *(b"\0", b"&#0;", b"&#xD800;", b"&#xD83D;&#xDE00;", b"&#x110000;", b"\xed\xa0\x80", b"\xff\xfe", b"<![CDATA["),
    *(b"]]>", b"<!--", b"<item>", b"</item>", b"</channel>", b"<", b"&", b'"', b"\\ud800", b"<textInput>", b"</width>"),
    *(b"<gml:pos xmlns:gml='http://www.opengis.net/gml'>n</gml:pos>", b"<!DOCTYPE r [<!ENTITY a 'b'>]>"),
)


@st.composite
def damaged_feeds(draw: st.DrawFn) -> bytes:
    body = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(body)))
        cut = draw(st.integers(0, 20))
        body = body[:at] + draw(st.sampled_from(DEBRIS) | st.binary(max_size=4)) + body[at + cut :]
    return body


@settings(deadline=None)  # a busy machine is no failure; tests/corpus/test_hostile_feeds.py has the limits
@given(damaged_feeds() | st.binary(max_size=200), st.sampled_from([None, "text/xml", "text/html; charset=utf-16"]))
@example(b"<rss version='2.0'><channel><item></width><guid>1</guid></item></channel></rss>", None)
def test_any_bytes_give_storable_entries_or_one_reason(body: bytes, content_type: str | None) -> None:
    assert broken_promise(body, random.Random(0), content_type) is None
    for line in to_json_lines(parse(body, content_type)):
        json.loads(line)


DATES = st.builds(
    "{} {:02} {} {:04} {:02}:{:02}:{:02} {}".format,
    st.sampled_from(["Fri,", "Fr,", "vendredi,", ""]),
    st.integers(0, 32),
    st.sampled_from(["Jan", "Feb", "Dec", "Janv"]),
    st.sampled_from([0, 1, 1969, 1970, 2026, 2099, 2100, 9999, 10_000]),
    *(st.integers(0, top) for top in (24, 60, 61)),
    st.sampled_from(["", "Z", "GMT", "EST", "JST", "NZDT", "-0500", "+1400", "-1400", "+9999"]),
) | st.text(st.sampled_from("0123456789-+:.TZ JanFriUEST,"), max_size=40)


@given(DATES)
@example("Fri, 31 Dec 9999 23:59:59 -0500")
@example("Mon, 01 Jan 0001 00:00:00 JST")
@example("Fr, 31 Dec 9999 23:59:59 -0500")
def test_any_date_is_a_moment_of_this_age_or_none(date: str) -> None:
    item = f"<item><guid>1</guid><pubDate>{date}</pubDate></item>"
    (entry,) = parse_entries(f"<rss version='2.0'><channel>{item}</channel></rss>".encode()).entries
    moment = entry.published_at
    assert moment is None or (moment.tzinfo is UTC and EARLIEST <= moment < LATEST)


@given(st.integers(1, 12), st.sets(st.integers(0, 11)))
def test_poison_items_never_take_a_neighbour_with_them(count: int, poisoned: set[int]) -> None:
    poison = "<gml:pos xmlns:gml='http://www.opengis.net/gml'>north</gml:pos>"
    items = [f"<item><guid>{n}</guid>{poison if n in poisoned else ''}</item>" for n in range(count)]
    body = f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>".encode()
    parsed = parse_entries(body)
    assert [entry.key for entry in parsed.entries] == [str(n) for n in range(count) if n not in poisoned]
    assert [one.raw.decode() for one in parsed.rejected] == [items[n] for n in range(count) if n in poisoned]


@given(st.text(st.sampled_from("<>/!-[]CDAT itemn:&;#x0"), max_size=300))
def test_item_spans_are_in_order_and_apart(text: str) -> None:
    end = 0
    for start, stop in item_spans(text):
        assert end <= start < stop
        assert text[start] == "<"
        assert text[stop - 1] == ">"
        end = stop


@given(st.text(st.sampled_from("&#xX0123456789aDdEe;\ud83d\ude00\0\ufffe"), max_size=100))
@example("&#x&#0;D800;")
def test_cleaned_characters_are_clean_and_stay_as_they_are(text: str) -> None:
    once = clean_characters(text)
    once.encode()
    assert clean_characters(once) == once
