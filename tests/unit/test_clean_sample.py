"""A scraped page with a site's widgets in it, in many shapes of HTML: the story comes out, and nothing else."""

from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from wiredesk.clean.page import clean_page

SEED = Path(__file__).parents[3] / "shared" / "data" / "seed"

TITLE = "Vellmar Harbour Reopens: Two Ferry Lines to Call Again"
PARAGRAPHS = (
    (
        "The harbour of Vellmar has reopened after a pause that lasted eleven months, according to a statement which "
        "the port’s director, Ane Holt, read aloud on the quay. The crews had replaced every pile below the old pier."
    ),
    (
        "Two ferries will call there each day from next week. A third is expected before the summer, when the number "
        "of visitors to the islands doubles and the ticket office stays open until late in the evening."
    ),
    (
        "Historically, the harbour served the herring fleet, and its halls held the largest ice house of the coast. "
        "The last of the halls became a library in the year in which the fleet moved north."
    ),
    (
        "The quay had been slated to open on 18 December, but the ceremony was put off to the following day because of "
        "the storm, which also kept the first ferry in the lee of the outer island."
    ),
    (
        "Earlier reports noted that the fishermen feared a quay too high for their boats. The authority lowered about "
        "forty metres of it after a meeting in the town hall, at its own cost."
    ),
    (
        "For those who live on the islands, the reopening ends a winter of long detours. The director said that the "
        "work on the breakwater would wait until the season is over and would not close the harbour again"
    ),
)
NEIGHBOURS = (
    "Norrland sets up a common fund for its railway bridges",
    "Edda Sommer surprisingly joins the morning show during talk with Jon Lindqvist",
)
WIDGET = ("No time to read?", "Get a summary")

Shape = Callable[[str, tuple[str, ...], tuple[str, ...]], str]


def divs(title: str, paragraphs: tuple[str, ...], neighbours: tuple[str, ...]) -> str:
    def div(text: str) -> str:
        return f"<div>{text}</div>"

    widget = div("".join(map(div, WIDGET)))
    foot = div(
        div("Previous Article") + div(f"<a href='/p'>{neighbours[0]}</a>") + div("Next Article") + div(neighbours[1])
    )
    return div(div(f"<h1>{title}</h1>") + widget + div("".join(map(div, paragraphs))) + widget + foot)


def one_column_of_divs(title: str, paragraphs: tuple[str, ...], neighbours: tuple[str, ...]) -> str:
    lines = (title, *WIDGET, *paragraphs, *WIDGET, "Previous Article", neighbours[0], "Next Article", neighbours[1])
    return "<div>" + "".join(f"<div>{line}</div>" for line in lines) + "</div>"


def sections(title: str, paragraphs: tuple[str, ...], neighbours: tuple[str, ...]) -> str:
    widget = "<section>" + "".join(f"<p>{text}</p>" for text in WIDGET) + "</section>"
    story = "".join(f"<section><p>{text}</p></section>" for text in paragraphs)
    foot = "".join(
        f"<section><p>{label}</p><h3><a href='/x'>{headline}</a></h3></section>"
        for label, headline in zip(("Previous Article", "Next Article"), neighbours, strict=True)
    )
    return f"<main><section><h1>{title}</h1></section>{widget}{story}{widget}{foot}</main>"


def lists(title: str, paragraphs: tuple[str, ...], neighbours: tuple[str, ...]) -> str:
    lines = (*WIDGET, *paragraphs, *WIDGET, "Previous Article", neighbours[0], "Next Article", neighbours[1])
    return f"<ul><li><h1>{title}</h1></li>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def rows(title: str, paragraphs: tuple[str, ...], neighbours: tuple[str, ...]) -> str:
    lines = (f"<h1>{title}</h1>", *WIDGET, *paragraphs, *WIDGET)
    labels = "<tr><td>Previous Article</td><td>Next Article</td></tr>"
    foot = f"{labels}<tr><td>{neighbours[0]}</td><td>{neighbours[1]}</td></tr>"
    return "<table>" + "".join(f"<tr><td>{line}</td></tr>" for line in lines) + foot + "</table>"


def layout_table(title: str, paragraphs: tuple[str, ...], neighbours: tuple[str, ...]) -> str:
    widget = "".join(f"<p>{text}</p>" for text in WIDGET)
    story = "".join(f"<p>{text}</p>" for text in paragraphs)
    foot = f"<p>Previous Article</p><p>{neighbours[0]}</p><p>Next Article</p><p>{neighbours[1]}</p>"
    return (
        "<table><tr><td width='120'><a href='/'>Home</a></td>"
        f"<td><h1>{title}</h1>{widget}{story}{widget}{foot}</td></tr></table>"
    )


def nested_widgets(title: str, paragraphs: tuple[str, ...], neighbours: tuple[str, ...]) -> str:
    labels = "<span>No time to read?</span><a href='#s'><span>Get a summary</span></a>"
    widget = f"<aside class='x1'><div><div>{labels}</div></div></aside>"
    foot = "".join(
        f"<div><div><a href='/x'><span>{label}</span><span>{headline}</span></a></div></div>"
        for label, headline in zip(("Previous Article", "Next Article"), neighbours, strict=True)
    )
    story = "".join(f"<p>{text}</p>" for text in paragraphs)
    header = f"<header><h1>{title}</h1></header>"
    return f"<article>{header}{widget}<div>{story}</div>{widget}<div><div>{foot}</div></div></article>"


def line_breaks(title: str, paragraphs: tuple[str, ...], neighbours: tuple[str, ...]) -> str:
    widget = "<br>".join(WIDGET)
    foot = f"Previous Article<br><br>{neighbours[0]}<br><br>Next Article<br><br>{neighbours[1]}"
    return f"<div><h2>{title}</h2>{widget}<br><br>" + "<br><br>".join(paragraphs) + f"<br><br>{widget}<br>{foot}</div>"


SHAPES = (divs, one_column_of_divs, sections, lists, rows, layout_table, nested_widgets, line_breaks)


def build(shape: Shape, title: str, paragraphs: tuple[str, ...], neighbours: tuple[str, ...]) -> bytes:
    inner = shape(escape(title), tuple(map(escape, paragraphs)), tuple(map(escape, neighbours)))
    page = (
        f"<!doctype html><html lang='en'><head><title>{escape(title)} - The Coast</title></head><body>"
        "<nav><ul><li><a href='/'>Home</a></li><li><a href='/news'>News</a></li></ul></nav>"
        f"{inner}<footer>© The Coast. All rights reserved.</footer></body></html>"
    )
    return page.encode()


@pytest.mark.parametrize("shape", SHAPES)
def test_page_with_widgets_gives_title_and_six_paragraphs_and_nothing_else(shape: Shape) -> None:
    page = clean_page(build(shape, TITLE, PARAGRAPHS, NEIGHBOURS), url="https://coast.example/harbour")
    assert page.title == TITLE
    assert page.text.split("\n\n") == list(PARAGRAPHS)
    assert not any(text in page.html for text in (*WIDGET, *NEIGHBOURS, "Previous", "Home"))
    assert page.flags == ()


@pytest.mark.parametrize("shape", SHAPES)
def test_neighbours_go_also_when_they_stand_before_the_story_or_ask_a_question(shape: Shape) -> None:
    neighbours = ("Who will pay for the railway bridges?", NEIGHBOURS[1])
    page = clean_page(build(shape, TITLE, PARAGRAPHS, neighbours), url="https://coast.example/harbour")
    if shape is rows:  # both labels stand before both headlines: which one asks cannot be told
        assert set(PARAGRAPHS) <= set(page.text.split("\n\n"))
        return
    assert page.text.split("\n\n") == list(PARAGRAPHS)


@pytest.mark.skipif(not SEED.is_dir(), reason=f"the customer's sample is not at {SEED}")
@pytest.mark.parametrize("shape", SHAPES)
def test_customers_sample_gives_title_and_six_paragraphs_and_nothing_else(shape: Shape) -> None:
    (sample,) = SEED.glob("*.txt")
    lines = [line for line in sample.read_text("utf-8").splitlines() if line.strip()]
    title, neighbours = lines[0], (lines[-3], lines[-1])
    paragraphs = tuple(lines[3:9])
    assert lines[1:3] == list(WIDGET) == lines[9:11]
    page = clean_page(build(shape, title, paragraphs, neighbours), url="https://news.example/a")
    assert page.title == title
    assert page.text.split("\n\n") == list(paragraphs)
