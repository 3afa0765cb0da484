"""Reading only what is not known gives what reading the whole gives, and an item depends on nothing but its frame."""

from dataclasses import replace
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wiredesk.errors import PayloadError
from wiredesk.models import Entry, EntryReason, PayloadReason
from wiredesk.parse import ParseLimits, parse_entries, scan_items

from benchmarks.parse_day import DAY, FEEDS, Remembered, compare, members, read_day, url_of

URL = "https://gazette.example/rss"
POISON = '<gml:pos xmlns:gml="http://www.opengis.net/gml">north of the harbour</gml:pos>'
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"'


def rss(*items: str, head: str = "", tail: str = "", attributes: str = "") -> bytes:
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0"?><rss version="2.0" {MEDIA} {attributes}><channel><title>Gazette</title>'
        f"{head}{body}{tail}</channel></rss>"
    ).encode()


def atom(*entries: str) -> bytes:
    body = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{body}</feed>'.encode()


def digests(body: bytes, url: str = URL) -> tuple[bytes, ...]:
    return scan_items(body, url=url)


def known_of(body: bytes) -> dict[bytes, str]:
    entries = parse_entries(body, url=URL).entries
    return {entry.item_digest: entry.key for entry in entries if entry.item_digest}


ITEMS = tuple(f"<guid>{n}</guid><title>Story {n}</title>" for n in range(6))


def test_known_items_are_not_read_again() -> None:
    old, new = rss(*ITEMS[1:]), rss(*ITEMS)
    assert len(known_of(old)) == 5
    parsed = parse_entries(new, url=URL, known=known_of(old))
    assert [entry.key for entry in parsed.entries] == ["0"]
    assert parsed.seen_keys == ("1", "2", "3", "4", "5")
    assert parsed.title == "Gazette"


def test_feed_without_new_items_still_says_what_it_is() -> None:
    body = rss(*ITEMS, head="<link>https://gazette.example/</link><language>en</language><ttl>30</ttl>")
    parsed = parse_entries(body, url=URL, known=known_of(body))
    whole = parse_entries(body, url=URL)
    assert parsed == replace(whole, entries=(), seen_keys=tuple(entry.key for entry in whole.entries))
    assert (parsed.link, parsed.language, parsed.hints.floor_s) == ("https://gazette.example/", "en", 1800)


def test_digests_of_the_scan_are_those_of_the_entries() -> None:
    body = rss(*ITEMS)
    assert digests(body) == tuple(entry.item_digest for entry in parse_entries(body, url=URL).entries)


@pytest.mark.parametrize(
    "head",
    [
        "<lastBuildDate>Mon, 02 Mar 2026 08:00:00 GMT</lastBuildDate>",
        "<lastBuildDate>Mon, 02 Mar 2026 09:00:00 GMT</lastBuildDate><!-- cached -->",
        "<lastBuildDate/>\n",
    ],
)
def test_texts_of_the_channel_change_no_item(head: str) -> None:
    assert digests(rss(*ITEMS, head=head)) == digests(rss(*ITEMS, head="<lastBuildDate>never</lastBuildDate>"))


def test_table_of_contents_of_rss_1_changes_no_item() -> None:
    def rdf(*names: str) -> bytes:
        contents = "".join(f'<rdf:li resource="https://g.example/{name}"/>' for name in names)
        items = "".join(f'<item rdf:about="https://g.example/{name}"><title>{name}</title></item>' for name in names)
        return (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            f'<channel rdf:about="x"><items><rdf:Seq>{contents}</rdf:Seq></items></channel>{items}</rdf:RDF>'
        ).encode()

    assert set(digests(rdf("a", "b"))) < set(digests(rdf("c", "a", "b")))


@pytest.mark.parametrize(
    "body",
    [
        rss(*ITEMS, attributes='xml:base="https://other.example/"'),
        rss(*ITEMS, attributes='xml:lang="da"'),
        rss(*ITEMS, attributes='xmlns:x="urn:x"'),
        rss(*ITEMS, head="<image><url>https://g.example/i.png</url></image>"),
        rss(*ITEMS).replace(b'"2.0"', b'"0.91"'),
        rss(*ITEMS).replace(b"<rss", b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "x"><rss'),
    ],
)
def test_frame_that_may_change_an_items_meaning_changes_its_digest(body: bytes) -> None:
    plain = digests(rss(*ITEMS))
    found = digests(body)
    assert len(found) == len(plain)
    assert set(found).isdisjoint(plain)


def test_address_of_the_feed_is_part_of_the_digest() -> None:
    body = rss(*ITEMS)
    assert set(digests(body)).isdisjoint(digests(body, "https://other.example/rss"))


def test_without_an_address_the_channels_link_is_part_of_the_digest() -> None:
    first, second = (rss(*ITEMS, head=f"<link>https://{host}.example/</link>") for host in ("a", "b"))
    assert set(scan_items(first)).isdisjoint(scan_items(second))


COUNTED = "<guid>1</guid><title>T</title>{}"


@pytest.mark.parametrize(
    ("counter", "counts"),
    [
        ('<media:statistics views="{}"/>', True),
        ('<media:group><media:community><media:starRating count="{}" max="5"/></media:community></media:group>', True),
        ("<slash:comments>{}</slash:comments>", True),
        ('<description><![CDATA[<media:statistics views="{}"/>]]></description>', False),
        ('<description><media:statistics views="{}"/></description>', False),
        ('<media:statistics views="{}"><guid>2</guid></media:statistics>', False),
        ('<media:statistics views="{}" xml:base="https://x.example/"/>', False),
        ('<media:statistics xmlns:media="urn:other" views="{}"/>', False),
        ("<comments>{}</comments>", False),
    ],
)
def test_rising_counters_change_no_item_and_nothing_else_passes_for_one(counter: str, counts: bool) -> None:
    first, second = (digests(rss(COUNTED.format(counter.format(number)))) for number in (17, 18))
    assert (first == second) is counts


def test_ids_that_do_not_tell_stories_apart_are_read_each_time() -> None:
    items = [f"<guid>news</guid><link>https://gazette.example/{n}</link>" for n in (1, 2)]
    assert list(known_of(rss(*items, ITEMS[3])).values()) == ["3"]


def test_new_item_with_the_id_of_a_known_one_is_settled_as_in_the_whole() -> None:
    first = "<guid isPermaLink='false'>news</guid><link>https://gazette.example/1</link>"
    second = "<guid isPermaLink='false'>news</guid><link>https://gazette.example/2</link>"
    body = rss(second, first)
    parsed = parse_entries(body, url=URL, known=known_of(rss(first)))
    assert parsed == parse_entries(body, url=URL)
    assert [entry.key for entry in parsed.entries] == ["https://gazette.example/2", "https://gazette.example/1"]


def test_two_known_items_of_one_key_are_settled_as_in_the_whole() -> None:
    first, second = ("<guid>1</guid><title>Old</title>", "<guid>1</guid><title>New</title>")
    body = rss(second, first)
    parsed = parse_entries(body, url=URL, known=known_of(rss(first)) | known_of(rss(second)))
    assert parsed == parse_entries(body, url=URL)


def test_poison_item_is_rejected_in_every_reading_and_its_neighbours_stay_known() -> None:
    body = rss(*ITEMS[:3], f"<guid>x</guid>{POISON}", *ITEMS[3:])
    known = known_of(body)
    assert sorted(known.values()) == ["0", "1", "2", "3", "4", "5"]
    parsed = parse_entries(body, url=URL, known=known)
    assert (parsed.entries, len(parsed.seen_keys)) == ((), 6)
    assert [(one.reason, one.raw) for one in parsed.rejected] == [
        (EntryReason.PARSER_FAILED, f"<item><guid>x</guid>{POISON}</item>".encode())
    ]


@pytest.mark.parametrize(
    "odd",
    [
        '<id>1</id><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><title>x</title></div></content>',
        '<id>1</id><content type="html" xml:base="https://other.example/a/"><div>x</div></content>',
        '<id>1</id><content type="html" xml:lang="da"><div>x</div></content>',
        '<id>1</id><x:title xmlns:x="http://purl.org/dc/elements/1.1/">x</x:title>',
        "<id>1</id><source><title>x</title><entry><id>9</id></entry></source>",
        "<id>1</id><channel/><feed/><image><textinput/></image>",
    ],
)
def test_no_item_changes_how_the_next_is_read(odd: str) -> None:
    neighbour = (
        '<id>2</id><title>T</title><link href="/2"/><content type="html">&lt;a href="b"&gt;</content>'
        '<x:title xmlns:x="urn:unknown">y</x:title>'
    )
    (alone,) = parse_entries(atom(neighbour), url=URL).entries
    beside = parse_entries(atom(odd, neighbour), url=URL)
    assert next(entry for entry in beside.entries if entry.key == "2") == alone


def test_items_of_items_are_read_each_time() -> None:
    body = rss("<guid>1</guid><item><guid>2</guid></item>", ITEMS[3])
    parsed = parse_entries(body, url=URL, known=known_of(body))
    assert parsed.seen_keys == ("3",)
    assert {entry.key for entry in parsed.entries} == {"1", "2"}


@pytest.mark.parametrize(
    "body", [rss(*ITEMS)[:-1], b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1"}]}', b"", b"<html/>"]
)
def test_what_cannot_be_spliced_has_no_item_digests(body: bytes) -> None:
    assert digests(body) == ()


def test_item_nested_too_deeply_is_rejected_alone() -> None:
    deep = "<b>" * 300 + "</b>" * 300
    parsed = parse_entries(rss(ITEMS[0], deep, ITEMS[1]), url=URL)
    assert [entry.key for entry in parsed.entries] == ["0", "1"]
    assert [(one.reason, one.raw) for one in parsed.rejected] == [
        (EntryReason.TOO_DEEP, f"<item>{deep}</item>".encode())
    ]


@pytest.mark.parametrize(
    "giant", ["x" * 2000, "<b/>" * 60, f"<b {' '.join(f'a{n}=' + repr('') for n in range(30))}/>"], ids=len
)
def test_item_too_large_is_rejected_alone(giant: str) -> None:
    limits = ParseLimits(max_item_bytes=1000, max_item_elements=50, max_attributes=20)
    parsed = parse_entries(rss(ITEMS[0], giant, ITEMS[1]), url=URL, limits=limits)
    assert [entry.key for entry in parsed.entries] == ["0", "1"]
    assert [one.reason for one in parsed.rejected] == [EntryReason.TOO_LARGE]


def test_document_nested_too_deeply_is_quarantined() -> None:
    with pytest.raises(PayloadError, match="deeper than 240") as caught:
        parse_entries(rss(*ITEMS, head="<b>" * 300 + "</b>" * 300), url=URL)
    assert caught.value.reason is PayloadReason.TOO_DEEP


@pytest.mark.parametrize("cut", [0, 1], ids=["well-formed", "broken"])
def test_too_many_items_quarantine_the_payload_and_name_the_setting(cut: int) -> None:
    body = rss(*ITEMS)
    with pytest.raises(PayloadError, match=r"6 items, and 5 may .* WIREDESK_FEED_MAX_ITEMS") as caught:
        parse_entries(body[: len(body) - cut], url=URL, limits=ParseLimits(max_items=5))
    assert caught.value.reason is PayloadReason.TOO_MANY_ITEMS


def test_nested_entities_are_never_expanded() -> None:
    nested = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = rss("<guid>1</guid><title>&l9;</title>").replace(
        b"<rss", f'<!DOCTYPE r [<!ENTITY l0 "lol">{nested}]><rss'.encode(), 1
    )
    assert parse_entries(body, url=URL).entries[0].title == "&l9;"


def test_plain_entities_are_read_and_their_items_known() -> None:
    body = rss("<guid>1</guid><title>Fish &amp; &dish;</title>").replace(
        b"<rss", b"<!DOCTYPE r [<!ENTITY dish 'chips'>]><rss", 1
    )
    (entry,) = parse_entries(body, url=URL).entries
    assert (entry.title, entry.item_digest) == ("Fish & chips", digests(body)[0])
    changed = body.replace(b"chips", b"peas!")
    assert digests(changed) != digests(body)


PIECES = st.sampled_from(
    (
        *("<guid>{n}</guid>", "<guid>1</guid>", "<link>https://g.example/{n}</link>"),
        *("<link>https://g.example/1</link>", "<title>T{n}</title>", "<title>T</title>", POISON, "<!-- {n} -->", ""),
        *("<description>&lt;p&gt;{n}&lt;/p&gt;</description>", "<image><title>i</title><link>/i</link></image>"),
        *("<source url='/s'>S</source>", "<item><guid>n</guid></item>", "</item><item>", "<category>c</category>"),
        *("<pubDate>Mon, {n} Mar 2026 08:00:00 GMT</pubDate>", "<media:title>M</media:title>"),
        *("<description><div xml:lang='da'>x</div></description>", "<language>fi</language>"),
        *("<x:title xmlns:x='http://purl.org/dc/elements/1.1/'>x</x:title>", "<a:b xmlns:a='urn:{n}'/>"),
    )
)
STORIES = st.lists(
    st.tuples(st.lists(PIECES, max_size=4), st.integers(1, 9)).map(lambda one: "".join(one[0]).format(n=one[1])),
    max_size=8,
)
HEADS = st.sampled_from(["", "<ttl>5</ttl>", "<image><url>/i</url></image>", "<textInput><link>/t</link></textInput>"])


@given(STORIES, STORIES, HEADS, HEADS, st.sets(st.integers(0, 15)))
def test_reading_in_part_is_reading_the_whole(
    first: list[str], second: list[str], head: str, tail: str, forgotten: set[int]
) -> None:
    """What a first document taught is used on a second one that has some of its items."""
    known: dict[bytes, str] = {}
    remembered: dict[str, Entry] = {}
    for entry in parse_entries(rss(*first, head=head, tail=tail), url=URL).entries:
        if entry.item_digest and len(remembered) not in forgotten:
            known[entry.item_digest] = entry.key
        remembered[entry.key] = entry
    body = rss(*second, *first, head=head, tail=tail)
    result = dict.fromkeys(("payloads", "read", "seen", "differing_fields"), 0)
    compare(result, URL, body, known, remembered)
    assert result["differing_fields"] == 0


def test_real_feeds_read_in_part_are_as_read_whole() -> None:
    """A sample: every twelfth of the smaller ones. `python -m benchmarks.parse_day` takes them all."""
    path = FEEDS / "snapshots_dev.tar.xz"
    if not path.exists():
        pytest.skip(f"{path} is absent: shared data for development")
    small = ((name, body) for name, body in members(path) if name != "manifest.json" and len(body) < 100_000)
    result = dict.fromkeys(("payloads", "read", "seen", "differing_fields"), 0)
    for name, body in islice(small, 0, None, 12):
        entries = parse_entries(body, url=url_of(name)).entries
        known = {entry.item_digest: entry.key for entry in entries[::2] if entry.item_digest}
        compare(result, name, body, known, {entry.key: entry for entry in entries})
    assert result["differing_fields"] == 0
    assert result["seen"] > 100


def test_real_polling_day_read_in_part_is_as_read_whole() -> None:
    """A sample: four outlets. `python -m benchmarks.parse_day` takes them all."""
    if not DAY.exists():
        pytest.skip(f"{DAY} is absent: shared data for development")
    outlets = {"fox", "latimes", "philstar", "wsj"}
    stores = {outlet: Remembered() for outlet in outlets}
    texts: dict[str, dict[str, Entry]] = {outlet: {} for outlet in outlets}
    result = dict.fromkeys(("payloads", "read", "seen", "differing_fields"), 0)
    for outlet, body in dict.fromkeys(read_day()):
        if outlet in outlets:
            known = stores[outlet].known(scan_items(body, url=url_of(outlet)))
            parsed = compare(result, outlet, body, known, texts[outlet])
            stores[outlet].keep(list(parsed.entries))
            texts[outlet] |= {entry.key: entry for entry in parsed.entries}
    assert result["differing_fields"] == 0
    assert result["seen"] > result["read"]
