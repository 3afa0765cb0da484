"""A second opinion is spared only where it could not change the first."""

from __future__ import annotations

import random

import pytest
from trafilatura import core, extract
from trafilatura.external import compare_extraction
from wiredesk.clean.second_opinion import compare_if_open

from tests.corpus.page_mutations import damaged_html
from tests.corpus.page_seeds import PAGES

PARAGRAPH = "The ferry to the islands stood still on Monday, because the quay at the harbour had been damaged again. "
STORY = "".join(f"<p>{PARAGRAPH * 3}</p>" for _ in range(4))


def shown(html: str) -> str | None:
    return extract(html, include_comments=False)


def both(html: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str | None, str | None, int]:
    """What is found with every opinion asked, what without, and how often one was asked then."""
    asked = 0

    def counted(*arguments: object) -> object:
        nonlocal asked
        asked += 1
        return compare_extraction(*arguments)

    monkeypatch.setattr(core, "compare_extraction", compare_extraction)
    full = shown(html)
    monkeypatch.setattr("wiredesk.clean.second_opinion.compare_extraction", counted)
    monkeypatch.setattr(core, "compare_extraction", compare_if_open)
    return full, shown(html), asked


def test_a_story_that_is_most_of_its_page_needs_no_second_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    full, spared, asked = both(f"<html><body><article><h1>Ferry</h1>{STORY}</article></body></html>", monkeypatch)
    assert (spared, asked) == (full, 0)
    assert PARAGRAPH.strip() in str(full)


def test_a_page_that_holds_much_more_text_than_was_found_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = f"<div class=x><div>{STORY * 5}</div></div>"
    full, spared, asked = both(f"<html><body><article>{STORY}</article>{rest}</body></html>", monkeypatch)
    assert spared == full
    assert asked > 0


def test_a_long_script_is_no_text_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"<script>{'var x = 1; ' * 5000}</script><style>{'p { color: red } ' * 500}</style>"
    full, spared, asked = both(f"<html><body>{script}<article>{STORY}</article></body></html>", monkeypatch)
    assert (spared, asked) == (full, 0)


def test_every_page_however_damaged_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(20261127)
    pages = [seed.body for seed in PAGES if seed.body]
    pages += [damaged_html(chance.choice(pages), chance) for _ in range(150)]
    spared = 0
    for page in pages:
        with monkeypatch.context() as patched:
            full, found, asked = both(page.decode("utf-8", "replace"), patched)
        assert found == full, page
        spared += not asked
    assert spared > 30  # else this says nothing
