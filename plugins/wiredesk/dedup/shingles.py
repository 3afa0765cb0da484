"""Shingles as 64-bit hashes, and the minima of their windows.

A shingle is a run of `words` tokens (Broder 1997). Its hash is made of the hashes of its tokens, so that a text is
hashed in a few operations over arrays. Winnowing (Schleimer, Wilkerson, Aiken: "Winnowing: local algorithms for
document fingerprinting", 2003) keeps the smallest hash of every window of w shingles: two texts that share a run of
w + words - 1 tokens share a fingerprint, whatever stands around it and however long they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xxhash

Hashes = npt.NDArray[np.uint64]

# Of splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): odd, and its bits are
# spread, so that a multiplication carries every token into the upper half.
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
# A vocabulary is small beside the texts; what a hostile feed makes up must not stay for ever.
_MOST_KNOWN_TOKENS = 500_000


class _TokenHashes(dict[str, int]):
    """The hash of each token that was met."""

    def __missing__(self, token: str) -> int:
        if len(self) >= _MOST_KNOWN_TOKENS:
            self.clear()
        found = self[token] = xxhash.xxh3_64_intdigest(token.encode())
        return found


_known = _TokenHashes()


def shingle_hashes(tokens: Sequence[str], words: int) -> Hashes:
    """The hash of every run of `words` tokens, in order; of all tokens where there are fewer; none of none."""
    hashes = np.fromiter(map(_known.__getitem__, tokens), dtype=np.uint64, count=len(tokens))
    if not len(hashes):
        return hashes
    runs = max(1, len(hashes) - words + 1)
    combined = np.zeros(runs, dtype=np.uint64)
    for place in range(min(words, len(hashes))):
        combined = (combined ^ hashes[place : place + runs]) * _FACTOR
    return _mixed(combined)


def window_minima(hashes: Hashes, window: int) -> npt.NDArray[np.uint32]:
    """The smallest 32 bits of every run of `window` hashes, each once, ascending; of all where there are fewer."""
    values = low_bits(hashes)
    if len(values) > window:
        values = np.lib.stride_tricks.sliding_window_view(values, window).min(axis=1)
        return np.unique(values[np.flatnonzero(np.diff(values, prepend=~values[:1]))])
    return values.min(keepdims=True) if len(values) else values


def low_bits(hashes: Hashes) -> npt.NDArray[np.uint32]:
    """The lower half of each."""
    return hashes.astype(np.uint32)


def _mixed(values: Hashes) -> Hashes:
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))
