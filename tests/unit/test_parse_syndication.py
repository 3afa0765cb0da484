"""RSS and Atom: what becomes of each field, and of feedparser's known slips."""

from datetime import UTC, datetime

import pytest
from wiredesk.errors import PayloadError
from wiredesk.models import Enclosure, Entry, EntryReason, PayloadReason
from wiredesk.parse import parse_entries

POISON = '<gml:pos xmlns:gml="http://www.opengis.net/gml">north of the harbour</gml:pos>'


def rss(*items: str, channel: str = "", version: str = "2.0") -> bytes:
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="{version}"><channel>'
        f"<title>Tidewater Gazette</title><link>https://gazette.example/</link>{channel}{body}</channel></rss>"
    ).encode()


def atom(entry: str, feed: str = "") -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{feed}<entry>{entry}</entry></feed>'.encode()


def only(body: bytes, **options: str) -> Entry:
    (entry,) = parse_entries(body, **options).entries
    return entry


def quarantined(body: bytes) -> PayloadError:
    with pytest.raises(PayloadError) as caught:
        parse_entries(body, url="https://gazette.example/rss")
    return caught.value


FULL_ITEM = """
<guid isPermaLink="false">harbour-17</guid><link>/news/17?from=rss</link>
<title><![CDATA[Ferry back <em>at last</em>]]></title>
<description>Short.</description>
<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/"><![CDATA[<p>Long story.</p>]]>
</content:encoded>
<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">Ada Reed</dc:creator>
<pubDate>Mon, 02 Mar 2026 08:00:00 +0100</pubDate>
<category>Harbour</category><category>Ferries</category><category>Harbour</category>
<enclosure url="https://gazette.example/17.mp3" type="audio/mpeg" length="1234"/>
"""


def test_every_field_of_an_rss_item_is_read() -> None:
    parsed = parse_entries(
        rss(FULL_ITEM, channel="<language>en_GB</language><ttl>45</ttl>"), url="https://gazette.example/rss"
    )
    assert (parsed.kind, parsed.title, parsed.link) == ("rss20", "Tidewater Gazette", "https://gazette.example/")
    assert (parsed.language, parsed.hints.floor_s, parsed.warning) == ("en-GB", 45 * 60, None)
    (entry,) = parsed.entries
    assert entry.key == "harbour-17"
    assert entry.url == "https://gazette.example/news/17?from=rss"
    assert entry.title == "Ferry back <em>at last</em>"
    assert (entry.html, entry.summary) == ("<p>Long story.</p>", "Short.")
    assert entry.authors == ("Ada Reed",)
    assert entry.published_at == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert entry.categories == ("Harbour", "Ferries")
    assert entry.enclosures == (Enclosure("https://gazette.example/17.mp3", "audio/mpeg", 1234),)


def test_every_field_of_an_atom_entry_is_read() -> None:
    entry = only(
        atom(
            '<id>tag:gazette.example,2026:17</id><title type="html">Ferry &lt;em&gt;back&lt;/em&gt;</title>'
            '<link rel="enclosure" type="audio/mpeg" href="https://gazette.example/17.mp3"/>'
            '<link rel="alternate" href="https://gazette.example/17"/>'
            "<author><name>Ada Reed</name></author><author><name>Bo Lund</name></author>"
            "<published>2026-03-02T08:00:00+01:00</published><updated>2026-03-02T09:30:00Z</updated>"
            '<summary>Short.</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
            '<p>Long story.</p></div></content><category term="Harbour"/>',
            feed='<title>Gazette</title><link href="https://gazette.example/"/>',
        )
    )
    assert entry.key == "tag:gazette.example,2026:17"
    assert (entry.url, entry.title) == ("https://gazette.example/17", "Ferry <em>back</em>")
    assert (entry.html, entry.summary) == ("<p>Long story.</p>", "Short.")
    assert entry.authors == ("Ada Reed", "Bo Lund")
    assert entry.published_at == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert entry.updated_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert (entry.categories, entry.enclosures) == (
        ("Harbour",),
        (Enclosure("https://gazette.example/17.mp3", "audio/mpeg"),),
    )


def test_date_of_rss_1_is_the_date_of_publication() -> None:
    parsed = parse_entries(
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        b'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://gazette.example/"><title>G</title>'
        b'</channel><item rdf:about="https://gazette.example/17"><title>Ferry</title>'
        b"<link>https://gazette.example/17</link><dc:date>2026-03-02T08:00:00Z</dc:date></item></rdf:RDF>"
    )
    assert (parsed.kind, parsed.entries[0].published_at) == ("rss10", datetime(2026, 3, 2, 8, 0, tzinfo=UTC))


def test_first_plain_link_is_the_entrys_own() -> None:
    entry = only(
        atom(
            "<id>17</id><title>Ferry</title>"
            '<link rel="alternate" type="application/json" href="https://gazette.example/17.json"/>'
            '<link rel="alternate" type="text/html" href="https://gazette.example/17"/>'
            '<link rel="alternate" type="text/html" hreflang="da" href="https://gazette.example/da/17"/>'
        )
    )
    assert entry.url == "https://gazette.example/17"


def test_guid_is_a_link_only_where_it_is_an_address() -> None:
    assert only(rss("<guid>https://gazette.example/17</guid>")).url == "https://gazette.example/17"
    assert only(rss("<guid>17</guid>"), url="https://gazette.example/rss").url is None


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "mailto:desk@gazette.example", "http://[", "http://"]
)
def test_link_that_is_no_web_address_is_no_url(link: str) -> None:
    entry = only(rss(f"<guid isPermaLink='false'>17</guid><link>{link}</link>"), url="https://gazette.example/rss")
    assert entry.url is None


def test_key_does_not_depend_on_where_the_feed_was_fetched() -> None:
    body = rss("<guid>17</guid><title>Ferry</title>")
    assert only(body, url="https://a.example/rss").key == only(body, url="http://b.example/").key == "17"


def test_item_without_an_id_goes_by_its_link_then_by_title_and_date() -> None:
    assert only(rss("<link>https://gazette.example/17</link>")).key == "https://gazette.example/17"
    key = only(rss("<title>Ferry</title><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate>")).key
    assert key.startswith("told:")
    other_day = only(rss("<title>Ferry</title><pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate>")).key
    same = only(rss("<title>Ferry</title><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate><author>x</author>")).key
    assert (other_day != key, same) == (True, key)


def test_item_that_says_nothing_is_rejected_whole_and_its_neighbours_live() -> None:
    parsed = parse_entries(rss("<guid>1</guid>", "<comments/>", "<guid>2</guid>"))
    assert [entry.key for entry in parsed.entries] == ["1", "2"]
    (rejected,) = parsed.rejected
    assert (rejected.reason, rejected.raw) == (EntryReason.NO_IDENTITY, b"<item><comments/></item>")


def test_item_that_feedparser_raises_on_is_rejected_whole_and_its_neighbours_live() -> None:
    items = [f"<guid>{n}</guid><title>Story {n}</title>{POISON if n in (2, 5) else ''}" for n in range(8)]
    parsed = parse_entries(rss(*items, channel="<ttl>10</ttl>"))
    assert [entry.key for entry in parsed.entries] == ["0", "1", "3", "4", "6", "7"]
    assert [rejected.raw for rejected in parsed.rejected] == [f"<item>{items[n]}</item>".encode() for n in (2, 5)]
    assert {rejected.reason for rejected in parsed.rejected} == {EntryReason.PARSER_FAILED}
    assert (parsed.title, parsed.hints.floor_s) == ("Tidewater Gazette", 600)


def test_item_tags_inside_cdata_do_not_confuse_the_search_for_the_poison() -> None:
    tricky = "<guid>1</guid><description><![CDATA[<item>not one</item></item>]]></description><!-- </item> -->"
    parsed = parse_entries(rss(tricky, f"<guid>2</guid>{POISON}", "<guid>3</guid>"))
    assert [entry.key for entry in parsed.entries] == ["1", "3"]
    assert parsed.entries[0].html == "<item>not one</item></item>"


def test_poison_outside_the_items_quarantines_the_payload() -> None:
    error = quarantined(
        rss("<guid>1</guid>", channel="<image></image></width>").replace(b"<channel>", f"<channel>{POISON}".encode())
    )
    assert error.reason is PayloadReason.PARSER_FAILED


def test_whatever_a_parser_does_the_payload_is_quarantined_with_the_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    # No known bytes do it: feedparser answers here as no release of it does, without the feed's own fields.
    monkeypatch.setattr("feedparser.parse", lambda *_, **__: {"entries": [], "version": "rss20"})
    error = quarantined(rss("<guid>1</guid>")[:-1])
    assert error.reason is PayloadReason.PARSER_FAILED
    assert "KeyError('feed')" in error.detail
    assert "https://gazette.example/rss" in error.detail


def test_same_id_with_other_links_are_other_stories() -> None:
    items = [f"<guid isPermaLink='false'>news</guid><link>https://gazette.example/{n}</link>" for n in (1, 2)]
    parsed = parse_entries(rss(*items))
    assert [entry.key for entry in parsed.entries] == ["https://gazette.example/1", "https://gazette.example/2"]


def test_same_link_with_other_titles_are_other_stories() -> None:
    items = [f"<link>https://gazette.example/ticker</link><title>Line {n}</title>" for n in (1, 2)]
    parsed = parse_entries(rss(*items))
    assert [entry.title for entry in parsed.entries] == ["Line 1", "Line 2"]
    assert len({entry.key for entry in parsed.entries}) == 2


def test_of_two_wordings_under_one_id_the_later_stays() -> None:
    def item(title: str, day: str) -> str:
        link = "<link>https://gazette.example/1</link>"
        return f"<guid>1</guid>{link}<title>{title}</title>{day and f'<pubDate>{day} Mar 2026 08:00:00 GMT</pubDate>'}"

    parsed = parse_entries(rss(item("Old", "02"), item("New", "03")))
    assert [entry.title for entry in parsed.entries] == ["New"]
    assert "1 item(s) repeated the id" in (parsed.warning or "")
    assert only(rss(item("First", ""), item("Second", ""))).title == "First"


def test_digest_is_of_what_the_entry_says_and_not_of_its_key() -> None:
    first = only(rss(FULL_ITEM))
    assert len(first.digest) == 32
    assert only(rss(FULL_ITEM)).digest == first.digest
    assert only(rss(FULL_ITEM.replace("harbour-17", "harbour-18"))).digest == first.digest
    assert only(rss(FULL_ITEM.replace("Long story", "Longer story"))).digest != first.digest
    assert only(rss(FULL_ITEM.replace("1234", "1235"))).digest != first.digest


def test_digest_is_pinned() -> None:
    # A change here makes every stored entry look edited once: raise PIPELINE_VERSION with it.
    entry = only(rss("<guid>1</guid><title>Ferry</title><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate>"))
    assert entry.digest.hex() == "4bdd5f530b5aa4bef27d93adcf4e2d9052ac5571b8c9c5eafc143b36b8ff8e5a"


def test_key_too_long_to_store_is_replaced_by_its_digest() -> None:
    entry = only(rss(f"<guid>{'x' * 1025}</guid>"))
    assert entry.key.startswith("sha256:")
    assert only(rss(f"<guid>{'x' * 1024}</guid>")).key == "x" * 1024


def test_feed_without_items_is_read() -> None:
    parsed = parse_entries(rss())
    assert (parsed.kind, parsed.entries, parsed.warning) == ("rss20", (), None)


def test_feed_that_is_not_well_formed_is_read_with_a_warning() -> None:
    parsed = parse_entries(rss("<guid>1</guid><title>Fish & chips &nbsp; back</title>"))
    assert parsed.entries[0].title == "Fish & chips \xa0 back"
    assert "not well-formed at line 1" in (parsed.warning or "")


def test_external_entities_are_not_read() -> None:
    body = rss("<guid>1</guid><title>A&x;B</title>").replace(
        b"<rss", b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss', 1
    )
    assert only(body).title == "AB"


@pytest.mark.parametrize(
    ("body", "reason", "word"),
    [
        (b"", PayloadReason.EMPTY, "no content"),
        (b" \r\n\t", PayloadReason.EMPTY, "no content"),
        (b"<!DOCTYPE html><html><title>Just a moment</title>", PayloadReason.HTML_NOT_FEED, "Just a moment"),
        (b"\xef\xbb\xbf<!-- x --> <HTML lang=en>", PayloadReason.HTML_NOT_FEED, "HTML page"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "a" "b">\n<html/>', PayloadReason.HTML_NOT_FEED, "HTML"),
        ("<html><body>Zugriff verweigert".encode("utf-16"), PayloadReason.HTML_NOT_FEED, "HTML page"),
        (b"<script>location='/login'</script>", PayloadReason.HTML_NOT_FEED, "HTML page"),
        (b"Too many requests", PayloadReason.NOT_A_FEED, "Too many requests"),
        (b"\x1f\x8b\x08\x00abc", PayloadReason.NOT_A_FEED, "binary file"),
        (b"<urlset><url><loc>https://x/</loc></url></urlset>", PayloadReason.NOT_A_FEED, "<urlset>"),
        (b"<rss version='2.0'><channel><title>Tide", PayloadReason.MALFORMED, "breaks off"),
    ],
)
def test_payload_that_is_no_feed_is_quarantined_with_a_reason(body: bytes, reason: PayloadReason, word: str) -> None:
    error = quarantined(body)
    assert error.reason is reason
    assert word in error.detail
    assert "https://gazette.example/rss" in error.detail


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("rss091u", rss("<guid>1</guid>", version="0.91")),
        ("rss092", rss("<guid>1</guid>", version="0.92")),
        ("rss20", rss("<guid>1</guid>", version="2.0.1")),
        ("rss", rss("<guid>1</guid>", version="9")),
        ("atom10", atom("<id>1</id>")),
        ("atom03", b'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><id>1</id></entry></feed>'),
    ],
)
def test_kind_names_the_format(kind: str, body: bytes) -> None:
    parsed = parse_entries(body)
    assert (parsed.kind, [entry.key for entry in parsed.entries]) == (kind, ["1"])
