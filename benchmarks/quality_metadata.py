"""What an article page says about itself, against published truth. `python -m benchmarks.quality_metadata`

Titles, author sets and dates on the pages that have them, wiredesk beside trafilatura; and the key of each page's URL
against the key of what the page names as its canonical address. A title counts as equal if its letters and digits are,
an author set if all its names are, a date if the day is.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from benchmarks.pages import EXTRACT, TruePage, read_pages

SETS = ("fundus", "postlight", "htmldate")
# Least share that is right.
LEAST = {("fundus", "title"): 0.83, ("fundus", "authors"): 0.87, ("fundus", "date"): 0.98, ("htmldate", "date"): 0.90}
LEAST_EQUAL_KEYS = 0.945


@dataclass(frozen=True, slots=True)
class Said:
    """What a reader of a page found."""

    title: str
    authors: frozenset[str]
    date: str | None


def fold(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _names(names: list[str] | tuple[str, ...]) -> frozenset[str]:
    return frozenset(filter(None, map(fold, names)))


def wiredesk(page: TruePage) -> Said:
    from wiredesk.clean.page import clean_page

    found = clean_page(page.html, url=page.url)
    date = found.published_at.date().isoformat() if found.published_at else None
    return Said(fold(found.title), _names(found.authors), date)


def trafilatura(page: TruePage) -> Said:
    from trafilatura import extract_metadata

    found = extract_metadata(page.html, page.url)
    return Said(fold(found.title or ""), _names((found.author or "").split("; ")), found.date)


PEERS: dict[str, Callable[[TruePage], Said]] = {"wiredesk": wiredesk, "trafilatura": trafilatura}


@cache
def pages_of(name: str) -> list[TruePage]:
    return read_pages(name)


def rights(name: str, peer: str, *, is_told: bool = False) -> dict[str, tuple[int, int]]:
    """How many of each field are right, of how many that are known."""
    right: Counter[str] = Counter()
    known: Counter[str] = Counter()
    for page in pages_of(name):
        said = PEERS[peer](page)
        wanted: dict[str, tuple[object, object]] = {}
        if page.title:
            wanted["title"] = (said.title, fold(page.title))
        if page.authors:
            wanted["authors"] = (said.authors, _names(page.authors))
        if page.date:
            wanted["date"] = (said.date, page.date[:10])
        for field, (found, true) in wanted.items():
            known[field] += 1
            right[field] += found == true
            if is_told and peer == "wiredesk" and found != true:
                print(f"  {page.name} {field}: {found!r} and not {true!r}")
    return {field: (right[field], count) for field, count in known.items()}


def equal_keys() -> tuple[int, int, int]:
    """URLs whose key is that of their page's canonical, of how many; and how many pages share another's key."""
    from wiredesk.clean.page import clean_page
    from wiredesk.clean.urls import names_same_article, url_key

    equal = count = 0
    holders: dict[str, set[str]] = {}
    for name in ("aeb", "fundus", "wcxb", "postlight", "htmldate"):
        for page in pages_of(name):
            holders.setdefault(url_key(page.url) or page.url, set()).add(page.url.rstrip("/"))  # some are in two sets
            canonical = clean_page(page.html, url=page.url).canonical_url
            if canonical and names_same_article(canonical, page.url):
                count += 1
                equal += url_key(canonical) == url_key(page.url)
    return equal, count, sum(len(group) - 1 for group in holders.values())


def main() -> int:
    if not EXTRACT.exists():
        print(f"skipped: {EXTRACT} is absent (shared data for development)")
        return 0
    logging.disable(logging.CRITICAL)  # peers log what they think of a page
    is_good = True
    for name in SETS:
        for peer in PEERS:
            for field, (right, count) in rights(name, peer, is_told="-v" in sys.argv).items():
                least = LEAST.get((name, field)) if peer == "wiredesk" else None
                wanted = f"  (at least {least:.2f})" if least else ""
                print(f"{name:<10} {peer:<12} {field:<8} {right / count:.3f} of {count}{wanted}")
                is_good = is_good and right / count >= (least or 0)
    equal, count, merged = equal_keys()
    print(f"URL keys equal to the canonical's: {equal / count:.3f} of {count} (at least {LEAST_EQUAL_KEYS})")
    print(f"pages of different articles under one key: {merged}")
    return 0 if is_good and equal / count >= LEAST_EQUAL_KEYS else 1


if __name__ == "__main__":
    sys.exit(main())
