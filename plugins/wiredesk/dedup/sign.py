"""MinHash signatures of whole texts, and the postings under which a text is found again.

MinHash: A. Broder, "On the resemblance and containment of documents", 1997. Bands (locality-sensitive hashing):
Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4: two texts of similarity s share one of b
bands of r rows with probability 1 - (1 - s^r)^b. Fingerprints: see `shingles`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import xxhash
from datasketch import MinHash

from wiredesk.dedup.shingles import as_stored, distinct_count, low_bits, shingle_hashes, window_minima
from wiredesk.dedup.text import NORMALISER, Hashes, read_all_tokens
from wiredesk.errors import ConfigurationError
from wiredesk.models import Signature, SignatureScheme, SignedText

# A hash name of a scheme row -> datasketch's permutation scheme. The values that are permuted are the lower halves
# of our own hashes of shingles, which datasketch takes as they are.
_HASH_SCHEMES = {"affine32+golden64": "affine32"}

# Characters of texts in one go: more are no faster, and their arrays leave the processor's cache.
_CHARS_AT_ONCE = 100_000
# A text of so many shingles and more has windows of twice the width: the index would otherwise grow with the longest
# texts, and runs that long text shares are longer too. Every fingerprint of the wide windows is one of the narrow.
_LONG_TEXT = 500


def sign_texts(texts: Sequence[str], scheme: SignatureScheme, *, min_words: int) -> list[SignedText]:
    """Sign texts, in order; those of fewer than `min_words` tokens get no signature.

    Raises ConfigurationError where this code cannot compute the scheme.
    """
    if scheme.normaliser != NORMALISER or scheme.hash_scheme not in _HASH_SCHEMES:
        raise ConfigurationError(
            f"signature scheme {scheme.scheme_id} ({scheme.normaliser}, {scheme.hash_scheme}) is not known to this "
            "code: deploy the wiredesk that made it, or activate another row of desk.signature_schemes"
        )
    signed: list[SignedText] = []
    for batch in _batches(texts):
        tokens = [found.hashes for found in read_all_tokens(batch)]
        signatures = iter(_sign([found for found in tokens if len(found) >= min_words], scheme))
        signed += [SignedText(len(found), next(signatures) if len(found) >= min_words else None) for found in tokens]
    return signed


def fingerprint_window(shingle_count: int, scheme: SignatureScheme) -> int:
    """How many shingles a window of a text with so many has."""
    return scheme.window * 2 if shingle_count >= _LONG_TEXT else scheme.window


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in order, as many at once as are worth it."""
    batch: list[str] = []
    chars = 0
    for text in texts:
        if batch and chars + len(text) > _CHARS_AT_ONCE:
            yield batch
            batch, chars = [], 0
        batch.append(text)
        chars += len(text)
    if batch:
        yield batch


def _sign(tokens: Sequence[Hashes], scheme: SignatureScheme) -> list[Signature]:
    hashes = [shingle_hashes(found, scheme.shingle_words) for found in tokens]
    # datasketch makes an array of the hashes that it is given one by one; so each text's array is given as one.
    minhashes = MinHash.bulk(
        [[low_bits(found)] for found in hashes],
        num_perm=scheme.permutations,
        seed=scheme.seed,
        hashfunc=_as_it_is,
        scheme=_HASH_SCHEMES[scheme.hash_scheme],
    )
    return [_signature(minhash.hashvalues, found, scheme) for minhash, found in zip(minhashes, hashes, strict=True)]


def _as_it_is(values: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    return values


def _signature(minima: npt.NDArray[np.uint32], hashes: Hashes, scheme: SignatureScheme) -> Signature:
    values = minima.astype("<u4").tobytes()
    width = len(values) // scheme.bands
    bands = np.array(
        [xxhash.xxh32_intdigest(values[band * width : (band + 1) * width], seed=band) for band in range(scheme.bands)],
        dtype=np.uint32,
    )
    fingerprints = window_minima(hashes, fingerprint_window(len(hashes), scheme))
    return Signature(
        values,
        distinct_count(low_bits(hashes)),
        tuple(as_stored(bands).tolist()),
        tuple(as_stored(fingerprints).tolist()),
    )
