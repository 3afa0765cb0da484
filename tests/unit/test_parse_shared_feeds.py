"""Real and hostile feeds that lie beside the checkout. They are never copied into it; absent, the tests skip."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from wiredesk.bounded import BoundedWorker
from wiredesk.errors import PayloadError
from wiredesk.parse import parse_entries, to_json_lines

FEEDS = Path(__file__).parents[2] / "../shared/data/feeds"
# feedparser takes 25 s for 100,000 items and 7 s for 200,000 nested tags.
REFUSED = {"items_100k.xml": "too_many_items", "deep.xml": "too_deep"}
# The smaller third of the 314, in two seconds.
LARGEST_BYTES = 20_000


def members(name: str) -> Iterator[tuple[str, bytes]]:
    path = FEEDS / name
    if not path.exists():
        pytest.skip(f"{path} is absent: shared data for development")
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and (content := archive.extractfile(member)):
                with content:
                    yield member.name.rpartition("/")[2], content.read()


def test_every_small_real_feed_is_read() -> None:
    read = 0
    for name, body in members("snapshots_dev.tar.xz"):
        if name == "manifest.json" or len(body) > LARGEST_BYTES:
            continue
        parsed = parse_entries(body)
        assert all(line.isascii() for line in to_json_lines(parsed)), name
        read += 1
    assert read > 100


def test_every_hostile_feed_keeps_its_item_or_is_refused_with_the_reason() -> None:
    """Each within 2 processor seconds and 256 MiB, which the worker sees to."""
    outcomes: dict[str, str] = {}
    with BoundedWorker(2.0, 256 * 2**20) as worker:
        for name, body in members("hostile_dev.tar.xz"):
            try:
                parsed = worker.call(parse_entries, body)
            except PayloadError as error:
                outcomes[name] = error.reason
                continue
            assert all(line.isascii() for line in to_json_lines(parsed)), name
            assert len(parsed.entries) + len(parsed.rejected) == 1, name
            outcomes[name] = parsed.rejected[0].reason if parsed.rejected else "read"
    assert len(outcomes) == 31
    assert {name: outcome for name, outcome in outcomes.items() if outcome != "read"} == REFUSED
