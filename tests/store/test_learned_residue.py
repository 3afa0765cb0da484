"""A line that a source puts under its stories is learned from stories that are no copies, cut, and given back."""

from __future__ import annotations

import pytest
from wiredesk import steps
from wiredesk.store import residue
from wiredesk.store.residue import LineRuling

from tests.store.desk import Desk, item, prose, rss

FOOT = "The Coast Gazette on all channels"
ODD = "Weather tomorrow: mild"
SOURCE = "news.example"


@pytest.fixture
def gazette(desk: Desk) -> Desk:
    desk.subscribe("/feed")
    return desk


def with_foot(seed: str, *lines: str) -> str:
    """Markup of three paragraphs and the lines behind them."""
    text = prose(seed, 120)
    return f"<p>{text}</p><p>{prose(f'{seed}+', 40)}</p>" + "".join(f"<p>{line}</p>" for line in lines)


def tell(desk: Desk, *stories: tuple[str, str]) -> None:
    """Poll a feed of (guid, markup) and settle."""
    desk.site.put("/feed", rss(*[item(guid, html) for guid, html in stories]))
    desk.poll()
    desk.settle()
    steps.learn_residue(desk.store, desk.settings, clock=desk.clock)


def last_line(desk: Desk, guid: str) -> str:
    text = desk.value("SELECT text FROM desk.articles WHERE url LIKE %s", f"%/{guid}")
    return str(text).rsplit("\n\n", 1)[-1]


def source(desk: Desk) -> str:
    return str(desk.value("SELECT host FROM desk.sources"))


def rule(desk: Desk, ruling: object, line: str = FOOT) -> None:
    said = LineRuling(source(desk), line, ruling, "someone", "it is")  # type: ignore[arg-type]
    desk.store.run(residue.rule_line, said, now=desk.clock())


def test_a_line_under_three_stories_is_cut_from_the_fourth(gazette: Desk) -> None:
    tell(gazette, *[(str(number), with_foot(str(number), FOOT)) for number in range(2)])
    tell(gazette, ("2", with_foot("2", FOOT)))
    assert last_line(gazette, "2") == FOOT  # two are not enough
    tell(gazette, ("3", with_foot("3", FOOT)))
    assert last_line(gazette, "3") == prose("3+", 40)
    article = gazette.row("SELECT removed, html FROM desk.articles WHERE url LIKE '%/3'")
    assert article["removed"] == {"learned": 1}
    assert FOOT not in article["html"]


def test_copies_of_one_story_teach_nothing(gazette: Desk) -> None:
    tell(gazette, *[(str(number), with_foot("same", FOOT)) for number in range(5)])
    assert gazette.value("SELECT count(DISTINCT story_id) FROM desk.articles") == 1
    tell(gazette, ("x", with_foot("x", FOOT)))
    assert last_line(gazette, "x") == FOOT


def test_a_sentence_is_cut_only_if_a_person_says_so(gazette: Desk) -> None:
    sentence = "The Coast Gazette is on all channels."
    tell(gazette, *[(str(number), with_foot(str(number), sentence)) for number in range(4)])
    tell(gazette, ("4", with_foot("4", sentence)))
    assert last_line(gazette, "4") == sentence
    rule(gazette, "cut", sentence)
    tell(gazette, ("5", with_foot("5", sentence)))
    assert last_line(gazette, "5") == prose("5+", 40)


def test_a_line_that_a_person_keeps_stays_and_a_ruling_can_be_taken_back(gazette: Desk) -> None:
    tell(gazette, *[(str(number), with_foot(str(number), FOOT)) for number in range(3)])
    rule(gazette, "keep")
    tell(gazette, ("3", with_foot("3", FOOT)))
    assert last_line(gazette, "3") == FOOT
    rule(gazette, None)
    tell(gazette, ("4", with_foot("4", FOOT)))
    assert last_line(gazette, "4") == prose("4+", 40)


def test_nothing_behind_which_the_story_goes_on_is_cut(gazette: Desk) -> None:
    tell(gazette, *[(str(number), with_foot(str(number), FOOT)) for number in range(3)])
    within = f"<p>{prose('a', 60)}</p><p>{FOOT}</p><p>{prose('b', 60)}</p>"
    tell(gazette, ("3", within))
    assert FOOT in gazette.value("SELECT text FROM desk.articles WHERE url LIKE '%/3'")


def test_a_text_that_is_mostly_learned_lines_is_left_and_said_so(
    gazette: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    tell(gazette, *[(str(number), with_foot(str(number), FOOT, ODD)) for number in range(3)])
    tell(gazette, ("3", f"<p>It rains.</p><p>{FOOT}</p><p>{ODD}</p>"))
    assert last_line(gazette, "3") == ODD
    assert gazette.value("SELECT removed FROM desk.articles WHERE url LIKE '%/3'") == {"learned_too_much": 2}
    assert "2 learned lines were left" in caplog.text


def test_seeing_a_payload_again_counts_nothing_twice(gazette: Desk) -> None:
    for _ in range(3):
        tell(gazette, ("1", with_foot("1", FOOT)))
    tell(gazette, ("1", with_foot("edited", FOOT)))
    (line,) = gazette.rows("SELECT line, sighting_count FROM desk.residue_lines")
    assert line == {"line": FOOT, "sighting_count": 1}


def test_the_list_shows_what_is_cut_and_what_is_only_seen(
    gazette: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from wiredesk.cli.residue import residue as command

    monkeypatch.setenv("WIREDESK_DSN", gazette.dsn)
    lines = [(str(number), with_foot(str(number), *([ODD] if number == 0 else []), FOOT)) for number in range(3)]
    tell(gazette, *lines)
    command(source(gazette), most=10)
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert shown[1][:4] == ["cut", "3", "3", "The"]
    assert shown[2][:5] == ["below", "3", "1", "1", "Weather"]
    command(source(gazette), keep=FOOT, why="people like it", most=10)
    command(source(gazette), most=10)
    assert "ruled: keep" in capsys.readouterr().out
