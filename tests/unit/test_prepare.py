"""A payload becomes rows, and one wording follows another, by rules that need no database."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from wiredesk.clean import article as article_room
from wiredesk.models import CleanArticle, Entry, EntryReason, ParsedFeed, PreparedArticle, SignatureScheme, StoredPage
from wiredesk.prepare import changed_entries, is_revision, prepare_payload

SCHEME = SignatureScheme(2, "words2", 5, 128, 1, "affine32+golden64", 16, 20)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LONG = "The council met on Tuesday and agreed to mend the bridge before the winter comes. " * 4


def entry(
    key: str, url: str | None = "https://news.example/a", html: str = f"<p>{LONG}</p>", title: str = "Title"
) -> Entry:
    return Entry(key=key, digest=key.encode().ljust(32, b"."), url=url, title=title, html=html)


def prepared(*entries: Entry, known: dict[str, bytes] | None = None, pages: dict[str, bytes] | None = None):
    parsed = ParsedFeed("rss20", "Feed", None, "en", tuple(entries))
    return prepare_payload(
        parsed,
        known or {},
        {key: StoredPage("https://news.example/a", body, None) for key, body in (pages or {}).items()},
        feed_id=7,
        feed_url="https://news.example/feed",
        feed_language=None,
        is_full_text=False,
        scheme=SCHEME,
        min_words=20,
    )


def test_only_new_and_changed_entries_are_worked_on() -> None:
    old, edited, new = entry("old"), entry("edited"), entry("new")
    known = {"old": old.digest, "edited": b"x" * 32}
    assert changed_entries([old, edited, new], known) == [edited, new]
    payload = prepared(old, edited, new, known=known)
    assert payload.changed == (edited, new)
    assert payload.unchanged == (old,)
    assert payload.new_entry_count == 1


def test_entries_of_one_url_make_one_article_with_the_fullest_wording() -> None:
    payload = prepared(
        entry("teaser", html="<p>Short.</p>"), entry("full"), entry("utm", url="https://news.example/a?utm_source=x")
    )
    (article,) = payload.articles
    assert article.entry_keys[0] in {"full", "utm"}
    assert set(article.entry_keys) == {"teaser", "full", "utm"}


def test_an_entry_without_a_link_is_identified_by_feed_and_key() -> None:
    (article,) = prepared(entry("guid-1", url=None)).articles
    assert article.url_key == "entry:7:guid-1"


def test_a_url_too_long_for_an_index_is_identified_by_its_digest() -> None:
    (article,) = prepared(entry("long", url="https://news.example/" + "a" * 3000)).articles
    assert article.url_key.startswith("sha256:")


def test_an_entry_that_says_nothing_is_rejected_whole_and_its_neighbour_lives() -> None:
    payload = prepared(entry("empty", title="", html=""), entry("fine"))
    assert [article.entry_keys for article in payload.articles] == [("fine",)]
    (rejected,) = payload.rejected
    assert rejected.reason is EntryReason.EMPTY
    assert json.loads(rejected.raw)["key"] == "empty"
    assert [kept.key for kept in payload.changed] == ["fine"]


@pytest.mark.parametrize("reason", ["too_large", "clean_failed"])
def test_page_that_cannot_be_cleaned_leaves_the_feeds_text_and_is_named(
    reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason == "clean_failed":
        monkeypatch.setattr(article_room, "clean_page", lambda *_, **__: 1 / 0)
    payload = prepared(entry("bad"), entry("fine", url="https://news.example/b"), pages={"bad": b"<div>" * 10_000})
    assert [(one.entry_keys, one.article.text, one.article.flags) for one in payload.articles] == [
        (("bad",), LONG.strip(), ("page_failed",)),
        (("fine",), LONG.strip(), ()),
    ]
    (rejected,) = payload.rejected
    assert (rejected.key, rejected.reason) == ("bad", reason)
    assert "its page https://news.example/a: " in rejected.detail
    assert {kept.key for kept in payload.changed} == {"bad", "fine"}


WORDING = PreparedArticle(("k",), "url", CleanArticle("Title", "Text", "", None, None), b"new", 100, None)


@pytest.mark.parametrize(
    ("is_same_entry", "stored_digest", "stored_words", "age_h", "flags", "expected"),
    [
        (True, b"old", 100, 1, (), True),  # an edit
        (True, b"new", 100, 1, (), False),  # the same wording
        (True, b"old", 100, -1, (), False),  # an older payload, loaded late
        (True, b"old", 100, 1, ("page_failed",), False),  # the page could not be had this time
        (False, b"old", 100, 1, (), False),  # another feed's teaser of about the same length
        (False, b"old", 50, 1, (), True),  # another feed has clearly more of it
    ],
)
def test_a_wording_replaces_another_only_if_newer_and_of_the_same_entry_or_clearly_fuller(
    is_same_entry: bool, stored_digest: bytes, stored_words: int, age_h: int, flags: tuple[str, ...], expected: bool
) -> None:
    wording = replace(WORDING, article=replace(WORDING.article, flags=flags))
    found = is_revision(
        wording,
        is_same_entry=is_same_entry,
        stored_digest=stored_digest,
        stored_word_count=stored_words,
        stored_at=NOON,
        seen_at=NOON + timedelta(hours=age_h),
    )
    assert found is expected
