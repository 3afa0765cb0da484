"""Bytes to characters: encodings, what Postgres refuses, and what publishers meant."""

import pytest
from wiredesk.parse import parse_entries
from wiredesk.parse.text import clean_characters, decode_payload, plain_text


def feed(title: str, declared: str = "", encoding: str = "utf-8") -> bytes:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = f"{prolog}<rss version='2.0'><channel><item><guid>1</guid><title>{title}</title></item></channel></rss>"
    return text.encode(encoding)


def title(body: bytes, content_type: str | None = None) -> str | None:
    (entry,) = parse_entries(body, content_type=content_type).entries
    return entry.title


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (feed("Smørrebrød"), None),
        (feed("Smørrebrød", encoding="utf-8-sig"), "text/xml; charset=iso-8859-1"),
        (feed("Smørrebrød", "iso-8859-1", "iso-8859-1"), None),
        (feed("Smørrebrød", "utf-8", "iso-8859-1"), 'application/rss+xml; charset="ISO-8859-1"'),
        (feed("Smørrebrød", "utf-8", "windows-1252"), None),
        (feed("Smørrebrød", "utf-16", "utf-16"), None),
        (feed("Smørrebrød", "utf-16", "utf-16-be"), None),
        (feed("Smørrebrød", encoding="utf-16-le"), None),
        (feed("Smørrebrød", "utf-32", "utf-32"), None),
        (feed("Smørrebrød", "no-such-charset"), None),
        (feed("Smørrebrød", "idna"), None),
        (feed("Smørrebrød"), "text/xml"),
        (b"\n " + feed("Smørrebrød", "utf-8"), None),
    ],
)
def test_title_is_read_in_whatever_encoding_it_came(body: bytes, content_type: str | None) -> None:
    assert title(body, content_type) == "Smørrebrød"


def test_declared_encoding_is_honoured_and_not_guessed() -> None:
    assert title(feed("Паром", "windows-1251", "windows-1251")) == "Паром"
    assert title(feed("渡轮", "gb2312", "gb18030")) == "渡轮"


def test_damaged_utf8_stays_utf8_and_is_warned_of() -> None:
    body = feed("Smørrebrød på bryggen").replace("på".encode(), b"p\xc3")
    parsed = parse_entries(body)
    assert parsed.entries[0].title == "Smørrebrød p\ufffd bryggen"
    assert "damaged UTF-8" in (parsed.warning or "")


def test_wrong_declaration_is_warned_of() -> None:
    _, warning = decode_payload(feed("Smørrebrød", "utf-8", "windows-1252"), None)
    assert warning == "declared as utf-8, read as windows-1252"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a\x00b\x08c\x0bd\ufffee", "abcde"),
        ("a\tb\nc", "a\tb\nc"),
        ("a&#0;b&#x0;c&#8;d", "abcd"),
        ("a&#xD800;b&#56320;c", "abc"),
        ("&#xD83D;&#xDE00;", "\U0001f600"),
        ("x&#55357;&#56832;&#xD83D;y", "x\U0001f600y"),
        ("&#x110000;&#99999999999999999999;", ""),
        ("&#65;&#x42;&#xFFFD;&amp;&nbsp;", "&#65;&#x42;&#xFFFD;&amp;&nbsp;"),
        ("&#xD83D;&#65;&#xDE00;", "&#65;"),
        ("&#" + "9" * 10_000 + ";", ""),
        (f"&#{'0' * 5000}65;", f"&#{'0' * 5000}65;"),
    ],
)
def test_what_xml_forbids_goes_and_split_characters_are_joined(given: str, expected: str) -> None:
    assert clean_characters(given) == expected


def test_forbidden_characters_cost_no_item() -> None:
    body = feed("a\x00&#0;&#xD800;b").replace(b"</title>", b"\xed\xa0\x80</title>")
    assert title(body) == "ab"


@pytest.mark.parametrize(
    ("given", "expected"),
    [(" a\0b ", "ab"), ("\ud83d\ude00", "\U0001f600"), ("\ud800", None), ("", None), (" \n", None), (5, None)],
)
def test_field_is_fit_for_the_database_or_absent(given: object, expected: str | None) -> None:
    assert plain_text(given) == expected
