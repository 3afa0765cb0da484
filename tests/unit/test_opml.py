"""Subscriptions in and out as OPML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wiredesk.errors import ConfigurationError
from wiredesk.models import Subscription
from wiredesk.subscriptions import feed_url, read_opml, write_opml

EXPORTED = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0" xmlns:wiredesk="urn:wiredesk:opml">
  <head><title>My feeds</title></head>
  <body>
    <outline text="News"><outline title="Europe" text="">
      <outline type="rss" text="Tidewater Gazette" xmlUrl="https://gazette.example/rss?a=1&b=2" language="en"/>
      <outline text="https://fjord.example/feed" xmlurl=" https://fjord.example/feed " wiredesk:fullText="true"/>
    </outline></outline>
    <outline text="Loose" xmlUrl="feed://loose.example/rss" category="/Tech/Web,/Other" fullText="TRUE"/>
    <outline text="Again" xmlUrl="https://fjord.example/feed"/>
    <outline text="Typed" xmlUrl="typed.example/feed"/>
    <outline text="A note without a feed"/>
  </body>
</opml>"""


def test_folders_titles_languages_and_full_text_are_read() -> None:
    assert read_opml(EXPORTED) == [
        Subscription("https://gazette.example/rss?a=1&b=2", "Tidewater Gazette", "News/Europe", "en"),
        Subscription("https://fjord.example/feed", None, "News/Europe", None, is_full_text=True),
        Subscription("http://loose.example/rss", "Loose", "Tech/Web", None, is_full_text=True),
        Subscription("https://typed.example/feed", "Typed"),
    ]


def test_undeclared_prefix_written_by_hand_is_understood() -> None:
    body = EXPORTED.replace(b' xmlns:wiredesk="urn:wiredesk:opml"', b"")
    assert read_opml(body) == read_opml(EXPORTED)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encoding_of_the_file_is_honoured(encoding: str) -> None:
    text = '<opml version="2.0"><body><outline text="Grød" xmlUrl="https://g.example/?a=1&amp;b=2"/></body></opml>'
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>{text}'
    assert read_opml(declared.encode(encoding)) == [Subscription("https://g.example/?a=1&b=2", "Grød")]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"https://gazette.example/rss", "not readable as OPML"),
        (b"<opml><body><outline text='x'", "line 1"),
        (b"<rss version='2.0'/>", "root element is <rss>"),
        (b"<opml><body>" + b"<outline text='a'>" * 5000, "not readable as OPML"),
    ],
)
def test_file_that_is_no_opml_is_refused_with_the_reason(body: bytes, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_opml(body)
    assert words in str(caught.value)


def test_feed_that_cannot_be_fetched_is_named_with_its_line_and_nothing_is_imported() -> None:
    urls = ["ftp://a.example/", "", "javascript:alert(1)", f"https://a.example/{'x' * 1024}"]
    outlines = "\n".join(f'<outline text="x" xmlUrl="{url}"/>' for url in urls)
    with pytest.raises(ConfigurationError) as caught:
        read_opml(f'<opml version="2.0"><body>\n{outlines}</body></opml>'.encode())
    message = str(caught.value)
    assert all(f"line {line}: " in message for line in (2, 3, 4, 5))
    assert "nothing was imported" in message


@pytest.mark.parametrize(
    "typed",
    [
        "http://reader:tide@gazette.example/rss",
        "https://tide@gazette.example/rss",
        "feed://reader:tide@gazette.example/rss",
        "feed:https://reader:tide@gazette.example/rss",
        "ftp://reader:tide@gazette.example/rss",
        "http://a@reader:tide@gazette.example/rss",
    ],
)
def test_credentials_in_a_feed_url_are_refused_and_not_repeated(typed: str) -> None:
    outline = f'<opml version="2.0"><body>\n<outline xmlUrl="{typed}"/></body></opml>'
    for refuse in (lambda: feed_url(typed), lambda: read_opml(outline.encode())):
        with pytest.raises(ConfigurationError) as caught:
            refuse()
        assert "put credentials nowhere in a feed URL: " in str(caught.value)
        assert "gazette.example/rss" in str(caught.value)
        assert "tide" not in str(caught.value)


@pytest.mark.parametrize(
    "typed",
    ["reader:tide@gazette.example/rss", "http:reader:tide@gazette.example/", "http://reader:ti/tide@g.example/"],
)
def test_credentials_in_what_is_no_url_are_not_repeated(typed: str) -> None:
    with pytest.raises(ConfigurationError, match=r"is no http\(s\) URL") as caught:
        feed_url(typed)
    assert "tide" not in str(caught.value)


def test_at_sign_after_the_host_is_no_credential() -> None:
    for rest in ("/@harbour/rss", "//@harbour", "?of=a@b", "/?of=https://a@b.example/", "/#@"):
        assert feed_url(f"https://gazette.example{rest}") == f"https://gazette.example{rest}"


def test_entities_are_not_expanded() -> None:
    body = b'<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY y "boom">]>'
    body += b'<opml version="2.0"><body><outline xmlUrl="https://a.example/">&x;&y;</outline></body></opml>'
    assert read_opml(body) == [Subscription("https://a.example/")]


def test_written_file_is_opml_2_with_a_folder_a_category() -> None:
    written = write_opml([Subscription("https://a.example/", category="News/Europe", is_full_text=True)])
    assert written.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<opml version=\"2.0\">")
    assert b'<outline text="News" title="News">' in written
    assert b'fullText="true"' in written


LETTERS = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
WORDS = st.text(LETTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
LEVELS = WORDS.map(lambda text: text.replace("/", "-").strip()).filter(bool)
SUBSCRIPTIONS = st.builds(
    Subscription,
    url=st.integers(0, 10**6).map(lambda n: f"https://site{n}.example/feed?a={n}&b=%2F&amp;c='\"<>"),
    title=st.none() | WORDS,
    category=st.none() | st.lists(LEVELS, min_size=1, max_size=6).map("/".join),
    language=st.sampled_from([None, "en", "pt-BR"]),
    is_full_text=st.booleans(),
    is_conditional=st.booleans(),
    is_matched=st.booleans(),
)


@given(st.lists(SUBSCRIPTIONS, max_size=6, unique_by=lambda one: one.url))
def test_what_is_written_is_read_back(subscriptions: list[Subscription]) -> None:
    read = read_opml(write_opml(subscriptions))
    assert sorted(read, key=lambda one: one.url) == sorted(subscriptions, key=lambda one: one.url)


def test_folders_that_share_a_part_of_their_path_keep_their_feeds() -> None:
    paths = ["News", "News/Europe", "News/Europe/Nordic", "Europe", "Europe/News", None]
    subscriptions = [Subscription(f"https://{n}.example/", f"“{n}” & <b>", path) for n, path in enumerate(paths)]
    written = write_opml(subscriptions)
    assert sorted(read_opml(written), key=lambda one: one.url) == subscriptions
    assert written.count(b'text="Europe"') == 2


def test_feed_polled_without_validators_is_written_so() -> None:
    written = write_opml([Subscription("https://a.example/", is_conditional=False), Subscription("https://b.example/")])
    assert written.count(b'conditional="false"') == 1
    assert b'conditional="true"' not in written


def test_scheme_and_host_are_one_in_any_case_and_the_rest_is_kept() -> None:
    assert feed_url("HTTPS://News.Example:8080/RSS?Q=A#B") == "https://news.example:8080/RSS?Q=A#B"
    assert feed_url("Feed://News.Example/RSS") == "http://news.example/RSS"


@pytest.mark.parametrize("typed", ["https://a.example/\nrss", "https://a.example/\x00", "https://a.example/\x1b[2J"])
def test_control_characters_in_a_url_are_refused(typed: str) -> None:
    with pytest.raises(ConfigurationError, match=r"is no http\(s\) URL"):
        feed_url(typed)
