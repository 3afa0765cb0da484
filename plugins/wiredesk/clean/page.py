"""An article's page as text, safe HTML and metadata.

The base is trafilatura, run on one parsed tree. What it loses of the story (the standfirst, headings and lists
between paragraphs, the other half of a body in two pieces) is put back by `standfirst` and `layout`; what it leaves of
the page's furniture goes through the chain in `residue`. Against trafilatura's default, 4-gram F1 / exact on published
ground truth: .972 / .50 against .948 / .27 on 82 pages (aeb), .965 / .31 against .944 / .03 on 122 (fundus), .950 / .20
against .932 / .14 (wcxb, 150). `make bench-quality` says how much that moves from site to site.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from bs4 import BeautifulSoup, SoupStrainer
from lxml.etree import ElementDefaultClassLookup, ParserError, strip_elements
from lxml.html import HtmlElement, HTMLParser, fromstring
from trafilatura import load_html
from trafilatura.meta import reset_caches
from trafilatura.utils import repair_faulty_html

from wiredesk.clean.about import Access
from wiredesk.clean.blocks import Block, extract_blocks, render_html, separate_labels
from wiredesk.clean.decode import decode_page
from wiredesk.clean.layout import join_bodies, restore_siblings
from wiredesk.clean.learned import LEARNED_TOO_MUCH, edge_lines, is_too_much, learned_indexes
from wiredesk.clean.limits import MAX_PAGE_BYTES, check_limits, check_size
from wiredesk.clean.metadata import Metadata, read_metadata
from wiredesk.clean.override import Override, narrow, overridden
from wiredesk.clean.residue import split_labels, strip_residue
from wiredesk.clean.sanitize import sanitize
from wiredesk.clean.standfirst import find_standfirst
from wiredesk.clean.text import join_paragraphs, mend_mojibake, tidy_line

STUB = "stub"  # no text was found: an empty result is never silent
TRUNCATED = "truncated"  # the text breaks off: the page shows its beginning
_BROKEN_OFF = ("…", "...", "…]", "...]", "(…)", "(...)")
PAYWALL = "paywall"  # the page says that not everybody may read the whole, so the text may be its beginning
GALLERY = "gallery"  # pictures with captions: the text may be these
LIVE = "live"  # a live blog: the text is what stood there at that moment

_NEAR_EMPTY_CHARS = 200  # below it, nothing but a teaser or a cookie notice was found
# trafilatura and htmldate remember strings of the pages that they saw. No result depends on it, but a worker lives
# for weeks. A reset costs 20 ms and more (it collects garbage), so not after every page.
_PAGES = count(1)
_PAGES_BETWEEN_RESETS = 500
# trafilatura's parser but for one thing: lxml.html asks Python for the class of each element that is met, thousands
# of times a page, only to make input fields special. The copies that trafilatura makes of a tree inherit this.
_PARSER = HTMLParser(  # type: ignore[call-arg]  # lxml-stubs lack default_doctype
    collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True
)
_PARSER.set_element_class_lookup(ElementDefaultClassLookup(element=HtmlElement))
_REPAIRED_CHARS = 4096  # where trafilatura looks for a malformed <html>


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did to the lines of a page: for a person who wonders where one went."""

    name: str
    cut: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A cleaned page. Times in the zone that they were given in, addresses absolute; `removed`: counts by kind."""

    title: str
    text: str  # paragraphs separated by one blank line
    html: str  # safe
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    lead_image: str | None = None
    canonical_url: str | None = None
    description: str | None = None
    flags: tuple[str, ...] = ()
    removed: Mapping[str, int] = field(default_factory=dict)
    section: str | None = None
    tags: tuple[str, ...] = ()
    access: Access | None = None  # None: the page does not say
    said_by: Mapping[str, str] = field(default_factory=dict)  # field → json-ld, meta, shown or guessed
    edge_lines: tuple[str, ...] = ()  # what may turn out to be residue of the source, also where it was cut
    steps: tuple[Step, ...] = ()  # those that did anything, in order


def clean_page(
    html: bytes,
    *,
    url: str,
    content_type: str | None = None,
    known_title: str | None = None,
    learned: Collection[bytes] = (),
    override: Override | None = None,
) -> Page:
    """Clean the page that was found at `url`. `known_title`, such as a feed's, is recognised when repeated; `learned`
    are the keys of lines that are residue of this source (`learned.line_key`), `override` what a person says of it.

    Raises EntryRejected(TOO_LARGE) above MAX_PAGE_BYTES and for markup that would hang a parser.
    """
    check_size(len(html), MAX_PAGE_BYTES, "bytes")
    markup = mend_mojibake(decode_page(html, content_type))
    check_limits(markup)
    if next(_PAGES) % _PAGES_BETWEEN_RESETS == 0:
        reset_caches()
    return _clean(markup, url, known_title, learned, override)


def _clean(
    markup: str, url: str, known_title: str | None, learned: Collection[bytes], override: Override | None
) -> Page:
    tree = _parsed(markup) if markup.strip() else None
    if tree is None:
        return Page(title="", text="", html="", flags=(STUB,))
    metadata = read_metadata(tree, url)
    steps: list[Step] = []
    if override is not None:
        metadata = overridden(metadata, tree, override)
        stripped, is_kept = narrow(tree, override)
        steps.append(Step("override, elements kept" if is_kept else "override", cut=tuple(stripped)))
    story, removed = _story(tree, markup, metadata, url, known_title, steps)
    blocks = _without_learned(story, learned, removed, steps)
    return Page(
        title=metadata.title or "",
        text=join_paragraphs(block.text for block in blocks),
        html=sanitize(render_html(blocks)),
        authors=metadata.authors,
        published_at=metadata.published_at,
        updated_at=metadata.updated_at,
        language=metadata.language,
        lead_image=metadata.lead_image,
        canonical_url=metadata.canonical_url,
        description=metadata.description,
        section=metadata.section,
        tags=metadata.tags,
        access=metadata.access,
        said_by=metadata.said_by,
        flags=_flags(metadata, blocks[-1].text.rstrip() if blocks else None),
        removed=removed,
        edge_lines=edge_lines([block.text for block in story]),
        steps=tuple(steps),
    )


def _parsed(markup: str) -> HtmlElement | None:
    """The tree, as trafilatura's `load_html` gives it, which is asked wherever a page is not plainly HTML."""
    # What it repairs stands in the first lines, or is gone since `decode_page`.
    end = markup.find("\n", _REPAIRED_CHARS) + 1
    head, rest = (markup[:end], markup[end:]) if end else (markup, "")
    try:
        tree = fromstring(repair_faulty_html(head, head[:50].lower()) + rest, parser=_PARSER)
    except (ValueError, ParserError):  # an XML declaration, or nothing
        return load_html(markup)
    return tree if len(tree) > 1 else load_html(markup)


def _flags(metadata: Metadata, last_line: str | None) -> tuple[str, ...]:
    said = {
        STUB: last_line is None,
        TRUNCATED: last_line is not None and last_line.endswith(_BROKEN_OFF),
        PAYWALL: metadata.access == "paywalled",
        LIVE: metadata.is_live,
        GALLERY: metadata.is_gallery,
    }
    return tuple(flag for flag, is_so in said.items() if is_so)


def _story(
    tree: HtmlElement, markup: str, metadata: Metadata, url: str, known_title: str | None, steps: list[Step]
) -> tuple[list[Block], dict[str, int]]:
    """The blocks of the story, and what was cut; each step that did anything is added to `steps`."""
    # No words of the story stand there, but trafilatura copies it with the page and asks each path for its class.
    strip_elements(tree, "svg", "style", with_tail=False)
    separate_labels(tree)
    blocks = extract_blocks(tree, url)
    steps.append(Step("extract", added=_lines_of(blocks)))
    if join_bodies(tree, blocks):
        before, blocks = blocks, extract_blocks(tree, url)
        _note(steps, "join bodies", before, blocks)
    before, blocks = blocks, restore_siblings(tree, blocks)
    _note(steps, "restore headings and lists", before, blocks)
    removed: Counter[str] = Counter()
    if fallback := _fallback(blocks, metadata.article_body, markup):
        _note(steps, "fallback", blocks, fallback)
        blocks = fallback
        removed["fallback"] += 1
    titles = [*metadata.titles, *([known_title] if known_title else [])]
    blocks = [Block(part, block.tag) for block in blocks for part in split_labels(block.text)]
    kept = strip_residue([block.text for block in blocks], titles=titles, authors=metadata.authors)
    removed.update(kept.removed)
    steps += [Step(kind, cut=(blocks[index].text,)) for index, kind in kept.dropped.items()]
    story = [blocks[index] for index in kept.indexes]
    if standfirst := find_standfirst(tree, metadata, story):
        story.insert(0, Block(standfirst))
        steps.append(Step("standfirst", added=(standfirst,)))
    return story, dict(removed)


def _note(steps: list[Step], name: str, before: list[Block], after: list[Block]) -> None:
    """Add what a step changed, if it did."""
    old, new = _lines_of(before), _lines_of(after)
    were, are = set(old), set(new)
    cut = tuple(line for line in old if line not in are)
    added = tuple(line for line in new if line not in were)
    if cut or added:
        steps.append(Step(name, cut, added))


def _lines_of(blocks: list[Block]) -> tuple[str, ...]:
    return tuple(block.text for block in blocks)


def _without_learned(
    story: list[Block], learned: Collection[bytes], removed: dict[str, int], steps: list[Step]
) -> list[Block]:
    lines = [block.text for block in story]
    cut = learned_indexes(lines, learned)
    if is_too_much(lines, cut):
        removed[LEARNED_TOO_MUCH] = len(cut)
        return story
    if cut:
        removed["learned"] = len(cut)
        steps.append(Step("learned", cut=tuple(lines[index] for index in sorted(cut))))
    return [block for index, block in enumerate(story) if index not in cut]


def _fallback(blocks: list[Block], article_body: str | None, markup: str) -> list[Block]:
    """Another reading of a page where next to nothing was found; empty where none is better."""
    found = _char_count(blocks)
    if found < _NEAR_EMPTY_CHARS:
        fallback = _from_article_body(article_body) or _from_paragraphs(markup)
        return fallback if _char_count(fallback) > found else []
    if len(blocks) == 1 and article_body:  # trafilatura's own last resort: the same text without its paragraphs
        fallback = _from_article_body(article_body)
        return fallback if _char_count(fallback) > 0.9 * found else []
    return []


def _from_article_body(body: str | None) -> list[Block]:
    """The text that a page gives to machines. Some put markup in it."""
    if body is None:
        return []
    text = BeautifulSoup(f"<div>{body}", "lxml").get_text("\n") if "<" in body else body
    return [Block(line) for line in map(tidy_line, text.splitlines()) if line]


def _from_paragraphs(markup: str) -> list[Block]:
    soup = BeautifulSoup(markup, "lxml", parse_only=SoupStrainer("p"))
    return [Block(line) for line in (tidy_line(tag.get_text()) for tag in soup.find_all("p")) if line]


def _char_count(blocks: list[Block]) -> int:
    return sum(len(block.text) for block in blocks)
