"""Settings from WIREDESK_* environment variables, read once and validated before anything starts.

`FIELDS` is the one list: it builds `Settings`, its error messages, and the table in docs/settings.md.
Choices for one run are DAG Params; choices for one feed are columns of its row; neither belongs here.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from typing import Any, get_type_hints

from wiredesk.errors import ConfigurationError

_LARGEST_BODY = 2**28  # a bytea value must stay below 1 GiB, and a body is held several times in memory


def _setting(default: Any, unit: str, why: str, low: float | None = None, high: float | None = None) -> Any:
    return field(default=default, metadata={"unit": unit, "why": why, "low": low, "high": high})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One frozen set of values for a process. Each number's unit and reason stand beside it."""

    dsn: str = _setting("", "libpq URI", "where the news database is; under Airflow the Connection wiredesk_db")
    user_agent_contact: str = _setting(
        "https://wiredesk.invalid/contact",
        "URL or mailto, your own",
        "must be set before polling the web: publishers must be able to reach whoever polls them",
    )
    allow_hosts: tuple[str, ...] = _setting(
        (),
        "host or CIDR, comma-separated",
        "non-public addresses that may be fetched; empty, because a feed must not be able to reach an intranet",
    )
    fetch_timeout_s: float = _setting(
        20.0, "seconds", "whole request, body included: a dripping server holds no slot longer", 0.1, 300
    )
    fetch_concurrency: int = _setting(
        64,
        "connections",
        "one task polls its whole batch; sockets are cheap, 1024 is the usual fd limit",
        1,
        1000,
    )
    per_host_concurrency: int = _setting(2, "connections", "what polite readers use against one host", 1, 16)
    per_host_gap_s: float = _setting(
        5.0, "seconds", "between two starts against one host, over all workers: what large polite crawlers keep", 0, 600
    )
    unconditional_share: float = _setting(
        0.01,
        "share of polls",
        "sent without validators although we have some: some servers answer 304 for ever",
        0.0,
        1.0,
    )
    feed_max_bytes: int = _setting(
        10 * 2**20, "bytes decoded", "the largest of 600 real payloads is below 3 MiB", 1024, _LARGEST_BODY
    )
    page_max_bytes: int = _setting(
        8 * 2**20,
        "bytes decoded",
        "an article page above it is not an article; parsers slow down",
        1024,
        _LARGEST_BODY,
    )
    feed_max_items: int = _setting(
        5000,
        "items",
        "the largest of 600 real payloads has about 1,000; reading an item takes 0.3 to 1 ms",
        1,
        1_000_000,
    )
    parse_cpu_s: float = _setting(
        2.0, "processor seconds", "one payload; real feeds take 30 ms, what takes longer is made to hurt", 0.1, 600
    )
    parse_memory_mb: int = _setting(
        256, "MiB", "what the process that reads payloads may hold; real feeds need less than 100", 128, 65536
    )
    clean_cpu_s: float = _setting(
        5.0, "processor seconds", "one entry with its page; the slowest of 583 real pages takes 0.9 s", 0.1, 600
    )
    clean_memory_mb: int = _setting(
        512, "MiB", "what a process that cleans may hold; real pages need less than 200", 192, 65536
    )
    clean_processes: int = _setting(
        2,
        "processes",
        "of one task, which start when it has much to clean; a worker often has more tasks than cores",
        1,
        64,
    )
    residue_min_stories: int = _setting(
        3,
        "stories",
        "a line at the end of two is as often text as residue (re-crawls, columns); of three seldom",
        2,
        1000,
    )
    payload_retention_days: int = _setting(
        90, "days", "how far back a replay on new code reaches; 1 GB a month for 60 feeds", 1, 36500
    )
    max_redirects: int = _setting(5, "hops", "browsers stop at 20; feeds that work need at most 3", 0, 20)
    batch_size: int = _setting(
        8, "feeds", "60 default feeds make 8 mapped tasks: Airflow starts about one task a second", 1, 1000
    )
    claim_lease_s: int = _setting(
        3600,
        "seconds",
        "four times the 15 minutes that an attempt of a task may run, so that its retries still hold its feeds; "
        "a dead worker's feeds are free again after it",
        1,
        86400,
    )
    interval_default_s: int = _setting(
        1800, "seconds", "first interval of a new feed, until its own rhythm is known", 60, 86400
    )
    interval_min_s: int = _setting(600, "seconds", "nobody's news is worth polling more often unasked", 1, 86400)
    interval_max_s: int = _setting(86400, "seconds", "a quiet feed is still looked at daily", 60, 30 * 86400)
    match_window_h: int = _setting(
        72, "hours", "copies of a wire story appear within three days; later ones are templates", 1, 24 * 365
    )
    match_min_words: int = _setting(
        20, "words", "shorter texts agree by chance: 'Breaking news. More to follow.'", 5, 1000
    )
    match_max_candidates: int = _setting(
        50,
        "articles",
        "verification costs about half a millisecond a pair; a copy shares most hashes and so comes first",
        1,
        10000,
    )
    match_batch_size: int = _setting(
        500, "articles", "one transaction under the assignment lock, a few seconds at most", 1, 100000
    )
    match_min_fresh: float = _setting(
        0.2,
        "share of fingerprints",
        "what two texts share beyond what their publisher says in other stories; the best of 0.1, 0.15 and 0.2",
        0.0,
        1.0,
    )
    match_min_titles: float = _setting(
        0.5, "share of words", "headlines of versions keep half their words; those of templates less", 0.0, 1.0
    )
    match_min_openings: float = _setting(
        0.65, "share of words", "news stands in the opening; background that is shared stands behind it", 0.0, 1.0
    )
    match_text_containment: float = _setting(
        0.8, "share of shingles", "alone enough: of 450 measured pairs above it 4 were different stories", 0.0, 1.0
    )
    match_passages_containment: float = _setting(
        0.65, "share of shingles", "between two publishers; one publisher repeats its own background", 0.0, 1.0
    )
    match_correction_containment: float = _setting(
        0.45, "share of shingles", "with headline and half the opening agreeing, though figures differ", 0.0, 1.0
    )
    match_opening_containment: float = _setting(
        0.5,
        "share of shingles",
        "with an agreeing opening; of a text with a tenth of its words edited 0.59 is left",
        0.0,
        1.0,
    )
    match_headline_containment: float = _setting(
        0.35, "share of shingles", "with an agreeing headline and half an agreeing opening", 0.0, 1.0
    )
    match_text_numbers: float = _setting(
        0.7, "share of numbers", "templates differ in their numbers; copies keep them", 0.0, 1.0
    )
    match_correction_numbers: float = _setting(0.6, "share of numbers", "figures that were corrected", 0.0, 1.0)
    match_part_numbers: float = _setting(
        0.8, "share of numbers", "the less of the text agrees, the more its numbers must", 0.0, 1.0
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read WIREDESK_*; unknown names and values out of range raise ConfigurationError, all at once."""
        source = os.environ if environment is None else environment
        given = {name: value for name, value in source.items() if name.startswith("WIREDESK_")}
        problems: list[str] = []
        values: dict[str, Any] = {}
        hints = get_type_hints(cls)
        for item in fields(cls):
            raw = given.pop(f"WIREDESK_{item.name.upper()}", None)
            if raw is None:
                continue
            try:
                values[item.name] = _convert(raw, hints[item.name], item.metadata)
            except ValueError as error:
                problems.append(f"WIREDESK_{item.name.upper()}={raw!r}: {error}")
        problems += _interval_problems(cls(**values))
        problems += [f"{name} is no setting of wiredesk" for name in sorted(given) if name not in _NOT_SETTINGS]
        if problems:
            raise ConfigurationError("; ".join(problems) + ". See docs/settings.md.")
        return cls(**values)


# Read elsewhere, on purpose: by the crash points, the local tools and the tests.
_NOT_SETTINGS = frozenset({"WIREDESK_CRASH_AT", "WIREDESK_EVALUATE_DSN", "WIREDESK_SQL_DIR", "WIREDESK_STATE_DIR"})


def _convert(raw: str, kind: Any, metadata: Mapping[str, Any]) -> Any:
    if kind is str:
        return raw
    if kind == tuple[str, ...]:
        return tuple(_host_or_network(part.strip()) for part in raw.split(",") if part.strip())
    try:
        value = kind(raw)
    except ValueError:
        raise ValueError(f"must be a number ({metadata['unit']})") from None
    if not math.isfinite(value):
        raise ValueError(f"must be a finite number ({metadata['unit']})")
    low, high = metadata["low"], metadata["high"]
    if (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(f"must be between {low:g} and {high:g} {metadata['unit']}")
    return value


def _host_or_network(item: str) -> str:
    if "/" not in item:
        return item
    try:
        ip_network(item, strict=False)
    except ValueError as error:
        raise ValueError(f"{item!r} is neither a host name nor a network in CIDR notation ({error})") from None
    return item


def _interval_problems(settings: Settings) -> list[str]:
    low, first, high = settings.interval_min_s, settings.interval_default_s, settings.interval_max_s
    if low <= first <= high:
        return []
    order = "WIREDESK_INTERVAL_MIN_S <= WIREDESK_INTERVAL_DEFAULT_S <= WIREDESK_INTERVAL_MAX_S"
    return [f"{order} must hold, but they are {low}, {first} and {high} seconds"]
