"""From a text to the tokens that are compared.

Normaliser `words2`: Unicode NFKC, case folded, apostrophes out, thousands and decimal separators inside numbers out. A
run of digits is a token, and so is a run of letters and combining marks; scripts written without spaces (Han, Kana,
Thai, Lao, Khmer, Burmese) give one token a character.

Signing needs no words, only a hash of each, so a text is read as an array of code points: an order of magnitude faster
than cutting it into strings. `tokenise` gives the words of the same tokens, for showing them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

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
_APOSTROPHES = "\u0027\u2018\u2019\u02bc\u00b4`"
_SEPARATORS = ".,"
_TOKEN = re.compile(rf"[{_UNSPACED}]|\d+|(?:[^\W\d_{_UNSPACED}]+|[{_MARKS}]+)+")
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
_INNER_SEPARATOR = re.compile(rf"(?<=\d)[{_SEPARATORS}](?=\d)")

# Classes of code points; what is none of these ends a token.
_LETTER, _DIGIT, _ALONE, _APOSTROPHE_CLASS, _SEPARATOR_CLASS = range(1, 6)
# Beyond the planes of Han Unicode has neither letters nor digits.
_LAST_LETTER = 0x40000
_END_OF_TEXT = np.uint32(0x110000)  # between two texts: no code point
# Odd, so that it has an inverse modulo 2**64: the fractional part of the golden ratio, whose bits are well spread.
_BASE = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, in order, as hashes."""

    hashes: Hashes
    is_number: npt.NDArray[np.bool_]

    def numbers(self) -> frozenset[int]:
        """Which numbers there are."""
        return frozenset(self.hashes[self.is_number].tolist())


def read_tokens(text: str) -> Tokens:
    """The tokens of a text as hashes: of each the sum of its code points times powers of a base (Rabin, Karp 1987)."""
    return read_all_tokens([text])[0]


def read_all_tokens(texts: Sequence[str]) -> list[Tokens]:
    """`read_tokens` of each, in one go: for short texts most of the time would be numpy's own, a call at a time."""
    encoded = _END_OF_TEXT.tobytes().join(_folded(text).encode("utf-32-le", "replace") for text in texts)
    codes = np.frombuffer(encoded, dtype=np.uint32)
    codes, classes = _without_typography(codes, _classes()[codes])
    if not len(codes):
        return [Tokens(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.bool_)) for _ in texts]
    is_begin = classes == _ALONE
    is_begin[0] = True
    is_begin[1:] |= classes[1:] != classes[:-1]
    begins = np.flatnonzero(is_begin)
    ends = np.append(begins[1:], len(codes))
    is_token = classes[begins] != 0
    begins, ends = begins[is_token], ends[is_token]
    powers, inverses = _powers(1 << len(codes).bit_length())
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(codes * powers[: len(codes)], out=sums[1:])
    hashes = (sums[ends] - sums[begins]) * inverses[begins]
    cuts = np.searchsorted(begins, np.flatnonzero(codes == _END_OF_TEXT))
    parts = zip(np.split(hashes, cuts), np.split(classes[begins] == _DIGIT, cuts), strict=True)
    return [Tokens(own, is_number) for own, is_number in parts]


def tokenise(text: str) -> list[str]:
    """The tokens of a text as words, in order: those of `read_tokens`."""
    tokens: list[str] = _TOKEN.findall(_INNER_SEPARATOR.sub("", _APOSTROPHE.sub("", _folded(text))))
    return tokens


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _without_typography(
    codes: npt.NDArray[np.uint32], classes: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Apostrophes go, and separators between two digits; other separators end a token like any sign."""
    is_kept = classes != _APOSTROPHE_CLASS
    if not is_kept.all():
        codes, classes = codes[is_kept], classes[is_kept]
    is_separator = classes == _SEPARATOR_CLASS
    is_digit = classes == _DIGIT
    is_inner = is_separator.copy()
    is_inner[1:] &= is_digit[:-1]
    is_inner[:-1] &= is_digit[1:]
    is_inner[:1] = is_inner[-1:] = False
    return codes[~is_inner], np.where(is_separator, np.uint8(0), classes)[~is_inner]


@cache
def _classes() -> npt.NDArray[np.uint8]:
    """The class of every code point, as `_TOKEN` reads it."""
    characters = "".join(map(chr, range(_LAST_LETTER)))
    classes = np.zeros(_END_OF_TEXT + 1, dtype=np.uint8)
    for pattern, number in (
        (r"[^\W\d_]+", _LETTER),
        (f"[{_MARKS}]+", _LETTER),
        (r"\d+", _DIGIT),
        (f"[{_UNSPACED}]+", _ALONE),
        (f"[{_APOSTROPHES}]", _APOSTROPHE_CLASS),
        (f"[{_SEPARATORS}]", _SEPARATOR_CLASS),
    ):
        for found in re.finditer(pattern, characters):
            classes[found.start() : found.end()] = number
    return classes


@cache
def _powers(count: int) -> tuple[Hashes, Hashes]:
    """The base to the powers from 0, and the inverses of these, modulo 2**64. Asked for powers of two only."""
    steps = np.full(count, _BASE, dtype=np.uint64), np.full(count, pow(_BASE, -1, 2**64), dtype=np.uint64)
    for step in steps:
        step[0] = 1
    return np.cumprod(steps[0]), np.cumprod(steps[1])
