"""Hostile feeds hurt nobody: each is over within 2 CPU seconds and 256 MiB of the worker, with a named outcome."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from wiredesk.bounded import BoundedWorker
from wiredesk.errors import LimitExceeded, PayloadError
from wiredesk.models import ParsedFeed
from wiredesk.parse import parse_entries
from wiredesk.settings import Settings

from benchmarks.fetch_feeds import peak_memory_mb
from tests.corpus.feed_promises import broken_promise
from tests.corpus.hostile_feeds import AFTER, BEFORE, READ, TRICKS, Trick, external_entity_file, external_entity_http

URL = "https://g.example/rss"
LIMITS = Settings()


@pytest.fixture(scope="module")
def worker() -> Iterator[BoundedWorker]:
    with BoundedWorker(LIMITS.parse_cpu_s, LIMITS.parse_memory_mb * 2**20) as worker:
        yield worker


def test_limits_are_those_that_are_promised() -> None:
    assert (LIMITS.parse_cpu_s, LIMITS.parse_memory_mb) == (2.0, 256)
    assert len(TRICKS) >= 50


@pytest.mark.parametrize("trick", TRICKS.values(), ids=str)
def test_hostile_feed_ends_within_its_limits_with_a_named_outcome(trick: Trick, worker: BoundedWorker) -> None:
    body = trick.build(trick.quick)
    assert len(body) <= LIMITS.feed_max_bytes
    try:
        parsed: ParsedFeed | PayloadError = worker.call(parse_entries, body, url=URL, content_type=trick.content_type)
    except PayloadError as error:
        parsed = error
    if isinstance(parsed, PayloadError):
        assert (parsed.reason, "unforeseen" in parsed.detail) == (trick.outcome, False), parsed.detail
        return
    assert trick.outcome == READ
    good = {entry.url for entry in parsed.entries if entry.title == "A good neighbour"}
    assert len(good & {BEFORE, AFTER}) >= trick.neighbours


def test_worker_that_read_all_hostile_feeds_stayed_within_its_memory(worker: BoundedWorker) -> None:
    assert worker.call(peak_memory_mb) <= LIMITS.parse_memory_mb


@pytest.mark.parametrize("trick", [one for one in TRICKS.values() if one.quick == 1], ids=str)
def test_small_hostile_feed_keeps_every_promise_of_parsing(trick: Trick) -> None:
    assert broken_promise(trick.build(1), random.Random(trick.name), trick.content_type) is None


def test_external_entities_open_no_connection(worker: BoundedWorker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        body = external_entity_http(f"http://127.0.0.1:{listener.getsockname()[1]}")
        parsed = worker.call(parse_entries, body, url=URL)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert {BEFORE, AFTER} <= {entry.url for entry in parsed.entries}


def test_external_entities_read_no_file(worker: BoundedWorker, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the contents of a file")
    parsed = worker.call(parse_entries, external_entity_file(secret.as_uri()), url=URL)
    assert "the contents" not in repr(parsed)
    assert {BEFORE, AFTER} <= {entry.url for entry in parsed.entries}


def test_a_trick_over_its_limits_would_be_noticed() -> None:
    """The worker's limits are what the tests above rely on, so they must bite."""
    body = TRICKS["ordinary_items"].build(4000)
    with BoundedWorker(0.2, LIMITS.parse_memory_mb * 2**20) as worker, pytest.raises(LimitExceeded):
        worker.call(parse_entries, body, url=URL)
