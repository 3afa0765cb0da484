"""What a hostile feed is here, and the documents that its poison stands in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from wiredesk.models import PayloadReason

BEFORE, AFTER = "https://g.example/before", "https://g.example/after"
READ = "read"

Outcome = PayloadReason | str
Builder = Callable[[int], bytes]


@dataclass(frozen=True)
class Trick:
    """`outcome` is READ, or the reason for which the payload is quarantined whole."""

    name: str
    build: Builder
    full: int
    quick: int
    outcome: Outcome
    neighbours: int = 0
    content_type: str | None = None

    def __str__(self) -> str:
        return self.name


TRICKS: dict[str, Trick] = {}


def trick(
    full: int = 1,
    quick: int | None = None,
    *,
    outcome: Outcome = READ,
    neighbours: int | None = None,
    content_type: str | None = None,
) -> Callable[[Builder], Builder]:
    """List the function among TRICKS under its name."""

    def register(build: Builder) -> Builder:
        kept = (2 if outcome == READ else 0) if neighbours is None else neighbours
        name = build.__name__
        TRICKS[name] = Trick(name, build, full, full if quick is None else quick, outcome, kept, content_type)
        return build

    return register


def neighbour(url: str) -> str:
    return f"<item><guid>{url}</guid><link>{url}</link><title>A good neighbour</title></item>"


def rss(*items: str, prolog: str = "", attributes: str = "", channel: str = "") -> str:
    """An RSS document with the items between two neighbours."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{prolog}<rss version="2.0"{attributes}><channel><title>G</title>'
        f"{channel}{neighbour(BEFORE)}{''.join(items)}{neighbour(AFTER)}</channel></rss>"
    )


def atom(*entries: str, attributes: str = "") -> str:
    def good(url: str) -> str:
        return f'<entry><id>{url}</id><link href="{url}"/><title>A good neighbour</title></entry>'

    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"{attributes}><title>G</title>{good(BEFORE)}'
        f"{''.join(entries)}{good(AFTER)}</feed>"
    )


def json_feed(*items: str, extra: str = "") -> bytes:
    good = [json.dumps({"id": url, "url": url, "title": "A good neighbour"}) for url in (BEFORE, AFTER)]
    listed = ",".join([good[0], *items, good[1]])
    return f'{{"version":"https://jsonfeed.org/version/1.1","title":"G",{extra}"items":[{listed}]}}'.encode()


def item(inside: str, guid: str = "poison") -> str:
    return f"<item><guid>{guid}</guid>{inside}</item>"
