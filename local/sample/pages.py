"""Write what a publisher serves beside its feeds: article pages, front pages, an error page, the OPML."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from html import escape
from string import Template
from xml.sax.saxutils import quoteattr

from local.sample.material import ROOT, Sample, Site, Story
from local.sample.render import without_signs


def render_page(sample: Sample, story: Story, edition: int, base: str) -> bytes:
    """The HTML page of a story (UTF-8): the text among header, share bar, related links and footer."""
    site = sample.sites[story.site]
    shelf = sample.published_on(story.site, edition)
    position = next(index for index, other in enumerate(shelf) if other.path == story.path)
    previous, following = shelf[position - 1], shelf[(position + 1) % len(shelf)]
    title = without_signs(story.title)
    texts = tuple(without_signs(paragraph) for paragraph in story.paragraphs or (story.summary,))
    values = _frame(site, base) | {
        "title": escape(title),
        "summary": escape(without_signs(story.summary), quote=True),
        "url": f"{base}{story.address}",
        "author": escape(story.author or site.title),
        "published": story.published_at.isoformat(),
        "body": "\n".join(f"<p>{escape(text, quote=False)}</p>" for text in texts),
        "json_ld": _json_ld(story, title, site, base),
        "related": _link_list([other for other in shelf if other.path != story.path][-4:], base),
        "previous_url": f"{base}{previous.address}",
        "previous_title": escape(without_signs(previous.title)),
        "next_url": f"{base}{following.address}",
        "next_title": escape(without_signs(following.title)),
    }
    return _template(f"page_{site.layout}").substitute(values).encode()


def render_front(sample: Sample, site: Site, edition: int, base: str) -> bytes:
    """A site's front page: its stories, newest first, and a rel=alternate link to each of its feeds."""
    feeds = "\n".join(
        f'<link rel="alternate" type="application/rss+xml" href="{base}{feed.address}" title={quoteattr(feed.title)}>'
        for feed in sample.feeds
        if feed.site == site.name
    )
    shelf = list(reversed(sample.published_on(site.name, edition)))
    values = _frame(site, base) | {"feeds": feeds, "stories": _link_list(shelf, base)}
    return _template("front").substitute(values).encode()


def render_error(number: int) -> bytes:
    """The page that a content network serves in place of a feed; its reference differs each time."""
    return _template("cdn_error").substitute(reference=f"{number:08x}").encode()


def render_opml(sample: Sample, base: str) -> bytes:
    """The subscriptions to all sample feeds (OPML 2.0): `fullText` where the pages are wanted too."""
    folders: dict[str, list[str]] = {}
    for feed in sample.feeds:
        site = sample.sites[feed.site]
        full = ' fullText="true"' if feed.is_full_text else ""
        folders.setdefault(feed.category, []).append(
            f'      <outline type="rss" text={quoteattr(feed.title)} title={quoteattr(feed.title)}'
            f' xmlUrl="{base}{feed.address}" htmlUrl="{base}/{site.name}/"'
            f' language="{site.language}" category={quoteattr("/" + feed.category)}{full}/>'
        )
    blocks = "\n".join(
        f"    <outline text={quoteattr(name)}>\n" + "\n".join(lines) + "\n    </outline>"
        for name, lines in folders.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head>\n'
        "    <title>Feeds of the local wire</title>\n  </head>\n"
        f"  <body>\n{blocks}\n  </body>\n</opml>\n"
    ).encode()


def _frame(site: Site, base: str) -> dict[str, str]:
    labels = {f"label_{name}": escape(text) for name, text in _labels()[site.language].items()}
    sections = labels["label_sections"].split("|")
    labels["label_sections"] = "".join(f'<li><a href="{base}/{site.name}/">{name}</a></li>' for name in sections)
    return labels | {"site": escape(site.title), "home": f"{base}/{site.name}/", "language": site.language}


def _link_list(stories: list[Story], base: str) -> str:
    return "\n".join(
        f'<li><a href="{base}{story.address}">{escape(without_signs(story.title))}</a></li>' for story in stories
    )


def _json_ld(story: Story, title: str, site: Site, base: str) -> str:
    document = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "datePublished": story.published_at.isoformat(),
        "dateModified": (story.updated_at or story.published_at).isoformat(),
        "inLanguage": site.language,
        "author": {"@type": "Organization", "name": story.author or site.title},
        "publisher": {"@type": "Organization", "name": site.title},
        "mainEntityOfPage": f"{base}{story.address}",
    }
    return json.dumps(document, ensure_ascii=False, indent=1).replace("<", "\\u003c")


@cache
def _template(name: str) -> Template:
    return Template((ROOT / "templates" / f"{name}.html").read_text(encoding="utf-8"))


@cache
def _labels() -> dict[str, dict[str, str]]:
    return tomllib.loads((ROOT / "labels.toml").read_text(encoding="utf-8"))
