"""Write a sample feed in its format. One function a format; addresses are made absolute with the wire's base.

Three signs in the stories stand for what publishers' software lets through, so that the files stay readable:
␀ (U+2400) for a NUL byte, ␋ (U+240B) for a vertical tab, � (U+FFFD) for a reference to a surrogate.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from local.sample.material import Format, Sample, SampleFeed, Site, Story

_SIGNS = {"␀": "\x00", "␋": "\x0b", "�": "&#xD800;"}

CONTENT_TYPES: Mapping[Format, str] = {
    "rss20": "application/rss+xml",
    "rss091": "text/xml",
    "rss092": "application/xml",
    "rss10": "application/rdf+xml",
    "atom10": "application/atom+xml",
    "json11": "application/feed+json",
}


@dataclass(frozen=True, slots=True)
class Issue:
    """What one rendering needs: a feed at one edition, seen from one base URL."""

    base: str
    feed: SampleFeed
    site: Site
    stories: tuple[Story, ...]
    built_at: datetime  # when the document was last written

    def link(self, story: Story) -> str:
        """Address of a story's page as this feed gives it."""
        return f"{self.base}{story.address}{self.feed.query}"


def render_feed(sample: Sample, feed: SampleFeed, edition: int, base: str) -> bytes:
    """The bytes of a feed document, in the feed's own format, encoding and state of repair."""
    changed = edition if feed.is_rebuilt else min(edition, len(feed.editions))
    issue = Issue(
        base=base,
        feed=feed,
        site=sample.sites[feed.site],
        stories=sample.carried_by(feed, edition),
        built_at=sample.edition_times[changed - 1],
    )
    text = _RENDERERS[feed.format](issue)
    for sign, meant in _SIGNS.items():
        text = text.replace(sign, meant)
    if feed.fault == "truncated":
        text = text[: text.rindex("</item>") + len("</item>")] + "\n<it"
    return text.encode(feed.encoding)


def without_signs(text: str) -> str:
    """The text as the publisher's page shows it."""
    return text.translate({ord(sign): None for sign in _SIGNS})


def body_html(issue: Issue, story: Story) -> str:
    """A story's paragraphs as a content management system puts them into a feed."""
    paragraphs = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs)
    if not issue.site.has_feed_tail:
        return paragraphs
    link, home = issue.link(story), f"{issue.base}/{issue.site.name}/"
    return (
        f'<figure><img src="{issue.base}/{issue.site.name}/photo/{story.path}.gif" width="640" height="360"'
        f' alt=""/></figure>\n{paragraphs}\n'
        f'<p>The post <a href="{link}">{escape(story.title)}</a> appeared first on'
        f' <a href="{home}">{escape(issue.site.title)}</a>.</p>\n'
        f'<img src="{issue.base}/{issue.site.name}/count.gif" width="1" height="1" alt=""/>'
    )


def _rss20(issue: Issue) -> str:
    items = "\n".join(_rss20_item(issue, story) for story in issue.stories)
    feed = issue.feed
    return f"""<?xml version="1.0" encoding="{feed.encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>{escape(feed.title)}</title>
<link>{issue.base}/{issue.site.name}/</link>
<atom:link href="{issue.base}{feed.moved_to or feed.address}" rel="self" type="application/rss+xml"/>
<description>{escape(feed.title)}</description>
<language>{issue.site.language}</language>
<lastBuildDate>{format_datetime(issue.built_at, usegmt=True)}</lastBuildDate>
{items}
</channel>
</rss>
"""


def _rss20_item(issue: Issue, story: Story) -> str:
    if story.is_bare:
        return f"<item>\n<description>{escape(story.summary)}</description>\n</item>"
    guid = f'<guid isPermaLink="false">{issue.feed.name}:{story.path}</guid>'
    if story.is_blank:
        return f"<item>\n{guid}\n<link>{escape(issue.link(story))}</link>\n</item>"
    lines = [
        f"<title>{escape(story.title)}</title>",
        f"<link>{escape(issue.link(story))}</link>",
        guid,
        f"<pubDate>{format_datetime(story.published_at, usegmt=True)}</pubDate>",
    ]
    if story.author:
        lines.append(f"<dc:creator>{escape(story.author)}</dc:creator>")
    if story.category:
        lines.append(f"<category>{escape(story.category)}</category>")
    lines.append(f"<description>{escape(story.summary)}</description>")
    if issue.feed.body == "full" and story.paragraphs:
        lines.append(f"<content:encoded><![CDATA[{body_html(issue, story)}]]></content:encoded>")
    return "<item>\n" + "\n".join(lines) + "\n</item>"


def _rss09x(issue: Issue) -> str:
    # Neither version has dates or guids for items; 0.91 knows plain text only.
    version = "0.91" if issue.feed.format == "rss091" else "0.92"
    items = "\n".join(
        f"<item>\n<title>{escape(story.title)}</title>\n<link>{escape(issue.link(story))}</link>\n"
        f"<description>{escape(_description(issue, story))}</description>\n</item>"
        for story in issue.stories
    )
    return f"""<?xml version="1.0" encoding="{issue.feed.encoding}"?>
<rss version="{version}">
<channel>
<title>{escape(issue.feed.title)}</title>
<link>{issue.base}/{issue.site.name}/</link>
<description>{escape(issue.feed.title)}</description>
<language>{issue.site.language}</language>
{items}
</channel>
</rss>
"""


def _description(issue: Issue, story: Story) -> str:
    return body_html(issue, story) if issue.feed.body == "full" and story.paragraphs else story.summary


def _rss10(issue: Issue) -> str:
    listed = "\n".join(f"<rdf:li rdf:resource={quoteattr(issue.link(story))}/>" for story in issue.stories)
    items = "\n".join(
        f"<item rdf:about={quoteattr(issue.link(story))}>\n<title>{escape(story.title)}</title>\n"
        f"<link>{escape(issue.link(story))}</link>\n<description>{escape(_description(issue, story))}"
        f"</description>\n<dc:date>{story.published_at.isoformat()}</dc:date>\n</item>"
        for story in issue.stories
    )
    home = f"{issue.base}/{issue.site.name}/"
    return f"""<?xml version="1.0" encoding="{issue.feed.encoding}"?>
<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" \
xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="{home}">
<title>{escape(issue.feed.title)}</title>
<link>{home}</link>
<description>{escape(issue.feed.title)}</description>
<dc:language>{issue.site.language}</dc:language>
<items><rdf:Seq>
{listed}
</rdf:Seq></items>
</channel>
{items}
</rdf:RDF>
"""


def _atom10(issue: Issue) -> str:
    entries = "\n".join(_atom10_entry(issue, story) for story in issue.stories)
    feed = issue.feed
    return f"""<?xml version="1.0" encoding="{feed.encoding}"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{issue.site.language}">
<title>{escape(feed.title)}</title>
<id>tag:wire.example,2026:{feed.name}</id>
<link rel="self" href="{issue.base}{feed.moved_to or feed.address}"/>
<link rel="alternate" type="text/html" href="{issue.base}/{issue.site.name}/"/>
<updated>{issue.built_at.isoformat()}</updated>
{entries}
</feed>
"""


def _atom10_entry(issue: Issue, story: Story) -> str:
    author = escape(story.author or issue.site.title)
    full = issue.feed.body == "full" and story.paragraphs
    content = f'\n<content type="html">{escape(body_html(issue, story))}</content>' if full else ""
    return f"""<entry>
<title>{escape(story.title)}</title>
<id>tag:wire.example,2026:{story.site}/{story.path}</id>
<link rel="alternate" type="text/html" href={quoteattr(issue.link(story))}/>
<published>{story.published_at.isoformat()}</published>
<updated>{(story.updated_at or story.published_at).isoformat()}</updated>
<author><name>{author}</name></author>
<summary>{escape(story.summary)}</summary>{content}
</entry>"""


def _json11(issue: Issue) -> str:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": issue.feed.title,
        "home_page_url": f"{issue.base}/{issue.site.name}/",
        "feed_url": f"{issue.base}{issue.feed.moved_to or issue.feed.address}",
        "language": issue.site.language,
        "items": [
            {
                "id": f"{story.site}/{story.path}",
                "url": issue.link(story),
                "title": story.title,
                "summary": story.summary,
                "content_html": _description(issue, story),
                "date_published": story.published_at.isoformat(),
                "authors": [{"name": story.author or issue.site.title}],
                "tags": [story.category] if story.category else [],
            }
            for story in issue.stories
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


_RENDERERS: Mapping[Format, Callable[[Issue], str]] = {
    "rss20": _rss20,
    "rss091": _rss09x,
    "rss092": _rss09x,
    "rss10": _rss10,
    "atom10": _atom10,
    "json11": _json11,
}
