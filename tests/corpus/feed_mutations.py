"""The ways in which the web damages feeds. All chance comes from the generator that is given."""

from __future__ import annotations

import random

from tests.corpus.byte_mutations import RAW, Mutation, cut, damaged, end_early, flip, move, place, repeat
from tests.corpus.feed_seeds import SEEDS, Seed

_NAMES = [
    "title",
    "link",
    "guid",
    "id",
    "description",
    "summary",
    "content",
    "author",
    "name",
    "category",
    "pubDate",
    "updated",
    "enclosure",
    "source",
    "image",
    "textInput",
    "width",
    "comments",
    "dc:date",
    "dc:creator",
    "content:encoded",
    "div",
    "svg",
    "media:group",
    "media:thumbnail",
    "itunes:author",
    "georss:where",
    "gml:pos",
    "xhtml:body",
    "a:b",
    "p",
    "math",
    "cloud",
    "published",
    "expirationDate",
    "loc",
    "news:title",
    "newlocation",
    "ttl",
    "hour",
    "psc:chapter",
    "li",
    "hr",
]
_ATTRIBUTES = [
    f" {attribute}"
    for attribute in [
        'type="xhtml"',
        'type="html"',
        'type="application/octet-stream"',
        'mode="base64"',
        'mode="xml"',
        'xml:base="http://["',
        'xml:base="../x"',
        'xml:lang="xx-y_z"',
        'rel="alternate"',
        'rel="enclosure"',
        'href="//["',
        'xmlns="urn:x"',
        'xmlns=""',
        'xmlns:dc="urn:x"',
        'isPermaLink="true"',
        'start="x"',
        'length="-1"',
        'a="1" a="2"',
        'src="x"',
    ]
]
_MARKUP: list[str] = [
    *[
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<!---->",
        "<?x?>",
        "<?",
        "<",
        ">",
        "/>",
        "&",
        '"',
        "'",
        "<br>",
        "</p>",
        "<!x>",
        "null",
        "[]",
        "{}",
        "1e999",
        "\\ud800",
        '\\"',
    ],
    *[
        "<item>",
        "</item>",
        "<entry>",
        "</entry>",
        "<item/>",
        "<channel>",
        "</channel>",
        "</rss>",
        "<feed>",
        "</feed>",
        "<url>",
        "<guid/>",
        "<link/>",
    ],
    *[
        "&amp;",
        "&lt;b&gt;",
        "&nbsp;",
        "&nope;",
        "&#0;",
        "&#xD800;",
        "&#xD83D;&#xDE00;",
        "&#x110000;",
        "&#128;",
        "&#8217",
        "é",
        "東",
        "😀",
    ],
    *["javascript:alert(1)", "http://[::1", "https://g.example/1", "g-1", "urn:a:1", "-0001-13-45T99:99:99Z"],
    *[
        "<width>wide</width>",
        "<textInput>",
        "<image>",
        "<source><title>s</title></source>",
        "<title><title>",
        "</title></title>",
    ],
    *(
        "<gml:pos xmlns:gml='http://www.opengis.net/gml'>north</gml:pos>",
        "<content type='xhtml'>",
        "9" * 40,
        "x" * 2000,
    ),
    *"\0\x1b\x85\u2028\ufffe\ufeff\r",
]
_CHARSETS = [
    "utf-8",
    "utf-16",
    "iso-8859-1",
    "windows-1251",
    "shift_jis",
    "us-ascii",
    "idna",
    "utf-7",
    "nope",
    "utf-32",
    "big5",
]


def _insert(body: bytes, chance: random.Random) -> bytes:
    at = place(body, chance)
    return body[:at] + _debris(chance) + body[at:]


def _insert_between_tags(body: bytes, chance: random.Random) -> bytes:
    """The likeliest damage that leaves a document well-formed."""
    places = [at + 1 for at, byte in enumerate(body) if byte == ord(">")]
    if not places:
        return body
    at = chance.choice(places)
    name = chance.choice(_NAMES)
    attribute = chance.choice(("", "", *_ATTRIBUTES))
    element = chance.choice(
        (f"<{name}{attribute}>{chance.choice(('', '7', 'é &amp; x'))}</{name}>", f"<{name}{attribute}/>")
    )
    return body[:at] + element.encode() + body[at:]


def _insert_attribute(body: bytes, chance: random.Random) -> bytes:
    places = [
        at for at, byte in enumerate(body) if byte == ord(">") and body[at - 1 : at] not in (b"/", b"]", b"?", b"-")
    ]
    if not places:
        return body
    at = chance.choice(places)
    return body[:at] + chance.choice(_ATTRIBUTES).encode() + body[at:]


def _rename(body: bytes, chance: random.Random) -> bytes:
    """One name for another, everywhere."""
    return body.replace(chance.choice(_NAMES).encode(), chance.choice(_NAMES).encode())


def _debris(chance: random.Random) -> bytes:
    kind = chance.randrange(4)
    if kind == 0:
        return chance.choice(RAW)
    if kind == 1:
        slash = chance.choice(("", "", "/"))
        return f"<{slash}{chance.choice(_NAMES)}{'' if slash else chance.choice(('', *_ATTRIBUTES))}>".encode()
    return chance.choice(_MARKUP).encode()


# What may happen within an item as well as in a whole document.
LOCAL: tuple[Mutation, ...] = (
    *(flip, flip, cut, repeat, move, _insert, _insert, _insert_between_tags, _insert_between_tags),
    *(_insert_attribute, _rename),
)


def _splice(body: bytes, chance: random.Random) -> bytes:
    other = chance.choice(SEEDS).body()
    return body[: place(body, chance)] + other[place(other, chance) :]


def _borrow_an_item(body: bytes, chance: random.Random) -> bytes:
    at = place(body, chance)
    return body[:at] + chance.choice(chance.choice(SEEDS).items) + body[at:]


def _declare(body: bytes, chance: random.Random) -> bytes:
    charset = chance.choice(_CHARSETS).encode()
    rest = body.partition(b"?>")[2] if body.startswith(b"<?xml") else body
    return b'<?xml version="1.0" encoding="' + charset + b'"?>' + rest


def _recode(body: bytes, chance: random.Random) -> bytes:
    charset = chance.choice(
        ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-1", "cp037", "utf-8-sig", "shift_jis")
    )
    return body.decode("utf-8", "replace").encode(charset, "replace")


def _document_type(body: bytes, chance: random.Random) -> bytes:
    kind = chance.choice(
        ("<!DOCTYPE rss [<!ENTITY a 'b'>]>", "<!DOCTYPE rss>", "<!DOCTYPE [", "<!-- x -->", "<?a b?>", "\n \n", "junk")
    )
    start = body.find(b"?>") + 2 if body.startswith(b"<?xml") else 0
    return body[:start] + kind.encode() + body[start:]


GLOBAL: tuple[Mutation, ...] = (*LOCAL, end_early, _splice, _borrow_an_item, _declare, _recode, _document_type)


def shuffled(seed: Seed, chance: random.Random) -> bytes:
    """The feed with its items in another order, some twice, some left out."""
    return seed.body(chance.choices(seed.items, k=chance.randint(0, len(seed.items) + 2)))


def damaged_item(item: bytes, chance: random.Random) -> bytes:
    """The item with its tags as they were, damaged between them."""
    start, end = inside(item)
    return item[:start] + damaged(item[start:end], chance, LOCAL, most=2) + item[end:]


def inside(item: bytes) -> tuple[int, int]:
    """Where the inside of an item (or of a JSON object) starts and ends."""
    if item.lstrip().startswith(b"{"):
        return item.index(b"{") + 1, item.rindex(b"}")
    return item.index(b">") + 1, item.rindex(b"</")
