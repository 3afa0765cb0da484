"""Floods of elements that feeds do have, and elements that make feedparser raise."""

from __future__ import annotations

from wiredesk.models import PayloadReason

from tests.corpus.hostile.trick import atom, item, rss, trick


@trick(4998, 1500)
def identical_guids(count: int) -> bytes:
    return rss(*[item(f"<title>{n}</title><link>http://g.example/{n}</link>") for n in range(count)]).encode()


@trick(4998, 2000)
def identical_items(count: int) -> bytes:
    return rss(item("<title>x</title>") * count).encode()


@trick(100_000, 20_000)
def many_categories(count: int) -> bytes:
    return rss(item("<title>x</title>" + "".join(f"<category>c{n}</category>" for n in range(count)))).encode()


@trick(100_000, 20_000)
def many_enclosures(count: int) -> bytes:
    files = "".join(f'<enclosure url="http://g.example/{n}.mp3" type="audio/mpeg" length="{n}"/>' for n in range(count))
    return rss(item("<title>x</title>" + files)).encode()


@trick(100_000, 20_000)
def many_links(count: int) -> bytes:
    links = "".join(f'<link rel="alternate" href="http://g.example/{n}"/>' for n in range(count))
    return atom(f"<entry><id>1</id><title>x</title>{links}</entry>").encode()


@trick(100_000, 20_000)
def many_guids_in_an_item(count: int) -> bytes:
    return rss(item("".join(f"<guid>{n}</guid><link>http://g.example/{n}</link>" for n in range(count)))).encode()


@trick(50_000, 10_000)
def many_authors(count: int) -> bytes:
    people = "".join(f"<author><name>A{n}</name><email>a@g.example</email></author>" for n in range(count))
    return atom(f"<entry><id>1</id><title>x</title>{people}</entry>").encode()


@trick(200_000, 100_000)
def author_that_is_nearly_an_address(size: int) -> bytes:
    """feedparser looks for an e-mail address in it, in quadratic time."""
    return rss(item(f"<title>x</title><author>{'a' * size}</author>")).encode()


@trick(200_000, 20_000)
def keyword_flood(count: int) -> bytes:
    """feedparser compares each word with all before it."""
    words = " ".join(f"w{n}" for n in range(count))
    return rss(
        item(f"<title>x</title><i:keywords>{words}</i:keywords>"),
        attributes=' xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd"',
    ).encode()


@trick(100_000, 20_000)
def many_titles(count: int) -> bytes:
    return rss(item("".join(f"<title>t{n}</title><description>d{n}</description>" for n in range(count)))).encode()


@trick(100_000, 20_000)
def media_flood(count: int) -> bytes:
    media = "".join(
        f'<m:group><m:content url="http://g.example/{n}"/><m:thumbnail url="x"/><m:credit>c</m:credit></m:group>'
        for n in range(count // 2)
    )
    return rss(item("<title>x</title>" + media), attributes=' xmlns:m="http://search.yahoo.com/mrss/"').encode()


@trick(100_000, 10_000, outcome=PayloadReason.TOO_COSTLY)
def podcast_flood(count: int) -> bytes:
    flood = "<i:category text='a'><i:category text='b'/></i:category><i:author>x</i:author>" * count
    return rss(
        item("<title>x</title>"), channel=flood, attributes=' xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ).encode()


GML = ' xmlns:gml="http://www.opengis.net/gml" xmlns:georss="http://www.georss.org/georss"'


@trick()
def place_that_is_no_number(_: int) -> bytes:
    return rss(
        item("<georss:where><gml:Point><gml:pos>north</gml:pos></gml:Point></georss:where>"), attributes=GML
    ).encode()


@trick(2000, 500)
def place_that_is_no_number_in_every_second_item(count: int) -> bytes:
    poison = "<gml:pos>north</gml:pos>"
    return rss(*[item(poison if n % 2 else "", str(n)) for n in range(count)], attributes=GML).encode()


@trick(500_000, 100_000)
def place_of_a_million_points(count: int) -> bytes:
    return rss(item(f"<title>x</title><georss:polygon>{'1.5 2.5 ' * count}</georss:polygon>"), attributes=GML).encode()


@trick()
def addresses_that_raise(_: int) -> bytes:
    bad = (
        "http://[",
        "http://[::1",
        "//[",
        "http://g.example:99999999/",
        "http://\u2100.example",
        "javascript:alert(1)",
        "http://%00/",
    )
    return rss(
        *[
            f"<item><guid>bad {n}</guid><link>{url}</link><enclosure url='{url}'/><comments>{url}</comments></item>"
            for n, url in enumerate(bad)
        ],
        *[f'<item xml:base="{url}"><guid>base {n}</guid><link>a</link></item>' for n, url in enumerate(bad)],
    ).encode()


@trick()
def feed_address_that_raises(_: int) -> bytes:
    return rss(item("<link>a</link>"), channel="<link>http://[</link>", attributes=' xml:base="http://["').encode()


@trick()
def elements_in_the_wrong_place(_: int) -> bytes:
    return rss(
        item("<image><title>i</title><width>x</width></image><textinput><title>t</title></textinput><title>x</title>"),
        item("</image></textinput></channel></title>", "2"),
        item("<image><textinput><source><author><contributor>", "3"),
    ).encode()
