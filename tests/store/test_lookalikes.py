"""What looks alike and is not one story: no false story of more than three, whatever stands around the news."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from wiredesk.settings import Settings
from wiredesk.steps.evaluate import StreamArticle, replay_stream
from wiredesk.store.database import Database
from wiredesk.store.evaluation import read_stories, scratch_database

from local.cluster import Cluster
from tests.store.desk import prose

START = datetime(2026, 3, 9, 6, tzinfo=UTC)
SIGNS = ("Aries", "Taurus", "Gemini", "Cancer", "Leo", "Virgo", "Libra", "Scorpio", "Sagittarius", "Capricorn")
TOWNS = ("Arnhall", "Belmore", "Cressing", "Dunwick", "Eastley", "Farrow", "Granby", "Holt", "Ilminster", "Jarrow")


def cookie_wall(number: int, pick: random.Random) -> tuple[str, str]:
    """The notice that hides the text, whatever the story."""
    return prose(f"headline {number}", words=8), f"{prose('we value your privacy', words=90)} Accept all. Reject all."


def gallery(number: int, pick: random.Random) -> tuple[str, str]:
    """A sentence of its own above the same list of pictures."""
    return (
        f"Pictures: {prose(f'show {number}', words=5)}",
        f"{prose(f'lead {number}', words=25)} {prose('captions', 160)}",
    )


def live_blog(number: int, pick: random.Random) -> tuple[str, str]:
    """The same way of following along, another event."""
    rules = prose("how to follow our live coverage", words=70)
    return f"Live: {prose(f'event {number}', words=5)}", f"{rules} {prose(f'entries {number}', words=90)} {rules}"


def horoscope(number: int, pick: random.Random) -> tuple[str, str]:
    """A form of sentences, some of which come again for another sign on another day."""
    sign, day = SIGNS[number % 10], number // 10
    told = " ".join(prose(f"sentence {pick.randrange(30)}", words=12) for _ in range(6))
    return f"Horoscope for {sign}, day {day}", f"{sign}: your stars for day {day}. {told}"


def weather(number: int, pick: random.Random) -> tuple[str, str]:
    """A form that is filled in with figures."""
    town, low = TOWNS[number % 10], pick.randrange(-5, 15)
    form = prose("weather form", words=60)
    first = f"{town} expects {low} to {low + pick.randrange(3, 12)} degrees and {pick.randrange(90)} percent rain."
    last = f"Wind {pick.randrange(5, 90)} km/h, sunrise 6.{pick.randrange(10, 59)}."
    return f"Weather for {town}", f"{first} {form} {last}"


def share_price(number: int, pick: random.Random) -> tuple[str, str]:
    """A form that is filled in with a company and figures."""
    name = f"{TOWNS[number % 10]} {pick.choice(('Holdings', 'Group', 'Mining', 'Bank'))}"
    price, before = pick.randrange(100, 9000), pick.randrange(100, 9000)
    told = f"Shares of {name} closed at {price / 100}, from {before / 100} before, {pick.randrange(10**6)} traded."
    return f"{name} shares move to {price / 100}", f"{told} {prose('how prices are made', words=50)}"


def press_release(number: int, pick: random.Random) -> tuple[str, str]:
    """A few words of its own above the same account of a company, at several publishers."""
    about = prose(f"about company {number % 3}", words=150)
    return prose(f"release {number}", words=7), f"{prose(f'news of release {number}', words=45)} {about}"


KINDS: list[Callable[[int, random.Random], tuple[str, str]]] = [
    cookie_wall,
    gallery,
    live_blog,
    horoscope,
    weather,
    share_price,
    press_release,
]


@pytest.mark.parametrize("batch", [1, 500], ids=["one by one", "all at once"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_false_story_has_more_than_three_articles(
    cluster: Cluster, kind: Callable[[int, random.Random], tuple[str, str]], batch: int
) -> None:
    pick = random.Random(11)
    articles = []
    for number in range(48):
        title, text = kind(number, pick)
        told_at = START + timedelta(hours=2 * number)
        source = f"paper {pick.randrange(3)}" if kind is press_release else "a paper"
        articles.append(StreamArticle(f"{number}", source, None, title, text, told_at))
    with scratch_database(cluster.postgres.superuser_dsn()) as dsn, Database(dsn) as database:
        replay_stream(database, Settings(dsn=dsn, match_batch_size=batch), articles)
        sizes = Counter(database.run(read_stories).values())
    assert max(sizes.values()) <= 3, sizes.most_common(3)
