"""Where each item of an RSS or Atom document stands in its text. Linear in the text, whatever the text is."""

from __future__ import annotations

import re
from functools import lru_cache

# The prefix is for <atom:entry>. `[^<>]` and not `[^>]`: a flood of "<item<item" must not be read again and again.
_MARK = re.compile(r"(<!\[CDATA\[)|(<!--)|<(/?)((?:[\w.-]{1,40}:)?(?:item|entry))(?=[\s/>])([^<>]*)>", re.IGNORECASE)


# One: a document that is not well-formed asks for them several times.
@lru_cache(maxsize=1)
def item_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end of each outermost item with its tags, without those that are not closed."""
    spans: list[tuple[int, int]] = []
    position, start, name = 0, -1, ""
    while mark := _MARK.search(text, position):
        position = mark.end()
        if mark[1] or mark[2]:  # what looks like a tag in there is none
            end = text.find("]]>" if mark[1] else "-->", position)
            if end < 0:
                break
            position = end + 3
        elif start < 0 and not mark[3]:
            if mark[5].endswith("/"):
                spans.append((mark.start(), position))
            else:
                start, name = mark.start(), mark[4]
        elif start >= 0 and mark[3] and mark[4] == name:
            spans.append((start, position))
            start = -1
    return tuple(spans)
