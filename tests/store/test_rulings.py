"""A person's word outranks every match, is kept with who and why, and can be taken back."""

from __future__ import annotations

import random
from dataclasses import asdict

import psycopg
import pytest
from wiredesk import steps
from wiredesk.errors import ConfigurationError, NotFound
from wiredesk.steps.evaluate import score_rulings
from wiredesk.steps.explain import explain_articles
from wiredesk.steps.rulings import RulingResult, rule, undo_ruling
from wiredesk.store.rulings import Ruling

from tests.store.desk import Desk, item, prose, rss
from tests.store.retelling import retold, shown

ONE, COPY, OTHER = (f"https://news.example/{name}" for name in ("one", "copy", "other"))


@pytest.fixture
def told(desk: Desk) -> Desk:
    """An original, a copy of it, and something else, in two stories."""
    desk.subscribe("/feed")
    copy = f"{prose('story')} Reporting by the desk of another paper."
    desk.site.put("/feed", rss(item("one", prose("story")), item("copy", copy), item("other", prose("else"))))
    desk.poll()
    desk.settle()
    return desk


def article(desk: Desk, url: str) -> int:
    return int(desk.value("SELECT article_id FROM desk.articles WHERE url = %s", url))


def say(desk: Desk, kind: str, *urls: str, dry_run: bool = False) -> RulingResult:
    ids = [article(desk, url) for url in urls]
    result = rule(desk.store, Ruling(kind, *ids), why="they said so", by="ann", dry_run=dry_run, clock=desk.clock)
    steps.publish_changes(desk.store, clock=desk.clock)
    return result


def take_back(desk: Desk, result: RulingResult) -> None:
    undo_ruling(desk.store, result.ruling_id, by="bob", dry_run=False, clock=desk.clock)
    steps.publish_changes(desk.store, clock=desk.clock)


def stories(desk: Desk) -> set[frozenset[str]]:
    rows = desk.rows("SELECT array_agg(url) AS urls FROM desk.articles GROUP BY story_id")
    return {frozenset(url.rpartition("/")[2] for url in row["urls"]) for row in rows}


def test_what_is_kept_apart_comes_apart_and_back_when_that_is_undone(told: Desk) -> None:
    assert stories(told) == {frozenset({"one", "copy"}), frozenset({"other"})}
    result = say(told, "keep_apart", ONE, COPY)
    assert stories(told) == {frozenset({"one"}), frozenset({"copy"}), frozenset({"other"})}
    assert [change.kind for change in result.changes] == ["story_split"]
    assert shown(told) == retold(told)
    take_back(told, result)
    assert stories(told) == {frozenset({"one", "copy"}), frozenset({"other"})}
    assert told.value("SELECT count(*) FROM news_v1.story_redirects") == 1
    assert shown(told) == retold(told)
    assert told.offences() == {}


def test_what_is_kept_together_is_one_story_and_stays_so_when_more_is_told(told: Desk) -> None:
    say(told, "keep_together", ONE, OTHER)
    assert stories(told) == {frozenset({"one", "copy", "other"})}
    more = (item("late", f"{prose('else')} And more."), item("new", prose("quite new")))
    told.site.put("/feed", rss(*more))
    told.poll()
    told.settle()
    assert stories(told) == {frozenset({"one", "copy", "other", "late"}), frozenset({"new"})}
    assert told.value("SELECT count(*) FROM news_v1.copies WHERE copy_of_article_id IS NULL") <= 1
    assert shown(told) == retold(told)
    assert told.offences() == {}


def test_a_pinned_article_leads_until_that_is_undone(told: Desk) -> None:
    # Told and seen at the same time as the other: so the first by address leads.
    assert told.value("SELECT url FROM news_v1.articles WHERE copy_count = 1") == COPY
    result = say(told, "pin_lead", ONE)
    assert told.value("SELECT url FROM news_v1.articles WHERE copy_count = 1") == ONE
    assert [change.kind for change in result.changes] == ["lead_changed"]
    copy = told.row("SELECT * FROM news_v1.copies")
    assert (copy["url"], copy["copy_of_article_id"]) == (COPY, article(told, ONE))
    take_back(told, result)
    assert told.value("SELECT url FROM news_v1.articles WHERE copy_count = 1") == COPY
    assert shown(told) == retold(told)


def test_what_is_no_news_is_in_no_view_and_in_nobodys_story_until_that_is_undone(told: Desk) -> None:
    result = say(told, "not_news", ONE)
    assert {row["url"] for row in told.rows("SELECT url FROM news_v1.articles")} == {COPY, OTHER}
    assert told.value("SELECT count(*) FROM news_v1.copies") == 0
    assert {change.kind for change in result.changes} == {"story_split", "article_removed"}
    assert shown(told) == retold(told)
    take_back(told, result)
    assert told.value("SELECT count(*) FROM news_v1.copies") == 1
    assert shown(told) == retold(told)


def test_a_dry_run_says_what_would_change_and_writes_nothing(told: Desk) -> None:
    before = told.versions()
    result = say(told, "keep_apart", ONE, COPY, dry_run=True)
    assert [change.kind for change in result.changes] == ["story_split"]
    assert told.versions() == before


def test_a_second_ruling_upon_the_same_articles_is_refused_until_the_first_is_undone(told: Desk) -> None:
    result = say(told, "keep_apart", ONE, COPY)
    with pytest.raises(ConfigurationError, match="in force already"):
        say(told, "keep_together", COPY, ONE)
    take_back(told, result)
    say(told, "keep_together", COPY, ONE)
    with pytest.raises(NotFound, match="no ruling"):
        take_back(told, result)


@pytest.mark.parametrize(
    ("kind", "ids", "problem"),
    [
        ("keep_apart", (1,), "upon two articles"),
        ("pin_lead", (1, 2), "upon one article"),
        ("keep_apart", (1, 1), "twice"),
        ("merge", (1, 2), "is no ruling"),
    ],
)
def test_a_ruling_that_makes_no_sense_is_refused(told: Desk, kind: str, ids: tuple[int, ...], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        rule(told.store, Ruling(kind, *ids), why="why", by="ann", dry_run=False)
    with pytest.raises(NotFound, match="no article 999"):
        rule(told.store, Ruling("pin_lead", 999), why="why", by="ann", dry_run=False)
    with pytest.raises(ConfigurationError, match="who and why"):
        rule(told.store, Ruling("pin_lead", 1), why=" ", by="ann", dry_run=False)


def test_rulings_survive_a_new_signature_scheme(told: Desk) -> None:
    say(told, "keep_apart", ONE, COPY)
    told.sql.execute(
        "INSERT INTO desk.signature_schemes (scheme_id, normaliser, shingle_words, permutations, seed, hash_scheme, "
        "bands, fingerprint_window, is_active, is_next) SELECT 3, normaliser, 4, permutations, 7, hash_scheme, bands, "
        "15, FALSE, TRUE FROM desk.signature_schemes WHERE is_active"
    )
    counts = steps.resign_articles(told.store, told.settings, clock=told.clock)
    assert asdict(counts) == {"signed": 3, "activated_scheme_id": 3}
    late = item("late", f"{prose('story')} Told again.")
    told.site.put("/feed", rss(late))
    told.poll()
    told.settle()
    parted = {frozenset({"one", "late"}), frozenset({"copy"}), frozenset({"other"})}
    joined = {frozenset({"copy", "late"}), frozenset({"one"}), frozenset({"other"})}
    assert stories(told) in (parted, joined)
    assert told.value("SELECT max(scheme_id) FROM desk.matches") == 3
    assert steps.resign_articles(told.store, told.settings, clock=told.clock).signed == 0


def test_rulings_are_shown_with_the_explanation_and_scored_as_labels(told: Desk) -> None:
    say(told, "keep_apart", ONE, COPY)
    explanation = explain_articles(told.store, told.settings, article(told, ONE), article(told, COPY))
    assert not explanation.is_same_story
    assert "ruled: keep_apart" in explanation.as_text()
    assert "by ann" in explanation.as_text()
    assert explanation.evidence == "same text"
    scored = score_rulings(told.store, told.settings)
    assert (scored.pairs, scored.precision, scored.recall) == (1, 0.0, 1.0)
    (error,) = scored.errors
    assert (error["label"], error["found"]) == ("different", "same")


def test_consumers_can_ask_why_two_articles_are_one_story(told: Desk, reader_database: str) -> None:
    say(told, "keep_apart", ONE, COPY)
    pair = (article(told, ONE), article(told, COPY))
    with psycopg.connect(reader_database) as reader:
        (found,) = reader.execute("SELECT news_v1.explain(%s, %s)", pair).fetchone() or (None,)
        assert reader.execute("SELECT news_v1.explain(1, 999)").fetchone() == (None,)
    assert (found["is_same_story"], found["match"]["evidence"]) == (False, "same text")
    assert found["match"]["is_of_present_wordings"] is True
    assert found["match"]["run"] == "by hand"
    assert len(found["match"]["passages"][0].split()) >= 40
    assert [(ruling["kind"], ruling["ruled_by"]) for ruling in found["rulings"]] == [("keep_apart", "ann")]
    # Frozen as the columns of the views are: a key may be added, and none renamed or taken away.
    assert set(found) == {"a", "b", "is_same_story", "stories", "leads", "matched_with", "match", "rulings"}
    assert set(found["match"]) == {
        "article_id",
        "article_revision",
        "other_id",
        "other_revision",
        "scheme_id",
        "relation",
        "similarity",
        "containment",
        "number_agreement",
        "title_agreement",
        "opening_agreement",
        "opening_containment",
        "fresh_containment",
        "evidence",
        "passages",
        "matched_at",
        "run",
        "is_of_present_wordings",
    }
    assert set(found["rulings"][0]) == {
        "ruling_id",
        "kind",
        "article_id",
        "other_id",
        "why",
        "ruled_by",
        "ruled_at",
        "undone_by",
        "undone_at",
    }


@pytest.mark.parametrize("seed", range(4))
def test_the_log_of_changes_retells_every_story(desk: Desk, seed: int) -> None:
    """Whatever comes and whatever persons rule and take back: the log from its beginning is what the views show."""
    pick = random.Random(seed)
    desk.subscribe("/feed")
    in_force: list[RulingResult] = []
    for _ in range(12):
        texts = [prose(f"story {pick.randrange(4)}", words=pick.choice((40, 60, 90))) for _ in range(2)]
        extra = [" ".join(pick.choices("abcdefgh", k=pick.randrange(30))) for _ in range(2)]
        items = [item(str(pick.randrange(10**9)), f"{text} {more}") for text, more in zip(texts, extra, strict=True)]
        desk.site.put("/feed", rss(*items))
        desk.poll()
        desk.settle()
        ids = [row["article_id"] for row in desk.rows("SELECT article_id FROM desk.articles ORDER BY 1")]
        kind = pick.choice(("keep_together", "keep_apart", "pin_lead", "not_news", "undo"))
        if kind == "undo" and in_force:
            take_back(desk, in_force.pop(pick.randrange(len(in_force))))
            continue
        chosen = pick.sample(ids, 2 if kind in ("keep_together", "keep_apart") else 1)
        try:
            done = rule(desk.store, Ruling(kind, *chosen), why="why", by="ann", dry_run=False, clock=desk.clock)
        except ConfigurationError:
            continue
        in_force.append(done)
        steps.publish_changes(desk.store, clock=desk.clock)
    assert shown(desk) == retold(desk)
    assert desk.offences() == {}
