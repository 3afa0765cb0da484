"""Who polls which feed: one run at a time, and none for long where a run died."""

from __future__ import annotations

import pytest
from wiredesk import steps
from wiredesk.errors import NotFound
from wiredesk.models import Batch
from wiredesk.store import feeds
from wiredesk.store.database import Database

from tests.store.desk import Desk, item, prose, rss


def feed_ids(batches: list[Batch]) -> list[int]:
    return sorted(feed_id for batch in batches for feed_id in batch.feed_ids)


def test_two_claimants_never_get_the_same_feed(desk: Desk) -> None:
    desk.subscribe(*(f"/{number}" for number in range(300)))
    everybody = [row["feed_id"] for row in desk.rows("SELECT feed_id FROM desk.feeds ORDER BY feed_id")]

    def claim(session: Database, number: int) -> list[int]:
        return feed_ids(
            steps.claim_batches(session, desk.settings, claimant=f"claimant-{number}", run="1", clock=desk.clock)
        )

    claimed = desk.at_once(claim)
    assert sorted(feed_id for one in claimed for feed_id in one) == everybody


def test_a_feed_that_was_claimed_since_it_was_found_due_stays_with_its_claimant(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    ids = [feed.feed_id for feed in desk.store.run(feeds.due_feeds, now=desk.clock.now)]
    for claimant, expected in (("first", ids[:1]), ("second", ids[1:])):
        wanted = ids[:1] if claimant == "first" else ids
        got = desk.store.run(feeds.claim_feeds, wanted, claim_key=claimant, now=desk.clock.now, lease_s=60)
        assert [feed.feed_id for feed in got] == expected


def test_a_claim_asked_for_again_is_the_same(desk: Desk) -> None:
    desk.subscribe("/one", "/two", "/three")
    first = desk.claim(run="r", batch_size=2)
    desk.clock.advance(minutes=5)
    assert desk.claim(run="r", batch_size=2) == first
    assert len(feed_ids(first)) == 3


def test_a_claim_asked_for_again_leaves_out_what_it_has_polled(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    desk.site.put("/one", rss(item("1", prose("1"))))
    (batch,) = desk.claim(run="r")
    steps.capture_feeds(desk.store, desk.settings, Batch(batch.claim_key, batch.feed_ids[:1]), clock=desk.clock)
    (again,) = desk.claim(run="r")
    assert (again.claim_key, again.feed_ids) == (batch.claim_key, batch.feed_ids[1:])


def test_a_task_that_runs_twice_polls_once(desk: Desk) -> None:
    desk.subscribe("/one")
    desk.site.put("/one", rss(item("1", prose("1"))))
    batches = desk.claim()
    first = desk.capture(batches)
    assert desk.capture(batches) == first
    assert desk.site.asked["/one"] == 1


def test_a_run_that_is_repeated_after_its_end_polls_again(desk: Desk) -> None:
    desk.subscribe("/one")
    desk.site.put("/one", rss(item("1", prose("1"))))
    (first,) = desk.claim(run="r")
    desk.load(desk.capture([first]))
    desk.settle()
    desk.make_due()
    (second,) = desk.claim(run="r")
    desk.load(desk.capture([second]))
    assert second.claim_key != first.claim_key
    assert second.feed_ids == first.feed_ids
    assert desk.site.asked["/one"] == 2


def test_claims_of_a_dead_run_of_the_same_claimant_are_free_at_once(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    dead = desk.claim("airflow", "monday")
    alive = desk.claim("airflow", "tuesday")
    assert feed_ids(alive) == feed_ids(dead)
    assert alive[0].claim_key != dead[0].claim_key


def test_claims_of_another_claimant_are_free_after_their_lease(desk: Desk) -> None:
    desk.subscribe("/one")
    held = desk.claim("airflow")
    assert desk.claim("laptop") == []
    desk.clock.advance(seconds=desk.settings.claim_lease_s - 1)
    assert desk.claim("laptop") == []
    desk.clock.advance(seconds=1)
    assert feed_ids(desk.claim("laptop")) == feed_ids(held)


def test_a_run_that_lost_its_claim_asks_nobody_and_leaves_the_claim_of_another(desk: Desk) -> None:
    desk.subscribe("/one")
    desk.site.put("/one", rss(item("1", prose("1"))))
    late = desk.claim("airflow")
    desk.clock.advance(seconds=desk.settings.claim_lease_s)
    (other,) = desk.claim("laptop")
    desk.capture(late)
    assert desk.site.asked["/one"] == 0
    assert desk.value("SELECT claim_key FROM desk.feeds") == other.claim_key
    desk.capture([other])
    assert desk.site.asked["/one"] == 1


def test_left_over_payload_of_a_dead_run_is_loaded_by_the_next_without_asking_again(desk: Desk) -> None:
    desk.subscribe("/one")
    desk.site.put("/one", rss(item("1", prose("1"))))
    captured = desk.capture()
    (batch,) = desk.claim()
    assert (batch.feed_ids, batch.fetch_ids) == ((), tuple(captured))
    assert desk.load(desk.capture([batch])).new_articles == 1
    assert desk.site.asked["/one"] == 1
    desk.settle()
    assert desk.claim() == []


def test_left_over_payload_of_another_claimant_is_taken_after_the_lease(desk: Desk) -> None:
    desk.subscribe("/one")
    desk.site.put("/one", rss(item("1", prose("1"))))
    captured = desk.capture()
    assert desk.claim("laptop") == []
    desk.sql.execute("UPDATE desk.feeds SET next_fetch_at = 'infinity'")
    desk.clock.advance(seconds=desk.settings.claim_lease_s + 1)
    (batch,) = desk.claim("laptop")
    assert batch.fetch_ids == tuple(captured)


def test_work_that_an_earlier_run_left_makes_a_batch_though_no_feed_is_due(desk: Desk) -> None:
    desk.subscribe("/one")
    desk.site.put("/one", rss(item("1", prose("1"))))
    desk.poll()
    (unassigned,) = desk.claim()
    assert (unassigned.feed_ids, unassigned.fetch_ids) == ((), ())
    steps.match_articles(desk.store, desk.settings, clock=desk.clock)
    assert len(desk.claim()) == 1  # its change has no position yet
    steps.publish_changes(desk.store, clock=desk.clock)
    assert desk.claim() == []


def test_a_named_feed_need_not_be_due(desk: Desk) -> None:
    desk.subscribe("/one", "/two")
    desk.capture(desk.claim())
    assert desk.claim() == []
    (batch,) = desk.claim(names=[f"{desk.site.url}/two"])
    assert batch.feed_ids == (desk.feed("/two")["feed_id"],)


@pytest.mark.parametrize("state", ["paused", "retired"])
def test_a_named_feed_that_is_paused_is_refused_with_what_to_do(desk: Desk, state: str) -> None:
    desk.subscribe("/one")
    desk.sql.execute("UPDATE desk.feeds SET state = %s", (state,))
    url = f"{desk.site.url}/one"
    with pytest.raises(NotFound) as refusal:
        desk.claim(names=[url])
    assert str(refusal.value) == f"cannot poll {url} now: it is {state}; first `wiredesk feed resume {url}`"


def test_a_named_feed_that_another_run_polls_is_refused_with_what_to_do(desk: Desk) -> None:
    desk.subscribe("/one")
    desk.claim("airflow")
    with pytest.raises(NotFound, match="another run is polling it; wait for that run to end"):
        desk.claim("laptop", names=[f"{desk.site.url}/one"])


def test_a_name_that_fits_no_feed_is_refused_and_nothing_is_claimed(desk: Desk) -> None:
    desk.subscribe("/one")
    with pytest.raises(NotFound, match=r"no feed https://elsewhere\.example/feed"):
        desk.claim(names=[f"{desk.site.url}/one", "https://elsewhere.example/feed"])
    assert desk.value("SELECT claim_key FROM desk.feeds") is None


def test_gone_twice_retires_a_feed(desk: Desk) -> None:
    desk.subscribe("/gone")
    desk.site.put("/gone", status=410)
    desk.poll()
    once = desk.feed("/gone")
    assert (once["state"], once["last_reason"], once["failure_count"]) == ("active", "gone", 1)
    desk.poll()
    twice = desk.feed("/gone")
    assert (twice["state"], twice["failure_count"]) == ("retired", 2)
    assert "until a person resumes it" in twice["next_fetch_reason"]
    desk.clock.advance(days=365)
    assert desk.claim() == []
    assert desk.site.asked["/gone"] == 2


def test_gone_between_good_polls_retires_nothing(desk: Desk) -> None:
    desk.subscribe("/feed")
    for round_ in range(3):
        desk.site.put("/feed", status=410)
        desk.poll()
        desk.site.put("/feed", rss(item(f"{round_}", prose(f"{round_}"))))
        desk.poll()
    assert desk.feed("/feed")["state"] == "active"
