"""The nightly look for HTML that cleaning does not stand: `python -m benchmarks.fuzz_pages --cases 20000`.

Damaged pages and damaged fragments of feeds, and markup out of nothing, cleaned in the processes of
`wiredesk.steps.cleaning` with the limits that the settings give them. Promised: nothing but EntryRejected is raised,
nothing goes over the limits of time and memory, a page without text is flagged `stub`, and what comes out can be
stored and is what the sanitizer leaves. What fails is written into a file, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from wiredesk.errors import PayloadError
from wiredesk.parse import parse_entries
from wiredesk.settings import Settings
from wiredesk.steps.cleaning import CleanWorkers

from benchmarks.pages import EXTRACT, read_pages
from tests.corpus.page_cases import Verdict, judge_all, make_case
from tests.corpus.page_seeds import FRAGMENTS, PAGES, Seed

T = TypeVar("T")

_ROOT = Path(__file__).resolve().parents[1]
_SNAPSHOTS = _ROOT.parent / "shared/data/feeds/snapshots_dev.tar.xz"
_FAILURES = _ROOT / ".wiredesk/fuzz"
_SETS = ("aeb", "fundus", "wcxb")
_REAL_SEEDS = 120  # of either kind: as many sites as there are sets of pages; more take long to read and add little
_LONGEST_PAGE = 256 * 1024  # bytes: three quarters of all pages; a case with one of them takes 50 ms
_LONGEST_FRAGMENT = 32 * 1024


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    seeds = [*PAGES, *FRAGMENTS, *([] if options.own_seeds else [*real_pages(), *real_fragments()])]
    print(f"seed {seed}; {_counted(one.kind for one in seeds)} to damage", flush=True)
    numbers = range(options.cases) if options.case is None else [options.case]
    settings = Settings()
    outcomes: Counter[str] = Counter()
    failures = 0
    slowest: Verdict | None = None
    started = time.monotonic()
    with CleanWorkers(settings) as workers:
        cases = (make_case(seeds, seed, number) for number in numbers)
        for verdict in judge_all(workers, cases, settings.clean_processes):
            outcomes[f"{verdict.case.kind}s {verdict.outcome}"] += 1
            slowest = max(slowest or verdict, verdict, key=lambda one: one.cpu_s)
            if verdict.problem:
                failures += 1
                _report(verdict, seed)
            if outcomes.total() % 2000 == 0:
                print(f"{outcomes.total()} cases, {failures} failures", flush=True)
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))
    if slowest is not None:
        print(
            f"slowest that was cleaned: case {slowest.case.number} ({slowest.case.kind}, {slowest.case.origin}) with "
            f"{slowest.cpu_s:.2f} of {settings.clean_cpu_s:g} processor seconds"
        )
    print(f"{outcomes.total()} cases, {failures} failures, {time.monotonic() - started:.0f} s")
    return 1 if failures else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_pages", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="documents to try (20,000 take about ten minutes)")
    parser.add_argument("--seed", type=int, default=None, help="of the chance; printed, so that a run can be repeated")
    parser.add_argument("--case", type=int, default=None, help="only this case of that seed")
    parser.add_argument("--own-seeds", action="store_true", help="leave the real documents of ../shared/data aside")
    return parser.parse_args(arguments)


def _report(verdict: Verdict, seed: int) -> None:
    _FAILURES.mkdir(parents=True, exist_ok=True)
    case = verdict.case
    file = _FAILURES / f"{seed}-{case.number}.{case.kind}.html"
    file.write_bytes(case.body)
    where = f"--seed {seed} --case {case.number} ({case.kind}, {case.origin})"
    print(f"FAILED {where}: {verdict.problem}\n  {file}", flush=True)


def real_pages() -> list[Seed]:
    """Pages with ground truth, evenly over the sets; none without them."""
    if not EXTRACT.exists():
        print(f"{EXTRACT} is not there, so only the pages of tests/corpus/page_seeds.py are damaged")
        return []
    pages = [page for name in _SETS for page in read_pages(name) if len(page.html) <= _LONGEST_PAGE]
    return [Seed("page", page.name, page.html) for page in _evenly(pages)]


def real_fragments() -> list[Seed]:
    """The longest fragment of each real feed; none without them."""
    if not _SNAPSHOTS.exists():
        print(f"{_SNAPSHOTS} is not there, so only the fragments of tests/corpus/page_seeds.py are damaged")
        return []
    return [Seed("fragment", name, body) for name, body in _evenly(list(_longest_fragments()))]


def _longest_fragments() -> Iterator[tuple[str, bytes]]:
    with tarfile.open(_SNAPSHOTS) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() and not member.name.endswith(".json") else None
            if file is None:
                continue
            try:
                entries = parse_entries(file.read(), url="https://coast.example/rss").entries
            except PayloadError:
                continue
            bodies = [(entry.html or entry.summary or "").encode("utf-8", "replace") for entry in entries]
            if short := [body for body in bodies if b"<" in body and len(body) <= _LONGEST_FRAGMENT]:
                yield member.name, max(short, key=len)


def _evenly(items: list[T]) -> list[T]:
    return items[:: max(1, len(items) // _REAL_SEEDS)][:_REAL_SEEDS]


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{count} {word}s" for word, count in Counter(words).items())


if __name__ == "__main__":
    sys.exit(main())
