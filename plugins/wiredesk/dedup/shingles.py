"""Shingles as 64-bit hashes, and the minima of their windows.

A shingle is a run of `words` tokens (Broder 1997). Its hash is made of the hashes of its tokens, so that a text is
hashed in a few operations over arrays. Winnowing (Schleimer, Wilkerson, Aiken: "Winnowing: local algorithms for
document fingerprinting", 2003) keeps the smallest hash of every window of w shingles: two texts that share a run of
w + words - 1 tokens share a fingerprint, whatever stands around it and however long they are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wiredesk.dedup.text import Hashes

# Of splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): odd, and its bits are
# spread, so that a multiplication carries every token into the upper half.
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def shingle_hashes(hashes: Hashes, words: int) -> Hashes:
    """The hash of every run of `words` tokens, in order; of all tokens where there are fewer; none of none."""
    if not len(hashes):
        return hashes
    hashes = _mixed(hashes)
    runs = max(1, len(hashes) - words + 1)
    combined = np.zeros(runs, dtype=np.uint64)
    for place in range(min(words, len(hashes))):
        combined = (combined ^ hashes[place : place + runs]) * _FACTOR
    return _mixed(combined)


def window_minima(hashes: Hashes, window: int) -> npt.NDArray[np.uint32]:
    """The smallest 32 bits of every run of `window` hashes, each once, ascending; of all where there are fewer."""
    values = low_bits(hashes)
    if len(values) <= window:
        return values.min(keepdims=True) if len(values) else values
    # Minima of 1, 2, 4 … values, and then of two windows of these that overlap: a handful of passes for any width.
    width = 1
    while 2 * width <= window:
        values = np.minimum(values[:-width], values[width:])
        width *= 2
    if width < window:
        values = np.minimum(values[: width - window], values[window - width :])
    is_first = np.append(True, values[1:] != values[:-1])
    return np.unique(values[is_first])


def distinct_count(values: npt.NDArray[np.uint32]) -> int:
    """How many different ones there are."""
    ordered = np.sort(values)
    return len(ordered) and 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))


def low_bits(hashes: Hashes) -> npt.NDArray[np.uint32]:
    """The lower half of each."""
    return hashes.astype(np.uint32)


def as_stored(values: npt.NDArray[np.uint32]) -> npt.NDArray[np.int32]:
    """The same 32 bits as Postgres's int holds them."""
    return values.view(np.int32)


def _mixed(values: Hashes) -> Hashes:
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))
