"""From a payload's bytes to entries. Pure: no I/O, no clock, no random source.

parse_entries  bytes of RSS, Atom, JSON Feed or a news sitemap → ParsedFeed, or PayloadError
scan_items     digests of the items, so that `parse_entries` need not read those again that are known
to_json_lines  what `wiredesk parse FILE --json` prints
"""

from wiredesk.parse.jsonlines import to_json_lines
from wiredesk.parse.limits import ParseLimits
from wiredesk.parse.payload import parse_entries, scan_items

__all__ = ["ParseLimits", "parse_entries", "scan_items", "to_json_lines"]
