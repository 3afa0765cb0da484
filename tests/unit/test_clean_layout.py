"""What the extractor leaves out of a page and is put back: standfirst, headings, lists, the body's other half."""

from __future__ import annotations

import json

import pytest
from trafilatura import load_html
from wiredesk.clean.blocks import Block
from wiredesk.clean.layout import restore_siblings
from wiredesk.clean.page import clean_page

URL = "https://paper.example/2026/harbour"
STANDFIRST = "The council voted late on Monday to close the old harbour bridge for the whole of the winter."


def prose(number: int) -> str:
    return (
        f"Paragraph {number} tells what the harbour master said to the council on that evening, and why the {number} "
        "engineers whom the town had asked thought that the bridge would not bear another winter of heavy lorries."
    )


def page(body: str, *, kind: str = "NewsArticle", header: str = "", description: str = STANDFIRST) -> bytes:
    linked = json.dumps({"@context": "https://schema.org", "@type": kind, "headline": "The bridge closes for winter"})
    return (
        f"<html><head><title>The bridge closes for winter</title><meta name='description' content='{description}'>"
        f"<script type='application/ld+json'>{linked}</script></head><body><main>"
        f"<header><h1>The bridge closes for winter</h1>{header}</header>{body}</main></body></html>"
    ).encode()


def paragraphs(*numbers: int) -> str:
    return "".join(f"<p>{prose(number)}</p>" for number in numbers)


def lines(html: bytes) -> list[str]:
    return clean_page(html, url=URL).text.split("\n\n")


STORY = f"<article><div class='text'>{paragraphs(1, 2, 3, 4)}</div></article>"
WHOLE = [prose(number) for number in (1, 2, 3, 4)]


@pytest.mark.parametrize("tag", ["p", "h2", "div"])
def test_a_newspapers_standfirst_is_the_storys_first_paragraph(tag: str) -> None:
    assert lines(page(STORY, header=f"<{tag}>{STANDFIRST}</{tag}>")) == [STANDFIRST, *WHOLE]


@pytest.mark.parametrize("name", ["article__intro", "epigraph", "post-excerpt"])
def test_a_paragraph_named_as_standfirst_is_one_though_the_page_describes_itself_otherwise(name: str) -> None:
    header = f"<div class='{name}'>{STANDFIRST}</div>"
    assert lines(page(STORY, header=header, description="What happened")) == [STANDFIRST, *WHOLE]
    assert lines(page(STORY, kind="BlogPosting", header=header, description="What happened")) == WHOLE
    broken_off = f"<div class='{name}'>{STANDFIRST[:-1]} …</div>"
    assert lines(page(STORY, header=broken_off, description="What happened")) == WHOLE


def test_a_blogs_excerpt_is_no_part_of_the_text() -> None:
    assert lines(page(STORY, kind="BlogPosting", header=f"<h2>{STANDFIRST}</h2>")) == WHOLE


def test_a_description_that_is_not_shown_is_no_standfirst() -> None:
    assert lines(page(STORY)) == WHOLE


def test_a_description_that_the_text_begins_with_is_told_once() -> None:
    body = f"<article><div class='text'><p>{STANDFIRST}</p>{paragraphs(1, 2, 3)}</div></article>"
    assert lines(page(body)) == [STANDFIRST, *WHOLE[:3]]


def test_the_caption_of_a_picture_is_no_standfirst() -> None:
    caption = "The old harbour bridge in the evening, before the last lorry crossed it on Monday. © Paper"
    figure = f"<figure><img src='/b.jpg'><div>{caption}</div></figure>"
    assert lines(page(STORY, header=figure, description=caption)) == WHOLE
    assert lines(page(STORY, header=f"<div>{caption}</div>", description=caption)) == WHOLE


def test_a_body_in_two_pieces_of_one_class_is_one_story() -> None:
    def piece(*numbers: int) -> str:
        return f"<div class='body__container article__body'>{paragraphs(*numbers)}</div>"

    aside = "<div class='aside'><a href='/a'>Advertisement</a></div>"
    body = f"<article><div class='chunks'>{piece(*range(1, 9))}{aside}{piece(*range(9, 15))}</div></article>"
    assert lines(page(body)) == [prose(number) for number in range(1, 15)]


def test_comments_of_one_class_are_not_joined_to_the_story() -> None:
    comment = (
        "<div class='comment-text'><p>I remember when it was built, and nobody believed that it would last.</p></div>"
    )
    text = lines(page(STORY + "<section id='comments'>" + comment * 4 + "</section>"))
    assert text == WHOLE


def test_headings_and_lists_between_paragraphs_of_the_story_are_kept() -> None:
    items = ["Lorries go by the northern road", "Buses stop at the market", "Walkers may cross by day"]
    listed = "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
    inner = f"{paragraphs(1, 2)}<h3>What changes on Tuesday</h3>{paragraphs(3)}{listed}{paragraphs(4)}"
    text = lines(page(f"<article><div class='text'>{inner}</div></article>"))
    assert text == [prose(1), prose(2), "What changes on Tuesday", prose(3), *items, prose(4)]


def test_a_list_of_links_between_paragraphs_is_not_put_back() -> None:
    links = "".join(f"<li><a href='/{n}'>Another story of the harbour {n}</a></li>" for n in range(4))
    tree = load_html(f"<div>{paragraphs(1, 2)}<ul>{links}</ul>{paragraphs(3, 4)}</div>")
    kept = [Block(line) for line in WHOLE]
    assert restore_siblings(tree, kept) == kept


def test_an_item_that_is_known_in_other_lines_is_not_put_back() -> None:
    item = "<li><b>Lorries go by the northern road.</b> They did so in the winter of the flood.</li>"
    tree = load_html(f"<div>{paragraphs(1, 2)}<ul>{item}</ul>{paragraphs(3, 4)}</div>")
    kept = [Block(line) for line in (*WHOLE[:2], "Lorries go by the northern road.", "They did so.", *WHOLE[2:])]
    assert restore_siblings(tree, kept) == kept
