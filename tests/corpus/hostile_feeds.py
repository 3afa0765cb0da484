"""Feeds that are made to hurt, each named after its trick and small in source.

A trick is a function of a size. `full` is the size of the nightly run, up to the cap on a body (10 MiB); `quick` is
the smallest size that shows the same behaviour. Wherever the format allows it, the poison stands between two good
items, BEFORE and AFTER: `neighbours` says how many of them must be read.
"""

from tests.corpus.hostile import bodies, characters, elements, entities, floods, formats, values
from tests.corpus.hostile.entities import external_entity_file, external_entity_http
from tests.corpus.hostile.trick import AFTER, BEFORE, READ, TRICKS, Trick, json_feed

__all__ = [
    "AFTER",
    "BEFORE",
    "MODULES",
    "READ",
    "TRICKS",
    "Trick",
    "external_entity_file",
    "external_entity_http",
    "json_feed",
]

# Importing them has filled TRICKS.
MODULES = (bodies, characters, elements, entities, floods, formats, values)
