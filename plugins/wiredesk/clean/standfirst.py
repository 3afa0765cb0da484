"""The standfirst: the paragraph between headline and text that says what the story is.

News publishers set it apart from the text, so extractors of the main text miss it. It is recognised by what the page
says of itself: its description, shown again. Of 52 shown descriptions that an extractor left out, 31 of 34 stood in
the published text where the page calls itself a NewsArticle, and 6 of 18 where it does not: a blog's excerpt is a
teaser of the text, a newspaper's standfirst is its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from wiredesk.clean.blocks import Block
from wiredesk.clean.metadata import Metadata
from wiredesk.clean.text import fold, tidy_line

_MIN_CHARS, _MAX_CHARS = 40, 700  # shorter is a kicker or a section; the longest of those measured has 332
_MAX_CHILDREN = 12  # what holds more elements holds more than one paragraph
_SAME_CHARS = 50  # folded; publishers cut a description for search engines, seldom before this
_LONGER = 1.3  # what goes on much further holds more than the standfirst
_OUTSIDE = frozenset({"nav", "footer", "a", "button", "form", "script", "style", "noscript", "template", "figure"})
# Names that publishers give it. Not `lead`, `dek` and `subtitle`, which name as often what the story is shown with
# elsewhere; nor what breaks off in dots, which is a teaser of the text.
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:standfirst|intro|excerpt|epigraph|subhead|subheadline|chapo|vorspann|ingress)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BROKEN_OFF = ("...", "…")
_COPYRIGHT = re.compile("[©™®]")  # the caption of a picture


def find_standfirst(tree: HtmlElement, metadata: Metadata, blocks: Sequence[Block]) -> str | None:
    """The standfirst that the page shows below its headline and `blocks` lack, or None."""
    if not metadata.is_news or not blocks:
        return None
    described = {fold(text) for text in metadata.descriptions} - {""}
    first = fold(blocks[0].text)[:_SAME_CHARS]
    is_below, named = False, None
    for element in tree.iter("h1", "h2", "h3", "h4", "p", "div", "span", "strong", "ul", "li"):
        is_below = is_below or element.tag == "h1"
        if not is_below or len(element) > _MAX_CHILDREN:
            continue
        text = tidy_line(element.text_content())
        if not _MIN_CHARS <= len(text) <= _MAX_CHARS:
            continue
        folded = fold(text)
        if folded.startswith(first):
            return named
        is_described = _is_description(folded, described)
        # Whether it is known is asked last: it is looked for in the whole text.
        is_wanted = is_described or (named is None and _is_named(element) and not text.endswith(_BROKEN_OFF))
        if not is_wanted or _is_outside(element) or _is_known(folded, blocks):
            continue
        if is_described:
            return None if _COPYRIGHT.search(text) else text
        named = None if _COPYRIGHT.search(text) else text
    return named


def _is_named(element: HtmlElement) -> bool:
    parent = element.getparent()
    names = [element.get("class") or "", (parent.get("class") or "") if parent is not None else ""]
    return any(_NAMES.search(name) for name in names)


def _is_description(folded: str, described: set[str]) -> bool:
    return folded in described or any(
        len(text) >= _SAME_CHARS and folded.startswith(text[:_SAME_CHARS]) and len(folded) <= _LONGER * len(text)
        for text in described
    )


def _is_known(folded: str, blocks: Sequence[Block]) -> bool:
    return folded in fold("".join(block.text for block in blocks))


def _is_outside(element: HtmlElement) -> bool:
    return element.tag in _OUTSIDE or any(ancestor.tag in _OUTSIDE for ancestor in element.iterancestors())
