"""The main text of a parsed page as blocks: trafilatura's tree, read line by line.

One block is one line of the text and one element of the HTML, so that whatever is judged residue leaves both.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter

from lxml.etree import XPath, _Element
from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document

from wiredesk.clean import second_opinion  # noqa: F401  # by being there it makes trafilatura faster
from wiredesk.clean.residue import is_label
from wiredesk.clean.text import tidy_line

_LONG_CELL_CHARS = 160  # a cell this long holds prose: the table lays out a page, it is no data
_LABEL_CHARS = 60  # the longest phrase of a widget is shorter
_INLINE = ("a", "b", "em", "font", "i", "label", "small", "span", "strong", "u")

# What begins a line, roughly: 583 real pages hold at most 2,637 of them. 3,000 headings cost 1.4 s, 4,600 cost 8 s.
_LINE_BREAKS = (
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "tr", "td", "th", "br",
    "blockquote", "pre", "form", "fieldset", "legend", "option", "optgroup", "textarea", "table", "caption", "center",
    "col", "colgroup", "thead", "tfoot", "body",
)  # fmt: skip
_MAX_COMPARED_LINES = 3_000
_HAS_FEW_ELEMENTS = XPath(f"count(descendant::*) <= {_MAX_COMPARED_LINES}")

# trafilatura's names (after TEI) for blocks, and ours
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h5", "h6": "h6"}  # h1 is the article's title
_WRAPPERS = {"li": "ul", "tr": "table", "quote": "blockquote"}


@dataclass(frozen=True, slots=True)
class Block:
    """One line of an article. `tag`: p, h2 to h6, li, quote or tr (cells separated by " | ")."""

    text: str
    tag: str = "p"


def extract_blocks(tree: HtmlElement, url: str) -> list[Block]:
    """The main text by trafilatura, run once; empty where it finds none. Changes nothing in `tree`."""
    # Comments off: on for precision alone (F1 .944 → .957 on news). Never deduplicate: it remembers other pages.
    # As "txt", because for "python" it would write the text as well, which we read from the tree.
    document = bare_extraction(
        tree,
        url=url,
        include_comments=False,
        deduplicate=False,
        with_metadata=False,
        fast=_is_costly(tree),
        output_format="txt",
    )
    return list(_lines(document.body)) if isinstance(document, Document) else []


def _is_costly(tree: HtmlElement) -> bool:
    """Whether trafilatura must not ask its second opinions, of which justext's costs the square of the lines."""
    if _HAS_FEW_ELEMENTS(tree):  # as for most pages, and quickly seen
        return False
    return len(list(islice(tree.iter(*_LINE_BREAKS), _MAX_COMPARED_LINES + 1))) > _MAX_COMPARED_LINES


def separate_labels(tree: HtmlElement) -> None:
    """Break the line around inline elements that are a widget's label: `<span>Next Article</span><span>…`.

    Side by side they would become one line with the headline behind them. Within a sentence nothing changes.
    """
    for element in list(tree.iter(*_INLINE)):
        if element.tail and not element.tail.isspace():  # most are within a sentence; the rest costs more to see
            continue
        text = _shown(element)
        parent = element.getparent()
        if parent is None or not text or len(text) > _LABEL_CHARS or not is_label(text):
            continue
        before = element.getprevious()
        lead = parent.text if before is None else before.tail
        if lead and lead.strip():
            continue
        if before is not None:
            element.addprevious(element.makeelement("br"))
        line_end = element.makeelement("br")
        line_end.tail, element.tail = element.tail, None
        element.addnext(line_end)


def _shown(element: HtmlElement) -> str:
    """Its `text_content()`, which of an element without children is at hand."""
    if len(element) == 0:
        return element.text or ""
    return element.text_content() if isinstance(element, HtmlElement) else ""


def render_html(blocks: Iterable[Block]) -> str:
    """Blocks as HTML: every text escaped, items and rows gathered in their list or table."""
    parts: list[str] = []
    for tag, group in groupby(blocks, attrgetter("tag")):
        inner = "".join(_element(block) for block in group)
        wrapper = _WRAPPERS.get(tag)
        parts.append(f"<{wrapper}>{inner}</{wrapper}>" if wrapper else inner)
    return "".join(parts)


def _element(block: Block) -> str:
    if block.tag == "tr":
        cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in block.text.split(" | "))
        return f"<tr>{cells}</tr>"
    tag = "p" if block.tag == "quote" else block.tag
    return f"<{tag}>{html.escape(block.text)}</{tag}>"


def _lines(root: _Element) -> Iterator[Block]:
    pending: list[str] = []
    tag = "p"
    for piece in [*_pieces(root, "p"), None]:
        if piece is not None:
            tag = piece.tag
            pending.append(piece.text)
            continue
        text = tidy_line("".join(pending))
        pending.clear()
        if text:
            yield Block(text, tag)


def _pieces(element: _Element, tag: str) -> Iterator[Block | None]:
    """Texts in order with the tag of their block; None where a line ends. Depth is bounded by limits.MAX_DEPTH."""
    if element.text:
        yield Block(element.text, tag)
    for child in element:
        if not isinstance(child.tag, str):
            pass
        elif child.tag == "lb":
            yield None
        elif child.tag == "table":
            yield None
            yield from _table(child)
            yield None
        elif (inner := _block_tag(child, tag)) is not None:
            yield None
            yield from _pieces(child, inner)
            yield None
        else:
            yield from _pieces(child, tag)
        if child.tail:
            yield Block(child.tail, tag)


def _block_tag(element: _Element, outer: str) -> str | None:
    """Which block an element begins, or None if it is inline. A paragraph in an item is still the item's."""
    if element.tag == "head":
        return _HEADINGS.get(element.get("rend") or "", "h3")
    if element.tag in ("item", "quote"):
        return {"item": "li", "quote": "quote"}[element.tag]
    if element.tag in ("p", "div", "body", "list", "row", "cell", "ab", "fw", "list", "comments"):
        return outer
    return None


def _table(table: _Element) -> Iterator[Block | None]:
    """A row of data is one line; the cells of a table that lays out prose are blocks of their own.

    Only rows and cells of this very table: a table within a cell is met again in `_pieces`.
    """
    rows = list(table.iterchildren("row"))
    cells = [cell for row in rows for cell in row.iterchildren("cell")]
    is_plain = len(rows) == len(table) and len(cells) == sum(map(len, rows))
    has_stray_text = any((part.tail or "").strip() for part in (*rows, *cells))
    has_prose = any(len(cell) > 0 or len(cell.text or "") > _LONG_CELL_CHARS for cell in cells)
    if not is_plain or has_stray_text or has_prose:
        yield from _pieces(table, "p")
        return
    for row in rows:
        texts = [tidy_line(cell.text or "") for cell in row.iterchildren("cell")]
        yield Block(" | ".join(filter(None, texts)), "tr" if len(texts) > 1 else "p")
        yield None
