"""Publication dates as aware datetimes in UTC.

The two notations that feeds are made of, RFC 822 and W3C (a profile of ISO 8601), are read here, as publishers
write them: feedparser loses minutes of `+0530`, reads CET as UTC and `2026/03/02` as November. What is neither is
read as feedparser does.
"""

from __future__ import annotations

import re
import time
import unicodedata
from datetime import UTC, datetime, timedelta

# News on the web began in 1990, so a date of 1970 is a zero that somebody formatted; beyond 2100 it is a typo.
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

# Hours ahead of UTC. Only names with one meaning in news: IST is India, Ireland and Israel. What is not here is UTC.
_ZONES = {
    "BST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "WEST": 1, "MSK": 3, "SAST": 2,
    "JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "PHT": 8, "WIB": 7, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    "ADT": -3, "AST": -4, "AT": -4, "EDT": -4, "EST": -5, "ET": -5, "CDT": -5, "CST": -6, "CT": -6,
    "MDT": -6, "MST": -7, "MT": -7, "PDT": -7, "PST": -8, "PT": -8,
}  # fmt: skip
# First letters of the months' names, without accents, in the languages in which they mean one month only.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene gen oca янв",
            "feb fev sub фев",
            "mar mrz maa mrt мар",
            "apr avr abr nis апр",
            "may mai mag mei maj мая",
            "jun juin giu haz июн",
            "jul juil lug tem июл",
            "aug aou ago agu авг",
            "sep set eyl сен",
            "oct okt ott out eki окт",
            "nov kas ноя",
            "dec dez dic des ara дек",
        ),
        start=1,
    )
    for name in names.split()
}
_TIME = r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\b\.?)?"
_ZONE = r"\s*(?P<zone>.{0,60})"
_W3C = re.compile(r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?:(?:[Tt]|,?\s+)" + _TIME + rf"{_ZONE})?")
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)[Tt](?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)" + _ZONE
)
_CLOCK = rf"(?:,?\s+(?:-\s+)?{_TIME}{_ZONE})?"
_DAY_FIRST = re.compile(
    r"(?:[^\W\d]{1,12}\.?,?\s*)?(?P<day>\d{1,2})\.?[\s-]\s*(?P<name>[^\W\d]{3,12})\.?,?[\s-]\s*(?P<year>\d{4}|\d\d),?"
    + _CLOCK
)
_MONTH_FIRST = re.compile(
    r"(?:[^\W\d]{1,12}\.?,?\s+)?(?P<name>[^\W\d]{3,12})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"
    + _CLOCK
)
_DOTTED = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})" + _CLOCK)
_NOTATIONS = (_DAY_FIRST, _W3C, _COMPACT, _MONTH_FIRST, _DOTTED)
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?")
_OFFSET = re.compile(r"(?:GMT|UTC?|Z)?\s*([+-])\s?(\d{1,2})(?::?(\d\d))?(?!\d)", re.IGNORECASE)
_NAME = re.compile(r"\(?([A-Za-z]{1,5})\b")
# Day and month in an order that only the publisher knows.
_AMBIGUOUS = re.compile(r"\d{1,2}[-/]\d{1,2}[-/]\d{4}\b")
_FARTHEST = timedelta(hours=14)  # Kiribati; a larger offset is noise


def to_utc(raw: object, parsed: time.struct_time | None) -> datetime | None:
    """The moment that `raw` names, `parsed` being feedparser's reading of it; None where that is absurd.

    Whole seconds; without a zone, or with one of several meanings, it is read as UTC.
    """
    if not isinstance(raw, str) or not (raw := raw.strip()):
        return None
    try:
        moment = _read(raw, parsed)
    except (ValueError, OverflowError):
        return None
    return moment if moment is not None and EARLIEST <= moment < LATEST else None


def is_usual(raw: str) -> bool:
    """Whether `to_utc` reads it by itself, so that feedparser need not."""
    return any(notation.fullmatch(raw) for notation in _NOTATIONS)


def from_iso(raw: object) -> datetime | None:
    """A W3C or RFC 3339 date (JSON Feed, sitemaps); without an offset it is read as UTC."""
    if not isinstance(raw, str):
        return None
    raw = raw.strip()
    found = _W3C.fullmatch(raw)
    try:
        moment = _moment(found) if found else datetime.fromisoformat(raw)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment.replace(microsecond=0) if EARLIEST <= moment < LATEST else None


def _read(raw: str, parsed: time.struct_time | None) -> datetime | None:
    for notation in _NOTATIONS:
        if found := notation.fullmatch(raw):
            return _moment(found)
    if epoch := _EPOCH.fullmatch(raw):
        return datetime.fromtimestamp(int(epoch[1]), UTC)
    if parsed is None or _AMBIGUOUS.match(raw):
        return None
    year, month, day, hour, minute, second = parsed[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _moment(found: re.Match[str]) -> datetime:
    """The moment of a date in parts. Raises ValueError or OverflowError where there is none."""
    said = found.groupdict()
    year = int(said["year"])
    if len(said["year"]) == 2:
        year += 2000 if year < 90 else 1900  # RSS began in 1999; feedparser draws the line there too
    month = _month(said["name"]) if said.get("name") else int(said["month"])
    hour, minute, second = (int(said[part] or 0) for part in ("hour", "minute", "second"))
    if half := said.get("half"):
        hour = hour % 12 + 12 * (half[0] in "pP") if hour <= 12 else hour
    # The last midnight of a day may be written 24:00 (ISO 8601), and a leap second 60.
    start = datetime(year, month, int(said["day"]), 0 if hour == 24 else hour, minute, min(second, 59), tzinfo=UTC)
    if hour == 24 and (minute or second):
        raise ValueError(f"no hour has the number 24 and {minute} minutes")
    if second > 60:
        raise ValueError(f"no minute has {second} seconds")
    return start + timedelta(days=hour == 24) - _offset(said["zone"] or "")


def _month(name: str) -> int:
    plain = name.lower()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    number = _MONTHS.get(plain[:3]) or _MONTHS.get(plain[:4])
    if number is None:
        raise ValueError(f"{name} is no month")
    return number


def _offset(zone: str) -> timedelta:
    """How far a zone is ahead of UTC. Raises ValueError where no place on Earth is."""
    if numeric := _OFFSET.match(zone):
        ahead = timedelta(hours=int(numeric[2]), minutes=int(numeric[3] or 0))
        if ahead > _FARTHEST:
            raise ValueError(f"no place is {ahead} from Greenwich")
        return -ahead if numeric[1] == "-" else ahead
    if zone.startswith(("+", "-")):
        raise ValueError(f"{zone} is no offset")
    named = _NAME.match(zone)
    return timedelta(hours=_ZONES.get(named[1].upper(), 0)) if named else timedelta()
