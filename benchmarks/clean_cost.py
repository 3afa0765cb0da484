"""What cleaning costs: pages beside trafilatura, fragments of feeds by themselves. `python -m benchmarks.clean_cost`

Every other page of three sets (see `pages`), each read by all peers one after the other, so that they share whatever
else the machine does. Processor time; of three rounds the least, because only the others can make a page dearer. In
each round another peer goes first: who follows finds some strings remembered. trafilatura is run as it comes, which
is text alone, and with its metadata, which is nearer to what cleaning a page gives. `--profile` shows where our time
goes.
"""

from __future__ import annotations

import argparse
import cProfile
import logging
import pstats
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

import nh3
from bs4 import BeautifulSoup
from trafilatura import core, extract
from trafilatura.external import compare_extraction
from trafilatura.meta import reset_caches
from wiredesk.clean.fragment import clean_fragment
from wiredesk.clean.page import clean_page
from wiredesk.clean.second_opinion import compare_if_open
from wiredesk.errors import PayloadError
from wiredesk.parse import parse_entries

from benchmarks.pages import EXTRACT, TruePage, read_pages

SETS = ("aeb", "fundus", "wcxb")
SNAPSHOTS = Path(__file__).parents[1] / "../shared/data/feeds/snapshots_dev.tar.xz"
MOST_RATIO = 1.3  # of trafilatura's text alone: what we add may cost less than a third of what it does
FRAGMENT_BYTES = 23_000  # the median of long feed bodies
NEAR = 0.2  # fragments within so much of that
MOST_FRAGMENT_MS = 10.0
ROUNDS = 3
OURS, TEXT, WITH_METADATA = "wiredesk", "trafilatura", "trafilatura with its metadata"
PARSED = "BeautifulSoup to nh3"  # parsed, written and sanitized: the least that any cleaning of this kind costs


def _extract(page: TruePage, *, with_metadata: bool) -> object:
    """As trafilatura comes, without what cleaning a page spares it."""
    core.compare_extraction = compare_extraction  # type: ignore[attr-defined]
    try:
        return extract(page.html, url=page.url, with_metadata=with_metadata)
    finally:
        core.compare_extraction = compare_if_open  # type: ignore[attr-defined]


PEERS: dict[str, Callable[[TruePage], object]] = {
    OURS: lambda page: clean_page(page.html, url=page.url),
    TEXT: partial(_extract, with_metadata=False),
    WITH_METADATA: partial(_extract, with_metadata=True),
}


def page_costs(pages: list[TruePage]) -> dict[str, float]:
    """Milliseconds a page of each peer."""
    least: dict[str, list[float]] = {name: [float("inf")] * len(pages) for name in PEERS}
    names = list(PEERS)
    for turn in range(ROUNDS):
        reset_caches()  # else a later round would be of what an earlier one remembers
        order = [*names[turn % len(names) :], *names[: turn % len(names)]]
        for index, page in enumerate(pages):
            for name in order:
                least[name][index] = min(least[name][index], _cpu_ms(partial(PEERS[name], page)))
    return {name: sum(costs) / len(costs) for name, costs in least.items()}


def fragment_costs(bodies: list[str]) -> dict[str, list[float]]:
    """Milliseconds of each fragment, of each peer."""
    peers: dict[str, Callable[[str], object]] = {
        OURS: partial(clean_fragment, base_url="https://coast.example/a"),
        PARSED: lambda body: nh3.clean(str(BeautifulSoup(body, "lxml"))),
    }
    least: dict[str, list[float]] = {name: [] for name in peers}
    for body in bodies:
        costs = [{name: _cpu_ms(partial(peer, body)) for name, peer in peers.items()} for _ in range(ROUNDS)]
        for name in peers:
            least[name].append(min(cost[name] for cost in costs))
    return least


def _cpu_ms(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return 1000 * (time.process_time() - before)


def fragments() -> Iterator[str]:
    """Bodies of real feeds that are about as long as the median."""
    with tarfile.open(SNAPSHOTS) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() and not member.name.endswith(".json") else None
            try:
                entries = parse_entries(file.read(), url="https://coast.example/rss").entries if file else ()
            except PayloadError:
                continue
            bodies = (entry.html or "" for entry in entries)
            yield from (body for body in bodies if abs(len(body.encode()) / FRAGMENT_BYTES - 1) <= NEAR)


def profile(pages: list[TruePage]) -> None:
    """Print where the time of cleaning pages goes."""
    measured = cProfile.Profile()
    measured.enable()
    for page in pages:
        clean_page(page.html, url=page.url)
    measured.disable()
    pstats.Stats(measured).sort_stats("cumulative").print_stats("wiredesk", 40)


def main() -> int:
    """Compare; 1 where cleaning costs more than it should."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", action="store_true", help="only show where the time of pages goes")
    options = parser.parse_args()
    if not (EXTRACT.exists() and SNAPSHOTS.exists()):
        print(f"skipped: {EXTRACT} or {SNAPSHOTS} is absent (shared data for development)")
        return 0
    logging.disable(logging.CRITICAL)  # trafilatura logs what it thinks of a page
    pages = [page for name in SETS for page in read_pages(name)[::2]]
    if options.profile:
        profile(pages)
        return 0
    page_ms = page_costs(pages)
    for name, ms in page_ms.items():
        print(f"{name:30} {ms:6.1f} ms a page, {ms / page_ms[TEXT]:.2f}× trafilatura ({len(pages)} pages)")
    fragment_ms = fragment_costs(list(fragments()))
    for name, costs in fragment_ms.items():
        ratio = median(costs) / median(fragment_ms[PARSED])
        print(
            f"{name:30} {median(costs):6.1f} ms a fragment of {FRAGMENT_BYTES / 1000:.0f} kB, {ratio:.2f}× that "
            f"(median of {len(costs)}; most {max(costs):.1f} ms)"
        )
    ratio = page_ms[OURS] / page_ms[TEXT]
    print(f"should cost at most {MOST_RATIO}× trafilatura a page and {MOST_FRAGMENT_MS:.0f} ms a fragment")
    return int(ratio > MOST_RATIO or median(fragment_ms[OURS]) > MOST_FRAGMENT_MS)


if __name__ == "__main__":
    sys.exit(main())
