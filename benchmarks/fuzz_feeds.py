"""The nightly look for bytes that feed parsing does not stand: `python -m benchmarks.fuzz_feeds --cases 20000`.

First every hostile feed of tests/corpus/hostile_feeds.py at its full size, through the bounded worker; then
mutations of sound feeds, of which the promises of tests/corpus/feed_promises.py must hold: nothing but
PayloadError is raised, all results can be stored, two readings agree, a spliced reading agrees with the whole one,
and a damaged item changes no neighbour. What fails is written into a file, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from wiredesk.bounded import BoundedWorker
from wiredesk.errors import LimitExceeded, PayloadError
from wiredesk.parse import parse_entries
from wiredesk.parse.items import item_spans

from tests.corpus.feed_cases import Case, material, run_case
from tests.corpus.feed_promises import is_well_formed
from tests.corpus.feed_seeds import SEEDS, Seed
from tests.corpus.hostile_feeds import AFTER, BEFORE, READ, TRICKS, Trick

_ROOT = Path(__file__).resolve().parents[1]
_SNAPSHOTS = _ROOT.parent / "shared/data/feeds/snapshots_dev.tar.xz"
_FAILURES = _ROOT / ".wiredesk/fuzz"
_REAL_SEEDS = 40  # enough for the habits of most publishing systems; more cost time per case and bring little
_LONGEST_ITEM = 4000  # bytes: a mutation should hit something that matters
_ITEMS_OF_A_SEED = 4
CPU_S = 2.0
MEMORY_BYTES = 256 * 2**20


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    bad = 0 if options.skip_hostile else _run_hostile()
    return 1 if bad + _fuzz(options) else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_feeds", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="mutations to try (20,000 take about ten minutes)")
    parser.add_argument("--seed", type=int, default=None, help="of the chance; printed, so that a run can be repeated")
    parser.add_argument("--case", type=int, default=None, help="only this case of that seed")
    parser.add_argument("--skip-hostile", action="store_true", help="mutations only")
    parser.add_argument("--own-seeds", action="store_true", help="leave the real feeds of ../shared/data aside")
    return parser.parse_args(arguments)


def _run_hostile() -> int:
    """Every trick at full size; how many broke their promise."""
    bad = 0
    with BoundedWorker(CPU_S, MEMORY_BYTES) as worker:
        for trick in TRICKS.values():
            body = trick.build(trick.full)
            before = _cpu_s(worker)
            outcome, neighbours = _outcome(worker, trick, body)
            cpu_s = "over" if outcome == "too_costly" else f"{_cpu_s(worker) - before:.2f}"
            is_good = outcome in {trick.outcome, "too_costly"} and (outcome != READ or neighbours >= trick.neighbours)
            bad += not is_good
            mark = "" if is_good else f"  BROKEN: expected {trick.outcome}, {trick.neighbours} neighbour(s)"
            print(f"{trick.name:45} {len(body) / 1e6:6.2f} MB {cpu_s:>5} s  {outcome}, {neighbours} of 2{mark}")
    print(f"hostile feeds: {len(TRICKS)}, broken promises: {bad}\n", flush=True)
    return bad


def _cpu_s(worker: BoundedWorker) -> float:
    usage = worker.call(resource.getrusage, resource.RUSAGE_SELF)
    return float(usage.ru_utime + usage.ru_stime)


def _outcome(worker: BoundedWorker, trick: Trick, body: bytes) -> tuple[str, int]:
    try:
        parsed = worker.call(parse_entries, body, url="https://g.example/rss", content_type=trick.content_type)
    except PayloadError as error:
        return str(error.reason), 0
    except LimitExceeded:
        return "too_costly", 0
    return READ, sum(entry.url in {BEFORE, AFTER} for entry in parsed.entries)


def _fuzz(options: argparse.Namespace) -> int:
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    feeds = material([*SEEDS, *([] if options.own_seeds else real_seeds())])
    print(f"seed {seed}, {len(feeds)} sound feeds: {', '.join(sorted({one.sound.kind for one in feeds}))}", flush=True)
    kinds: Counter[str] = Counter()
    failures = 0
    slowest = (0.0, -1)
    started = time.process_time()
    for number in range(options.cases) if options.case is None else [options.case]:
        begun = time.process_time()
        case = run_case(feeds, seed, number)
        slowest = max(slowest, (time.process_time() - begun, number))
        kinds[case.kind] += 1
        if case.problem:
            failures += 1
            _report(case, seed, number)
        if (number + 1) % 2000 == 0:
            print(f"{number + 1} cases, {failures} failures", flush=True)
    spent = time.process_time() - started
    total = sum(kinds.values())
    print(", ".join(f"{count} of {kind}" for kind, count in kinds.most_common()))
    print(
        f"{total} cases, {failures} failures, {total / spent:.0f} cases a CPU second; slowest: case {slowest[1]} "
        f"with {slowest[0]:.2f} s"
    )
    return failures


def _report(case: Case, seed: int, number: int) -> None:
    _FAILURES.mkdir(parents=True, exist_ok=True)
    file = _FAILURES / f"{seed}-{number}.feed"
    file.write_bytes(case.body)
    print(f"FAILED --seed {seed} --case {number} ({case.kind}, {case.feed}): {case.problem}\n  {file}", flush=True)


def real_seeds() -> list[Seed]:
    """A few items each of well-formed UTF-8 feeds of ../shared/data, evenly over the archive; none without it."""
    if not _SNAPSHOTS.exists():
        print(f"{_SNAPSHOTS} is not there, so only the feeds of tests/corpus/feed_mutations.py are damaged")
        return []
    found = [seed for name, body in _snapshots() if (seed := cut(name, body))]
    return found[:: max(1, len(found) // _REAL_SEEDS)][:_REAL_SEEDS]


def _snapshots() -> Iterator[tuple[str, bytes]]:
    with tarfile.open(_SNAPSHOTS) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() and member.size < 2**20 else None
            if file is not None and not member.name.endswith(".json"):
                yield member.name, file.read()


def cut(name: str, body: bytes) -> Seed | None:
    """The feed with its first short items, or None where it cannot be taken apart."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    spans = item_spans(text) if is_well_formed(text) else []
    short = [text[start:end].encode() for start, end in spans]
    short = [item for item in short if len(item) <= _LONGEST_ITEM and b"</" in item][:_ITEMS_OF_A_SEED]
    if len(short) < 2:
        return None
    head, tail = text[: spans[0][0]].encode(), text[spans[-1][1] :].encode()
    return Seed(name, head, tuple(short), tail) if len(head) + len(tail) <= 2 * _LONGEST_ITEM else None


if __name__ == "__main__":
    sys.exit(main())
