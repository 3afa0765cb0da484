"""Limits that a document must keep before any parser sees it.

Measured on hostile input: 200,000 attributes in one tag hang lxml, nh3 and trafilatura; 200,000 unclosed tags
and 2 million entities hang nh3; a tree deeper than 256 makes lxml return no text, silently. The scan is linear
in the length of the document, and where parsers disagree it counts more rather than less.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from functools import lru_cache

from wiredesk.clean.text import words
from wiredesk.errors import EntryRejected
from wiredesk.models import EntryReason

MAX_FRAGMENT_CHARS = 2 * 2**20  # of 1,799 real ones all but one (a pasted style sheet) are below 0.8 MB
MAX_PAGE_BYTES = 8 * 2**20  # as settings.page_max_bytes: 583 real pages stay below 2.3 MB
MAX_ATTRIBUTES = 512  # in one tag; lxml's cost is quadratic: 20,000 take 0.5 s, 512 nothing measurable
_SHORT_CHARS = 2 * MAX_ATTRIBUTES  # a name and a space each: too short to hold too many
MAX_DEPTH = 240  # libxml2 drops everything below 256, html and body included; 583 real pages reach 43
MAX_TAGS = 60_000  # start and end tags; real pages reach 8,000; 60,000 cost up to 9 s, 280,000 cost 25 s
_MANY = 4 * MAX_TAGS  # what may begin a tag: a list of them all is fast and, up to here, small
MAX_ENTITIES = 100_000  # nh3's cost is quadratic: 100,000 take 0.2 s, 300,000 1.3 s; real pages reach 41,000

# One attribute of the WHATWG tokenizer: a name, then perhaps a value in either quote or in none. Possessive
# quantifiers throughout: a hostile tag must not make the scan backtrack.
_ATTRIBUTE = r"""[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
_ATTRIBUTES = re.compile(_ATTRIBUTE)
# What is no markup up to its end. "<!-->" ends itself for some parsers, so the end is looked for from its dashes.
# Before Python 3.11.5 a possessive group with an assertion in it fails where it should match (cpython issue 106052):
# there these are greedy. They match the same and as fast, as no end that they stop at can fail, but take memory for
# each round of a hostile document.
_ONCE = "+" if re.match(r"(?:-(?!->)[^-]*+)*+-->", "-a-->") else ""
_COMMENT = rf"!(?=--)[^-]*{_ONCE}(?:-(?!-!?>)[^-]*{_ONCE})*{_ONCE}(--!?>|\Z)"
_RAW_BODY = rf"[^<]*{_ONCE}(?:<(?!/(?i:NAME))[^<]*{_ONCE})*{_ONCE}(</|\Z)"
_RAW = frozenset({"!--", "script", "style"})


@lru_cache
def _tags(raw: frozenset[str]) -> re.Pattern[str]:
    """A tag (closing, name, attributes, ending), or one of these with all that it holds, and its end."""
    comment = _COMMENT if "!--" in raw else "(?!)()"
    script, style = (f"(?i:{name})" if name in raw else "(?!)" for name in ("script", "style"))
    name = rf"(?:(?<!/)(?:({script})|({style}))(?=[\s/>])|([a-zA-Z][^\s/>]*+))"
    bodies = f"(?(3){_RAW_BODY.replace('NAME', 'script')})(?(4){_RAW_BODY.replace('NAME', 'style')})"
    return re.compile(rf"<(?:{comment}|(/?){name}((?:[\s/]*+(?:{_ATTRIBUTE}|=))*+)([\s/]*+){bodies})")


_VOID = words("area base br col embed hr img input link meta param source track wbr")
# Closed by whatever follows, so that a thousand unclosed ones are siblings, not a tower. The container that
# holds them is charged for them instead.
_IMPLIED_END = words("p li dt dd option optgroup tr td th thead tbody tfoot colgroup html head body")
# By how much an element deepens the tree: table → tbody → tr → td. One that is not named here, by 1.
_WEIGHT = {"table": 4, "ul": 2, "ol": 2, "dl": 2, "select": 3} | dict.fromkeys({*_RAW, *_VOID, *_IMPLIED_END}, 0)


def check_limits(markup: str) -> None:
    """Raise EntryRejected(TOO_LARGE) if there are too many tags, attributes in one of them, entities, or depth."""
    entity_count = markup.count("&")
    if entity_count > MAX_ENTITIES:
        raise _too_much(f"{entity_count} entities", MAX_ENTITIES)
    # A page has thousands of tags, and this is a tenth of what cleaning it costs: no lookup more than needed.
    open_tags: defaultdict[str, int] = defaultdict(int)
    depth = tag_count = position = 0
    raw, weights = _RAW, _WEIGHT
    is_short = markup.count("<") < _MANY
    while True:
        pattern = _tags(raw)
        tags: Iterable[tuple[str, ...]] = (
            pattern.findall(markup, position) if is_short else _each(pattern, markup, position)
        )
        for comment_end, is_closing, script, style, name, attributes, ending, script_end, style_end in tags:
            raw_name = script or style
            if not name and not (comment_end or script_end or style_end):
                # Without an end: go on counting what looks like tags. Not to look for it again keeps this linear.
                (last,) = deque(pattern.finditer(markup, position), maxlen=1)
                raw, position = raw - {raw_name.lower() or "!--"}, last.start()
                break
            if comment_end:
                continue
            tag_count += 1
            if tag_count > MAX_TAGS:
                raise _too_much("more tags", MAX_TAGS)
            if len(attributes) > _SHORT_CHARS:
                _check_attributes(attributes)
            if raw_name or ending.endswith("/"):
                continue  # "<path/>" is closed for libxml2, always the first parser; in "<b x=/>" it is a value
            kind = name.lower()
            weight = weights.get(kind, 1)
            if not is_closing:
                open_tags[kind] += 1
                depth += weight
                if depth > MAX_DEPTH:
                    raise _too_much("deeper nesting of tags", MAX_DEPTH)
            elif open_tags[kind]:  # a stray end tag closes nothing
                open_tags[kind] -= 1
                depth -= weight
        else:
            return


def check_size(size: int, limit: int, unit: str) -> None:
    """Raise EntryRejected(TOO_LARGE) if `size` is above `limit`."""
    if size > limit:
        raise _too_much(f"{size} {unit}", limit)


def _each(pattern: re.Pattern[str], markup: str, position: int) -> Iterator[tuple[str, ...]]:
    return (found.groups("") for found in pattern.finditer(markup, position))


def _check_attributes(attributes: str) -> None:
    count = sum(1 for _ in _ATTRIBUTES.finditer(attributes))
    if count > MAX_ATTRIBUTES:
        raise _too_much(f"{count} attributes in one tag", MAX_ATTRIBUTES)


def _too_much(what: str, limit: int) -> EntryRejected:
    return EntryRejected(EntryReason.TOO_LARGE, f"the HTML has {what}; the limit is {limit}")
