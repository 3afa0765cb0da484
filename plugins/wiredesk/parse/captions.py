"""Media RSS titles and describes pictures with elements that feedparser takes for the item's own.

The caption of a photograph then stands as the story's text, or replaces its title. Here they are set apart, under
`media_headline` and `media_caption`: what an item says itself goes first, and where it says nothing (the feeds of
video platforms) these have to do.
"""

from __future__ import annotations

import re
from typing import Any

from feedparser.api import StrictFeedParser

HEADLINE, CAPTION = "media_headline", "media_caption"

_ELEMENT = re.compile(r"<(/?)media:(title|description)\b[^<>]*>", re.IGNORECASE)
_APART = {"title": "media:headline", "description": "media:caption"}


class CaptionsApart(StrictFeedParser):  # type: ignore[misc]
    """feedparser's parser of well-formed XML, but for the two elements."""

    contentparams: Any  # feedparser's, named here for the type checker

    def _start_media_title(self, _attributes: object) -> None:
        self.push(HEADLINE, 1)

    def _end_media_title(self) -> None:
        self.pop(HEADLINE)

    def _start_media_description(self, _attributes: object) -> None:
        self.push(CAPTION, 1)

    def _end_media_description(self) -> None:
        self.pop(CAPTION)


def captions_apart(text: str) -> str:
    """The same for a text that feedparser is to read with its tolerant parser; by name, as it has no namespaces."""
    if "media:" not in text:
        return text
    return _ELEMENT.sub(lambda found: f"<{found[1]}{_APART[found[2].lower()]}>", text)
