"""One entry, and perhaps its page, as one article."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from wiredesk.clean import article as room
from wiredesk.clean.article import clean_article
from wiredesk.clean.jsonl import clean_line
from wiredesk.errors import EntryRejected
from wiredesk.models import CleanArticle, Enclosure, Entry, EntryReason
from wiredesk.settings import Settings
from wiredesk.steps.cleaning import CleanWorkers, in_order

FEED = "https://coast.example/feeds/all.xml"
LINK = "https://www.coast.example/news/harbour-plan-agreed-4711"
STORY = (
    "The council of Vellmar has agreed on a plan for the harbour, its speaker said on Monday after a long night.",
    "The work begins in May and will take eleven months, during which the ferries call at the outer pier instead.",
    "Residents had asked for a footbridge as well, and they will get one, if the bids stay below two million.",
)
PAGE = (
    "<html lang='en-GB'><head><title>Harbour plan agreed - The Coast</title>"
    "<meta name='author' content='Ane Holt'><meta property='og:image' content='/quay.jpg'>"
    "<meta property='article:published_time' content='2024-03-04T08:00:00Z'>"
    "<link rel='canonical' href='/news/harbour-plan-agreed-4711'></head><body><article><h1>Harbour plan agreed</h1>"
    + "".join(f"<p>{line}</p>" for line in STORY)
    + "</article></body></html>"
).encode()


def entry(**fields: Any) -> Entry:
    return Entry(**{"key": "4711", "digest": b"\0" * 32, "url": LINK, "title": "Harbour plan agreed", **fields})


def clean(given: Entry, **fields: Any) -> CleanArticle:
    return clean_article(given, feed_url=FEED, **fields)


def test_entry_alone_becomes_an_article() -> None:
    found = clean(
        entry(
            title=" Harbour <b>plan</b> &amp;amp; bridge\n agreed ",
            url="/news/a-story-1?utm_source=rss&id=7",
            html="<p>The <a href='b'>plan</a>.</p><img src='/quay.jpg'>",
            summary="<p>In short.</p>",
            authors=("Ane Holt", "desk@coast.example"),
            published_at=datetime(2024, 3, 4, tzinfo=UTC),
            language="de_de",
        )
    )
    assert found.title == "Harbour plan & bridge agreed"
    assert found.text == "The plan."
    assert found.html.startswith(
        '<p>The <a href="https://coast.example/news/b" rel="noopener noreferrer">plan</a>.</p>'
    )
    assert found.url == "https://coast.example/news/a-story-1?id=7"
    assert found.url_key == "https://coast.example/news/a-story-1?id=7"
    assert found.authors == ("Ane Holt",)
    assert found.language == "de-DE"
    assert found.summary == "In short."
    assert found.lead_image == "https://coast.example/quay.jpg"
    assert found.flags == ()


def test_fuller_text_of_the_page_is_taken_with_what_it_says_about_itself() -> None:
    found = clean(entry(summary="The council has agreed […]"), page=PAGE, page_url=LINK)
    assert found.text.split("\n\n") == list(STORY)
    assert found.summary == "The council has agreed"
    assert found.authors == ("Ane Holt",)
    assert found.published_at == datetime(2024, 3, 4, 8, tzinfo=UTC)
    assert (found.language, found.lead_image) == ("en-GB", "https://www.coast.example/quay.jpg")
    assert found.canonical_url == LINK
    assert found.flags == ()


def test_fuller_text_of_the_feed_is_kept() -> None:
    html = "".join(f"<p>{line}</p>" for line in STORY) * 2
    found = clean(entry(html=html), page=PAGE, page_url=LINK)
    assert found.text.split("\n\n") == list(STORY) * 2


def test_a_paywall_is_flagged_also_where_the_feeds_text_is_the_fuller_one() -> None:
    locked = PAGE.replace(b"<title>", b"<meta property='article:content_tier' content='locked'><title>")
    html = "".join(f"<p>{line}</p>" for line in (*STORY, *STORY))
    assert clean(entry(html=html), page=locked, page_url=LINK).flags == ("paywall",)
    assert clean(entry(summary="In short."), page=locked, page_url=LINK).flags == ("paywall",)


def test_title_of_the_feed_is_recognised_when_the_page_repeats_it_in_other_words_of_its_own() -> None:
    page = PAGE.replace(b"<h1>Harbour plan agreed</h1>", b"<h1>Harbour plan agreed</h1><p>Council votes for quay</p>")
    found = clean(entry(title="Council votes for quay"), page=page, page_url=LINK)
    assert found.text.split("\n\n") == list(STORY)
    assert found.title == "Council votes for quay"


def test_fault_of_ours_rejects_one_entry_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "clean_fragment", lambda *_, **__: 1 / 0)
    with pytest.raises(EntryRejected, match="ZeroDivisionError") as caught:
        clean(entry(summary="In short."))
    assert caught.value.reason is EntryReason.CLEAN_FAILED


def test_title_without_text_is_a_stub() -> None:
    found = clean(entry())
    assert (found.title, found.text, found.html, found.flags) == ("Harbour plan agreed", "", "", ("stub",))


@pytest.mark.parametrize("fields", [{"title": None}, {"title": "<b> </b>", "html": "<p>&nbsp;</p>"}])
def test_neither_title_nor_text_is_rejected_as_empty(fields: dict[str, Any]) -> None:
    with pytest.raises(EntryRejected) as caught:
        clean(entry(**fields))
    assert caught.value.reason is EntryReason.EMPTY


def test_title_of_the_page_stands_in_for_a_missing_one() -> None:
    assert clean(entry(title=None), page=PAGE, page_url=LINK).title == "Harbour plan agreed"


def test_oversized_entry_is_rejected_as_too_large() -> None:
    with pytest.raises(EntryRejected) as caught:
        clean(entry(html="<b>" * 100_000))
    assert caught.value.reason is EntryReason.TOO_LARGE


@pytest.mark.parametrize(
    ("url", "canonical", "key"),
    [
        (LINK + "?ref=rss", "/news/harbour-plan-agreed-4711", "https://coast.example/news/harbour-plan-agreed-4711"),
        (LINK, "https://agency.example/original-story", "https://coast.example/news/harbour-plan-agreed-4711"),
        (LINK, "https://www.coast.example/", "https://coast.example/news/harbour-plan-agreed-4711"),
        (LINK, "/world/harbour-plan-agreed-4711", "https://coast.example/world/harbour-plan-agreed-4711"),
        ("https://t.co/x1", LINK, "https://coast.example/news/harbour-plan-agreed-4711"),
    ],
)
def test_canonical_url_is_identity_only_where_it_can_be_trusted(url: str, canonical: str, key: str) -> None:
    page = PAGE.replace(b"'/news/harbour-plan-agreed-4711'", f"'{canonical}'".encode())
    assert clean(entry(url=url), page=page, page_url=LINK).url_key == key


def test_image_of_an_enclosure_stands_in_for_a_missing_one() -> None:
    enclosures = (Enclosure("/a.mp3", "audio/mpeg"), Enclosure("/quay.jpg?utm_source=rss", "image/jpeg"))
    assert clean(entry(enclosures=enclosures)).lead_image == "https://www.coast.example/quay.jpg"
    assert clean(entry(enclosures=(Enclosure("https://i.example/q.PNG"),))).lead_image == "https://i.example/q.PNG"
    assert clean(entry(enclosures=enclosures[:1])).lead_image is None


def test_entry_without_a_usable_link_has_no_address() -> None:
    found = clean(entry(url="javascript:alert(1)", html="<p>Text.</p>"))
    assert (found.url, found.url_key) == (None, None)


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("AT&amp;amp;T &#8217;s plan", "AT&T ’s plan"),
        ("Why <10% of voters & others < 5 came", "Why <10% of voters & others < 5 came"),
        ("&lt;i&gt;Coast&lt;/i&gt; reviewed", "Coast reviewed"),
        ("<![CDATA[Plan]]> agreed\u200b\u00ad", "Plan agreed"),
        ("A <em>new</em><br/>pier", "A newpier"),
    ],
)
def test_title_is_plain_text_on_one_line(title: str, plain: str) -> None:
    assert clean(entry(title=title)).title == plain


def test_jsonl_answers_every_line_in_order_and_goes_on_after_a_bad_one() -> None:
    lines = [
        json.dumps({"id": 1, "url": LINK, "html": PAGE.decode(), "kind": "page"}),
        "{broken",
        "",
        json.dumps({"id": "b", "url": None, "html": "<p>One […]</p><img src='/p.gif' width=1>", "kind": "fragment"}),
        json.dumps({"id": 3, "url": LINK, "html": "<b>" * 100_000, "kind": "fragment"}),
        json.dumps({"id": 4, "url": LINK, "html": 7, "kind": "page"}),
        json.dumps({"id": 5, "url": LINK, "html": "", "kind": "feed"}),
        json.dumps([1]),
        '{"id": "\\ud800", "url": "http://[", "html": "a\\ud800\\u0000b", "kind": "fragment"}',
        json.dumps({"id": 6, "url": LINK, "html": "", "kind": "page"}),
    ]  # fmt: skip
    with CleanWorkers(Settings()) as workers:
        given = ((line, number, workers.attempt) for number, line in enumerate(lines, start=1) if line)
        answers = [json.loads(answer) for answer in in_order(clean_line, given, 2)]
    assert [answer["id"] for answer in answers] == [1, None, "b", 3, 4, 5, None, "\ud800", 6]
    assert set(answers[0]) == {
        "id", "title", "authors", "published_at", "language", "text", "html", "lead_image", "canonical_url", "flags",
        "removed", "section", "tags", "access", "said_by", "updated_at",
    }  # fmt: skip
    assert answers[0]["text"].split("\n\n") == list(STORY)
    assert answers[0]["published_at"] == "2024-03-04T08:00:00+00:00"
    assert (answers[2]["text"], answers[2]["flags"]) == ("One", ["truncated"])
    assert answers[2]["removed"] == {"beacon": 1, "continue_reading": 1}
    assert [i for i, answer in enumerate(answers) if set(answer) == {"id", "error"}] == [1, 3, 4, 5, 6]
    assert "line 2" in answers[1]["error"]
    assert answers[3]["error"].startswith("too_large")
    assert answers[7]["text"] == "a\ufffdb"
    assert answers[8]["flags"] == ["stub"]
