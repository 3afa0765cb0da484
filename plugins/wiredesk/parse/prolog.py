"""What stands before the first element, brought into the one form that both readers take.

The XML declaration comes to say UTF-8, which the text is by now. The document type goes, but for entities that
are declared there as plain text; parameter entities, nested ones (the "billion laughs") and those that would more than
double the document go with it, so that no parser ever sees them. External entities are empty, as in any reader that
does not fetch them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DECLARATION = "<?xml version='1.0' encoding='utf-8'?>"

_DECLARATION = re.compile(r"<\?xml[^>]*>")
_DOCTYPE = r"<!DOCTYPE(?:[^>\[]*\[.*?\]\s*|[^>\[]*)>"
# What may stand before the first element. Each match is bounded by its own end, and the whole cannot fail; possessive,
# because millions of comments are else kept in memory to be tried otherwise.
_PROLOG = re.compile(rf"(?:\s+|<\?.*?\?>|<!--.*?-->|{_DOCTYPE})*+", re.DOTALL | re.IGNORECASE)
_DOCUMENT_TYPE = re.compile(rf"<\?.*?\?>|<!--.*?-->|({_DOCTYPE})", re.DOTALL | re.IGNORECASE)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]*)")
# A value without "&" names no other entity; feedparser takes the same ones for safe.
_ENTITY = re.compile(r"""<!ENTITY\s+(\w+)\s+(?:"(&#\w+;|[^&"<]*)"|'(&#\w+;|[^&'"<]*)'|(?:SYSTEM|PUBLIC)\s[^<>]*)\s*>""")


@dataclass(frozen=True, slots=True)
class Markup:
    """A document with a tame prolog."""

    text: str
    root: str | None  # name of the first element, lower case; None where there is none
    is_netscape: bool  # the document type of RSS 0.91 as Netscape had it


def open_markup(text: str) -> Markup:
    """The document behind its prolog, whatever its prolog is."""
    text = _DECLARATION.sub("", text, count=1) if text.startswith("<?xml") else text
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    first = _ELEMENT.match(text, start) or _ELEMENT.search(text, start)
    before, rest = text[:start], text[start:]
    doctype = next((found[1] for found in _DOCUMENT_TYPE.finditer(before) if found[1]), "")
    if doctype:
        before = _DOCUMENT_TYPE.sub(lambda found: "" if found[1] else found[0], before) + _safe_entities(doctype, rest)
    return Markup(
        text=f"{DECLARATION}{before}{rest}",
        root=first[1].lower() if first else None,
        is_netscape="netscape" in doctype.lower(),
    )


def _safe_entities(doctype: str, rest: str) -> str:
    """A document type with the harmless entities of `doctype` that `rest` makes use of; mostly none."""
    declared: dict[str, str] = {}
    growth = 0
    for entity in _ENTITY.finditer(doctype):
        name, value = entity[1], entity[2] or entity[3] or ""
        if name not in declared and (uses := rest.count(f"&{name};")):
            declared[name] = value
            growth += uses * len(value)
    if not declared or growth > len(rest):
        return ""
    entities = "".join(f'<!ENTITY {name} "{value}">\n' for name, value in declared.items())
    return f"\n<!DOCTYPE feed [\n{entities}]>\n"
