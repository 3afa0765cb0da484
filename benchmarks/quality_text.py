"""The text of article pages against published ground truth. `python -m benchmarks.quality_text`

Three sets of pages (see `pages`): wiredesk beside trafilatura as it comes and tuned for precision, and beside
readability-lxml and newspaper4k where they are installed. F1 is of 4-word shingles; exact is the share of pages that
match word for word. "by sites" is the least and the most F1 of five groups of whole sites: as much as a score may
move on sites that nobody has seen. Processor time is of reading all pages once,
each peer in a process of its own, in turn.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from benchmarks.pages import EXTRACT, TruePage, read_pages, score_texts

SETS = {"aeb": (0.970, 0.45), "fundus": (0.962, 0.30), "wcxb": (0.950, 0.0)}  # least F1, least share that is exact
COLUMNS = {"precision": 10, "recall": 8, "F1": 7, "exact": 7, "by sites": 13, "ms": 7, "x": 6}
FIFTHS = 5  # groups of whole sites, by a checksum of the host
PATIENCE_S = 600  # newspaper4k takes six times what trafilatura does
WARM_PAGES = 5  # imports, and all that is made once

Peer = Callable[[TruePage], str]


def wiredesk() -> Peer:
    from wiredesk.clean.page import clean_page

    return lambda page: clean_page(page.html, url=page.url).text


def trafilatura() -> Peer:
    from trafilatura import extract

    return lambda page: extract(page.html, url=page.url, with_metadata=False) or ""


def trafilatura_precision() -> Peer:
    from trafilatura import extract

    return lambda page: extract(page.html, url=page.url, favor_precision=True) or ""


def readability_lxml() -> Peer:
    from lxml.html import fromstring
    from readability import Document

    def read(page: TruePage) -> str:
        summary = Document(page.html.decode("utf-8", "replace")).summary() or "<p></p>"
        return str(fromstring(summary).text_content())

    return read


def newspaper4k() -> Peer:
    from newspaper import Article

    def read(page: TruePage) -> str:
        article = Article(page.url, fetch_images=False)  # else it asks each picture's host how large it is
        article.download(input_html=page.html.decode("utf-8", "replace"))
        article.parse()
        return str(article.text)

    return read


PEERS: dict[str, tuple[Callable[[], Peer], str]] = {
    "wiredesk": (wiredesk, "wiredesk"),
    "trafilatura": (trafilatura, "trafilatura"),
    "trafilatura, precision": (trafilatura_precision, "trafilatura"),
    "readability-lxml": (readability_lxml, "readability"),
    "newspaper4k": (newspaper4k, "newspaper"),
}


def measure(name: str, peer: str) -> dict[str, Any]:
    """Score and processor time a page of one peer on one set; a page that breaks it is an empty text."""
    logging.disable(logging.CRITICAL)  # peers log what they think of a page
    pages = read_pages(name)
    read = PEERS[peer][0]()

    def text_of(page: TruePage) -> str:
        try:
            return read(page)
        except Exception:  # noqa: BLE001 (a peer's fault is its own score)
            return ""

    for page in pages[:WARM_PAGES]:
        text_of(page)
    before = time.process_time()
    texts = [text_of(page) for page in pages]
    cpu_s = time.process_time() - before
    pairs = [(text, page.body) for text, page in zip(texts, pages, strict=True)]
    fifths: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for page, pair in zip(pages, pairs, strict=True):
        fifths[crc32((urlsplit(page.url).hostname or "").encode()) % FIFTHS].append(pair)
    by_site = [score_texts(part).f1 for part in fifths.values()]
    return {
        **asdict(score_texts(pairs)),
        "pages": len(pages),
        "cpu_ms": 1000 * cpu_s / len(pages),
        "least": min(by_site),
        "most": max(by_site),
    }


def run(name: str, peer: str) -> dict[str, Any]:
    """One peer on one set in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.quality_text", "--set", name, "--peer", peer]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=PATIENCE_S)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare() -> bool:
    """Print a table a set; whether wiredesk is as good as it should be."""
    is_good = True
    installed = [peer for peer, (_, module) in PEERS.items() if find_spec(module)]
    for name, (least_f1, least_exact) in SETS.items():
        found = {peer: run(name, peer) for peer in installed}
        ours, base = found["wiredesk"], found["trafilatura"]
        print(f"{name}: {ours['pages']} pages")
        print(" " * 24 + "".join(f"{head:>{width}}" for head, width in COLUMNS.items()))
        for peer, row in found.items():
            print(
                f"{peer:<24}{row['precision']:>10.3f}{row['recall']:>8.3f}{row['f1']:>7.3f}{row['exact']:>7.3f}"
                f"{row['least']:>7.3f}-{row['most']:.3f}{row['cpu_ms']:>7.1f}{row['cpu_ms'] / base['cpu_ms']:>6.2f}"
            )
        print(f"wiredesk should reach F1 {least_f1:.3f}, exact {least_exact:.2f}\n")
        is_good = is_good and ours["f1"] >= least_f1 and ours["exact"] >= least_exact
    if missing := sorted(set(PEERS) - set(installed)):
        print(f"not installed, so not compared: {', '.join(missing)}")
    return is_good


def main() -> int:
    """Compare all, or measure one peer for `run`; 1 where wiredesk is not as good as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=sorted(SETS), help=argparse.SUPPRESS)
    parser.add_argument("--peer", choices=sorted(PEERS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        print(json.dumps(measure(options.set, options.peer)))
        return 0
    if not EXTRACT.exists():
        print(f"skipped: {EXTRACT} is absent (shared data for development)")
        return 0
    return 0 if compare() else 1


if __name__ == "__main__":
    sys.exit(main())
