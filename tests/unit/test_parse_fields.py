"""What becomes of feedparser's fields: hints, bodies, captions, names; and identity over changing ids."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wiredesk.models import Entry, PollingHints
from wiredesk.parse import parse_entries
from wiredesk.parse.fields import polling_hints
from wiredesk.parse.identity import aliases, renamed_keys
from wiredesk.parse.links import resolve_markup

SY = "http://purl.org/rss/1.0/modules/syndication/"
MEDIA = "http://search.yahoo.com/mrss/"


def rss(item: str = "", channel: str = "") -> bytes:
    return (
        f'<rss version="2.0" xmlns:sy="{SY}" xmlns:media="{MEDIA}"><channel><title>G</title>{channel}'
        f"<item><guid>1</guid>{item}</item></channel></rss>"
    ).encode()


def only(item: str) -> Entry:
    (entry,) = parse_entries(rss(item)).entries
    return entry


def hints(channel: str) -> PollingHints:
    return parse_entries(rss(channel=channel)).hints


@pytest.mark.parametrize(
    ("channel", "floor_s"),
    [
        ("", None),
        ("<ttl>45</ttl>", 45 * 60),
        ("<ttl>0</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>999999999</ttl>", 365 * 86400),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1800),
        ("<sy:updatePeriod>\n\tHourly\n</sy:updatePeriod>", 3600),
        ("<sy:updateFrequency>4</sy:updateFrequency>", 6 * 3600),
        ("<sy:updatePeriod>weekly</sy:updatePeriod><ttl>60</ttl>", 7 * 86400),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><ttl>120</ttl>", 7200),
        ("<sy:updatePeriod>now and then</sy:updatePeriod>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
    ],
)
def test_floor_is_the_longest_of_ttl_and_update_period(channel: str, floor_s: int | None) -> None:
    assert hints(channel).floor_s == floor_s


def test_every_skipped_hour_and_day_is_kept() -> None:
    channel = (
        "<skipHours><hour>0</hour><hour> 5 </hour><hour>24</hour><hour>25</hour><hour>x</hour></skipHours>"
        "<skipDays><day>Sunday</day><day>monday</day><day>Someday</day></skipDays>"
    )
    assert hints(channel) == PollingHints(skip_hours=(0, 5), skip_days=(0, 6))


def test_hints_need_no_frame() -> None:
    assert polling_hints({"ttl": "5"}) == PollingHints(floor_s=300)


def test_caption_of_a_picture_is_not_the_story() -> None:
    caption = "<media:description type='plain'>A crowd on the pier, before the ferry came.</media:description>"
    picture = f"<media:content url='/1.jpg'><media:title>Pier</media:title>{caption}</media:content>"
    own = "<title>Ferry</title><description>Back.</description>"
    for item in (f"{picture}{own}", f"{own}{picture}"):
        entry = only(item)
        assert (entry.title, entry.html, entry.summary) == ("Ferry", "Back.", None)
        (tolerant,) = parse_entries(rss(f"{item}<b>")).entries  # not well-formed
        assert (tolerant.title, tolerant.html, tolerant.summary) == ("Ferry", "Back.", None)


def test_caption_has_to_do_where_the_item_says_nothing_else() -> None:
    entry = only(
        "<media:group><media:title>Launch</media:title><media:description>Live.</media:description></media:group>"
    )
    assert (entry.title, entry.html) == ("Launch", "Live.")


def test_names_are_on_one_line() -> None:
    entry = only("<author>Ada\n\t\tReed</author><category> Harbour \n news</category>")
    assert (entry.authors, entry.categories) == (("Ada Reed",), ("Harbour news",))


def test_body_without_a_summary_is_not_its_own_summary() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://gazette.example/a/"><entry><id>1</id>'
        '<content type="html">&lt;a href="b"&gt;x&lt;/a&gt;</content></entry></feed>'
    )
    (entry,) = parse_entries(body.encode()).entries
    assert (entry.html, entry.summary) == ('<a href="https://gazette.example/a/b">x</a>', None)


@pytest.mark.parametrize(
    ("markup", "resolved"),
    [
        ('<a class="x" HREF = "b?c=1&amp;d=2">', '<a class="x" HREF="https://g.example/a/b?c=1&amp;d=2">'),
        ("<img src='/i.png' alt='src=\"j\"'>", '<img src="https://g.example/i.png" alt=\'src="j"\'>'),
        ('<a href="#note">', '<a href="#note">'),
        ('<a href="https://x.example/">', '<a href="https://x.example/">'),
        ('<a href="mailto:a@g.example">', '<a href="mailto:a@g.example">'),
        ('&lt;a href="b"&gt;', '&lt;a href="b"&gt;'),
        ('<a href="http://[">', '<a href="http://[">'),
        ('<p data-href="b">', '<p data-href="b">'),
    ],
)
def test_links_in_markup_are_resolved_and_nothing_else_is_touched(markup: str, resolved: str) -> None:
    both = f'{markup}<a href="z">'
    assert resolve_markup(both, "https://g.example/a/") == f'{resolved}<a href="https://g.example/a/z">'
    assert resolve_markup(both, None) == both


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ENTRY = Entry("https://gazette.example/?p=17", b"", title="Ferry back", published_at=NOON)


def shared(one: Entry, other: Entry, url_key: str | None = None, other_url_key: str | None = None) -> set[bytes]:
    return set(aliases(one, url_key)) & set(aliases(other, other_url_key))


@pytest.mark.parametrize("key", ["http://gazette.example/?p=17", "https://www.gazette.example/?p=17"])
def test_guid_is_known_again_on_another_host(key: str) -> None:
    assert shared(replace(ENTRY, title=None), replace(ENTRY, key=key, title=None))


@pytest.mark.parametrize("key", ["https://gazette.example/?p=18", "https://gazette.example/", "17", "tag:x,2026:?p=17"])
def test_other_guid_is_another(key: str) -> None:
    assert not shared(replace(ENTRY, title=None), replace(ENTRY, key=key, title=None))


def test_url_and_title_with_date_are_weaker_names() -> None:
    assert len(shared(ENTRY, replace(ENTRY, key="x"))) == 1
    assert not shared(ENTRY, replace(ENTRY, key="x", published_at=None))
    assert len(shared(ENTRY, Entry("x", b""), "https://gazette.example/17", "https://gazette.example/17")) == 1
    assert aliases(Entry("x", b""), None) == ()
    assert aliases(ENTRY, "k")[1] != aliases(replace(ENTRY, key="http://h.example/k"), None)[0]  # kinds do not mix


def test_entry_under_a_new_id_is_recognised() -> None:
    new = replace(ENTRY, key="https://www.gazette.example/?p=17")
    holders = {alias: {ENTRY.key} for alias in aliases(ENTRY, None)}
    assert renamed_keys({new.key: aliases(new, None)}, holders, {new.key}) == {new.key: ENTRY.key}


def test_entry_whose_old_id_stands_beside_it_is_another_story() -> None:
    new = replace(ENTRY, key="x")
    holders = {alias: {ENTRY.key} for alias in aliases(ENTRY, None)}
    assert renamed_keys({new.key: aliases(new, None)}, holders, {new.key, ENTRY.key}) == {}


def test_alias_of_several_entries_names_none_of_them() -> None:
    alias = aliases(ENTRY, None)
    assert renamed_keys({"x": alias}, {one: {"old", "older"} for one in alias}, {"x"}) == {}
    assert renamed_keys({"x": alias, "y": alias}, {one: {"old"} for one in alias}, {"x", "y"}) == {}


def test_two_entries_never_take_one_stored_key() -> None:
    found = renamed_keys({"x": [b"a"], "y": [b"b"]}, {b"a": {"old"}, b"b": {"old"}}, {"x", "y"})
    assert found == {}


ALIASES = st.sampled_from([b"1", b"2", b"3", b"4"])
STORED = st.sets(st.sampled_from("pqrs"))


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.lists(ALIASES, max_size=3)), st.dictionaries(ALIASES, STORED), STORED
)
def test_whatever_is_recognised_could_be_nothing_else(
    unknown: dict[str, list[bytes]], holders: dict[bytes, set[str]], still_there: set[str]
) -> None:
    found = renamed_keys(unknown, holders, still_there | set(unknown))
    assert len(set(found.values())) == len(found)
    for key, old in found.items():
        assert old not in still_there
        carriers = [[other for other, names in unknown.items() if one in names] for one in unknown[key]]
        assert any(
            holders.get(one) == {old} and carried == [key] for one, carried in zip(unknown[key], carriers, strict=True)
        )
    assert found == renamed_keys(dict(reversed(unknown.items())), holders, still_there | set(unknown))


@given(st.text(max_size=40), st.none() | st.text(max_size=40), st.none() | st.text(max_size=20))
def test_aliases_are_digests_and_the_same_each_time(key: str, title: str | None, url_key: str | None) -> None:
    entry = Entry(key, b"", title=title, published_at=NOON)
    found = aliases(entry, url_key)
    assert found == aliases(entry, url_key)
    assert all(len(alias) == 32 for alias in found)
    assert len(set(found)) == len(found)
