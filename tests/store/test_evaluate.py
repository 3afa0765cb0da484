"""`wiredesk evaluate` replays a stream through the real matching, in a database that is gone afterwards."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from wiredesk.errors import ConfigurationError
from wiredesk.settings import Settings
from wiredesk.steps.evaluate import StreamArticle, evaluate, read_pairs, read_stream, replay_stream
from wiredesk.store.database import Database
from wiredesk.store.evaluation import read_stories, scratch_database

from local.cluster import Cluster
from local.files import CHECKOUT
from tests.store.desk import prose

DAY = datetime(2026, 3, 10, tzinfo=UTC)


def line(key: str, text: str, *, hours: float = 0, source: str = "a paper", title: str | None = None) -> dict[str, Any]:
    told_at = (DAY + timedelta(hours=hours)).isoformat()
    return {
        "id": key, "source": source, "url": None, "published_at": told_at, "title": title or f"On {key}", "text": text
    }  # fmt: skip


STORY = prose("story", words=240)
LINES = [
    line("teaser", " ".join(STORY.split()[:60]), hours=2),
    line("original", STORY),
    line("else", prose("else"), hours=1),
    line("late", STORY, hours=100),
]
PAIRS = [
    {"a": "original", "b": "teaser", "label": "same"},
    {"a": "original", "b": "else", "label": "different"},
    {"a": "original", "b": "late", "label": "same"},
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    stream, pairs = tmp_path / "stream.jsonl.gz", tmp_path / "pairs.jsonl"
    stream.write_bytes(gzip.compress("\n".join(map(json.dumps, LINES)).encode()))
    pairs.write_text("\n".join(map(json.dumps, PAIRS)), encoding="utf-8")
    return stream, pairs


def test_evaluate_scores_the_stories_and_says_why_it_erred(cluster: Cluster, files: tuple[Path, Path]) -> None:
    stream, pairs = files
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")}
    environment["WIREDESK_EVALUATE_DSN"] = cluster.postgres.superuser_dsn()
    command = [sys.executable, "-m", "wiredesk", "evaluate", "--stream", str(stream), "--pairs", str(pairs), "--json"]
    ran = subprocess.run(command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, timeout=120)
    assert (ran.returncode, ran.stderr) == (0, "")
    found = json.loads(ran.stdout)
    scores = {name: found[name] for name in ("precision", "recall", "pairs", "articles", "stories")}
    assert scores == {"precision": 1.0, "recall": 0.5, "pairs": 3, "articles": 4, "stories": 3}
    assert found["f1"] == pytest.approx(2 / 3)
    assert found["articles_per_s"] > 0
    (error,) = found["errors"]
    assert (error["a"], error["b"], error["label"]) == ("original", "late", "same")
    assert "100 h apart, more than 72 h" in error["why"]
    assert found["largest_stories"][0]["keys"] == ["original", "teaser"]
    with psycopg.connect(cluster.postgres.superuser_dsn()) as connection:
        left = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'wiredesk_scratch%'").fetchall()
    assert left == []


def test_a_stream_is_read_in_time_order_and_its_bad_line_is_named(tmp_path: Path) -> None:
    stream = tmp_path / "stream.jsonl"
    undated = {**line("undated", "text"), "published_at": ""}
    stream.write_text("\n".join(map(json.dumps, [*LINES, undated])), encoding="utf-8")
    assert [article.key for article in read_stream(stream)] == ["original", "undated", "else", "teaser", "late"]
    stream.write_text(json.dumps({"id": "1"}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"stream\.jsonl, line 1: no JSON object"):
        read_stream(stream)
    with pytest.raises(ConfigurationError, match=r"line 1.*a, b, label"):
        read_pairs(stream)


def test_a_login_that_may_not_create_a_database_is_told_what_to_do(cluster: Cluster) -> None:
    with (
        pytest.raises(ConfigurationError, match="ALTER ROLE wiredesk CREATEDB"),
        scratch_database(cluster.writer_dsn),
    ):
        pass


def _edited(text: str, share: float, pick: random.Random) -> str:
    return " ".join("edited" if pick.random() < share else word for word in text.split())


def _window() -> tuple[list[StreamArticle], list[set[str]]]:
    """Forty stories over two days, each told in some of eight ways, and who belongs together."""
    pick = random.Random(5)
    articles, wanted = [], []
    for number in range(40):
        text = prose(f"story {number}", words=200)
        words = text.split()
        ways = {
            "same": text,
            "edited": _edited(text, 0.04, pick),
            "heavily": _edited(text, 0.10, pick),
            "half": " ".join(words[:100]),
            "cut": " ".join(word for place, word in enumerate(words) if place // 40 % 3 != 2),
            "more": f"{text} {prose(f'more {number}', words=100)}",
            "teaser": " ".join(words[:60]),
            "typography": text.replace(". ", ".\u00a0— «"),
        }
        chosen = pick.sample(sorted(ways), k=pick.randrange(1, 6))
        wanted.append({f"{number}-{way}" for way in chosen})
        articles += [
            StreamArticle(
                f"{number}-{way}",
                pick.choice(("one paper", "another paper")),
                None,
                f"What happened in story {number}",
                ways[way],
                DAY + timedelta(minutes=pick.randrange(2880)),
            )
            for way in chosen
        ]
    return articles, wanted


@pytest.mark.parametrize("seed", range(3))
def test_stories_do_not_depend_on_the_order_of_arrival(cluster: Cluster, seed: int) -> None:
    """Whatever comes first, and in whatever batches: the same articles end together."""
    articles, wanted = _window()
    shuffled = random.Random(seed).sample(articles, len(articles))
    with scratch_database(cluster.postgres.superuser_dsn()) as dsn, Database(dsn) as database:
        ids = replay_stream(database, Settings(dsn=dsn, match_batch_size=7), shuffled)
        story_of = database.run(read_stories)
    assert grouped(ids, story_of) == {frozenset(keys) for keys in wanted}


def grouped(ids: dict[str, int], story_of: dict[int, int | None]) -> set[frozenset[str]]:
    stories: dict[int | None, set[str]] = {}
    for key, article_id in ids.items():
        stories.setdefault(story_of[article_id], set()).add(key)
    return {frozenset(keys) for keys in stories.values()}


@pytest.fixture(scope="module")
def labelled() -> Sequence[tuple[Path, Path]]:
    folder = CHECKOUT.parent / "shared" / "data" / "dedup"
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent: shared data for development")
    return [(folder / f"{name}_dev.jsonl.gz", folder / f"{name}_dev_pairs.jsonl") for name in ("wire", "web")]


def test_stories_of_a_news_agency_and_of_the_web_are_recognised(
    cluster: Cluster, labelled: Sequence[tuple[Path, Path]]
) -> None:
    """What was measured, less what another version of numpy could move: docs/dedup.md."""
    for (stream, pairs), least in zip(labelled, ((0.985, 0.95, 0.97), (0.95, 0.85, 0.9)), strict=True):
        with scratch_database(cluster.postgres.superuser_dsn()) as dsn, Database(dsn) as database:
            found = evaluate(database, Settings(dsn=dsn), read_stream(stream), read_pairs(pairs))
        assert found.precision >= least[0]
        assert found.recall >= least[1]
        assert found.f1 >= least[2]
