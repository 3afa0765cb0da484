"""Due feeds cut into batches, one for each mapped task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import urlsplit


def cut_batches(feeds: Sequence[tuple[int, str]], batch_size: int) -> list[tuple[int, ...]]:
    """Cut (feed id, URL) pairs into batches of about `batch_size` feed ids.

    All feeds of one host are in one batch: one task polls them, so that tasks do not wait for each other over the
    budget of a host. Sizes differ as little as the hosts allow, and a batch is larger than `batch_size` only where
    a host has more feeds than fit.
    """
    by_host: dict[str, list[int]] = defaultdict(list)
    for feed_id, url in feeds:
        by_host[_host(url)].append(feed_id)
    batches: list[list[int]] = [[] for _ in range(-(-len(feeds) // batch_size))]
    # Largest first, each into what is emptiest (Graham's LPT rule: at most 4/3 of the best possible).
    for group in sorted(by_host.values(), key=lambda group: -len(group)):
        min(batches, key=len).extend(group)
    return [tuple(batch) for batch in batches if batch]


def _host(url: str) -> str:
    """The host without www; a URL without one stands for itself."""
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url
