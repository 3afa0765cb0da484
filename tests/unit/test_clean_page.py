"""Article pages: text, metadata, fallbacks, encodings."""

import json
from datetime import UTC, datetime

import pytest
from wiredesk.clean.decode import decode_page
from wiredesk.clean.limits import MAX_PAGE_BYTES
from wiredesk.clean.metadata import author_names, language_tag, parse_time
from wiredesk.clean.page import clean_page
from wiredesk.errors import EntryRejected
from wiredesk.models import EntryReason

URL = "https://www.coast.example/news/harbour-plan-agreed-4711"
STORY = (
    "The council of Vellmar has agreed on a plan for the harbour, its speaker said on Monday after a long night.",
    "The work begins in May and will take eleven months, during which the ferries call at the outer pier instead.",
    "Residents had asked for a footbridge as well, and they will get one, if the bids stay below two million.",
)


def page(head: str = "", body: str = "", *, lang: str = "en") -> bytes:
    story = body or "".join(f"<p>{line}</p>" for line in STORY)
    return f"<html lang='{lang}'><head>{head}</head><body><article>{story}</article></body></html>".encode()


def json_ld(**fields: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@type': 'NewsArticle', **fields})}</script>"


def test_metadata_comes_from_json_ld_first_but_the_title_from_what_is_shared() -> None:
    head = (
        json_ld(
            headline="Harbour plan &amp; bridge agreed",
            author=[{"@type": "Person", "name": "Ane Holt"}, {"name": "By Jon de Vries"}],
            datePublished="2024-03-04T08:15:00+01:00",
            dateModified="2024-03-04T10:00:00Z",
            image={"@type": "ImageObject", "url": "/photos/quay.jpg"},
        )
        + "<meta property='og:title' content='Another title'><meta name='author' content='Desk'>"
        "<meta property='article:published_time' content='2020-01-01'>"
        "<link rel='canonical' href='/news/harbour-plan-agreed-4711?utm_source=x'>"
        "<meta name='description' content='A plan for the harbour.'>"
    )
    found = clean_page(page(head), url=URL)
    assert found.title == "Another title"
    assert found.authors == ("Ane Holt", "Jon de Vries")
    assert found.published_at == datetime(2024, 3, 4, 7, 15, tzinfo=UTC)
    assert found.updated_at == datetime(2024, 3, 4, 10, 0, tzinfo=UTC)
    assert found.lead_image == "https://www.coast.example/photos/quay.jpg"
    assert found.canonical_url == URL
    assert found.language == "en"
    assert found.description == "A plan for the harbour."
    assert found.text.split("\n\n") == list(STORY)


def test_metadata_comes_from_open_graph_where_there_is_no_json_ld() -> None:
    head = (
        "<title>Harbour plan agreed | The Coast</title><meta property='og:site_name' content='The Coast'>"
        "<meta property='og:title' content='Harbour plan agreed | The Coast'>"
        "<meta property='article:author' content='https://coast.example/ane'><meta name='author' content='Ane Holt'>"
        "<meta property='article:published_time' content='2024-03-04T08:15:00'>"
        "<meta property='og:locale' content='de_DE'><meta property='og:image' content='https://i.example/q.jpg'>"
        "<meta property='og:url' content='https://coast.example/x'>"
    )
    found = clean_page(page(head, lang=""), url=URL)
    assert (found.title, found.authors, found.language) == ("Harbour plan agreed", ("Ane Holt",), "de-DE")
    assert found.published_at == datetime(2024, 3, 4, 8, 15, tzinfo=UTC)
    assert (found.lead_image, found.canonical_url) == ("https://i.example/q.jpg", "https://coast.example/x")


@pytest.mark.parametrize(
    "script",
    [
        "<!-- {} -->", "//<![CDATA[\n{}\n//]]>", "{},", "{}", '[{}, {{"@type": "Organization", "name": "The Coast"}}]',
        '{{"@context": "https://schema.org", "@graph": [{{"@type": "WebSite", "name": "The Coast"}}, {}]}}',
    ],
)  # fmt: skip
def test_json_ld_is_read_in_the_wrappings_that_publishers_use(script: str) -> None:
    article = (
        '{"@type": ["Article", "NewsArticle"], "headline": "A headline\nin two lines", "datePublished": "2024-03-04"}'
    )
    if script == "{},":
        article = article.replace('"2024-03-04"}', '"2024-03-04",}')
        script = "{}"
    head = f"<script type='application/ld+json'>{script.format(article)}</script>"
    found = clean_page(page(head), url=URL)
    assert found.title == "A headline in two lines"
    assert found.published_at == datetime(2024, 3, 4, tzinfo=UTC)


def test_of_several_articles_in_json_ld_the_one_of_this_page_counts() -> None:
    head = json_ld(headline="A related story", url="https://www.coast.example/other")
    head += json_ld(headline="Harbour plan agreed", mainEntityOfPage={"@id": URL})
    assert clean_page(page(head), url=URL).title == "Harbour plan agreed"


@pytest.mark.parametrize(
    "script", ["[" * 100_000, '{"@type": "NewsArticle", "author": 7, "headline": [[]]}', "{", "null"]
)
def test_broken_json_ld_costs_only_what_it_would_have_said(script: str) -> None:
    head = f"<title>Harbour plan agreed</title><script type='application/ld+json'>{script}</script>"
    found = clean_page(page(head), url=URL)
    assert found.title == "Harbour plan agreed"
    assert found.text.split("\n\n") == list(STORY)


def test_empty_page_is_a_stub_and_says_so() -> None:
    for html in (b"", b"   ", b"<html><body></body></html>", b"<html><body><script>var a = 1</script></body></html>"):
        found = clean_page(html, url=URL)
        assert (found.text, found.html, found.flags) == ("", "", ("stub",))


def test_text_falls_back_to_json_ld_where_the_page_shows_nothing() -> None:
    html = page(json_ld(headline="Harbour plan agreed", articleBody="\n\n".join(STORY)), "<div id='app'></div>")
    found = clean_page(html, url=URL)
    assert found.text.split("\n\n") == list(STORY)
    assert (found.flags, found.removed) == ((), {"fallback": 1})


def test_html_of_a_page_keeps_lists_tables_and_headings_and_is_safe() -> None:
    body = (
        f"<h1>Harbour plan agreed</h1><p>{STORY[0]}</p><h2>What is planned</h2><ul><li>A new quay of stone</li>"
        f"<li>A footbridge to the &lt;old&gt; pier</li></ul><p onclick='x()'>{STORY[1]}</p><script>alert(1)</script>"
        "<table><tr><th>Year</th><th>Cost</th></tr><tr><td>2024</td><td>2 million</td></tr></table>"
        f"<blockquote><p>{STORY[2]}</p></blockquote>"
    )
    found = clean_page(page("", body), url=URL)
    assert found.title == "Harbour plan agreed"
    assert "<ul><li>A new quay of stone</li><li>A footbridge to the &lt;old&gt; pier</li></ul>" in found.html
    assert "<h2>What is planned</h2>" in found.html
    assert "<tr><td>2024</td><td>2 million</td></tr>" in found.html
    assert f"<blockquote><p>{STORY[2]}</p></blockquote>" in found.html
    assert "onclick" not in found.html
    assert "script" not in found.html
    assert "Year | Cost\n\n2024 | 2 million" in found.text


def test_text_in_nested_tables_is_told_once_and_in_time() -> None:
    story = "".join(f"<tr><td>{line}</td></tr>" for line in STORY)
    html = "<table><tr><td>" * 50 + f"<table>{story}</table>" + "</td></tr></table>" * 50
    assert clean_page(page("", html), url=URL).text.split("\n\n") == list(STORY)


def test_reader_comments_are_no_part_of_the_story() -> None:
    comments = "<div id='comments' class='comments'><p>I never liked that pier, and I said so at the time.</p></div>"
    html = page("", "".join(f"<p>{line}</p>" for line in STORY)).replace(b"</body>", comments.encode() + b"</body>")
    assert clean_page(html, url=URL).text.split("\n\n") == list(STORY)


def test_same_page_gives_the_same_result_every_time() -> None:
    results = {clean_page(page("<title>Harbour plan agreed</title>"), url=URL).text for _ in range(5)}
    assert results == {"\n\n".join(STORY)}


@pytest.mark.parametrize(
    "html",
    [
        b"<p>" + b"x" * MAX_PAGE_BYTES,
        b"<p " + b"a=1 " * 200_000 + b">",
        b"<div>" * 10_000 + b"deep",
        b"<p>" + b"&amp;" * 200_000,
    ],
    ids=["size", "attributes", "depth", "entities"],
)
def test_hostile_page_is_rejected_before_a_parser_sees_it(html: bytes) -> None:
    with pytest.raises(EntryRejected) as caught:
        clean_page(html, url=URL)
    assert caught.value.reason is EntryReason.TOO_LARGE


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("Größe".encode(), None, "Größe"),
        ("Größe".encode(), "text/html; charset=iso-8859-1", "Größe"),  # valid UTF-8 is UTF-8 whatever is declared
        ("Größe – “so”".encode("cp1252"), "text/html; charset=ISO-8859-1", "Größe – “so”"),
        ("Größe".encode("cp1252"), None, "Größe"),
        ("<meta charset='windows-1251'>Порт".encode("cp1251"), None, "<meta charset='windows-1251'>Порт"),
        ("港は再開".encode("shift_jis"), "text/html;charset=Shift_JIS", "港は再開"),
        ("港口".encode("gb18030"), "text/html; charset=gb2312", "港口"),
        ("Größe".encode("utf-16"), None, "Größe"),
        ("港は再開".encode("iso2022_jp"), "text/html; charset=iso-2022-jp", "港は再開"),
        (b"a\x00b\x1fc\x0cd\te\r\n" + "\uffffé".encode(), None, "abcd\te\r\né"),
        ("a\x00bé".encode("cp1252"), None, "abé"),
        (b"\xef\xbb\xbfa", None, "a"),
        ("Größe und Länge ".encode() * 9 + b"\xff", None, "Größe und Länge " * 9 + "\ufffd"),
        ("Größe".encode("cp1252"), "text/html; charset=unicode_escape", "Größe"),
        ("Größe".encode("cp1252"), "text/html; charset=no-such", "Größe"),
    ],
)
def test_page_is_decoded_as_it_was_written(body: bytes, content_type: str | None, text: str) -> None:
    assert decode_page(body, content_type) == text


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2024-05-01T10:00:00+02:00", datetime(2024, 5, 1, 8, tzinfo=UTC)),
        ("2024-05-01T10:00:00.123+0200", datetime(2024, 5, 1, 8, 0, 0, 123000, tzinfo=UTC)),
        ("2024-05-01T10:00+02:00[Europe/Berlin]", datetime(2024, 5, 1, 8, tzinfo=UTC)),
        ("2024-05-01 10:00:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024-05-01", datetime(2024, 5, 1, tzinfo=UTC)),
        ("Wed, 01 May 2024 10:00:00 GMT", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("yesterday", None),
        ("", None),
        (7, None),
    ],
)
def test_time_is_read_as_utc_or_not_at_all(text: object, time: datetime | None) -> None:
    assert parse_time(text) == time


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["By Ane Holt"], ("Ane Holt",)),
        (["Ane Holt and Jon de Vries"], ("Ane Holt", "Jon de Vries")),
        (["Ane Holt; Jon Lind | Eva Lo"], ("Ane Holt", "Jon Lind", "Eva Lo")),
        (["Von Ane Holt, Jon Lind und Eva Lo"], ("Ane Holt", "Jon Lind", "Eva Lo")),
        (["Ane Holt", "ane holt"], ("Ane Holt",)),
        (["https://coast.example/ane", "admin", "", "12345", "@ane"], ()),
        (["Ane de la Y Garcia"], ("Ane de la Y Garcia",)),
    ],
)
def test_names_are_taken_out_of_author_fields(texts: list[str], names: tuple[str, ...]) -> None:
    assert author_names(texts) == names


def test_language_tags_are_brought_to_one_form() -> None:
    tags = ("en", "EN-us", "de_DE.UTF-8", "zh-hant-tw", "pt-BR", "und", "english", "", "x")
    assert [language_tag(tag) for tag in tags] == [
        "en",
        "en-US",
        "de-DE",
        "zh-Hant-TW",
        "pt-BR",
        None,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize("said", [False, "False", "false", "http://schema.org/False"])
def test_a_page_that_not_everybody_may_read_is_flagged(said: object) -> None:
    assert clean_page(page(json_ld(isAccessibleForFree=said)), url=URL).flags == ("paywall",)


def test_a_locked_tier_is_a_paywall_and_a_metered_one_is_none() -> None:
    tier = "<meta property='article:content_tier' content='{}'>"
    assert clean_page(page(tier.format("locked")), url=URL).flags == ("paywall",)
    assert clean_page(page(tier.format("metered")), url=URL).flags == ()


@pytest.mark.parametrize("said", [True, "True", "http://schema.org/True"])
def test_a_page_that_everybody_may_read_is_not_flagged(said: object) -> None:
    assert clean_page(page(json_ld(isAccessibleForFree=said)), url=URL).flags == ()


def test_a_live_blog_is_flagged() -> None:
    assert clean_page(page(json_ld(**{"@type": "LiveBlogPosting"})), url=URL).flags == ("live",)


def test_a_page_says_its_section_tags_access_and_where_each_field_stands() -> None:
    head = (
        json_ld(headline="Plan", articleSection=["Harbour", "News"], keywords="pier, ferries , pier, cms:p66",
                isAccessibleForFree="False", datePublished="2024-03-04T23:30:00+09:00")
        + "<meta name='author' content='Ane Holt'><meta name='keywords' content='other'>"
    )  # fmt: skip
    found = clean_page(page(head), url=URL)
    assert (found.section, found.tags, found.access) == ("Harbour", ("pier", "ferries"), "paywalled")
    assert found.said_by == {"title": "json-ld", "authors": "meta", "published_at": "json-ld"}
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2024-03-04T23:30:00+09:00"  # in the publisher's own zone


@pytest.mark.parametrize(
    ("tier", "access"), [("free", "free"), ("metered", "free"), ("locked", "paywalled"), ("x", None)]
)
def test_access_follows_the_content_tier(tier: str, access: str | None) -> None:
    assert clean_page(page(f"<meta property='article:content_tier' content='{tier}'>"), url=URL).access == access


@pytest.mark.parametrize(("end", "flags"), [("…", ("truncated",)), (" [...]", ("truncated",)), (".", ())])
def test_a_text_that_breaks_off_is_flagged(end: str, flags: tuple[str, ...]) -> None:
    sentence = "The harbour master told the council what the storm had done to the pier, and "
    story = "".join(f"<p>{sentence * 3}{letter}.</p>" for letter in "abc")
    last = f"<p>The work on the pier begins in May and takes eleven months, the harbour office said{end}</p>"
    html = f"<html><head><title>Pier</title></head><body><h1>Pier</h1><article>{story}{last}</article></body></html>"
    assert clean_page(html.encode(), url=URL).flags == flags


def test_a_gallery_is_flagged() -> None:
    assert clean_page(page("<meta property='og:type' content='photo-gallery'>"), url=URL).flags == ("gallery",)


@pytest.mark.parametrize("close", ["：海岸新聞", "（海岸新聞DIGITAL）", "｜海岸新聞", ": The Coast"])
def test_a_sites_name_right_behind_the_heading_is_no_part_of_the_title(close: str) -> None:
    heading = "港湾計画が月曜日に合意されたと議長が述べた"
    head = f"<meta property='og:title' content='{heading}{close}'>"
    body = f"<h1>{heading}</h1>" + "".join(f"<p>{line}</p>" for line in STORY)
    assert clean_page(page(head, body), url=URL).title == heading


def test_a_date_that_is_only_shown_is_found_and_said_to_be_guessed() -> None:
    body = "<p>Posted on 4 March 2024 by the desk</p>" + "".join(f"<p>{line}</p>" for line in STORY)
    found = clean_page(page(body=body), url="https://www.coast.example/a")
    assert found.published_at == datetime(2024, 3, 4, tzinfo=UTC)
    assert found.said_by["published_at"] == "guessed"


def test_no_date_is_read_by_the_clock() -> None:
    """What htmldate would hand to dateparser is left alone; the name is private, so a new version may lose it."""
    from htmldate import extractors

    assert extractors.external_date_parser("vor drei Stunden, 4. März", "%Y-%m-%d") is None


def test_page_whose_root_is_a_label_has_no_guessed_date() -> None:
    """Found by fuzzing: htmldate removes labels, and asserts that each has a parent."""
    assert clean_page(b"<label><meta><e>", url="https://coast.example/a").published_at is None
