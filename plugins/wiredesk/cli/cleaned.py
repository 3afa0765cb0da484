"""A cleaned document for a person: what each step did, what the page says of itself, and the text."""

from __future__ import annotations

from collections.abc import Iterator

from wiredesk.clean.fragment import Fragment
from wiredesk.clean.page import Page, Step
from wiredesk.cli.show import cell, plain

_FIELDS = (
    "title", "authors", "published_at", "updated_at", "language", "section", "tags", "access", "canonical_url",
    "lead_image",
)  # fmt: skip
_SHOWN_CHARS = 100


def explained(found: Page | Fragment) -> str:
    """Fields with where they come from, then the steps with what each cut (-) and added (+), then the text."""
    lines = list(_about(found)) if isinstance(found, Page) else []
    steps = found.steps if isinstance(found, Page) else ()
    counts = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in found.removed.items())
    return "\n".join(
        [
            *lines,
            *(line for step in steps for line in _step(step)),
            f"removed: {counts or 'nothing'}",
            f"flags: {', '.join(found.flags) or 'none'}",
            "",
            found.text,
        ]
    )


def _about(page: Page) -> Iterator[str]:
    for name in _FIELDS:
        value = getattr(page, name)
        if not value:
            continue
        shown = ", ".join(value) if isinstance(value, tuple) else value if isinstance(value, str) else cell(value)
        origin = f"  ({page.said_by[name]})" if name in page.said_by else ""
        yield f"{name.replace('_', ' '):<14}{plain(shown)}{origin}"
    yield ""


def _step(step: Step) -> Iterator[str]:
    if step.name == "extract":
        yield f"extract: {len(step.added)} lines"
        return
    yield f"{step.name.replace('_', ' ')}:"
    for sign, told in (("-", step.cut), ("+", step.added)):
        yield from (f"  {sign} {plain(line)[:_SHOWN_CHARS]}" for line in told)
