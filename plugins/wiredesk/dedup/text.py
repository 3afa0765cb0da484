"""From a text to the tokens and shingles that are compared.

Normaliser `words1`: Unicode NFKC, case folded, apostrophes out, runs of letters, digits and combining marks as
tokens, thousands and decimal separators inside numbers out. Scripts written without spaces (Han, Kana, Thai,
Lao, Khmer, Burmese) give one token a character.
"""

from __future__ import annotations

import re
import unicodedata

NORMALISER = "words1"

# Marks lie between U+0300 and U+1EFFF. Python's \w leaves them out, which would cut every Hindi or Arabic word
# that carries one.
_MARKS = "".join(
    character for character in map(chr, range(0x300, 0x1F000)) if unicodedata.category(character)[0] == "M"
)
# Thai and Lao; Burmese; Khmer; Hiragana and Katakana; Han with extensions.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN = re.compile(rf"[{_UNSPACED}]|\d+(?:[.,]\d+)*|(?:(?![{_UNSPACED}])[^\W_]|[{_MARKS}])+")
_APOSTROPHES = re.compile("[\u0027\u2018\u2019\u02bc\u00b4`]")
_SEPARATORS = re.compile("[.,]")


def tokenise(text: str) -> list[str]:
    """The tokens of a text, in order."""
    folded = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text).casefold())
    tokens: list[str] = _TOKEN.findall(folded)
    return [_SEPARATORS.sub("", token) if token[0].isdigit() else token for token in tokens]


def shingles(tokens: list[str], words: int) -> list[str]:
    """Every run of `words` consecutive tokens, joined by spaces, in order; one short run where there are fewer."""
    if not tokens:
        return []
    if len(tokens) <= words:
        return [" ".join(tokens)]
    return [" ".join(tokens[start : start + words]) for start in range(len(tokens) - words + 1)]
