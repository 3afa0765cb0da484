"""JSON Feed in, JSON lines out."""

import json
from datetime import UTC, datetime

import pytest
from wiredesk.errors import PayloadError
from wiredesk.models import Enclosure, Entry, EntryReason, PayloadReason
from wiredesk.parse import parse_entries, to_json_lines

V11 = "https://jsonfeed.org/version/1.1"


def feed(*items: object, version: str = V11, **fields: object) -> bytes:
    return json.dumps({"version": version, "title": "Tidewater Gazette", "items": items, **fields}).encode()


def only(*items: object, url: str | None = None) -> Entry:
    (entry,) = parse_entries(feed(*items), url=url).entries
    return entry


def test_every_field_of_a_json_item_is_read() -> None:
    item = {
        "id": "harbour-17",
        "url": "/17",
        "title": "Ferry back",
        "content_html": "<p>Long story.</p>",
        "summary": "Short.",
        "authors": [{"name": "Ada Reed"}, {"url": "https://x.example"}],
        "date_published": "2026-03-02T08:00:00+01:00",
        "date_modified": "2026-03-02T09:00:00Z",
        "tags": ["Harbour", "Ferries", "Harbour", 7],
        "attachments": [{"url": "/17.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 1234}, "x"],
        "language": "en_GB",
    }
    parsed = parse_entries(feed(item, home_page_url="https://gazette.example/", language="en"))
    assert (parsed.kind, parsed.title, parsed.link) == ("json11", "Tidewater Gazette", "https://gazette.example/")
    (entry,) = parsed.entries
    assert (entry.key, entry.url, entry.title) == ("harbour-17", "https://gazette.example/17", "Ferry back")
    assert (entry.html, entry.summary) == ("<p>Long story.</p>", "Short.")
    assert (entry.authors, entry.categories) == (("Ada Reed",), ("Harbour", "Ferries"))
    assert entry.published_at == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert entry.updated_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert entry.enclosures == (Enclosure("https://gazette.example/17.mp3", "audio/mpeg", 1234),)
    assert (entry.language, parsed.language) == ("en-GB", "en")


def test_version_1_has_one_author_and_numbers_for_ids() -> None:
    body = feed({"id": 17, "author": {"name": "Ada Reed"}}, version="https://jsonfeed.org/version/1")
    parsed = parse_entries(body)
    assert (parsed.kind, parsed.entries[0].key, parsed.entries[0].authors) == ("json10", "17", ("Ada Reed",))


def test_authors_of_the_feed_are_those_of_items_that_name_none() -> None:
    body = feed({"id": "1"}, {"id": "2", "authors": [{"name": "Bo Lund"}]}, authors=[{"name": "Ada Reed"}])
    assert [entry.authors for entry in parse_entries(body).entries] == [("Ada Reed",), ("Bo Lund",)]


def test_more_items_than_may_be_read_are_refused() -> None:
    with pytest.raises(PayloadError) as caught:
        parse_entries(feed(*[{"id": "1"}] * 5001))
    assert caught.value.reason is PayloadReason.TOO_MANY_ITEMS
    assert "5001 items" in caught.value.detail


def test_plain_text_becomes_markup_that_says_the_same() -> None:
    assert only({"id": "1", "content_text": "1 < 2 & 3"}).html == "1 &lt; 2 &amp; 3"
    assert only({"id": "1", "content_text": "One.\n\nTwo."}).html == "<p>One.</p><p>Two.</p>"


def test_item_that_is_no_object_is_rejected_and_its_neighbours_live() -> None:
    parsed = parse_entries(feed({"id": "1"}, "two", {"id": True}, {"id": "4"}))
    assert [entry.key for entry in parsed.entries] == ["1", "4"]
    assert [rejected.reason for rejected in parsed.rejected] == [EntryReason.PARSER_FAILED, EntryReason.NO_IDENTITY]
    assert [rejected.raw for rejected in parsed.rejected] == [b'"two"', b'{"id": true}']


def test_characters_that_the_database_refuses_are_gone() -> None:
    entry = only({"id": "1", "title": "a\0b\ud800c", "content_html": "\ud83d\ude00"})
    assert (entry.title, entry.html) == ("abc", "\U0001f600")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [', PayloadReason.MALFORMED),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": {}}', PayloadReason.MALFORMED),
        (b'{"error": "not found"}', PayloadReason.NOT_A_FEED),
        (b'[{"id": 1}]', PayloadReason.NOT_A_FEED),
        (b"[" * 100_000, PayloadReason.MALFORMED),
        (b'{"a": ' + b"9" * 5000 + b"}", PayloadReason.NOT_A_FEED),
    ],
)
def test_json_that_is_no_feed_is_quarantined(body: bytes, reason: PayloadReason) -> None:
    with pytest.raises(PayloadError) as caught:
        parse_entries(body)
    assert caught.value.reason is reason


def test_json_lines_are_a_feed_and_then_its_entries() -> None:
    item = {"id": "1", "title": "Überfahrt\u2028neu", "date_published": "2026-03-02T08:00:00Z"}
    lines = list(to_json_lines(parse_entries(feed(item, {}, home_page_url="https://gazette.example/"))))
    assert all(line.isascii() for line in lines)
    first, second = map(json.loads, lines)
    assert {name: first[name] for name in ("kind", "title", "link", "outcome", "reason")} == {
        "kind": "json11",
        "title": "Tidewater Gazette",
        "link": "https://gazette.example/",
        "outcome": "parsed",
        "reason": None,
    }
    assert [rejected["reason"] for rejected in first["rejected"]] == ["no_identity"]
    assert second == {
        "key": "1",
        "url": None,
        "title": "Überfahrt\u2028neu",
        "authors": [],
        "published_at": "2026-03-02T08:00:00+00:00",
        "updated_at": None,
        "html": None,
        "summary": None,
        "categories": [],
        "enclosures": [],
        "language": None,
    }


def test_line_of_the_feed_has_its_polling_hints() -> None:
    channel = "<ttl>60</ttl><skipHours><hour>3</hour></skipHours><skipDays><day>Monday</day></skipDays>"
    (line,) = to_json_lines(parse_entries(f"<rss version='2.0'><channel>{channel}</channel></rss>".encode()))
    found = json.loads(line)
    assert (found["polling_floor_s"], found["skip_hours"], found["skip_days"]) == (3600, [3], [0])


def test_json_line_of_a_quarantined_payload_says_why() -> None:
    (line,) = to_json_lines(PayloadError(PayloadReason.HTML_NOT_FEED, "an HTML page"))
    found = json.loads(line)
    assert (found["outcome"], found["reason"], found["detail"]) == ("quarantined", "html_not_feed", "an HTML page")
