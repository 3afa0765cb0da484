"""Publication dates as aware datetimes in UTC. feedparser reads the notation; its known slips are mended."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# News on the web began in 1990, so a date of 1970 is a zero that somebody formatted; beyond 2100 it is a typo.
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

# Hours ahead of UTC of zone names that feedparser reads as UTC. Only names with one meaning in news: IST is
# India, Ireland and Israel.
_ZONES = {
    "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "WEST": 1, "MSK": 3, "SAST": 2,
    "JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
_ZONE = re.compile(r"\d:\d\d\s+([A-Z]{3,4})$")
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?")
_OFFSET = re.compile(r"[+-](\d\d):?\d\d$")
_FARTHEST_H = 14  # Kiribati; a larger offset is noise
_FOREIGN_DAY = re.compile(r"^[^\W\d]+\.?,\s*")


def to_utc(raw: object, parsed: time.struct_time | None) -> datetime | None:
    """The moment that `raw` names, `parsed` being feedparser's reading of it; None where that is absurd."""
    if not isinstance(raw, str) or not (raw := raw.strip()):
        return None
    moment = _read(raw, parsed)
    return moment if moment is not None and EARLIEST <= moment < LATEST else None


def from_iso(raw: object) -> datetime | None:
    """An RFC 3339 date (JSON Feed); without an offset it is read as UTC."""
    if not isinstance(raw, str):
        return None
    try:
        moment = datetime.fromisoformat(raw.strip())
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment < LATEST else None


def _read(raw: str, parsed: time.struct_time | None) -> datetime | None:
    if epoch := _EPOCH.fullmatch(raw):
        return datetime.fromtimestamp(int(epoch[1]), UTC)
    if (offset := _OFFSET.search(raw)) and int(offset[1]) > _FARTHEST_H and ":" in raw[: offset.start()]:
        return None
    if parsed is None:
        return _read_foreign_day(raw)
    try:
        year, month, day, hour, minute, second = parsed[:6]
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        zone = _ZONE.search(raw)
        return moment - timedelta(hours=_ZONES.get(zone[1], 0)) if zone else moment
    except (ValueError, OverflowError):
        return None


def _read_foreign_day(raw: str) -> datetime | None:
    """`Mo, 06 Sep 2021 …`: RFC 822 but for the name of the day, which says nothing anyway."""
    try:
        moment = parsedate_to_datetime(_FOREIGN_DAY.sub("", raw))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
