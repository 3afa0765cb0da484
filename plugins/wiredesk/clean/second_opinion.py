"""trafilatura's second opinions, asked only where they could change the first.

After its own extraction trafilatura runs readability on the whole page (a third of its time) and compares. By its
rules (`trafilatura.external._prefer_readability`, balanced focus) a sound extraction loses only to a text of more than
twice its length. On two of three news pages all words of the page together are fewer: the answer is known unasked.
"""

from __future__ import annotations

from typing import Any

from lxml.etree import XPath, _Element
from lxml.html import HtmlElement
from trafilatura import core
from trafilatura.external import SANITIZED_XPATH, compare_extraction

_IS_UNCLEAN = XPath(SANITIZED_XPATH)
_HAS_PARAGRAPHS = XPath("boolean(.//p//text())")
_MOST_RATIO = 2  # trafilatura's: an extraction half as long as another is thought incomplete
_VIDEO_CHARS = 6  # what readability may write in the place of a frame, and a space


def compare_if_open(
    cleaned_tree: HtmlElement, raw_tree: HtmlElement, body: _Element, text: str, options: Any
) -> tuple[_Element, str]:
    """`trafilatura.external.compare_extraction`, or its first answer where no other is possible."""
    if options.focus == "balanced" and _is_settled(raw_tree, body, text, options.min_extracted_size):
        return body, text
    return compare_extraction(cleaned_tree, raw_tree, body, text, options)


def _is_settled(page: HtmlElement, body: _Element, text: str, least_chars: int) -> bool:
    """Whether each of the rules by which another extraction is preferred is out of reach."""
    if len(text) < least_chars or not _HAS_PARAGRAPHS(body) or _IS_UNCLEAN(body):
        return False
    if len(body.findall(".//table")) > len(body.findall(".//p")):
        return False
    return _most_chars(page) <= _MOST_RATIO * len(text)


def _most_chars(page: HtmlElement) -> int:
    """No text of this page, its white space folded, is longer. Scripts are left out, as readability leaves them out."""
    shown = sum(len(text) + 1 for text in map(str.strip, page.itertext()) if text)
    silent = sum(len((script.text or "").strip()) for script in page.iter("script", "style"))
    return shown - silent + _VIDEO_CHARS * sum(1 for _ in page.iter("iframe"))


core.compare_extraction = compare_if_open  # type: ignore[attr-defined]
