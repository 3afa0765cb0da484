"""From bytes to characters that XML, JSON and Postgres all accept."""

from __future__ import annotations

import re
from functools import partial

from charset_normalizer import from_bytes

# Bytes that betray an encoding before any declaration can be read (XML 1.0, appendix F.1), longest first.
_SIGNATURES = (
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xfe\xff", "utf-16"),
    (b"\xff\xfe", "utf-16"),
    (b"\x00<", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00{", "utf-16-be"),
    (b"{\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),  # <?xm in EBCDIC
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_WIDE = ("utf-16", "utf_16", "utf16", "utf-32", "utf_32", "utf32", "ucs", "iso-10646")
# Their supersets, because that is what such documents hold (WHATWG Encoding Standard).
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "us-ascii": "utf-8", "ascii": "utf-8"}
_SUPERSETS |= {"shift_jis": "cp932", "euc_kr": "cp949", "tis_620": "cp874", "iso8859_11": "cp874"}
# Python codecs that are no charset of any document; some take quadratic time.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf_7"})

# What charset-normalizer may find; of several names for nearly the same the most complete is taken, as in browsers.
_GUESSABLE = frozenset(
    {
        "gb18030",
        "gb2312",
        "gbk",
        "hz",
        "big5",
        "big5hkscs",
        "cp950",
        "shift_jis",
        "shift_jis_2004",
        "cp932",
        "euc_jp",
        "euc_jis_2004",
        "iso2022_jp",
    }
    | {"euc_kr", "cp949", "johab", "koi8_r", "koi8_u", "cp1251", "iso8859_5", "mac_cyrillic", "cp866", "cp1253"}
    | {"iso8859_7", "cp1255", "iso8859_8", "cp1256", "iso8859_6", "tis_620", "cp874", "iso8859_11"}
)
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_RUN = re.compile(rb"[\x80-\xff]{3,}")
_SAMPLE_BYTES = 2**16  # enough to tell, and a bound on what telling costs

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]+")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_REFERENCES = re.compile(r"(?:&#(?:[xX][0-9a-fA-F]+|[0-9]+);?)+")


def decode_payload(body: bytes, content_type: str | None) -> tuple[str, str | None]:
    """The payload's characters, and a warning where its encoding is not what it says.

    Order of belief (RFC 7303, section 3.2): byte order mark, charset of Content-Type, XML declaration, UTF-8; then
    windows-1252, which fits any bytes. UTF-8 with a few damaged characters stays UTF-8. Only bytes beyond ASCII that
    come in runs, as in no Western text, are guessed at: by charset-normalizer, which is pinned, so that the same
    bytes give the same text on every machine.
    """
    tried: list[str] = []
    for charset in _candidates(body, content_type):
        if charset in tried:
            continue
        tried.append(charset)
        text = _decode(body, charset)
        if text is not None:
            declared = tried[0]
            return text, None if charset == declared else f"declared as {declared}, read as {charset}"
        if charset == "utf-8" and (text := _decode_damaged(body)) is not None:
            return text, "damaged UTF-8: some characters are lost"
    guessed = _guess(body) or "windows-1252"
    return body.decode(guessed, "replace"), f"declared as {tried[0]}, read as {guessed}"


def clean_characters(text: str) -> str:
    """Text without what XML 1.0 forbids: control characters, lone surrogates, references to either.

    Two references that together spell one character in UTF-16 (`&#xD83D;&#xDE00;`) become that character.
    """
    text = _UNWANTED.sub("", text)
    if "&#" not in text:
        return text
    mended = _REFERENCES.sub(partial(_mend_references, instead=""), text)
    if len(mended) == len(text):
        return text
    # Taking "&#0;" out of "&#x&#0;D800;" leaves another one; a visible character in its place cannot.
    return _REFERENCES.sub(partial(_mend_references, instead="\ufffd"), mended)


def plain_text(value: object) -> str | None:
    """A field as text for the database: stripped, without NUL and lone surrogates; None where nothing is left."""
    if not isinstance(value, str):
        return None
    if _UNWANTED.search(value):  # seldom, and looking is much cheaper than replacing
        value = _UNWANTED.sub("", join_surrogates(value))
    return value.strip() or None


def join_surrogates(text: str) -> str:
    """UTF-16 pairs that stand in the text as two characters, joined; single ones stay."""
    if not re.search("[\ud800-\udbff][\udc00-\udfff]", text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _candidates(body: bytes, content_type: str | None) -> list[str]:
    signed = next((charset for mark, charset in _SIGNATURES if body.startswith(mark)), None)
    charset = _CHARSET.search(content_type or "")
    declared = _DECLARED.match(body if signed != "cp037" else body[:400].decode("cp037").encode())
    named = [charset[1] if charset else None, declared[1].decode() if declared else None]
    names = [_SUPERSETS.get(name.lower(), name.lower()) for name in named if name]
    if b"\x00" not in body[:4]:  # then its first character, "<" or "{", takes one byte, whatever it says
        names = [name for name in names if not name.startswith(_WIDE)]
    return [*([signed] if signed and signed != "cp037" else []), *names, *([signed] if signed else []), "utf-8"]


def _decode(body: bytes, charset: str) -> str | None:
    if charset.replace("-", "_") in _NO_CHARSETS:
        return None
    try:
        return body.decode(charset)
    except (UnicodeError, LookupError, ValueError):
        return None


def _guess(body: bytes) -> str | None:
    """The encoding of letters that mostly stand side by side: Cyrillic, Greek, Thai, Chinese, Japanese, Korean …"""
    sample = body[:_SAMPLE_BYTES]
    sample = sample[: sample.rfind(b">") + 1] or sample  # a character cut in two would rule out its own encoding
    beyond_ascii = len(sample) - len(sample.translate(None, _BEYOND_ASCII))
    if sum(map(len, _RUN.findall(sample))) * 2 < beyond_ascii or b"\x00" in sample:
        return None
    found = from_bytes(sample).best()
    name = found.encoding if found else ""
    return _SUPERSETS.get(name, name) if name in _GUESSABLE else None


def _decode_damaged(body: bytes) -> str | None:
    """UTF-8 in which fewer characters are broken than whole (a text cut by bytes, a stray surrogate)."""
    try:
        return join_surrogates(body.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = len(text) - sum(map(str.isascii, text)) - broken
    return text if broken <= whole else None


def _mend_references(match: re.Match[str], *, instead: str) -> str:
    mended: list[str] = []
    high = 0  # first half of a UTF-16 pair, waiting for its second
    for reference in _REFERENCE.finditer(match[0]):
        # Beyond 8 digits no reference is a character, and int() of thousands of digits is refused.
        digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
        significant = digits.lstrip("0") or "0"
        code = int(significant, base) if len(significant) <= 8 else -1
        if high and 0xDC00 <= code <= 0xDFFF:
            mended[-1] = chr(0x10000 + ((high - 0xD800) << 10) + code - 0xDC00)
        else:
            mended.append(reference[0] if _is_character(code) else instead)
        high = code if 0xD800 <= code <= 0xDBFF else 0
    return "".join(mended)


def _is_character(code: int) -> bool:
    """XML 1.0, production 2 (Char)."""
    return code in {0x9, 0xA, 0xD} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
