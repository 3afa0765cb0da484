"""Entities and document types, and markup that is nested."""

from __future__ import annotations

from wiredesk.models import PayloadReason

from tests.corpus.hostile.trick import atom, item, rss, trick


@trick()
def billion_laughs(_: int) -> bytes:
    entities = '<!ENTITY a0 "laughs">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return rss(item("<title>&a9;</title>"), prolog=f"<!DOCTYPE rss [{entities}]>").encode()


@trick(50_000, 20_000)
def quadratic_entity(count: int) -> bytes:
    return rss(item(f"<title>{'&a;' * count}</title>"), prolog=f'<!DOCTYPE rss [<!ENTITY a "{"a" * count}">]>').encode()


@trick(2000)
def entity_in_attributes(count: int) -> bytes:
    entity = f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>'
    return rss(*[item('<enclosure url="http://g.example/&a;"/>', str(n)) for n in range(count)], prolog=entity).encode()


@trick()
def recursive_entity(_: int) -> bytes:
    return rss(item("<title>&a;</title>"), prolog='<!DOCTYPE rss [<!ENTITY a "&b;"><!ENTITY b "&a;">]>').encode()


def external_entity_file(url: str) -> bytes:
    return rss(item("<title>&a;</title>"), prolog=f'<!DOCTYPE rss [<!ENTITY a SYSTEM "{url}">]>').encode()


def external_entity_http(url: str) -> bytes:
    """Three ways to make a parser open a connection: a document type, a general and a parameter entity."""
    subset = f'<!ENTITY a SYSTEM "{url}/general"><!ENTITY % b SYSTEM "{url}/parameter">%b;'
    return rss(item("<title>&a;</title>"), prolog=f'<!DOCTYPE rss SYSTEM "{url}/type" [{subset}]>').encode()


@trick()
def parameter_entities(_: int) -> bytes:
    levels = "".join(f'<!ENTITY % p{n} "{f"%p{n - 1};" * 10}">' for n in range(1, 10))
    return rss(item("<title>x</title>"), prolog=f'<!DOCTYPE rss [<!ENTITY % p0 "x">{levels}%p9;]>').encode()


@trick(4900, 1000)
def attribute_default_bomb(count: int) -> bytes:
    default = f'<!DOCTYPE rss [<!ATTLIST title x CDATA "{"a" * 100_000}">]>'
    return rss(*[item("<title>x</title>", str(n)) for n in range(count)], prolog=default).encode()


@trick(200_000, 20_000)
def entity_declaration_flood(count: int) -> bytes:
    entities = "".join(f'<!ENTITY e{n} "x">' for n in range(count))
    return rss(item("<title>&e1;</title>"), prolog=f"<!DOCTYPE rss [{entities}]>").encode()


@trick(1_000_000, 100_000, outcome=PayloadReason.NOT_A_FEED)
def doctype_flood(count: int) -> bytes:
    return b"<!DOCTYPE [" * (count * 9 // 10)


@trick(1_000_000, 100_000)
def doctype_flood_before_a_feed(count: int) -> bytes:
    return rss(prolog="<!DOCTYPE a>" * (count * 8 // 10)).encode()


@trick(2_000_000, 200_000, outcome=PayloadReason.NOT_A_FEED)
def comment_open_flood(count: int) -> bytes:
    return b"<!--" * count


@trick(3_000_000, 300_000, outcome=PayloadReason.NOT_A_FEED)
def instruction_open_flood(count: int) -> bytes:
    return b"<?" * count


@trick(1_400_000, 100_000)
def prolog_of_comments(count: int) -> bytes:
    return rss(prolog="<!---->" * count).encode()


@trick(1_700_000, 100_000)
def prolog_of_instructions(count: int) -> bytes:
    return rss(prolog="<?a?>\n" * count).encode()


@trick(5_000_000, 200_000)
def newlines_in_the_prolog(count: int) -> bytes:
    """feedparser looks for a document type from each of them to the last."""
    return rss(prolog="\n" * count).encode()


@trick(10_000_000, 1_000_000)
def document_type_never_closed(count: int) -> bytes:
    return b"<!DOCTYPE rss [" + b" " * count + rss().encode()


@trick(200_000)
def deep_tags_in_an_item(count: int) -> bytes:
    return rss(item("<b>" * count + "</b>" * count)).encode()


@trick(200_000)
def deep_tags_never_closed(count: int) -> bytes:
    return rss(item("<b>" * count)).encode()


@trick(200_000, outcome=PayloadReason.TOO_DEEP)
def deep_tags_outside_the_items(count: int) -> bytes:
    return rss(channel="<b>" * count + "</b>" * count).encode()


@trick(200_000, outcome=PayloadReason.TOO_DEEP)
def deep_channels(count: int) -> bytes:
    return ("<rss>" + "<channel>" * count).encode()


@trick(200_000, 60_000)
def deep_tags_with_a_fault_before_them(count: int) -> bytes:
    return rss(item("<title>a & b</title>"), item("<b>" * count + "</b>" * count)).encode()


@trick(200_000, 50_000, neighbours=1)
def items_within_items(count: int) -> bytes:
    return rss("<item>" * count).encode()


@trick(200_000, 50_000)
def deep_html_in_cdata(count: int) -> bytes:
    return rss(item(f"<title>x</title><description><![CDATA[{'<div>' * count}]]></description>")).encode()


@trick(200_000, 60_000)
def deep_xhtml(count: int) -> bytes:
    divs = '<div xmlns="http://www.w3.org/1999/xhtml">' + "<div>" * count + "</div>" * count + "</div>"
    return atom(f'<entry><id>1</id><content type="xhtml">{divs}</content></entry>').encode()


@trick(5000)
def nested_bases(count: int) -> bytes:
    return rss(item('<b xml:base="a/">' * count + "</b>" * count)).encode()
