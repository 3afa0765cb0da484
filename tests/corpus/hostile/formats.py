"""Other formats than RSS."""

from __future__ import annotations

import base64
import json

from wiredesk.models import PayloadReason

from tests.corpus.hostile.trick import AFTER, BEFORE, atom, json_feed, trick


@trick(19_000)
def rdf_with_a_long_list(count: int) -> bytes:
    listed = "".join(f'<rdf:li rdf:resource="http://g.example/{n}"/>' for n in range(count))
    items = "".join(
        f'<item rdf:about="{url}"><link>{url}</link><title>A good neighbour</title></item>' for url in (BEFORE, AFTER)
    )
    return (
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f"<channel><title>G</title><items><rdf:Seq>{listed}</rdf:Seq></items></channel>{items}</rdf:RDF>"
    ).encode()


@trick(100_000, 20_000)
def xhtml_of_many_divisions(count: int) -> bytes:
    divs = f'<div xmlns="http://www.w3.org/1999/xhtml">{"<div>x</div>" * count}</div>'
    return atom(f'<entry><id>1</id><content type="xhtml">{divs}</content></entry>').encode()


@trick(5_000_000)
def base64_content(size: int) -> bytes:
    content = base64.b64encode(b"\0\xff<b>" * (size // 5)).decode()
    return atom(f'<entry><id>1</id><content type="application/octet-stream">{content}</content></entry>').encode()


@trick(1_000_000)
def base64_content_that_is_none(size: int) -> bytes:
    return atom(
        f'<entry><id>1</id><title type="text/plain" mode="base64">{"=" * size}</title></entry>',
        '<entry><id>2</id><content type="image/png">a</content></entry>',
    ).encode()


@trick(100_000)
def escaped_atom03(count: int) -> bytes:
    escaped = "&lt;div&gt;" * count
    good = "".join(
        f'<entry><id>{url}</id><link rel="alternate" href="{url}"/><title>A good neighbour</title></entry>'
        for url in (BEFORE, AFTER)
    )
    return (
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>G</title>'
        f'<entry><id>1</id><content type="text/html" mode="escaped">{escaped}</content></entry>{good}</feed>'
    ).encode()


@trick(100_000, 20_000, outcome=PayloadReason.TOO_MANY_ITEMS)
def sitemap_bomb(count: int) -> bytes:
    urls = "".join(f"<url><loc>http://g.example/{n}</loc></url>" for n in range(count))
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()


@trick(1_000_000, 30_000, outcome=PayloadReason.TOO_COSTLY)
def xml_that_is_no_feed(count: int) -> bytes:
    return b"<note>" + b"<b/>" * count + b"</note>"


@trick(200_000, 20_000, outcome=PayloadReason.TOO_COSTLY)
def feeds_one_after_another(count: int) -> bytes:
    return b"<rss version='2.0'><channel></channel></rss>" * (count // 2)


@trick(200_000, outcome=PayloadReason.MALFORMED)
def deep_json_lists(count: int) -> bytes:
    return json_feed("[" * count)


@trick(200_000, outcome=PayloadReason.MALFORMED)
def deep_json_objects(count: int) -> bytes:
    return json_feed('{"a":' * count)


@trick(3_000_000, 300_000, outcome=PayloadReason.TOO_MANY_ITEMS)
def json_of_empty_lists(count: int) -> bytes:
    return b'{"version":"https://jsonfeed.org/version/1.1","items":[' + b"[]," * count + b"[]]}"


@trick(3_000_000, 500_000)
def json_of_empty_lists_beside_the_items(count: int) -> bytes:
    return json_feed(extra=f'"x":[{"[]," * count}[]],')


@trick(1_500_000, 200_000)
def json_of_empty_objects_beside_the_items(count: int) -> bytes:
    return json_feed(extra=f'"x":[{"{}," * count * 2}0],')


@trick(1_000_000)
def json_huge_integer(size: int) -> bytes:
    return json_feed(f'{{"id":{"9" * size}}}')


@trick(4000, 1500)
def json_integers_at_the_limit(count: int) -> bytes:
    return json_feed(*[f'{{"id":{n}{"9" * 2000}}}' for n in range(1, count)])


@trick()
def json_numbers_that_are_none(_: int) -> bytes:
    return json_feed(
        *[
            '{"id":NaN}',
            '{"id":-Infinity}',
            '{"id":1e999}',
            '{"id":"n","attachments":[{"url":"/a","size_in_bytes":1e999}]}',
        ],
        '{"id":true,"title":7,"tags":"t","authors":{"name":1},"date_published":0}',
    )


@trick()
def json_duplicate_keys(_: int) -> bytes:
    return json_feed(
        '{"id":"a","id":"b","title":"x","title":null}',
        extra='"items":[],"version":"x","version":"https://jsonfeed.org/version/1",',
    )


@trick()
def json_surrogates_and_controls(_: int) -> bytes:
    return json_feed(
        r'{"id":"a\u0000b","title":"\ud800","content_text":"\ud83d\ude00\udfff\u0007"}', '{"id":"c\0d","title":"\t"}'
    )


@trick()
def json_items_that_are_no_objects(_: int) -> bytes:
    return json_feed("1", "null", '"x"', "[]", "true", "{}")


@trick(outcome=PayloadReason.MALFORMED)
def json_items_a_number(_: int) -> bytes:
    return b'{"version":"https://jsonfeed.org/version/1.1","items":7}'


@trick(outcome=PayloadReason.NOT_A_FEED)
def json_that_is_no_object(_: int) -> bytes:
    return b'["https://jsonfeed.org/version/1.1"]'


@trick(100_000, outcome=PayloadReason.TOO_MANY_ITEMS)
def json_of_many_items(count: int) -> bytes:
    return json_feed(*[f'{{"id":"{n}"}}' for n in range(count)])


@trick(500_000)
def json_many_tags(count: int) -> bytes:
    return json_feed(f'{{"id":"1","tags":[{",".join(map(str, range(count)))}],"title":"x"}}')


@trick(9_000_000, outcome=PayloadReason.MALFORMED)
def json_string_never_closed(size: int) -> bytes:
    return b'{"version":"' + b"\\" * size


@trick(2_000_000)
def json_paragraphs(count: int) -> bytes:
    return json_feed(json.dumps({"id": "1", "content_text": "\n \n" * (count // 4) + " \n" * (count // 2)}))
