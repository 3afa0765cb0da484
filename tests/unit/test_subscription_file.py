"""Subscriptions in and out as YAML, and what such a file would change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from wiredesk.errors import ConfigurationError
from wiredesk.models import FeedState, Subscribed, Subscription
from wiredesk.subscriptions.difference import FieldChange, find_difference
from wiredesk.subscriptions.listing import Listed, read_listing, write_listing

KEYS = "url, title, category, language, state, full_text, conditional, match"

FULL = b"""\
version: 1  # of the format
feeds:
  - url: https://gazette.example/rss
    title: "Tidewater Gazette: all"
    category: /News / Europe/
    language: no
    full_text: true
    conditional: false
    state: paused
  # the second one
  - url: Fjord.example/feed
  - {url: feed://loose.example/rss, title: 1984, language: ~, state: active}
"""


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_listing(text if isinstance(text, bytes) else text.encode())
    return str(caught.value).split("\n")


def listed(*urls: str, **fields: object) -> list[Listed]:
    """One feed a line, from line 3 on."""
    return [Listed(Subscription(url, **fields), line=line) for line, url in enumerate(urls, 3)]  # type: ignore[arg-type]


def test_every_field_of_a_feed_is_read_with_the_line_that_it_stands_in() -> None:
    assert read_listing(FULL) == [
        Listed(
            Subscription("https://gazette.example/rss", "Tidewater Gazette: all", "News/Europe", "no", True, False),
            FeedState.PAUSED,
            line=3,
        ),
        Listed(Subscription("https://fjord.example/feed"), line=11),
        Listed(Subscription("http://loose.example/rss", "1984"), line=12),
    ]


def test_language_code_of_norwegian_is_no_boolean() -> None:
    (one,) = read_listing(b"version: 1\nfeeds:\n- url: https://a.example/\n  language: no\n  title: off\n")
    assert (one.subscription.language, one.subscription.title) == ("no", "off")


def test_every_problem_is_told_at_once_with_its_line() -> None:
    text = """\
version: 2
feeds:
  - url: https://a.example/
    full_text: maybe
    fulltext: true
  - url: ftp://b.example/
  - title: Nobody
  - url: https://a.example/x
    state: retired
    conditional: "false"
  - https://bare.example/
  - url: https://c.example/
    url: https://d.example/
  - url: [https://e.example/]
  - url:
  - url: https://f.example/
  - url: https://f.example/
    title: {en: A}
  - url: https://g.example/
  - url: https://G.example/
feed: []
"""
    assert problems(text) == [
        "line 1: this wiredesk reads version 1 of the file",
        "line 4: `full_text` must be true or false, without quotes",
        f"line 5: unknown key 'fulltext'; known are {KEYS}",
        "line 6: 'ftp://b.example/' is no http(s) URL",
        "line 7: a feed without `url`",
        "line 9: `state` must be active or paused, and is 'retired'",
        "line 10: `conditional` must be true or false, without quotes",
        "line 11: a feed must be keys and values, beginning with `- url: https://…`",
        "line 13: `url` stands twice in one block, first in line 12",
        "line 14: `url` must be text",
        "line 15: a feed without `url`",
        "line 18: `title` must be text",
        "line 20: https://g.example/ stands twice, first in line 19; remove one",
        "line 21: unknown key 'feed'; known are version, feeds",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: expected the keys"),
        ("- url: https://a.example/", "line 1: expected the keys"),
        ("just words", "line 1: expected the keys"),
        ("version: 1", "line 1: the key `feeds:` is missing"),
        ("feeds: []", "line 1: the key `version: 1` is missing"),
        ("version: 1\nfeeds: all", "line 2: `feeds` must be a list"),
        ("version: 1\nfeeds:\n  - url: 'https://a.example/\n", "not readable as YAML"),
        ("version: 1\nfeeds:\n\t- url: https://a.example/\n", "line 3"),
        ("version: 1\nfeeds: []\n---\nversion: 1\nfeeds: []\n", "line 3"),
        (b"version: 1\nfeeds: [\xff]", "not readable as YAML"),
        (b"version: 1\nfeeds: [\x07]", "not readable as YAML"),
        ('version: 1\nfeeds:\n  - url: https://a.example/\n    title: "a\\0b"', "line 4: `title` holds a NUL"),
        ("version: 1\nfeeds:\n  - url: https://me:tide@a.example/", "line 3: put credentials nowhere"),
    ],
)
def test_file_that_is_no_list_of_feeds_is_refused_with_the_reason(text: str | bytes, words: str) -> None:
    told = problems(text)
    assert any(words in line for line in told), told
    assert "tide" not in "".join(told)


def test_aliases_cannot_make_a_small_file_huge() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    assert problems(f"version: 1\n{bomb}") == ["line 2: anchors (&) and aliases (*) are not taken; write the text out"]


def test_file_nested_without_end_or_larger_than_any_list_is_refused() -> None:
    assert problems("[" * 100_000) == ["line 1: nested deeper than a list of feeds is"]
    assert "larger than" in problems("#" * (5 * 2**20))[0]


def test_tags_make_no_objects() -> None:
    text = "version: 1\nfeeds: !!python/object/apply:os.system ['touch /tmp/no']\n"
    assert "line 2: a feed must be keys and values" in problems(text)[0]


def test_thousands_of_problems_are_cut_short() -> None:
    told = problems("version: 1\nfeeds:\n" + "- x\n" * 5000)
    assert len(told) == 51
    assert told[-1] == "and 4950 more problems"


def test_thousands_of_feeds_are_read_and_written() -> None:
    many = [Listed(Subscription(f"https://site{n}.example/rss", f"Site {n}", "News/World", "en")) for n in range(2_000)]
    text = write_listing(many).encode()
    assert len(read_listing(text)) == 2_000


def test_written_file_holds_one_block_a_feed_sorted_and_without_defaults() -> None:
    fields = Subscription("https://www.b.example/rss", "Émile: « oui »", "News/Europe", "fr", True, False)
    written = write_listing(
        [
            Listed(Subscription("https://c.example/", "no")),
            Listed(fields, FeedState.PAUSED),
            Listed(Subscription("https://a.example/z")),
            Listed(Subscription("https://a.example/b"), FeedState.RETIRED),
        ]
    )
    assert (
        written.partition("\n")[2]
        == """\
version: 1
feeds:
  - url: https://a.example/b
  - url: https://a.example/z
  - url: https://www.b.example/rss
    title: 'Émile: « oui »'
    category: News/Europe
    language: fr
    full_text: true
    conditional: false
    state: paused
  - url: https://c.example/
    title: 'no'
"""
    )


def test_empty_list_is_written_and_read() -> None:
    assert read_listing(write_listing([]).encode()) == []


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.none() | st.text(LETTERS, min_size=1, max_size=20).map(str.strip).filter(bool)
LEVELS = st.text(LETTERS, min_size=1, max_size=8).map(lambda text: text.replace("/", "").strip()).filter(bool)
SUBSCRIPTIONS = st.builds(
    Subscription,
    url=st.integers(0, 10**6).map(lambda n: f"https://site{n}.example/feed?a={n}&b=%2F#: {n}"),
    title=TEXTS,
    category=st.none() | st.lists(LEVELS, min_size=1, max_size=5).map("/".join),
    language=TEXTS,
    is_full_text=st.booleans(),
    is_conditional=st.booleans(),
    is_matched=st.booleans(),
)
STATES = st.sampled_from([FeedState.ACTIVE, FeedState.PAUSED])
LISTS = st.lists(
    st.builds(Listed, SUBSCRIPTIONS, STATES, st.just(0)), max_size=5, unique_by=lambda one: one.subscription.url
)


@given(LISTS)
def test_what_is_written_is_read_back_and_its_order_does_not_depend_on_the_input(feeds: list[Listed]) -> None:
    written = write_listing(feeds)
    read = [replace(one, line=0) for one in read_listing(written.encode())]
    assert sorted(read, key=lambda one: one.subscription.url) == sorted(feeds, key=lambda one: one.subscription.url)
    assert write_listing(reversed(feeds)) == written
    assert len(yaml.safe_load(written)["feeds"]) == len(feeds)
    assert len(written.split("\n")) == 4 + sum(map(fields_of, feeds))


def fields_of(one: Listed) -> int:
    """How many lines a feed takes: one for each thing that is said of it."""
    said = one.subscription
    flags = said.is_full_text, not said.is_conditional, not said.is_matched, one.state is FeedState.PAUSED
    return 1 + sum(map(bool, (said.title, said.category, said.language, *flags)))


@given(LISTS)
def test_difference_of_a_list_with_itself_is_empty(feeds: list[Listed]) -> None:
    found = find_difference(read_listing(write_listing(feeds).encode()), stored(feeds), {})
    assert (found.added, found.changed, found.gone, found.moved) == ((), (), (), ())
    assert len(found.unchanged) == len(feeds)


def stored(feeds: Sequence[Listed]) -> list[Subscribed]:
    return [Subscribed(number, one.subscription, one.state) for number, one in enumerate(feeds, 1)]


def test_added_changed_and_gone_feeds_are_told_apart() -> None:
    old = stored(listed("https://a.example/", "https://b.example/", "https://c.example/", title="Old"))
    new = [
        *listed("https://a.example/", title="Old"),
        Listed(Subscription("https://b.example/", "New", "World", is_full_text=True), FeedState.PAUSED, 4),
        Listed(Subscription("https://d.example/"), line=5),
    ]
    found = find_difference(new, old, {})
    assert found.added == (new[2],)
    (change,) = found.changed
    assert change.feed_id == 2
    assert change.fields == (
        FieldChange("title", "Old", "New"),
        FieldChange("category", "none", "World"),
        FieldChange("full_text", "false", "true"),
        FieldChange("state", "active", "paused"),
    )
    assert [one.feed_id for one in found.unchanged] == [1]
    assert [one.feed_id for one in found.gone] == [3]


def test_title_and_language_that_the_file_leaves_open_are_the_feeds_own() -> None:
    has = [Subscribed(1, Subscription("https://a.example/", "Its own", "World", "en"), FeedState.ACTIVE)]
    (change,) = find_difference(listed("https://a.example/"), has, {}).changed
    assert change.fields == (FieldChange("category", "World", "none"),)
    assert (change.wanted.title, change.wanted.language) == ("Its own", "en")


def test_feed_that_moved_is_known_by_its_old_address() -> None:
    has = [Subscribed(7, Subscription("https://new.example/", "A"), FeedState.ACTIVE)]
    moves = {"https://old.example/": 7, "https://older.example/": 7}
    found = find_difference(listed("https://old.example/", title="B"), has, moves)
    assert (found.added, found.gone) == ((), ())
    assert [(one.line, one.moved_to, one.same_as_line) for one in found.moved] == [(3, "https://new.example/", None)]
    assert found.changed[0].wanted == Subscription("https://new.example/", "B")


def test_feed_listed_by_both_of_its_addresses_is_one_feed() -> None:
    has = [Subscribed(7, Subscription("https://new.example/"), FeedState.ACTIVE)]
    moves = {"https://old.example/": 7, "https://older.example/": 7}
    found = find_difference(
        [*listed("https://old.example/", "https://older.example/", title="B"), *listed("https://new.example/")[0:0]],
        has,
        moves,
    )
    assert [(one.line, one.same_as_line) for one in found.moved] == [(3, None), (4, 3)]
    assert len(found.changed) == 1
    both = [*listed("https://old.example/", title="B"), Listed(Subscription("https://new.example/"), line=9)]
    found = find_difference(both, has, moves)
    assert [(one.line, one.same_as_line) for one in found.moved] == [(3, 9)]
    assert (found.changed, len(found.unchanged)) == ((), 1)


def test_retired_feed_is_not_brought_back_by_a_file_but_may_be_paused() -> None:
    has = [Subscribed(1, Subscription("https://a.example/"), FeedState.RETIRED)]
    found = find_difference(listed("https://a.example/"), has, {})
    assert (found.changed, found.retired) == ((), tuple(has))
    found = find_difference([Listed(Subscription("https://a.example/"), FeedState.PAUSED, 3)], has, {})
    assert found.changed[0].fields == (FieldChange("state", "retired", "paused"),)


def test_format_that_the_readme_shows_is_the_one_that_is_read() -> None:
    from local.files import CHECKOUT

    text = (CHECKOUT / "feeds" / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(read_listing(example.encode())) >= 3
    example_file = (CHECKOUT / "feeds" / "subscriptions.example.yaml").read_bytes()
    assert {one.subscription.url for one in read_listing(example_file)}
