"""Replay a stream of articles through the real matching, and score the stories against labelled pairs."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from wiredesk.dedup.sign import sign_texts
from wiredesk.errors import ConfigurationError
from wiredesk.explain import Explanation
from wiredesk.models import SignatureScheme
from wiredesk.parse.dates import from_iso
from wiredesk.settings import Settings
from wiredesk.steps.explain import explain_articles
from wiredesk.steps.match import match_articles
from wiredesk.store import evaluation, rulings, stories
from wiredesk.store.database import Connection, Database
from wiredesk.store.evaluation import OpenSource

# As much as a poll of some hundred feeds brings at once.
_BATCH = 100
_LARGEST = 10


@dataclass(frozen=True, slots=True)
class StreamArticle:
    """One line of a stream; `told_at` is that of the last dated one before it where it has no date of its own."""

    key: str
    source: str
    url: str | None
    title: str
    text: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two articles of a stream of which somebody said whether they are one story."""

    a: str
    b: str
    is_same: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How the stories agree with the labels."""

    precision: float  # share of the pairs found together that are labelled the same; 1 where none was found
    recall: float
    f1: float
    pairs: int
    articles: int
    stories: int
    articles_per_s: float  # signing, storing and matching, by the wall clock
    largest_stories: tuple[dict[str, Any], ...]
    errors: tuple[dict[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return asdict(self)


def read_stream(path: Path) -> list[StreamArticle]:
    """The articles of a JSON Lines file (gzip where it ends in .gz), in time order.

    Each line has id, source, url, published_at, title and text. Raises ConfigurationError naming a line that has not.
    """
    rows = list(_json_lines(path, ("id", "source", "title", "text")))
    dated = [(row, from_iso(row.get("published_at"))) for row in rows]
    first = min((told for _, told in dated if told), default=datetime(1970, 1, 1, tzinfo=UTC))
    articles = [
        StreamArticle(row["id"], row["source"], row.get("url"), row["title"], row["text"], told or first)
        for row, told in dated
    ]
    return sorted(articles, key=lambda article: article.told_at)


def read_pairs(path: Path) -> list[LabelledPair]:
    """The labelled pairs of a JSON Lines file: a, b and label (same or different)."""
    return [LabelledPair(row["a"], row["b"], row["label"] == "same") for row in _json_lines(path, ("a", "b", "label"))]


def evaluate(
    database: Database, settings: Settings, articles: Sequence[StreamArticle], pairs: Sequence[LabelledPair]
) -> Evaluation:
    """Load a stream into an empty database and score what becomes of it. Of the future nothing is known."""
    began = time.monotonic()
    ids = replay_stream(database, settings, articles)
    took_s = time.monotonic() - began
    story_of = database.run(evaluation.read_stories)
    together = {
        pair: story_of[ids[pair.a]] == story_of[ids[pair.b]] for pair in pairs if pair.a in ids and pair.b in ids
    }
    return Evaluation(
        *_scores(together),
        pairs=len(together),
        articles=len(articles),
        stories=len(set(story_of.values())),
        articles_per_s=len(articles) / took_s if took_s else 0.0,
        largest_stories=tuple(_largest(articles, ids, story_of)),
        errors=tuple(
            _error(pair, is_together, explain_articles(database, settings, ids[pair.a], ids[pair.b]))
            for pair, is_together in together.items()
            if is_together != pair.is_same
        ),
    )


def score_rulings(database: Database, settings: Settings) -> Evaluation:
    """Score what the rules in force say of the pairs that persons have ruled upon, as if nobody had."""
    together: dict[LabelledPair, bool] = {}
    errors = []
    for row in database.run(rulings.ruled_pairs):
        pair = LabelledPair(str(row["article_id"]), str(row["other_id"]), row["kind"] == "keep_together")
        explanation = explain_articles(database, settings, row["article_id"], row["other_id"])
        together[pair] = explanation.obstacle is None
        if together[pair] != pair.is_same:
            errors.append(_error(pair, together[pair], explanation))
    return Evaluation(
        *_scores(together),
        pairs=len(together),
        articles=len({key for pair in together for key in (pair.a, pair.b)}),
        stories=0,
        articles_per_s=0.0,
        largest_stories=(),
        errors=tuple(errors),
    )


def replay_stream(database: Database, settings: Settings, articles: Sequence[StreamArticle]) -> dict[str, int]:
    """Sign, store and match articles a batch at a time, as if each came when it was told; return ids by key."""
    scheme = database.run(stories.active_scheme)
    ids: dict[str, int] = {}
    if not articles:
        return ids
    names = sorted({article.source for article in articles})
    sources = database.run(evaluation.open_sources, names, now=articles[0].told_at)
    for start in range(0, len(articles), _BATCH):
        batch = articles[start : start + _BATCH]
        ids |= database.run(load_articles, batch, sources, scheme, settings)
        match_articles(database, settings, clock=partial(_stopped, batch[-1].told_at))
    return ids


def load_articles(
    connection: Connection,
    articles: Sequence[StreamArticle],
    sources: Mapping[str, OpenSource],
    scheme: SignatureScheme,
    settings: Settings,
) -> dict[str, int]:
    """Store and sign articles as a load does, when the last of them was told; return ids by key."""
    signed = sign_texts([article.text for article in articles], scheme, min_words=settings.match_min_words)
    rows = [
        _row(place, article, sources[article.source], text.word_count)
        for place, (article, text) in enumerate(zip(articles, signed, strict=True))
    ]
    ids = evaluation.insert_articles(connection, rows)
    signatures = {ids[article.key]: text.signature for article, text in zip(articles, signed, strict=True)}
    stories.store_signatures(connection, scheme, signatures, now=articles[-1].told_at)
    return ids


def _stopped(now: datetime) -> datetime:
    """A clock that shows one time."""
    return now


def _row(place: int, article: StreamArticle, source: OpenSource, word_count: int) -> dict[str, Any]:
    return {
        "place": place,
        "key": article.key,
        **asdict(source),
        "url": article.url,
        "title": article.title or article.text[:80],
        "text": article.text,
        "told_at": article.told_at.isoformat(),
        "word_count": word_count,
    }


def _largest(
    articles: Sequence[StreamArticle], ids: Mapping[str, int], story_of: Mapping[int, int | None]
) -> Iterable[dict[str, Any]]:
    counts = Counter(story_of.values())
    by_story: dict[int | None, list[StreamArticle]] = {}
    for article in articles:
        by_story.setdefault(story_of[ids[article.key]], []).append(article)
    for story_id, count in counts.most_common(_LARGEST):
        members = by_story[story_id]
        yield {"articles": count, "keys": [member.key for member in members], "title": members[0].title}


def _scores(together: Mapping[LabelledPair, bool]) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    right = sum(is_together and pair.is_same for pair, is_together in together.items())
    found, same = sum(together.values()), sum(pair.is_same for pair in together)
    precision, recall = right / found if found else 1.0, right / same if same else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _error(pair: LabelledPair, is_together: bool, explanation: Explanation) -> dict[str, Any]:
    """What went wrong with a pair, and why."""
    return {
        "a": pair.a,
        "b": pair.b,
        "label": "same" if pair.is_same else "different",
        "found": "same" if is_together else "different",
        "why": explanation.obstacle or f"{explanation.relation}: {explanation.evidence}",
        "path": list(explanation.path),
        "similarity": asdict(explanation.similarity),
        "titles": [explanation.article["title"], explanation.other["title"]],
    }


def _json_lines(path: Path, wanted: Sequence[str]) -> Iterable[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in wanted):
                raise ConfigurationError(f"{path}, line {number}: no JSON object with the texts {', '.join(wanted)}")
            yield row
