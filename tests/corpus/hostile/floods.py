"""Floods of markup, well-formed and not."""

from __future__ import annotations

from wiredesk.models import PayloadReason

from tests.corpus.hostile.trick import item, rss, trick


@trick(3_000_000, 200_000)
def open_tag_flood(count: int) -> bytes:
    return rss(item(f"<title>x</title><description>{'<a' * count}</description>")).encode()


@trick(2_000_000, 100_000)
def open_item_flood(count: int) -> bytes:
    return rss(item(f"<title>x</title><description>{'<item' * count}</description>")).encode()


@trick(1_000_000, 100_000)
def open_quote_flood(count: int) -> bytes:
    return rss(item(f"<title>x</title><description>{'<a b=' + chr(34)}{'<a b=' * count}</description>")).encode()


@trick(2_000_000, 100_000)
def end_tag_flood(count: int) -> bytes:
    return rss(item("<title>x</title>" + "</a>" * count)).encode()


@trick(2_000_000, 100_000, outcome=PayloadReason.TOO_COSTLY)
def item_end_tag_flood(count: int) -> bytes:
    return rss("</item>" * (count // 2)).encode()


@trick(2_000_000, 200_000)
def empty_element_flood(count: int) -> bytes:
    return rss(item("<title>x</title>" + "<b/>" * count)).encode()


@trick(1_000_000, 100_000)
def different_element_flood(count: int) -> bytes:
    return rss(item("<title>x</title>" + "".join(f"<e{n}/>" for n in range(count)))).encode()


@trick(100_000, 20_000, outcome=PayloadReason.TOO_MANY_ITEMS)
def minimal_items(count: int) -> bytes:
    return rss("<item/>" * count).encode()


@trick(20_000, outcome=PayloadReason.TOO_MANY_ITEMS)
def ordinary_items(count: int) -> bytes:
    return rss(
        *[item(f"<title>Title {n}</title><description>{'x' * 300}</description>", str(n)) for n in range(count)]
    ).encode()


@trick(4998, 2000)
def as_many_items_as_allowed(count: int) -> bytes:
    return rss(*[item("<title>x</title>", str(n)) for n in range(count)]).encode()


@trick(100_000, 20_000, outcome=PayloadReason.TOO_MANY_ITEMS)
def items_after_a_fault(count: int) -> bytes:
    return rss("<title>a & b</title>", *[item("", str(n)) for n in range(count)]).encode()


@trick(100_000, 20_000, neighbours=1)
def unclosed_items(count: int) -> bytes:
    return rss(*[f"<item><guid>{n}</guid>" for n in range(count)]).encode()


@trick(100_000, 20_000, outcome=PayloadReason.TOO_MANY_ITEMS)
def prefixed_items(count: int) -> bytes:
    return rss("<r:item><r:link>x</r:link></r:item>" * count, attributes=' xmlns:r="http://purl.org/rss/1.0/"').encode()


@trick(5_000_000)
def large_item(size: int) -> bytes:
    return rss(item(f"<title>x</title><description>{'word ' * (size // 5)}</description>")).encode()


@trick(5_000_000)
def large_title(size: int) -> bytes:
    return rss(item(f"<title>{'x' * size}</title>")).encode()


@trick(5_000_000)
def large_attribute(size: int) -> bytes:
    return rss(item(f'<title>x</title><enclosure url="http://g.example/{"x" * size}"/>')).encode()


@trick(9_000_000)
def large_element_name(size: int) -> bytes:
    return rss(item(f"<title>x</title><{'x' * (size // 2)}/>")).encode()


@trick(1_000_000)
def large_guid(size: int) -> bytes:
    return rss(item("<title>x</title>", "g" * size)).encode()


@trick(1_000_000)
def large_link(size: int) -> bytes:
    return rss(f"<item><link>http://g.example/{'../' * (size // 3)}</link><title>x</title></item>").encode()


@trick(200_000, 20_000)
def many_attributes(count: int) -> bytes:
    return rss(item(f"<title>x</title><a {' '.join(f'a{n}=' + chr(34) * 2 for n in range(count))}/>")).encode()


@trick(200_000, 20_000)
def one_attribute_many_times(count: int) -> bytes:
    return rss(item(f"<title>x</title><a {'a=' + chr(34) * 2 + ' '}{('a=' + chr(34) * 2 + ' ') * count}/>")).encode()


@trick(5000)
def many_namespaces(count: int) -> bytes:
    declared = "".join(f' xmlns:n{n}="http://g.example/{n}"' for n in range(count))
    return rss(*[item("<title>x</title>", str(n)) for n in range(1000)], attributes=declared).encode()


@trick(200_000, 20_000)
def namespaces_of_one_element(count: int) -> bytes:
    declared = "".join(f' xmlns:n{n}="u{n}"' for n in range(count))
    return rss(item(f"<title>x</title><a{declared}/>")).encode()


@trick(4000, 1200)
def namespace_in_every_item(count: int) -> bytes:
    return rss(
        *[f'<item xmlns:n{n}="http://g.example/{n}"><guid>{n}</guid><n{n}:a/></item>' for n in range(count)]
    ).encode()


@trick(1_000_000, neighbours=1)
def cdata_never_closed(count: int) -> bytes:
    return rss(item(f"<title>x</title><description><![CDATA[{'x' * count}</description>")).encode()


@trick(1_000_000, 100_000, outcome=PayloadReason.TOO_COSTLY)
def cdata_open_flood(count: int) -> bytes:
    return rss(item(f"<title>x</title><description>{'<![CDATA[' * count}</description>")).encode()


@trick(700_000, 100_000)
def cdata_section_flood(count: int) -> bytes:
    return rss(item(f"<title>x</title><description>{'<![CDATA[x]]>' * count}</description>")).encode()


@trick(3_000_000, 300_000)
def cdata_close_flood(count: int) -> bytes:
    return rss(item(f"<title>x</title><description>{']]>' * count}</description>")).encode()


@trick(1_000_000, 100_000, outcome=PayloadReason.TOO_COSTLY)
def comment_flood_in_an_item(count: int) -> bytes:
    return rss(item(f"<title>x</title><description>{'<!-- ' * count}</description>")).encode()


@trick(1_000_000, 100_000)
def instruction_flood_in_an_item(count: int) -> bytes:
    return rss(item(f"<title>x</title><description>{'<?x ' * count}</description>")).encode()


@trick(1_000_000, 100_000)
def declaration_flood_in_an_item(count: int) -> bytes:
    return rss(item(f"<title>x</title><description>{'<!x ' * count}</description>")).encode()
