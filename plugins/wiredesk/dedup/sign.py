"""MinHash signatures of whole texts, and the band keys under which they are found again.

MinHash: A. Broder, "On the resemblance and containment of documents", 1997. Bands (locality-sensitive hashing):
Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4: two texts of similarity s share one of b
bands of r rows with probability 1 - (1 - s^r)^b.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xxhash
from datasketch import MinHash

from wiredesk.dedup.text import NORMALISER, shingles, tokenise
from wiredesk.errors import ConfigurationError
from wiredesk.models import Signature, SignatureScheme

# A hash name of a scheme row -> (datasketch's permutation scheme, hash function of a shingle's UTF-8 bytes).
_HASH_SCHEMES = {"affine32+xxh32": ("affine32", xxhash.xxh32_intdigest)}


def sign_texts(texts: Sequence[str], scheme: SignatureScheme, *, min_words: int) -> list[Signature | None]:
    """One signature a text, in order; None where a text has fewer than `min_words` words.

    Raises ConfigurationError where this code cannot compute the scheme.
    """
    if scheme.normaliser != NORMALISER or scheme.hash_scheme not in _HASH_SCHEMES:
        raise ConfigurationError(
            f"signature scheme {scheme.scheme_id} ({scheme.normaliser}, {scheme.hash_scheme}) is not known to this "
            "code: deploy the wiredesk that made it, or activate another row of desk.signature_schemes"
        )
    permutation_scheme, hash_function = _HASH_SCHEMES[scheme.hash_scheme]
    sets = [_shingle_bytes(text, scheme.shingle_words, min_words) for text in texts]
    minhashes = MinHash.bulk(
        [found for found in sets if found],
        num_perm=scheme.permutations,
        seed=scheme.seed,
        hashfunc=hash_function,
        scheme=permutation_scheme,
    )
    signed = iter(minhashes)
    return [_signature(next(signed).hashvalues, len(found), scheme) if found else None for found in sets]


def _shingle_bytes(text: str, words: int, min_words: int) -> list[bytes]:
    tokens = tokenise(text)
    if len(tokens) < min_words:
        return []
    return [shingle.encode() for shingle in sorted(set(shingles(tokens, words)))]


def _signature(minima: np.ndarray, shingle_count: int, scheme: SignatureScheme) -> Signature:
    values = minima.astype("<u4").tobytes()
    width = len(values) // scheme.bands
    keys = tuple(
        _signed(xxhash.xxh64_intdigest(values[band * width : (band + 1) * width], seed=band))
        for band in range(scheme.bands)
    )
    return Signature(values, shingle_count, keys)


def _signed(key: int) -> int:
    """The same 64 bits as Postgres's bigint holds them."""
    return key - 2**64 if key >= 2**63 else key
