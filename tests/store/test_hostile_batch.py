"""A hostile feed costs its batch nothing: the others are loaded, it is quarantined by name, and polling goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from wiredesk.models import EntryReason, PayloadReason

from tests.corpus.hostile_feeds import AFTER, BEFORE, TRICKS, json_feed
from tests.store.desk import Desk, item, prose, rss

GOOD = [f"/good-{number}" for number in range(6)]
# Quarantined whole, each with its reason.
WHOLE = {
    "deep_tags_outside_the_items": PayloadReason.TOO_DEEP,
    "minimal_items": PayloadReason.TOO_MANY_ITEMS,
    "html_error_page": PayloadReason.HTML_NOT_FEED,
    "gzip_of_a_feed": PayloadReason.NOT_A_FEED,
    "json_items_a_number": PayloadReason.MALFORMED,
    "white_space_only": PayloadReason.EMPTY,
}
# Loaded, but for the item that is the trouble.
IN_PART = {
    "deep_tags_in_an_item": EntryReason.TOO_DEEP,
    "many_attributes": EntryReason.TOO_LARGE,
}
# Loaded: what is odd about them does no harm.
HARMLESS = ("billion_laughs", "nul_and_control_characters", "surrogate_references", "utf32", "wrongly_declared_charset")
COSTLY = ("/takes-time", "/takes-memory")


def _subscribe(desk: Desk) -> list[str]:
    """Hostile feeds between good ones, and two for which the worker has to die; the batch takes them together."""
    # Tighter than the default, so that the two need not be large to be too much.
    desk.settings = replace(desk.settings, parse_cpu_s=0.5, parse_memory_mb=128, batch_size=100)
    for path in GOOD:
        desk.site.put(path, rss(item(f"{path}-1", prose(f"{path}-1")), item(f"{path}-2", prose(f"{path}-2"))))
    hostile = [f"/{name}" for name in (*WHOLE, *IN_PART, *HARMLESS)]
    for path in hostile:
        trick = TRICKS[path[1:]]
        desk.site.put(path, trick.build(min(trick.quick, 20_000)), content_type=trick.content_type or "application/xml")
    desk.site.put("/takes-time", rss(*[item(str(number), prose(str(number), 10)) for number in range(4900)]))
    desk.site.put("/takes-memory", json_feed(extra=f'"x":[{"{}," * 3_000_000}0],'), content_type="application/json")
    bad = [*hostile, *COSTLY]
    paths = [path for pair in zip(bad, [*GOOD] + [None] * len(bad), strict=False) for path in pair if path]
    desk.subscribe(*paths)
    return paths


def _articles_of(desk: Desk, path: str) -> int:
    count: int = desk.value(
        "SELECT count(*) FROM desk.entries e JOIN desk.feeds f USING (feed_id) WHERE f.url = %s",
        f"{desk.site.url}{path}",
    )
    return count


def _reasons(desk: Desk, path: str) -> list[tuple[str, str]]:
    rows = desk.rows(
        "SELECT kind, reason FROM desk.quarantine JOIN desk.feeds USING (feed_id) WHERE url = %s ORDER BY 1, 2",
        f"{desk.site.url}{path}",
    )
    return [(row["kind"], row["reason"]) for row in rows]


@pytest.fixture
def polled(desk: Desk) -> Desk:
    paths = _subscribe(desk)
    desk.make_due()
    (batch,) = desk.claim()
    assert len(batch.feed_ids) == len(paths)
    desk.load(desk.capture([batch]))
    return desk


def test_a_hostile_batch_loads_what_is_good_and_names_what_is_not(polled: Desk) -> None:
    assert {path: _articles_of(polled, path) for path in GOOD} == dict.fromkeys(GOOD, 2)
    assert {path: _reasons(polled, path) for path in GOOD} == {path: [] for path in GOOD}

    found = {name: _reasons(polled, f"/{name}") for name in (*WHOLE, *IN_PART, *HARMLESS)}
    assert found == {
        **{name: [("payload", reason)] for name, reason in WHOLE.items()},
        **{name: [("entry", reason)] for name, reason in IN_PART.items()},
        **{name: [] for name in HARMLESS},
    }
    urls = [row["url"] for row in polled.rows("SELECT url FROM desk.entries")]
    assert urls.count(BEFORE) == urls.count(AFTER) == len(IN_PART) + len(HARMLESS)

    assert {path: _reasons(polled, path) for path in COSTLY} == {
        path: [("payload", PayloadReason.TOO_COSTLY)] for path in COSTLY
    }
    details = [row["detail"] for row in polled.rows("SELECT detail FROM desk.quarantine WHERE reason = 'too_costly'")]
    assert any("WIREDESK_PARSE_CPU_S" in detail for detail in details)
    assert any("WIREDESK_PARSE_MEMORY_MB" in detail for detail in details)


def test_polling_goes_on_after_a_hostile_batch(polled: Desk) -> None:
    assert polled.value("SELECT count(*) FROM desk.fetches WHERE outcome = 'fetched' AND loaded_at IS NULL") == 0
    polled.site.put(GOOD[0], rss(item("fresh", prose("fresh"))))
    polled.site.put("/takes-time", rss(item("calm", prose("calm"))))
    before = dict(polled.site.asked)
    counts = polled.poll()
    assert {path: polled.site.asked[path] - before[path] for path in before} == dict.fromkeys(before, 1)
    assert counts.new_entries == 2
    assert polled.value("SELECT count(*) FROM desk.feeds WHERE state <> 'active'") == 0
