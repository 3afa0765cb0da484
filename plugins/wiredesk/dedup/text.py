"""From a text to the tokens that are compared.

Normaliser `words2`: Unicode NFKC, case folded, apostrophes out, thousands and decimal separators inside numbers out,
runs of letters, digits and combining marks as tokens. Scripts written without spaces (Han, Kana, Thai, Lao, Khmer,
Burmese) give one token a character.
"""

from __future__ import annotations

import re
import unicodedata

NORMALISER = "words2"

# Python's \w leaves combining marks out, which would cut every Hindi or Arabic word that carries one. They lie
# between U+0300 and U+1EFFF.
_MARKS = "".join(
    character for character in map(chr, range(0x300, 0x1F000)) if unicodedata.category(character)[0] == "M"
)
# Thai and Lao; Burmese; Khmer; Hiragana and Katakana; Han with extensions.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN = re.compile(rf"[{_UNSPACED}]|\d+|(?:[^\W_{_UNSPACED}]+|[{_MARKS}]+)+")
# Most texts have neither marks nor unspaced scripts: nothing but what stands between Latin and Cyrillic letters or
# among the general punctuation. The regular expression for these is several times as fast.
_NEEDS_CARE = re.compile("[\u0300-\u036f\u0483-\u0489\u0591-\u1fff\u20d0-\u20ff\u2c00-\U0010ffff]")
_PLAIN_TOKEN = re.compile(r"\d+|[^\W_]+")
_APOSTROPHES = re.compile("[\u0027\u2018\u2019\u02bc\u00b4`]")
_SEPARATORS = re.compile(r"(?<=\d)[.,](?=\d)")


def tokenise(text: str) -> list[str]:
    """The tokens of a text, in order."""
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    bare = _SEPARATORS.sub("", _APOSTROPHES.sub("", folded))
    pattern = _PLAIN_TOKEN if bare.isascii() or not _NEEDS_CARE.search(bare) else _TOKEN
    tokens: list[str] = pattern.findall(bare)
    return tokens


def numbers_of(tokens: list[str]) -> frozenset[str]:
    """The numbers among them."""
    return frozenset(token for token in tokens if token[0].isdigit())
