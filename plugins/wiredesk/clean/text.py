"""Unicode and whitespace: one way to write every character, whatever the publisher's tool did.

NFC as in Unicode Standard Annex 15. Zero-width characters and soft hyphens go, because they split words for
search and deduplication; the joiners stay where a script or an emoji is spelled with them (UAX 31, section 2.3).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

from ftfy import fix_encoding

# Bytes 80-9F that were cp1252 all along, as the HTML standard reads them in character references.
_CP1252 = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_LINE_ENDS = {0x0D: "\n", 0x2028: "\n", 0x2029: "\n", 0x85: "\n"}
_CHARACTERS = str.maketrans({**_CP1252, **_LINE_ENDS, 0x0B: " ", 0x0C: " "})

_JOINED_SCRIPTS = "\u0600-\u08ff\u0900-\u0fff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc"
_EMOJI = "\u2190-\u2bff\u3030\u303d\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f"
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc\ufffe\uffff"
    rf"]|(?<![{_JOINED_SCRIPTS}{_EMOJI}])[\u200c\u200d]"
)
# All that is not as it should be, joiners included: most text has none of it, and one search is cheaper than the work.
_UNUSUAL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff"
    "\ufeff\ufff9-\ufffc\ufffe\uffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
# The first byte of a letter in UTF-8 and one that may follow it, both read as cp1252, Latin-1 or Mac Roman.
_MOJIBAKE_STARTS = "\u00c2\u00c3\u00c4\u00c5\u00d0\u00d1\u00e2\u201a"
_MOJIBAKE = re.compile(
    f"[{_MOJIBAKE_STARTS}](?:"  # one set first, which a search skips to
    "(?<![\u00e2\u201a])[\x80-\xbf\u0152-\u0178\u017d\u017e\u02c6\u02dc\u2013-\u2122]"
    "|(?<=\u00e2)[\u20ac\u201a\u02c6\u2020\u2030]|(?<=\u201a)\u00c4)"
)
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")

# Only what HTML calls a tag: "<10 %" and "a < b" are text.
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|bdi|big|br|cite|code|del|div|em|font|h[1-6]|i|img|ins|mark|p|q|s|small|span|strike|strong"
    r"|sub|sup|tt|u|wbr)(?:\s[^<>]*)?/?>|<!--[^<>]*-->|<!\[CDATA\[|\]\]>",
    re.IGNORECASE,
)


def words(text: str) -> frozenset[str]:
    """A set of words, written as one string: for the lists that the rules hold."""
    return frozenset(text.split())


def tidy_line(text: str) -> str:
    """NFC, no invisible characters, no NUL or lone surrogate; white space folded to single plain spaces."""
    return " ".join(_plain_characters(text).split())


def _plain_characters(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    if not _UNUSUAL.search(text):
        return unicodedata.normalize("NFC", text)
    text = _SURROGATE.sub("\ufffd", text).replace("\r\n", "\n").translate(_CHARACTERS)
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def join_paragraphs(paragraphs: Iterable[str]) -> str:
    """The non-empty ones, separated by one blank line."""
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def plain_title(markup: str | None) -> str:
    """A title as plain text: markup out, entities decoded (feeds escape them up to twice), one line."""
    if not markup:
        return ""
    text = _INLINE_TAG.sub("", mend_mojibake(markup))
    for _ in range(2):
        text = html.unescape(text)
    return tidy_line(_INLINE_TAG.sub("", text))


def readable(markup: str) -> str:
    """Markup that every parser accepts, and that says what was meant: NUL ends a document for libxml2, a lone surrogate
    cannot be encoded, and UTF-8 that somebody has read as something else (`itâ€™s`) is read again.
    """
    try:
        markup.encode()  # many times faster than to look for what it refuses
    except UnicodeEncodeError:
        markup = _SURROGATE.sub("\ufffd", markup)
    return mend_mojibake(markup.replace("\x00", ""))


def mend_mojibake(text: str) -> str:
    """The text that was meant, by ftfy's heuristics; the very same where nothing looks like mojibake."""
    # To look for single characters is many times faster, and most pages have none of them.
    if text.isascii() or not any(start in text for start in _MOJIBAKE_STARTS) or not _MOJIBAKE.search(text):
        return text
    return "".join(fix_encoding(line) if _MOJIBAKE.search(line) else line for line in text.splitlines(keepends=True))


def fold(text: str) -> str:
    """Letters and digits only, caseless: for comparing a line with a title, never for showing."""
    return _NOT_ALPHANUMERIC.sub("", unicodedata.normalize("NFKC", text).casefold())
