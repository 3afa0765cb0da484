"""Real and hostile feeds that lie beside the checkout. They are never copied into it; absent, the tests skip."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from wiredesk.parse import parse_entries, to_json_lines

FEEDS = Path(__file__).parents[2] / "../shared/data/feeds"
# 100,000 items and 200,000 nested tags take feedparser 25 s and 7 s; caps on them are work of their own.
SLOW = {"items_100k.xml", "deep.xml", "billion_laughs.xml"}
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


def test_every_hostile_feed_keeps_its_item() -> None:
    read = 0
    for name, body in members("hostile_dev.tar.xz"):
        if name in SLOW:
            continue
        parsed = parse_entries(body)
        assert len(parsed.entries) == 1, name
        assert all(line.isascii() for line in to_json_lines(parsed)), name
        read += 1
    assert read == 28
