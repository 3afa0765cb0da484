"""What `wiredesk parse FILE --json` prints: a line for the feed, then a line for each entry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime

from wiredesk.errors import PayloadError
from wiredesk.models import ParsedFeed

_ENTRY_FIELDS = (
    "key", "url", "title", "authors", "published_at", "updated_at", "html", "summary", "categories",
    "enclosures", "language",
)  # fmt: skip


def to_json_lines(parsed: ParsedFeed | PayloadError) -> Iterator[str]:
    """JSON in ASCII, no line feeds: the feed (outcome `parsed` or `quarantined`), then each of its entries.

    The hints are in seconds, hours of the day (UTC) and days of the week (0 is Monday). Dates are ISO 8601 in UTC;
    what is absent is null or an empty list.
    """
    if isinstance(parsed, PayloadError):
        yield _line(
            {"kind": None, "title": None, "link": None, "outcome": "quarantined"}
            | {"reason": parsed.reason, "detail": parsed.detail}
        )
        return
    yield _line(
        {"kind": parsed.kind, "title": parsed.title, "link": parsed.link, "outcome": "parsed", "reason": None}
        | {"language": parsed.language, "polling_floor_s": parsed.hints.floor_s}
        | {"skip_hours": parsed.hints.skip_hours, "skip_days": parsed.hints.skip_days, "warning": parsed.warning}
        | {"rejected": [{"reason": one.reason, "detail": one.detail} for one in parsed.rejected]}
    )
    for entry in parsed.entries:
        fields = asdict(entry)
        yield _line({name: fields[name] for name in _ENTRY_FIELDS})


def _line(value: Mapping[str, object]) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=True)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
