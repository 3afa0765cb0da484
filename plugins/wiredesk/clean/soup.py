"""The steps of cleaning a parsed fragment. Each does one thing to the tree and counts what it removed.

They share one tree, because parsing is what costs; `fragment.clean_fragment` fixes their order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from bs4 import Tag
from bs4.element import PageElement

from wiredesk.clean.text import tidy_line, words
from wiredesk.clean.tree import Tree
from wiredesk.clean.urls import absolute_url, clean_url

BLOCKS = words(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr html li main menu nav ol p pre section summary table tbody td tfoot th thead "
    "tr ul"
)
EMBEDS = words("iframe object embed audio video")
_ACTIVE = EMBEDS | words(
    "script style template applet form button select textarea input svg math canvas link meta title map"
)
_EMPTIABLE = words("a b div em figure i li ol p section span strong ul")
_ADDRESSES = {"a": "href", "img": "src", "blockquote": "cite", "q": "cite"}

# Addresses that count readers instead of showing a picture.
_BEACON_HOSTS = re.compile(
    r"(?:^|\.)(?:doubleclick\.net|feedsportal\.com|pixel\.wp\.com|stats\.wordpress\.com|scorecardresearch\.com|"
    r"google-analytics\.com|quantserve\.com|chartbeat\.(?:com|net)|imrworldwide\.com|ioam\.de|vgwort\.de|"
    r"feedads\.g\.doubleclick\.net|pheedo\.com|feedblitz\.com|statcounter\.com|omtrdc\.net|2o7\.net|"
    r"parsely\.com|permutive\.com|taboola\.com|outbrain\.com)$"
)
_BEACON_PATHS = re.compile(
    r"/(?:pixel|beacon|spacer|1x1|clear|counter|tracking|count)\.(?:gif|png)$|/b\.gif$|/~(?:r|ff|a|4)/", re.IGNORECASE
)
_PLACEHOLDER = re.compile(
    r"^data:|/(?:blank|placeholder|spacer|lazy|loading|transparent|1x1|grey|gray)\b", re.IGNORECASE
)
_LAZY_ATTRIBUTES = ("data-src", "data-original", "data-lazy-src", "data-hi-res-src", "data-image", "data-url")
_LAZY_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px)?\s*(?:;|$)", re.IGNORECASE
)
_HIDING_CLASSES = words("screen-reader-text sr-only visually-hidden visuallyhidden hidden")

_SHARE_URL = re.compile(
    r"(?:facebook\.com/(?:sharer|share\.php|dialog/(?:share|feed))|(?:twitter|x)\.com/(?:intent|share|home\?status)|"
    r"linkedin\.com/(?:shareArticle|sharing|cws/share)|pinterest\.[a-z.]+/pin/create|reddit\.com/submit|"
    r"(?:t\.me|telegram\.me)/share|(?:api\.|wa\.|web\.)?whatsapp\.com/send|wa\.me/\?|whatsapp://|tumblr\.com/(?:share|"
    r"widgets/share)|getpocket\.com/(?:save|edit)|addtoany\.com|addthis\.com|sharethis\.com|feeds\.feedburner\.com/~ff|"
    r"news\.ycombinator\.com/submitlink|vk\.com/share|connect\.ok\.ru/offer|digg\.com/submit|stumbleupon\.com/submit|"
    r"bsky\.app/intent|xing\.com/(?:spi/shares|social_plugins/share)|share\.flipboard\.com|line\.me/R/msg|"
    r"lineit\.line\.me/share|b\.hatena\.ne\.jp/(?:add|entry)|threads\.net/intent|^mailto:\?)",
    re.IGNORECASE,
)
_SHARE_CLASSES = words(
    "feedflare sharedaddy sd-sharing addtoany_share_save_container addtoany_content a2a_kit addthis_toolbox "
    "share-buttons social-share share-bar sharing-buttons social-buttons jp-relatedposts yarpp-related "
    "heateor_sss_sharing_container ssba wp-block-buttons mc4wp-form"
)


def drop_active(tree: Tree, removed: Counter[str]) -> None:
    """Everything that runs, loads or asks: its text is no text of the story."""
    for tag in tree.tags():
        if tag.name in _ACTIVE:
            removed["embed" if tag.name in EMBEDS else "active"] += 1
            tree.drop(tag)


def load_lazy_images(tree: Tree, removed: Counter[str]) -> None:
    """Give each image the address that a script would have given it, and drop its copies in noscript."""
    previous: Tag | None = None
    for tag in tree.tags():
        if tag.name == "img":
            source = attribute(tag, "src")
            if not source or _PLACEHOLDER.search(source):
                tag["src"] = _lazy_source(tag) or _source_of_picture(tag) or ""
            previous = tag
        elif tag.name == "noscript":
            shown = next(tree.within(tag, "img"), None)
            if shown is None:
                tree.drop(tag)
                continue
            if previous is not None and attribute(previous, "src") in ("", attribute(shown, "src")):
                tree.drop(previous)
                removed["lazy_image"] += 1
            tree.unwrap(tag)


def drop_beacons(tree: Tree, removed: Counter[str]) -> None:
    """Images that count readers, and images without an address."""
    for tag in tree.tags():
        if tag.name != "img":
            continue
        if _is_beacon(tag):
            removed["beacon"] += 1
            tree.drop(tag)
        elif not attribute(tag, "src"):
            tree.drop(tag)


def drop_hidden(tree: Tree, removed: Counter[str]) -> None:
    """What a browser would not show."""
    for tag in tree.tags():
        if tag.attrs and _is_hidden(tag):
            removed["hidden"] += 1
            tree.drop(tag)


def drop_share_links(tree: Tree, removed: Counter[str]) -> None:
    """Share bars, and single links that share."""
    for tag in tree.tags():
        if "class" in tag.attrs and not _SHARE_CLASSES.isdisjoint(_classes(tag)):
            removed["share_bar"] += 1
            tree.drop(tag)
        elif tag.name == "a" and _SHARE_URL.search(attribute(tag, "href")):
            removed["share_link"] += 1
            tree.drop(tag)


def resolve_urls(tree: Tree, base_url: str | None, removed: Counter[str]) -> None:
    """Make every address absolute and drop its tracking parameters; an address that is none loses its attribute."""
    for tag in tree.tags():
        name = _ADDRESSES.get(tag.name)
        if name is None or name not in tag.attrs:
            continue
        address = absolute_url(attribute(tag, name), base_url)
        if address is None:
            del tag[name]
            continue
        tag[name] = clean_url(address)
        removed["tracking_parameter"] += tag[name] != address


def drop_empty(tree: Tree) -> None:
    """Elements without text and picture, innermost first, and line breaks at the end."""
    for tag in tree.innermost():
        if tag.name in _EMPTIABLE and _is_blank(tree.children(tag)):
            tree.drop(tag)
    last = next(tree.innermost(), None)
    for node in reversed(tree.children(last.parent)) if last is not None and last.parent is not None else ():
        if isinstance(node, Tag) and node.name == "br":
            tree.drop(node)
        elif not _is_blank([node]):
            break


def lead_image(tree: Tree) -> str | None:
    """The first picture that is not an icon (by its declared size)."""
    for tag in tree.tags():
        if tag.name != "img" or "src" not in tag.attrs:
            continue
        if all(_pixels(tag, side) >= 64 for side in ("width", "height")):  # 64: emoji and avatars are smaller
            return attribute(tag, "src")
    return None


def paragraphs(tree: Tree) -> Iterator[str]:
    """The lines that a browser would show, one a block; `<br>` ends a line, cells of a data row share one."""
    pieces: list[str | None] = []
    _collect(tree, tree.root, pieces)
    pending: list[str] = []
    for piece in [*pieces, None]:
        if piece is not None:
            pending.append(piece)
            continue
        if pending and (line := tidy_line("".join(pending))):
            yield line
        pending.clear()


def _collect(tree: Tree, tag: Tag, pieces: list[str | None]) -> None:
    """Add the texts in order, and None where a line ends. Recursion is bounded by limits.MAX_DEPTH."""
    for child in tree.children(tag):
        if not isinstance(child, Tag):
            pieces.append(str(child))
        elif "data-embed" in child.attrs:
            continue
        elif child.name == "br":
            pieces.append(None)
        elif child.name == "tr" and not _is_layout(tree, child):
            cells = (tidy_line(" ".join(tree.strings(cell))) for cell in _cells(tree, child))
            pieces += [None, " | ".join(filter(None, cells)), None]
        elif child.name in BLOCKS:
            pieces.append(None)
            _collect(tree, child, pieces)
            pieces.append(None)
        else:
            _collect(tree, child, pieces)


def _cells(tree: Tree, row: Tag) -> list[Tag]:
    return [child for child in tree.children(row) if isinstance(child, Tag) and child.name in ("td", "th")]


def _is_layout(tree: Tree, row: Tag) -> bool:
    """Whether a row of a table lays out blocks; a row of data has bare text in its cells, and none beside them."""
    cells = _cells(tree, row)
    if not cells or any(isinstance(child, str) and child.strip() for child in tree.children(row)):
        return True
    return any(next(tree.within(cell, *BLOCKS, "br"), None) is not None for cell in cells)


def attribute(tag: Tag, name: str) -> str:
    """An attribute as one stripped string, empty where there is none."""
    return str(tag.attrs.get(name) or "").strip()


def _lazy_source(image: Tag) -> str | None:
    for name in _LAZY_ATTRIBUTES:
        if (source := attribute(image, name)) and not source.startswith("data:"):
            return source
    for name in _LAZY_SETS:
        if candidates := attribute(image, name):
            return _largest(candidates)
    return None


def _source_of_picture(image: Tag) -> str | None:
    """What the first source of the surrounding <picture> offers."""
    picture = image.find_parent("picture")  # libxml2 nests what follows a <source> in it
    if picture is None:
        return None
    sources = (_lazy_source(source) for source in picture.find_all("source"))
    return next(filter(None, sources), None)


def _largest(source_set: str) -> str | None:
    """The candidate with the highest descriptor of a srcset: `small.jpg 480w, large.jpg 1200w`."""
    best, best_size = None, -1.0
    for candidate in re.split(r",\s+|,(?=https?:)", source_set):
        address, _, descriptor = candidate.strip().partition(" ")
        size = re.match(r"\s*([\d.]{1,9})[wx]", descriptor)
        if address and float(size[1].strip(".") or 0 if size else 0) > best_size:
            best, best_size = address, float(size[1].strip(".") or 0 if size else 0)
    return best


def _pixels(image: Tag, side: str) -> float:
    """A declared side of an image; infinite where it is not declared in pixels."""
    found = re.match(r"(\d{1,6})(?:px)?$", attribute(image, side))
    if found is None:
        found = re.search(rf"(?:^|[;\s]){side}\s*:\s*(\d{{1,6}})px", attribute(image, "style"))
    return float(found[1]) if found else float("inf")


def _is_beacon(image: Tag) -> bool:
    if min(_pixels(image, "width"), _pixels(image, "height")) <= 1:
        return True
    try:
        parts = urlsplit(attribute(image, "src"))
        host = parts.hostname or ""
    except ValueError:
        return True
    return bool(_BEACON_HOSTS.search(host) or _BEACON_PATHS.search(parts.path))


def _is_hidden(tag: Tag) -> bool:
    if "hidden" in tag.attrs or ("style" in tag.attrs and _HIDING_STYLE.search(attribute(tag, "style"))):
        return True
    return "class" in tag.attrs and not _HIDING_CLASSES.isdisjoint(_classes(tag))


def _classes(tag: Tag) -> list[str]:
    return attribute(tag, "class").split()


def _is_blank(nodes: Iterable[PageElement]) -> bool:
    return not any(isinstance(node, Tag) or (isinstance(node, str) and node.strip()) for node in nodes)
