"""HTML that was damaged as the web damages it: nothing raised, nothing over the limits. At length: `make fuzz`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from wiredesk.clean.fragment import Fragment
from wiredesk.clean.page import Page, clean_page
from wiredesk.settings import Settings
from wiredesk.steps.cleaning import CleanWorkers

from tests.corpus.page_cases import broken_promise, judge_all, make_case
from tests.corpus.page_seeds import FRAGMENTS, PAGES

CASES = 400  # five seconds
SEED = 3


@pytest.fixture(scope="module")
def workers() -> Iterator[CleanWorkers]:
    with CleanWorkers(Settings()) as started:
        yield started


def test_damaged_html_keeps_every_promise_of_cleaning(workers: CleanWorkers) -> None:
    cases = (make_case((*PAGES, *FRAGMENTS), SEED, number) for number in range(CASES))
    verdicts = list(judge_all(workers, cases, count=2))
    failed = [(one.case.number, one.case.origin, one.problem) for one in verdicts if one.problem]
    assert failed == []
    assert [one.case.number for one in verdicts] == list(range(CASES))
    assert sum(one.outcome == "cleaned" for one in verdicts) > 0.9 * CASES  # the rest is too large, and says so


def test_a_case_is_the_same_each_time() -> None:
    once, again = (make_case((*PAGES, *FRAGMENTS), SEED, 7) for _ in range(2))
    assert once.body == again.body


# Found by fuzzing. The second opinion that trafilatura asks where it finds little takes the square of the lines.
@pytest.mark.parametrize("line", ["<h1>Ferry</h1>", "<h2>x</h2>", "<ul><li>x</ul>", "<span>Share</span>"])
def test_a_flood_of_short_lines_is_cleaned_within_the_limits(line: str, workers: CleanWorkers) -> None:
    html = PAGES[0].body.replace(b"<article>", b"<article>" + line.encode() * 8_000)
    found = workers.attempt(partial(clean_page, html, url="https://coast.example/ferry"))
    assert isinstance(found, Page)
    assert "water in the engine room" in found.text


def test_a_broken_promise_would_be_noticed() -> None:
    page = Page(title="", text="", html="", flags=("stub",))
    assert broken_promise(page) is None
    assert "not flagged" in (broken_promise(replace(page, flags=())) or "")
    assert "stored" in (broken_promise(replace(page, title="\x00")) or "")
    assert "stored" in (broken_promise(Fragment(text="\ud800", html="")) or "")
    assert "cut" in (broken_promise(Fragment(text="x", html="<p onclick=x>x</p>")) or "")
