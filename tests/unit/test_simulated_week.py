"""In a simulated week the planner keeps what it promises, beside a poller that asks every 15 minutes."""

import pytest

from benchmarks.simulated_week import Tally, by_wiredesk, every, make_publishers, measure, simulate

DAYS = 3
FEEDS = 60


def tally(planner_name: str) -> Tally:
    planner = by_wiredesk if planner_name == "wiredesk" else every(900)
    return simulate(make_publishers(FEEDS, DAYS, seed=5), DAYS, planner, seed=5)


@pytest.fixture(scope="module")
def planned() -> dict[str, float]:
    return measure(tally("wiredesk"), DAYS)


@pytest.fixture(scope="module")
def fixed() -> dict[str, float]:
    return measure(tally("every 15 min"), DAYS)


def test_same_seed_is_the_same_week(planned: dict[str, float]) -> None:
    assert measure(tally("wiredesk"), DAYS) == planned


def test_a_third_of_the_requests_bring_the_news_within_half_an_hour(
    planned: dict[str, float], fixed: dict[str, float]
) -> None:
    requests, waits = "requests a feed a day, mean", "minutes an item waits, median"
    assert planned[requests] < fixed[requests] / 3
    assert planned[waits] < 30


def test_no_poll_comes_sooner_than_asked_for(planned: dict[str, float], fixed: dict[str, float]) -> None:
    assert planned["polls sooner than asked for"] == 0
    assert fixed["polls sooner than asked for"] > 0


def test_hardly_an_item_is_lost(planned: dict[str, float]) -> None:
    assert planned["items lost, of 10,000"] < 100  # a batch larger than the window, an outage: nobody could have it
