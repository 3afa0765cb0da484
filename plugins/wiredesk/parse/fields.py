"""What feedparser found in one item, or in the feed itself, as our own fields."""

from __future__ import annotations

import re
from typing import Any

from wiredesk.models import Entry, PollingHints
from wiredesk.parse.assemble import as_language, unique
from wiredesk.parse.captions import CAPTION, HEADLINE
from wiredesk.parse.dates import to_utc
from wiredesk.parse.identity import identified
from wiredesk.parse.links import absolute, declared_base, enclosure, own_link, resolve_markup
from wiredesk.parse.text import plain_text

_BODY_TYPES = re.compile(r"text/.*|.*[+/]xml|html|xhtml", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|/", re.IGNORECASE)
_WHOLE = re.compile(r"[1-9][0-9]{0,8}")
_LONGEST_FLOOR_S = 365 * 86400  # beyond it a number, not a wish; keeps what is stored within an int
# RSS 1.0, module Syndication (web.resource.org/rss/1.0/modules/syndication): updatePeriod, in seconds.
_PERIODS_S = {"hourly": 3600, "daily": 86400, "weekly": 7 * 86400, "monthly": 30 * 86400, "yearly": 365 * 86400}
_SKIPPED = re.compile(r"<skip(hours|days)\b[^<>]*>(.*?)</skip\1", re.IGNORECASE | re.DOTALL)
_SKIPPED_ONE = re.compile(r"<(?:hour|day)\b[^<>]*>\s*([A-Za-z0-9]{1,9})\s*</", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Fields = dict[str, Any]


def polling_hints(feed: Fields, frame: str = "") -> PollingHints:
    """How often the feed says that it is worth polling.

    `frame` is the text of the document around its items: feedparser keeps only the last of several <hour> and
    <day>, so <skipHours> and <skipDays> (RSS 2.0) are read there; without it there are none.
    """
    skipped: dict[str, str] = {found[1].lower(): found[2] for found in _SKIPPED.finditer(frame)}
    hours = (_hour(found[1]) for found in _SKIPPED_ONE.finditer(skipped.get("hours", "")))
    days = (found[1].lower() for found in _SKIPPED_ONE.finditer(skipped.get("days", "")))
    return PollingHints(
        floor_s=max(filter(None, (_ttl_s(feed), _update_period_s(feed))), default=None),
        skip_hours=tuple(sorted({hour for hour in hours if hour is not None})),
        skip_days=tuple(sorted({_DAYS.index(day) for day in days if day in _DAYS})),
    )


def read_entry(item: Fields, kind: str, base: str | None) -> Entry:
    """One item. Fields are read with dict.get: feedparser's own access maps some names to others."""
    item_id = plain_text(dict.get(item, "id"))
    published = to_utc(dict.get(item, "published"), dict.get(item, "published_parsed"))
    updated = to_utc(dict.get(item, "updated"), dict.get(item, "updated_parsed"))
    if published is None and not kind.startswith("atom"):
        # RSS has one date; feedparser calls dc:date an update and dcterms:created a creation.
        published = updated or to_utc(dict.get(item, "created"), dict.get(item, "created_parsed"))
    # An Atom document is the base of what stands in it (RFC 4287, section 2); RSS says nothing of relative links,
    # and `clean` tries the entry's own address first. A declared xml:base counts in both.
    document = base if kind.startswith("atom") else None
    body, summary = _bodies(item, document)
    draft = Entry(
        key="",
        digest=b"",
        url=_url(item, item_id, base),
        title=read_title(item, document),
        html=body,
        summary=summary,
        authors=_authors(item),
        published_at=published,
        updated_at=updated,
        categories=unique(dict.get(tag, "term") or dict.get(tag, "label") for tag in dicts(item, "tags")),
        enclosures=tuple(
            found
            for link in dicts(item, "links")
            if dict.get(link, "rel") == "enclosure"
            and (found := enclosure(dict.get(link, "href"), dict.get(link, "type"), dict.get(link, "length"), base))
        ),
        language=_language(item),
    )
    return identified(draft, item_id)


def _url(item: Fields, item_id: str | None, base: str | None) -> str | None:
    link = own_link(dicts(item, "links"))
    if link is None:
        # feedparser takes any guid for a link; it is one only where it looks like an address.
        fallback = plain_text(dict.get(item, "link"))
        link = fallback if fallback != item_id or _ADDRESS.match(fallback or "") else None
    return absolute(link, base)


def read_title(fields: Fields, base: str | None) -> str | None:
    """The title of an item or a feed; links in its markup in full."""
    title = plain_text(dict.get(fields, "title")) or plain_text(dict.get(fields, HEADLINE))
    return resolve_markup(title, _base(fields, "title_detail", base)) if title and "<" in title else title


def _bodies(item: Fields, base: str | None) -> tuple[str | None, str | None]:
    """The fullest body, and the shorter one beside it (the declared summary, if that is not the fullest)."""
    said = [one for one in dicts(item, "content") if _is_text(one)]
    contents = [
        resolve_markup(plain_text(dict.get(one, "value")), declared_base(dict.get(one, "base"), base)) for one in said
    ]
    summary = dict.get(item, "summary")
    if any(summary == dict.get(one, "value") for one in said):
        summary = None  # feedparser's copy of a body, for items that have no summary of their own
    summary = resolve_markup(plain_text(summary), _base(item, "summary_detail", base))
    texts = [text for text in (*contents, summary) if text]
    if not texts:
        return plain_text(dict.get(item, CAPTION)), None
    fullest = max(texts, key=len)
    others = [text for text in (summary, *contents) if text and text != fullest]
    return fullest, others[0] if others else None


def _is_text(content: Fields) -> bool:
    """By its type; of another type only if it reads as text, because feedparser has undone base64 where it could."""
    if _BODY_TYPES.fullmatch(str(dict.get(content, "type") or "text/html")):
        return True
    value = str(dict.get(content, "value") or "")
    return "<" in value and " " in value


def _base(fields: Fields, detail_name: str, base: str | None) -> str | None:
    detail = dict.get(fields, detail_name)
    return declared_base(dict.get(detail, "base") if isinstance(detail, dict) else None, base)


def _authors(item: Fields) -> tuple[str, ...]:
    people = dicts(item, "authors")
    names = unique(dict.get(person, "name") or dict.get(person, "email") for person in people)
    return names or unique([dict.get(item, "author")])


def _language(item: Fields) -> str | None:
    details = [*dicts(item, "content"), dict.get(item, "summary_detail"), dict.get(item, "title_detail")]
    declared = (dict.get(detail, "language") for detail in details if isinstance(detail, dict))
    found = (as_language(value) for value in (dict.get(item, "language"), *declared) if value)
    return next((language for language in found if language), None)


def dicts(fields: Fields, name: str) -> list[Fields]:
    values = dict.get(fields, name)
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _ttl_s(feed: Fields) -> int | None:
    """RSS 2.0 <ttl>, minutes."""
    minutes = _whole(dict.get(feed, "ttl"))
    return min(minutes * 60, _LONGEST_FLOOR_S) if minutes else None


def _update_period_s(feed: Fields) -> int | None:
    """How long the feed says that it stays as it is: updatePeriod by updateFrequency, daily and 1 by default."""
    period, frequency = plain_text(dict.get(feed, "sy_updateperiod")), plain_text(dict.get(feed, "sy_updatefrequency"))
    if period is None and frequency is None:
        return None
    length = _PERIODS_S.get((period or "daily").lower())
    times = _whole(frequency) if frequency else 1
    return length // times or None if length and times else None


def _hour(text: str) -> int | None:
    """RSS 2.0 counts from 0 to 23, RSS 0.91 from 1 to 24."""
    hour = int(text) if text.isascii() and text.isdigit() else -1
    return hour % 24 if 0 <= hour <= 24 else None


def _whole(value: object) -> int | None:
    """A whole number above zero."""
    text = plain_text(value) or ""
    return int(text) if _WHOLE.fullmatch(text) else None
