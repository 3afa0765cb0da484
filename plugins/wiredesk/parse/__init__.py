"""From a payload's bytes to entries. Pure: no I/O, no clock, no random source.

parse_entries  bytes of RSS 0.9x/1.0/2.0, Atom 0.3/1.0 or JSON Feed 1.0/1.1 → ParsedFeed, or PayloadError
to_json_lines  what `wiredesk parse FILE --json` prints
"""

from wiredesk.parse.jsonlines import to_json_lines
from wiredesk.parse.payload import parse_entries

__all__ = ["parse_entries", "to_json_lines"]
