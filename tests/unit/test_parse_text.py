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


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Вчера вечером паром после долгого ремонта снова вышел в море, встречали его сотни горожан", "windows-1251"),
        ("Вчера вечером паром после долгого ремонта снова вышел в море, встречали его сотни горожан", "koi8-r"),
        ("長い修理の後、渡し船は昨夜ふたたび海に出た。桟橋では数百人の市民が出迎えた。", "shift_jis"),
        ("長い修理の後、渡し船は昨夜ふたたび海に出た。桟橋では数百人の市民が出迎えた。", "euc_jp"),
        ("경기도의 연락선이 오랜 수리 끝에 다시 바다로 나갔다. 부두에는 시민 수백 명이 모였다.", "euc_kr"),
        ("经过长时间的修理，渡轮昨晚再次出海。数百名市民在码头迎接它的归来，场面十分热闹。", "gb18030"),
        ("經過長時間的修理，渡輪昨晚再次出海。數百名市民在碼頭迎接它的歸來，場面十分熱鬧。", "big5"),
    ],
)
def test_undeclared_encoding_of_letters_in_runs_is_recognised(text: str, encoding: str) -> None:
    parsed = parse_entries(feed(text, encoding=encoding))
    assert parsed.entries[0].title == text
    assert "declared as utf-8, read as" in (parsed.warning or "")


@pytest.mark.parametrize("text", ["Smørrebrød på bryggen, ærlig talt", "L’été à Orléans déçoit", "Größe, Maß und Öl"])
def test_western_letters_without_a_declaration_are_windows_1252(text: str) -> None:
    assert title(feed(text, encoding="windows-1252")) == text


def test_bytes_of_no_encoding_are_not_guessed_at_for_long() -> None:
    text, warning = decode_payload(bytes(range(0x80, 0x100)) * 10_000, None)
    assert (len(text), warning) == (1_280_000, "declared as utf-8, read as windows-1252")


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
