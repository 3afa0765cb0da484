"""A feed's HTML fragment as text and safe HTML: one parse, one chain of small steps, the sanitizer last."""

from __future__ import annotations

import html as html_entities
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from wiredesk.clean import soup as steps
from wiredesk.clean.embeds import keep_embeds, link_embeds
from wiredesk.clean.learned import edge_lines
from wiredesk.clean.limits import MAX_FRAGMENT_CHARS, check_limits, check_size
from wiredesk.clean.sanitize import ATTRIBUTES, sanitize
from wiredesk.clean.tail import cut_learned_tail, cut_tail
from wiredesk.clean.text import join_paragraphs, readable
from wiredesk.clean.tree import Tree

TRUNCATED = "truncated"  # the feed says that the story goes on elsewhere


@dataclass(frozen=True, slots=True)
class Fragment:
    """A cleaned fragment. `removed` counts what was cut, by kind."""

    text: str  # paragraphs separated by one blank line
    html: str  # safe
    lead_image: str | None = None
    flags: tuple[str, ...] = ()
    removed: Mapping[str, int] = field(default_factory=dict)
    edge_lines: tuple[str, ...] = ()  # what may turn out to be residue of the source, also where it was cut


def clean_fragment(html: str, *, base_url: str | None, learned: Collection[bytes] = ()) -> Fragment:
    """Clean one fragment; addresses are resolved against `base_url`. `learned` are the keys of lines that are residue
    of this source (`learned.line_key`), cut where they stand at its end.

    Raises EntryRejected(TOO_LARGE) above MAX_FRAGMENT_CHARS and for markup that would hang a parser.
    """
    check_size(len(html), MAX_FRAGMENT_CHARS, "characters")
    given = readable(html)
    check_limits(given)
    removed: Counter[str] = Counter()
    markup = _CDATA.sub("", unescape_markup(given, removed))
    if markup != given:
        check_limits(markup)
    tree = Tree(_as_html(markup))
    keep_embeds(tree)
    steps.drop_active(tree, removed)
    steps.load_lazy_images(tree, removed)
    steps.drop_beacons(tree, removed)
    steps.drop_hidden(tree, removed)
    steps.drop_share_links(tree, removed)
    is_truncated = cut_tail(tree, removed)
    link_embeds(tree, removed)
    steps.resolve_urls(tree, base_url, removed)
    steps.drop_empty(tree)
    lines = list(steps.paragraphs(tree))
    edges = edge_lines(lines)
    if cut_learned_tail(tree, lines, learned, removed):
        steps.drop_empty(tree)
        lines = list(steps.paragraphs(tree))
    return Fragment(
        text=join_paragraphs(lines),
        html=sanitize(tree.markup(ATTRIBUTES)),
        lead_image=steps.lead_image(tree),
        flags=(TRUNCATED,) if is_truncated else (),
        removed=dict(+removed),
        edge_lines=edges,
    )


_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[a-zA-Z/!?]")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")  # feeds nest it; in HTML it would be a comment
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_CODE_START = re.compile(r"<(code|pre|samp|kbd)\b", re.IGNORECASE)
_CODE_END = {name: re.compile(f"</{name}\\b", re.IGNORECASE) for name in ("code", "pre", "samp", "kbd")}
_TAG_NAMES = "a|b|blockquote|br|div|em|figure|h[1-6]|hr|i|img|li|ol|p|span|strong|table|td|tr|u|ul"
_REAL_TAG = re.compile(rf"</?(?:{_TAG_NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ESCAPED_FIRST = re.compile(rf"\s*&(?:amp;)?lt;(?:{_TAG_NAMES})\b", re.IGNORECASE)
_ESCAPED_ATTRIBUTE = re.compile(r"&(?:amp;)?lt;(?:a|img|p|div|span)\s+[a-z-]+\s*=", re.IGNORECASE)
_ESCAPED_ENTITY = re.compile(r"&amp;(#\d{2,7}|#x[0-9a-f]{2,6}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)


def _as_html(markup: str) -> str:
    """Plain text in paragraphs at its blank lines; BeautifulSoup takes bare text for a file name, and warns."""
    if _ANY_TAG.search(markup):
        return _XML_DECLARATION.sub("", markup, count=1) if "<?" in markup else markup
    paragraphs = _BLANK_LINE.split(markup.replace("\r", ""))
    return "".join(f"<p>{paragraph.strip()}</p>" for paragraph in paragraphs if paragraph.strip())


def unescape_markup(markup: str, removed: Counter[str]) -> str:
    """Undo the escaping of markup that was escaped once or twice too often, outside of code.

    Only where it begins with an escaped tag, or one has attributes, and there is no real tag: an article about
    HTML names a tag here and there between real paragraphs.
    """
    if "&" not in markup:
        return markup
    for _ in range(2 if "lt;" in markup.lower() else 0):
        outside = "".join(part for part, is_code in _split_code(markup) if not is_code)
        is_escaped = _ESCAPED_FIRST.match(outside) or _ESCAPED_ATTRIBUTE.search(outside)
        if not is_escaped or _REAL_TAG.search(outside):
            break
        markup = _outside_code(markup, html_entities.unescape)
        removed["escaping"] += 1
    if "&amp;" not in markup.lower():
        return markup
    return _outside_code(markup, lambda part: _ESCAPED_ENTITY.sub(_unescaped_entity, part))


def _outside_code(markup: str, change: Callable[[str], str]) -> str:
    return "".join(part if is_code else change(part) for part, is_code in _split_code(markup))


def _split_code(markup: str) -> Iterator[tuple[str, bool]]:
    """The markup in parts, each with whether it is code. Linear: a missing end is looked for once a name."""
    missing: set[str] = set()
    shown = position = 0
    while start := _CODE_START.search(markup, position):
        position = start.end()
        name = start[1].lower()
        end = None if name in missing else _CODE_END[name].search(markup, position)
        if end is None:
            missing.add(name)
            continue
        yield markup[shown : start.start()], False
        yield markup[start.start() : end.end()], True
        shown = position = end.end()
    yield markup[shown:], False


def _unescaped_entity(found: re.Match[str]) -> str:
    """`&amp;nbsp;` means a space; `&amp;lt;` was meant to be read as `&lt;`, and would become a tag."""
    character = html_entities.unescape(f"&{found[1]};")
    return found[0] if len(character) > 2 or character in "<>" else html_entities.escape(character)
