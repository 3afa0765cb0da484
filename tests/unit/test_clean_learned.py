"""Learned residue is cut from the outside in, never past a sentence, and never much of a text."""

from hypothesis import given
from hypothesis import strategies as st
from wiredesk.clean.learned import MOST_SHARE, edge_lines, is_too_much, learned_indexes, line_key
from wiredesk.clean.page import clean_page
from wiredesk.clean.residue import is_sentence

LINES = st.lists(
    st.sampled_from(["Follow us", "The Gazette", "Weather: mild", "A sentence that ends.", "word " * 30]), max_size=14
)


@given(LINES, st.sets(st.sampled_from(["Follow us", "The Gazette"])))
def test_only_learned_lines_go_and_no_sentence_lies_outside_of_them(lines: list[str], known: set[str]) -> None:
    found = learned_indexes(lines, {line_key(line) for line in known})
    for index in found:
        assert lines[index] in known
        head, tail = lines[:index], lines[index + 1 :]
        assert any(not any(is_sentence(line) for line in side) for side in (head, tail))


@given(LINES)
def test_what_may_be_learned_is_short_and_stands_at_an_end(lines: list[str]) -> None:
    for line in edge_lines(lines):
        assert len(line) <= 160
        assert line in [*lines[:3], *lines[-5:]]


def test_a_line_is_known_whatever_its_case_and_marks() -> None:
    assert line_key("» The GAZETTE …") == line_key("the gazette")
    assert line_key("The Gazette") != line_key("The Gazettes")


def test_more_than_a_quarter_of_a_text_is_too_much() -> None:
    lines = ["x" * 100, "y" * 30, "z" * 10]
    assert MOST_SHARE == 0.25
    assert not is_too_much(lines, {1})
    assert is_too_much(lines, {1, 2})


def test_learned_lines_leave_both_text_and_html_of_a_page() -> None:
    story = [
        f"The council of Vellmar has agreed on plan number {n}, its speaker said on Monday night." for n in range(6)
    ]
    body = "".join(f"<p>{line}</p>" for line in [*story, "The Gazette, every morning"])
    page = f"<html><body><article><h1>Plans</h1>{body}</article></body></html>".encode()
    plain = clean_page(page, url="https://paper.example/a")
    assert plain.text.endswith("every morning")
    assert "The Gazette, every morning" in plain.edge_lines
    cut = clean_page(page, url="https://paper.example/a", learned={line_key("The Gazette, every morning")})
    assert cut.text.split("\n\n") == story
    assert "every morning" not in cut.html
    assert cut.removed["learned"] == 1
    assert cut.edge_lines == plain.edge_lines
