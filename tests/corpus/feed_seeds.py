"""Sound feeds in every format that is read, for tests to damage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Seed:
    """A sound feed in UTF-8, in pieces: `head`, the items with their tags, `tail`."""

    name: str
    head: bytes
    items: tuple[bytes, ...]
    tail: bytes

    def __str__(self) -> str:
        return self.name

    @property
    def is_json(self) -> bool:
        return self.head.lstrip().startswith(b"{")

    def body(self, items: Sequence[bytes] | None = None) -> bytes:
        return self.head + (b"," if self.is_json else b"").join(self.items if items is None else items) + self.tail

    def with_item(self, position: int, item: bytes) -> bytes:
        return self.body([*self.items[:position], item, *self.items[position + 1 :]])


def _seed(name: str, head: str, tail: str, *items: str) -> Seed:
    return Seed(name, head.encode(), tuple(item.encode() for item in items), tail.encode())


RSS2 = _seed(
    "rss 2.0",
    '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>'
    "<title>The Gazette</title><link>https://g.example/</link><language>en-GB</language><ttl>60</ttl>"
    '<atom:link rel="self" href="https://g.example/rss"/><sy:updatePeriod>hourly</sy:updatePeriod>'
    "<image><url>/logo.png</url><title>The Gazette</title><link>https://g.example/</link><width>88</width></image>\n",
    "\n</channel></rss>\n",
    '<item><guid isPermaLink="false">g-1</guid><link>https://g.example/1?a=1&amp;b=2</link>'
    "<title>Zürich &amp; Köln</title>"
    "<description><![CDATA[<p>Both <b>towns</b> &amp; their trams</p>]]></description>"
    "<dc:creator>Ada Byron</dc:creator>"
    "<pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate><category>Towns</category><category>Trams</category></item>\n",
    "<item><title>A picture story</title><link>https://g.example/2</link><guid>https://g.example/2</guid>"
    '<media:group><media:content url="https://g.example/2.jpg" type="image/jpeg" medium="image"/></media:group>'
    '<enclosure url="https://g.example/2.mp3" type="audio/mpeg" length="12345"/>'
    "<content:encoded>&lt;p&gt;Text &lt;img src='/2.jpg'&gt; of it&lt;/p&gt;</content:encoded>"
    "<description>In short: a picture</description><dc:date>2026-03-02T09:00:00+01:00</dc:date></item>\n",
    "<item><guid isPermaLink='false'>g-3</guid><title>東京の電車 &#8211; &quot;late&quot;</title>"
    "<author>ed@g.example (Ed)</author>"
    "<link>/3</link><description>Plain text, 5 &lt; 6</description><pubDate>2 Mar 2026 10:00 EST</pubDate></item>\n",
    "<item xml:lang='fr'><link>https://g.example/4</link><title><![CDATA[À la <i>une</i>]]></title>"
    "<description/><comments>https://g.example/4#c</comments><source url='https://o.example/'>Other</source></item>\n",
)

RSS091 = _seed(
    "rss 0.91",
    '<?xml version="1.0"?>\n<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
    '"http://my.netscape.com/publish/formats/rss-0.91.dtd">\n<rss version="0.91"><channel><title>Old &amp; good</title>'
    "<link>https://o.example/</link><description>A wire</description><language>de</language>\n",
    "<textinput><title>Search</title><name>q</name><link>https://o.example/s</link></textinput></channel></rss>",
    "<item><title>Eins</title><link>https://o.example/1</link><description>Der erste Text</description></item>\n",
    "<item><title>Zwei</title><link>https://o.example/2</link></item>\n",
    "<item><title>Drei größer</title><link>https://o.example/3</link><description>&lt;p&gt;Drei</description></item>\n",
)

RDF = _seed(
    "rss 1.0",
    '<?xml version="1.0" encoding="UTF-8"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    '<channel rdf:about="https://r.example/"><title>RDF wire</title><link>https://r.example/</link><items><rdf:Seq>'
    '<rdf:li rdf:resource="https://r.example/1"/><rdf:li rdf:resource="https://r.example/2"/></rdf:Seq></items></channel>',
    "</rdf:RDF>",
    '<item rdf:about="https://r.example/1"><title>One</title><link>https://r.example/1</link>'
    "<description>First</description><dc:date>2026-03-02T08:00:00Z</dc:date><dc:subject>a</dc:subject></item>",
    '<item rdf:about="https://r.example/2"><title>Two</title><link>https://r.example/2</link>'
    "<dc:creator>Émile</dc:creator><dc:date>2026-03-02</dc:date></item>",
    '<item rdf:about="https://r.example/3"><title>Three</title><link>https://r.example/3</link></item>',
)

ATOM = _seed(
    "atom 1.0",
    '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/" '
    'xml:lang="en"><title type="text">Atom wire</title><id>urn:a</id><updated>2026-03-02T08:00:00Z</updated>'
    '<link rel="self" href="/atom"/><link href="/"/><author><name>Desk</name></author>',
    "</feed>",
    '<entry><id>urn:a:1</id><title type="html">One &amp;amp; &lt;b>two&lt;/b></title><link href="1"/>'
    '<link rel="enclosure" href="/1.mp3" type="audio/mpeg" length="5"/><updated>2026-03-02T08:00:00Z</updated>'
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>XHTML <em>text</em> &amp; more</p></div>'
    "</content></entry>",
    '<entry xml:base="https://b.example/x/"><id>urn:a:2</id><title>Zwei für B</title><link rel="alternate" href="2"/>'
    '<link rel="alternate" type="application/json" href="2.json"/><published>2026-03-01T00:00:00+02:00</published>'
    '<summary>Short</summary><content type="html">&lt;p>Longer than short&lt;/p></content>'
    '<category term="t" label="T"/><author><name>Ann</name><email>ann@a.example</email></author></entry>',
    '<a:entry xmlns:a="http://www.w3.org/2005/Atom"><a:id>urn:a:3</a:id><a:title>Prefixed</a:title>'
    '<a:link href="/3"/><a:updated>2026-03-02T10:00:00Z</a:updated></a:entry>',
    '<entry><id>urn:a:4</id><title>Four</title><link href="/4"/><content type="text">5 &lt; 6</content></entry>',
)

ATOM03 = _seed(
    "atom 0.3",
    '<?xml version="1.0" encoding="utf-8"?><feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="es">'
    '<title>Atom cero tres</title><link rel="alternate" type="text/html" href="https://c.example/"/>',
    "</feed>",
    '<entry><title>Uno</title><link rel="alternate" type="text/html" href="https://c.example/1"/><id>c:1</id>'
    "<issued>2026-03-02T08:00:00Z</issued><modified>2026-03-02T09:00:00Z</modified>"
    '<content type="text/html" mode="escaped">&lt;p&gt;Año nuevo&lt;/p&gt;</content></entry>',
    '<entry><title mode="base64" type="text/plain">RG9z</title><link rel="alternate" href="https://c.example/2"/>'
    "<id>c:2</id>"
    '<content type="application/xhtml+xml"><div xmlns="http://www.w3.org/1999/xhtml">dos</div></content></entry>',
    '<entry><title>Tres</title><link rel="alternate" href="https://c.example/3"/><id>c:3</id></entry>',
)

JSON = _seed(
    "json 1.1",
    '{"version": "https://jsonfeed.org/version/1.1", "title": "JSON wire", '
    '"home_page_url": "https://j.example/", "items": [',
    "]}",
    '{"id": "1", "url": "https://j.example/1", "title": "Uno \\u00e9", "content_html": "<p>x</p>", "tags": ["a", "b"],'
    ' "date_published": "2026-03-02T08:00:00Z", "authors": [{"name": "Zoë"}]}',
    '{"id": 2, "url": "/2", "content_text": "two\\n\\nparagraphs", "summary": "s", "language": "de",'
    ' "attachments": [{"url": "https://j.example/2.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 10}]}',
    '{"id": "3", "external_url": "https://k.example/", "title": "\\ud83d\\ude00 three", "author": {"name": "B"}}',
)

SITEMAP = _seed(
    "news sitemap",
    '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">',
    "</urlset>",
    *[
        f"<url><loc>https://s.example/{n}</loc><news:news><news:publication><news:name>S</news:name><news:language>en"
        f"</news:language></news:publication><news:publication_date>2026-03-0{n}T08:00:00Z</news:publication_date>"
        f"<news:title>Story {n} — é</news:title></news:news></url>"
        for n in range(1, 5)
    ],
)

SEEDS = (RSS2, RSS091, RDF, ATOM, ATOM03, JSON, SITEMAP)
