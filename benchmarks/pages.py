"""Pages with ground truth, and how a text is scored against it."""

from __future__ import annotations

import gzip
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXTRACT = Path(__file__).parents[1] / "../shared/data/extract"
SHINGLE_WORDS = 4  # as the published comparisons of extractors take them

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]|(?:(?![{_CJK}])\w)+")


@dataclass(frozen=True, slots=True)
class TruePage:
    """One page, and what it is known to hold."""

    name: str
    url: str
    site: str
    html: bytes
    body: str
    title: str | None = None
    authors: tuple[str, ...] | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class TextScore:
    """How close texts came to the truth: averages over pages, F1 of the averages, share that is exactly right."""

    precision: float
    recall: float
    f1: float
    exact: float


def read_pages(name: str) -> list[TruePage]:
    """The pages of `NAME_dev.tar`, in the order of their list. Raises FileNotFoundError."""
    with tarfile.open(EXTRACT / f"{name}_dev.tar") as archive:
        held = {member.name.removeprefix("./"): member for member in archive if member.isfile()}
        lines = _content(archive, held["items.jsonl"]).decode().splitlines()
        return [
            _page(item, gzip.decompress(_content(archive, held[f"html/{item['id']}.html.gz"])))
            for item in map(json.loads, lines)
        ]


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = archive.extractfile(member)
    assert content is not None
    return content.read()


def _page(item: dict[str, Any], html: bytes) -> TruePage:
    authors = item.get("authors")
    return TruePage(
        item["id"],
        item["url"],
        item["site"],
        html,
        item.get("body") or "",
        item.get("title"),
        None if authors is None else tuple(authors),
        item.get("date"),
    )


def tokens(text: str) -> list[str]:
    """Lower-case words; of Chinese and Japanese single characters."""
    return _TOKEN.findall(text.lower())


def score_texts(pairs: Iterable[tuple[str, str]]) -> TextScore:
    """Score (found, true) texts: multisets of 4-word shingles, counted for each page as shares of their sum."""
    rows = [(_counts(tokens(found), tokens(true)), tokens(found) == tokens(true)) for found, true in pairs]
    precisions = [right / (right + false) for (right, false, _), _ in rows if right + false]
    recalls = [right / (right + missed) for (right, _, missed), _ in rows if right + missed]
    precision, recall = _mean(precisions), _mean(recalls)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return TextScore(precision, recall, f1, _mean([float(is_exact) for _, is_exact in rows]))


def _counts(found: list[str], true: list[str]) -> tuple[int, int, int]:
    ours, theirs = Counter(_shingles(found)), Counter(_shingles(true))
    right = (ours & theirs).total()
    return right, ours.total() - right, theirs.total() - right


def _shingles(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    if 0 < len(words) < SHINGLE_WORDS:
        yield tuple(words)
    for start in range(len(words) - SHINGLE_WORDS + 1):
        yield tuple(words[start : start + SHINGLE_WORDS])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
