"""One entry, and perhaps its page, as one clean article: the room's front door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from wiredesk.clean.about import tag_list
from wiredesk.clean.fragment import Fragment, clean_fragment
from wiredesk.clean.metadata import author_names, language_tag
from wiredesk.clean.override import Override
from wiredesk.clean.page import STUB, Page, clean_page
from wiredesk.clean.text import fold, plain_title
from wiredesk.clean.urls import absolute_url, clean_url, is_redirector, names_same_article, url_key
from wiredesk.errors import EntryRejected
from wiredesk.models import CleanArticle, Entry, EntryReason

_IMAGE_SUFFIXES = (".avif", ".gif", ".jpeg", ".jpg", ".png", ".webp")


@dataclass(frozen=True, slots=True)
class _Body:
    """The fullest text that there is, from the feed or from the page."""

    text: str = ""
    html: str = ""
    flags: tuple[str, ...] = ()
    removed: Mapping[str, int] = field(default_factory=dict)
    edge_lines: tuple[str, ...] = ()


def clean_article(
    entry: Entry,
    *,
    feed_url: str,
    feed_language: str | None = None,
    page: bytes | None = None,
    page_url: str | None = None,
    page_content_type: str | None = None,
    learned: Collection[bytes] = (),
    override: Override | None = None,
) -> CleanArticle:
    """Clean what a feed said and, if given, the page at `page_url` (after redirects) that it points to.

    The page's text is taken where it is fuller than the feed's. `learned` are the keys of lines that are residue of
    the source (`learned.line_key`), `override` what a person says of its pages. Flags: `stub` (a title without text),
    `truncated` (the text goes on elsewhere), `paywall`, `live`. Raises EntryRejected, of the entry or of its page:
    EMPTY for neither title nor text, TOO_LARGE for markup beyond the limits, CLEAN_FAILED for a fault of ours; never
    anything else.
    """
    with only_rejections():
        return _clean_article(entry, feed_url, feed_language, page, page_url, page_content_type, learned, override)


@contextmanager
def only_rejections() -> Iterator[None]:
    """The boundary of the room: whatever goes wrong inside becomes EntryRejected(CLEAN_FAILED)."""
    try:
        yield
    except EntryRejected:
        raise
    except Exception as error:  # four parsers meet whatever the web holds; one entry must not stop the rest
        detail = f"{type(error).__name__}: {error}"[:500]  # some errors quote the whole document
        raise EntryRejected(EntryReason.CLEAN_FAILED, detail) from error


def _clean_article(
    entry: Entry,
    feed_url: str,
    feed_language: str | None,
    page: bytes | None,
    page_url: str | None,
    page_content_type: str | None,
    learned: Collection[bytes],
    override: Override | None,
) -> CleanArticle:
    link = absolute_url(entry.url, feed_url)
    title = plain_title(entry.title)
    fragment, summary = _clean_fragments(entry, link or feed_url, learned)
    found = None
    if page is not None:
        found = clean_page(
            page,
            url=page_url or link or feed_url,
            content_type=page_content_type,
            known_title=title or None,
            learned=learned,
            override=override,
        )
    body = _fuller(fragment, found)
    title = title or (found.title if found else "")
    if not title and not body.text:
        raise EntryRejected(EntryReason.EMPTY, f"entry {entry.key!r} has neither a title nor text")
    identity = _identity(link, page_url, found.canonical_url if found else None)
    # What a page says of itself holds also where the feed's text is the fuller one.
    flags = [flag for flag in (*body.flags, *(found.flags if found else ())) if flag != STUB]
    return CleanArticle(
        title=title,
        text=body.text,
        html=body.html,
        url=clean_url(link) if link else None,
        url_key=url_key(identity),
        authors=(found.authors if found else ()) or author_names([plain_title(author) for author in entry.authors]),
        published_at=entry.published_at or (found.published_at if found else None),
        updated_at=entry.updated_at or (found.updated_at if found else None),
        language=_language(found.language if found else None, entry.language, feed_language),
        summary=summary or (found.description if found else None) or None,
        lead_image=(found.lead_image if found else None)
        or fragment.lead_image
        or _enclosed_image(entry, link, feed_url),
        canonical_url=found.canonical_url if found else None,
        flags=tuple(dict.fromkeys(flags if body.text else [*flags, STUB])),
        removed=dict(body.removed),
        section=found.section if found else None,
        tags=(found.tags if found else ()) or tag_list(entry.categories),
        access=found.access if found else None,
        said_by=_said_by(entry, found),
        edge_lines=tuple(line for line in body.edge_lines if fold(line) != fold(title)),
    )


def _clean_fragments(entry: Entry, base_url: str, learned: Collection[bytes]) -> tuple[Fragment, str]:
    """The fuller of the entry's bodies, and its summary as plain text."""
    html = clean_fragment(entry.html, base_url=base_url, learned=learned) if entry.html else Fragment("", "")
    if not entry.summary or entry.summary == entry.html:
        return html, html.text if entry.summary else ""
    summary = clean_fragment(entry.summary, base_url=base_url, learned=learned)
    return (html if len(html.text) >= len(summary.text) else summary), summary.text


def _fuller(fragment: Fragment, page: Page | None) -> _Body:
    if page is not None and len(page.text) > len(fragment.text):
        return _Body(page.text, page.html, page.flags, page.removed, page.edge_lines)
    return _Body(fragment.text, fragment.html, fragment.flags, Counter(fragment.removed), fragment.edge_lines)


def _identity(link: str | None, page_url: str | None, canonical: str | None) -> str | None:
    """The address that stands for the article: the page's canonical URL where it can be trusted, else the link.

    Behind a redirector (a feed proxy, a link shortener) the link is nobody's address, and the page's counts.
    """
    if link and page_url and is_redirector(link):
        link = page_url
    return canonical if names_same_article(canonical, link) else link


def _said_by(entry: Entry, page: Page | None) -> dict[str, str]:
    """Where each field comes from: `feed`, or what of the page said so."""
    of_feed = {
        "title": plain_title(entry.title),
        "published_at": entry.published_at,
        "updated_at": entry.updated_at,
    }
    said = dict(page.said_by) if page else {}
    said |= dict.fromkeys([field for field, value in of_feed.items() if value], "feed")
    return said if "authors" in said or not entry.authors else {**said, "authors": "feed"}


def _language(*candidates: str | None) -> str | None:
    return next(filter(None, (language_tag(candidate) for candidate in candidates if candidate)), None)


def _enclosed_image(entry: Entry, link: str | None, feed_url: str) -> str | None:
    for enclosure in entry.enclosures:
        address = absolute_url(enclosure.url, link or feed_url)
        is_image = (enclosure.media_type or "").startswith("image/")
        if address and (is_image or (not enclosure.media_type and address.lower().endswith(_IMAGE_SUFFIXES))):
            return clean_url(address)
    return None
