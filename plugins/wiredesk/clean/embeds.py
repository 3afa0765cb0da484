"""Players and charts in a feed's fragment: they run, so they go; a link to what they would have shown stays."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import parse_qs, urlsplit

from bs4 import Tag

from wiredesk.clean.soup import EMBEDS, attribute
from wiredesk.clean.tree import Tree
from wiredesk.clean.urls import absolute_url

_MARK = "data-embed"  # soup.paragraphs leaves out what bears it

# Where an embedded address has a page that a person can read: the address of the player, and that of the page.
_PAGES = tuple(
    (re.compile(pattern, re.IGNORECASE), page)
    for pattern, page in (
        (
            r"(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed|v|shorts)/([\w-]{6,20})",
            "https://www.youtube.com/watch?v={0}",
        ),
        (r"player\.vimeo\.com/video/(\d+)", "https://vimeo.com/{0}"),
        (r"(?:www\.)?dailymotion\.com/embed/video/(\w+)", "https://www.dailymotion.com/video/{0}"),
        (r"open\.spotify\.com/embed(?:-podcast)?/(\w+)/(\w+)", "https://open.spotify.com/{0}/{1}"),
        (r"embed\.podcasts\.apple\.com/(.+)", "https://podcasts.apple.com/{0}"),
        (r"embed\.ted\.com/(?:talks/)?([\w/-]+)", "https://www.ted.com/talks/{0}"),
        (r"(?:www\.)?instagram\.com/(p|reel)/([\w-]+)/embed", "https://www.instagram.com/{0}/{1}/"),
        (r"(?:www\.)?tiktok\.com/embed/(?:v2/)?(\d+)", "https://www.tiktok.com/embed/v2/{0}"),
        (r"datawrapper\.dwcdn\.net/(\w{5})", "https://datawrapper.dwcdn.net/{0}/"),
        (r"flo\.uri\.sh/visualisation/(\d+)", "https://public.flourish.studio/visualisation/{0}/"),
        (r"e\.infogram\.com/([\w-]+)", "https://infogram.com/{0}"),
        (r"archive\.org/embed/([\w.-]+)", "https://archive.org/details/{0}"),
        (r"(?:www\.|embed\.)?documentcloud\.org/documents/([\w-]+)", "https://www.documentcloud.org/documents/{0}"),
    )
)
# Players that name the page in a parameter.
_NAMED_IN = {"w.soundcloud.com": "url", "www.facebook.com": "href", "platform.twitter.com": "url"}
_HELD_IN = ("src", "data", "data-src", "data-lazy-src")


def keep_embeds(tree: Tree) -> None:
    """Empty each embed that has a page, so that what is in it is not taken for text; `link_embeds` ends the work.

    In between stands the tail of the fragment, which is judged without them.
    """
    for tag in tree.tags():
        if _MARK in tag.attrs:
            del tag[_MARK]  # the publisher's own attribute of that name means something else
        if tag.name in EMBEDS and (page := _page_of(tag)):
            for child in tag.contents:
                tree.drop(child)
            tag.name, tag.attrs = "span", {_MARK: page}


def link_embeds(tree: Tree, removed: Counter[str]) -> None:
    """In the place of each kept embed a paragraph that links to its page. It is no line of the text."""
    for tag in tree.tags():
        if page := tag.attrs.get(_MARK):
            removed["embed_linked"] += 1
            tag.name, tag.attrs = "a", {"href": page, _MARK: ""}
            tag.append(page.partition("://")[2].rstrip("/"))


def _page_of(tag: Tag) -> str | None:
    """The address of the page that an embed shows a part of, if it is one that we know."""
    held = [attribute(tag, name) for name in _HELD_IN]
    held += [
        attribute(inner, name) for inner in tag.find_all(["embed", "source", "param"]) for name in ("src", "value")
    ]
    return next(filter(None, map(_known_page, filter(None, held))), None)


def _known_page(address: str) -> str | None:
    absolute = absolute_url(address, "https://embeds.invalid/")
    if absolute is None:
        return None
    parts = urlsplit(absolute)
    if parameter := _NAMED_IN.get(parts.netloc):
        named = parse_qs(parts.query).get(parameter, [""])[0]
        return absolute_url(named, None) if named else None
    place = f"{parts.netloc}{parts.path}"
    for pattern, page in _PAGES:
        if found := pattern.match(place):
            return page.format(*found.groups())
    return None
