"""Cleaning from outside, line by line: the door behind `wiredesk clean --jsonl`, by which quality is measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from wiredesk.clean.article import only_rejections
from wiredesk.clean.fragment import clean_fragment
from wiredesk.clean.page import clean_page
from wiredesk.errors import EntryRejected

Clean = Callable[[Callable[[], dict[str, Any]]], "dict[str, Any] | EntryRejected"]


def clean_line(line: str, number: int, clean: Clean) -> str:
    """For a line {id, url, html, kind} one line; `kind` is "page" or "fragment". `clean` does the work, within limits.

    Out: {id, title, authors, published_at, updated_at, language, text, html, lead_image, canonical_url, section, tags,
    access, said_by, flags, removed}, with times in ISO 8601, in the zone that they were given in. A line that is not
    understood, or not cleaned, yields {id, error}; `id` is null where it could not be read.
    """
    return json.dumps(_answer(line, number, clean))  # ASCII: any terminal and any reader takes it


def _answer(line: str, number: int, clean: Clean) -> dict[str, Any]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"line {number} is no JSON: {error}"}
    if not isinstance(given, dict):
        return {"id": None, "error": f"line {number} is no JSON object"}
    name = given.get("id")
    html, url, kind = given.get("html"), given.get("url"), given.get("kind")
    if not isinstance(html, str):
        return {"id": name, "error": f"line {number}: `html` must be a string"}
    if url is not None and not isinstance(url, str):
        return {"id": name, "error": f"line {number}: `url` must be a string or null"}
    if kind not in ("page", "fragment"):
        return {"id": name, "error": f'line {number}: `kind` must be "page" or "fragment", not {kind!r}'}
    found = clean(partial(clean_html, html, url, kind))
    if isinstance(found, EntryRejected):
        return {"id": name, "error": str(found)}
    return {"id": name, **found}


def clean_html(html: str, url: str | None, kind: Literal["page", "fragment"]) -> dict[str, Any]:
    """What cleaning makes of a document, as the values of a line. Raises EntryRejected, and nothing else."""
    with only_rejections():
        return _page(html, url or "") if kind == "page" else _fragment(html, url)


def _page(html: str, url: str) -> dict[str, Any]:
    page = clean_page(html.encode("utf-8", "replace"), url=url, content_type="text/html; charset=utf-8")
    return {
        "title": page.title,
        "authors": list(page.authors),
        "published_at": page.published_at.isoformat() if page.published_at else None,
        "language": page.language,
        "text": page.text,
        "html": page.html,
        "lead_image": page.lead_image,
        "canonical_url": page.canonical_url,
        "section": page.section,
        "tags": list(page.tags),
        "access": page.access,
        "said_by": dict(page.said_by),
        "updated_at": page.updated_at.isoformat() if page.updated_at else None,
        "flags": list(page.flags),
        "removed": dict(page.removed),
    }


def _fragment(html: str, url: str | None) -> dict[str, Any]:
    """A fragment says nothing about itself but its text; the rest comes from its entry."""
    fragment = clean_fragment(html, base_url=url)
    return {
        "title": None,
        "authors": [],
        "published_at": None,
        "language": None,
        "text": fragment.text,
        "html": fragment.html,
        "lead_image": fragment.lead_image,
        "canonical_url": None,
        "section": None,
        "tags": [],
        "access": None,
        "said_by": {},
        "updated_at": None,
        "flags": list(fragment.flags),
        "removed": dict(fragment.removed),
    }
