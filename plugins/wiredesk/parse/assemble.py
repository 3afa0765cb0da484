"""What both readers do at the end: tidy the feed's own fields and settle its entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from wiredesk.models import Entry, ParsedFeed, PollingHints, RejectedEntry
from wiredesk.parse.identity import settle_duplicates
from wiredesk.parse.text import plain_text

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def assemble(
    *,
    kind: str,
    title: object,
    link: str | None,
    language: object,
    entries: Sequence[Entry],
    rejected: Sequence[RejectedEntry],
    warnings: Iterable[str | None],
    hints: PollingHints | None = None,
) -> ParsedFeed:
    """The parsed feed, each key once."""
    kept, dropped = settle_duplicates(entries)
    notes = [note for note in warnings if note]
    if dropped:
        notes.append(f"{dropped} item(s) repeated the id of another; the latest of each was kept")
    return ParsedFeed(
        kind=kind,
        title=plain_text(title),
        link=link,
        language=as_language(language),
        entries=tuple(kept),
        rejected=tuple(rejected),
        hints=hints or PollingHints(),
        warning=plain_text("; ".join(notes)),
    )


def unique(values: Iterable[object]) -> tuple[str, ...]:
    """The texts among the values, each once, in order, on one line: names, which indented XML breaks."""
    return tuple(dict.fromkeys(" ".join(text.split()) for value in values if (text := plain_text(value))))


def as_language(value: object) -> str | None:
    """A language tag as BCP 47 writes it (`en_US` → `en-US`), or None where it is none."""
    text = (plain_text(value) or "").replace("_", "-")
    return text if _LANGUAGE.fullmatch(text) else None
