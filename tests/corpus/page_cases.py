"""One numbered case of the fuzzing of cleaning, and what is promised of it.

The same seed, number and documents give the same bytes on every machine.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from wiredesk.clean.fragment import Fragment, clean_fragment
from wiredesk.clean.page import STUB, Page, clean_page
from wiredesk.clean.sanitize import sanitize
from wiredesk.errors import EntryRejected
from wiredesk.models import EntryReason
from wiredesk.steps.cleaning import CleanWorkers, in_order

from tests.corpus.page_mutations import damaged_html, random_markup
from tests.corpus.page_seeds import Kind, Seed

_URL = "https://coast.example/2024/ferry?id=7"
_CONTENT_TYPES = (None, None, "text/html", "text/html; charset=utf-8", "text/html; charset=latin1", "x; charset=utf-7")
_TITLES = (None, None, "Ferry stands still", "", "\x00", "x" * 2000)

_TAG = re.compile(r"<[^>]*>")

Cleaned = Page | Fragment


@dataclass(frozen=True, slots=True)
class Case:
    """A document to clean."""

    number: int
    kind: Kind
    origin: str
    body: bytes
    clean: Callable[[], Cleaned]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a case: a reason of EntryReason or "cleaned", processor time, and what was wrong."""

    case: Case
    outcome: str
    cpu_s: float
    problem: str | None


def make_case(seeds: Sequence[Seed], seed: int, number: int) -> Case:
    """By turns a page and a fragment; every fourth is random markup, the others are damaged documents."""
    chance = random.Random(f"{seed}/{number}")
    kind: Kind = ("page", "fragment")[number % 2]  # type: ignore[assignment]
    if chance.random() < 0.25:
        origin, body = "random", random_markup(chance)
        body = damaged_html(body, chance) if chance.random() < 0.3 else body
    else:
        given = chance.choice([one for one in seeds if one.kind == kind])
        origin, body = given.name, damaged_html(given.body, chance)
    if kind == "fragment":
        clean: Callable[[], Cleaned] = partial(clean_fragment, body.decode("utf-8", "surrogateescape"), base_url=_URL)
    else:
        clean = partial(
            clean_page, body, url=_URL, content_type=chance.choice(_CONTENT_TYPES), known_title=chance.choice(_TITLES)
        )
    return Case(number, kind, origin, body, clean)


def judge_all(workers: CleanWorkers, cases: Iterator[Case], count: int) -> Iterator[Verdict]:
    """Clean all cases in the workers, `count` at once, each within their limits."""
    yield from in_order(partial(_judge, workers), ((case,) for case in cases), count)


def _judge(workers: CleanWorkers, case: Case) -> Verdict:
    try:
        found = workers.attempt(partial(timed, case.clean))
    except Exception as error:  # noqa: BLE001 (that is what is looked for)
        return Verdict(case, "raised", 0.0, f"uncaught {type(error).__name__}: {error}"[:500])
    if isinstance(found, EntryRejected):
        is_over = found.reason is EntryReason.TOO_COSTLY
        return Verdict(case, found.reason, 0.0, f"over the limits: {found}" if is_over else None)
    cleaned, cpu_s = found
    return Verdict(case, "cleaned", cpu_s, broken_promise(cleaned))


def timed(clean: Callable[[], Cleaned]) -> tuple[Cleaned, float]:
    """What cleaning gives, and its processor time; called where it is limited."""
    before = time.process_time()
    return clean(), time.process_time() - before


def broken_promise(cleaned: Cleaned) -> str | None:
    """What is promised of whatever is cleaned: a page without text says so, all of it can be stored and shown."""
    texts = [cleaned.text, cleaned.html, *cleaned.removed]
    if isinstance(cleaned, Page):
        if not cleaned.text and STUB not in cleaned.flags:
            return "an empty text that is not flagged"
        texts += [cleaned.title, *cleaned.authors, cleaned.description or "", cleaned.language or ""]
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            return f"what cannot be stored: {error}"
        if "\x00" in text:
            return f"what cannot be stored: NUL in {text[:80]!r}"
    # Not that a second pass changes nothing: of a heading within a heading it makes two, one behind the other.
    unsafe = set(_TAG.findall(cleaned.html)) - set(_TAG.findall(sanitize(cleaned.html)))
    return f"tags that the sanitizer would cut: {sorted(unsafe)}" if unsafe else None
