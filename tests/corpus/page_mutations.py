"""The ways in which the web damages HTML, and HTML out of nothing. All chance comes from what is given."""

from __future__ import annotations

import random

from wiredesk.clean.text import words

from tests.corpus.byte_mutations import RAW, Mutation, cut, damaged, end_early, flip, move, place, repeat
from tests.corpus.page_seeds import FRAGMENTS, PAGES

_TAGS = sorted(
    words(
        "a abbr address amp-img article aside audio b base blockquote body br button caption center code col colgroup "
        "dd details div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 "
        "head header hr html i iframe image img input ins label li link main map math meta nav noscript object ol "
        "optgroup option p param picture plaintext pre q s script section select small source span strong style sub "
        "summary sup svg table tbody td template textarea tfoot th thead time title tr u ul video wbr xmp x-y o:p "
    )
)
_ATTRIBUTES = [
    "hidden", "class=article-body", "class='sr-only share'", "id=content", "style='display:none'", "style=x:url(",
    "lang=de", "itemprop=articleBody", "itemprop=datePublished content=2024-13-45", "datetime=0000-00-00T99:99",
    "rel=author", "rel=canonical href=//[", "href=http://[::1", "href='/a?id=1&utm_source=x'",
    "href=javascript:alert(1)", "href=#", "src=x.jpg width=1 height=1", "data-src=/a.jpg", "srcset=',, 1x , a b c'",
    "src=data:,x", "onclick=x()", "a=1 a=2", "property=og:title content='a - b'",
    "name=author content='By A, B and C'", "http-equiv=content-type", "charset=utf-7",
    "property=article:published_time content=9999-12-31T23:59:59-23:59", "type=application/ld+json",
    "colspan=99999999999", "xml:base=http://[", "xmlns:x=urn:x", "'", '"', "=", "/", "x=`", "<p", "\x00", "é=ü",
    "class=" + "x" * 500,
]  # fmt: skip
_TEXTS = [
    "", " ", "Word", "A sentence that ends.", "By Ane Holt", "3 March 2024", "Next Article", "Read more", "[…]",
    "Share", "The post A appeared first on B.", "Advertisement", "© Reuters", "&amp;lt;p&amp;gt;", "&nbsp;", "&#0;",
    "&#xD800;", "&#x110000;", "&nope;", "&", "<", ">", "<!--", "-->", "<!-->", "--!>", "<![CDATA[", "]]>",
    "<?php x ?>", "</", "<!x>", "<!DOCTYPE html>", "\x00", "\r", "\u2028", "\ufeff", "\u200b", "\u202e",
    "\U0001f600", "東京で", "خبر", "Ä", "&lt;script&gt;",
    '{"@type":"NewsArticle","headline":[[]],"author":{"name":7}}', '{"@graph":' * 30, "1e999", "https://[",
    "x" * 2000, "A long line of words that goes on and on without an end " * 12,
]  # fmt: skip
_RAW_TEXT = ("script", "style", "textarea", "title", "xmp", "noscript", "iframe", "plaintext")
_CHARSETS = ("utf-8", "utf-16", "utf-7", "windows-1252", "shift_jis", "gb2312", "iso-2022-jp", "unicode_escape", "nope")
# Up to a quarter of what the limits allow: enough to find a step whose cost is more than linear.
_FLOOD = (300, 2_000, 15_000)
_FLOODED = [
    "<p>", "<b>", "</b>", "<br>", "<div>", "</div>", "<li>", "<td>", "<table>", "<a href=x>", "<p>x",
    "<p>A line.</p>", "&amp;", "<script>", "<!--", "<p a='", " a=1", "<", "x ", "\n", "<option>", "<h2>x</h2>",
    "<span>Share</span>", "<svg/>", "<code>", "<meta name=author content=x>", "<h1>Ferry</h1>", "By A and ", "[",
    '{"@graph":[', "<ul><li>x</ul>", "<img src=x>",
]  # fmt: skip


def tag(chance: random.Random) -> str:
    """A start or an end tag with up to three attributes."""
    name = chance.choice(_TAGS)
    if chance.random() < 0.3:
        return f"</{name}>"
    attributes = "".join(f" {chance.choice(_ATTRIBUTES)}" for _ in range(chance.choice((0, 0, 1, 1, 2, 3))))
    return f"<{name}{attributes}{chance.choice(('>', '>', '>', '/>', ''))}"


def random_markup(chance: random.Random) -> bytes:
    """Elements within elements, mostly closed, of whatever kinds."""
    return "".join(_elements(chance, chance.randint(0, 5), chance.randint(0, 6))).encode("utf-8", "replace")


def _elements(chance: random.Random, depth: int, width: int) -> list[str]:
    parts: list[str] = []
    for _ in range(width):
        parts.append(chance.choice(_TEXTS))
        if depth == 0 or chance.random() < 0.2:
            parts.append(tag(chance))
            continue
        name = chance.choice(_RAW_TEXT) if chance.random() < 0.1 else chance.choice(_TAGS)
        parts.append(f"<{name} {chance.choice(_ATTRIBUTES)}>" if chance.random() < 0.5 else f"<{name}>")
        parts += _elements(chance, depth - 1, chance.randint(0, width))
        parts.append(f"</{name}>" if chance.random() < 0.9 else "")
    return parts


def _insert(body: bytes, chance: random.Random) -> bytes:
    at = place(body, chance)
    debris = chance.choice(RAW) if chance.random() < 0.2 else chance.choice(_TEXTS).encode("utf-8", "replace")
    return body[:at] + debris + body[at:]


def _insert_tag(body: bytes, chance: random.Random) -> bytes:
    """Where a tag ends: in most pages any other place is in a script."""
    at = body.find(b">", place(body, chance)) + 1
    return body[:at] + tag(chance).encode() + body[at:]


def _insert_attribute(body: bytes, chance: random.Random) -> bytes:
    at = body.find(b">", place(body, chance))
    return body if at < 0 else body[:at] + f" {chance.choice(_ATTRIBUTES)}".encode() + body[at:]


def _drop_tag(body: bytes, chance: random.Random) -> bytes:
    start = body.find(b"<", place(body, chance))
    end = body.find(b">", start)
    return body if start < 0 or end < 0 else body[:start] + body[end + 1 :]


def _rename(body: bytes, chance: random.Random) -> bytes:
    """One element for another, everywhere."""
    old, new = chance.choice(_TAGS).encode(), chance.choice(_TAGS).encode()
    return body.replace(b"<" + old, b"<" + new).replace(b"</" + old, b"</" + new)


def _unclose(body: bytes, chance: random.Random) -> bytes:
    """All ends of one element gone."""
    return body.replace(f"</{chance.choice(_TAGS)}>".encode(), b"")


def _flood(body: bytes, chance: random.Random) -> bytes:
    at = body.find(b">", place(body, chance)) + 1
    return body[:at] + chance.choice(_FLOODED).encode() * chance.randint(1, chance.choice(_FLOOD)) + body[at:]


def _splice(body: bytes, chance: random.Random) -> bytes:
    other = chance.choice((*PAGES, *FRAGMENTS)).body
    return body[: place(body, chance)] + other[place(other, chance) :]


def _declare(body: bytes, chance: random.Random) -> bytes:
    return f"<meta charset={chance.choice(_CHARSETS)}>".encode() + body


def _recode(body: bytes, chance: random.Random) -> bytes:
    charset = chance.choice(
        ("utf-16", "utf-16-le", "utf-32", "iso-8859-1", "cp037", "utf-8-sig", "shift_jis", "cp1251")
    )
    return body.decode("utf-8", "replace").encode(charset, "replace")


MUTATIONS: tuple[Mutation, ...] = (
    *(flip, cut, end_early, repeat, move, _insert, _insert, _insert_tag, _insert_tag, _insert_tag, _insert_attribute),
    *(_insert_attribute, _drop_tag, _drop_tag, _rename, _rename, _unclose, _flood, _splice, _declare, _recode),
)


def damaged_html(body: bytes, chance: random.Random) -> bytes:
    """The document after one to six of the mutations."""
    return damaged(body, chance, MUTATIONS, most=6)
