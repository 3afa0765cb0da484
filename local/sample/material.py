"""Read the sample: sites and feeds from feeds.toml, stories from stories/*.md.

A story file is TOML front matter between `+++` lines, then paragraphs separated by blank lines. A file with
`base = "slug"` is another story's text as a second publisher (or a later edition) would carry it: `keep`
paragraphs of it, each `replace` pair applied, the paragraphs of this file added at the end.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).parent

Format = Literal["rss20", "rss091", "rss092", "rss10", "atom10", "json11"]
Validator = Literal["etag", "weak_etag", "last_modified", "none"]
Compression = Literal["gzip", "br", "identity"]


@dataclass(frozen=True, slots=True)
class Site:
    """A publisher: one folder of the wire's address."""

    name: str
    title: str
    language: str  # BCP 47
    layout: str  # templates/page_<layout>.html
    has_feed_tail: bool = False  # items end with "The post … appeared first on …" and a tracking pixel


@dataclass(frozen=True, slots=True)
class Story:
    """One wording of one story. Revisions share `path`, and so the address and the guid."""

    slug: str
    site: str
    path: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]  # none: the publisher gives a summary only
    published_at: datetime
    updated_at: datetime | None = None
    author: str | None = None
    category: str | None = None
    is_bare: bool = False  # carried with neither guid, link nor title
    is_blank: bool = False  # carried with neither title nor text

    @property
    def address(self) -> str:
        """Path of the article page below the wire's base URL."""
        return f"/{self.site}/{self.path}"


@dataclass(frozen=True, slots=True)
class SampleFeed:
    """One feed: where it is, how it is written and how its server behaves."""

    name: str
    site: str
    title: str
    address: str  # path below the wire's base URL, as the subscription says it
    category: str
    format: Format
    editions: tuple[tuple[str, ...], ...]  # story slugs, newest first; a single list never changes
    body: Literal["full", "summary"] = "full"
    is_full_text: bool = False  # the subscription asks for the article pages
    validator: Validator = "none"
    compression: Compression = "identity"
    encoding: str = "utf-8"
    query: str = ""  # what the publisher appends to the links of this feed
    fault: Literal["", "not_found", "html_error", "truncated"] = ""
    is_slow: bool = False
    is_rebuilt: bool = False  # the document's own date changes even where no item does
    max_age_s: int | None = None
    moved_to: str | None = None  # the real path, where `address` redirects
    move_status: int = 301


@dataclass(frozen=True, slots=True)
class Sample:
    """All of it. `edition_times[n-1]` is when edition n was published."""

    edition_times: tuple[datetime, ...]
    sites: Mapping[str, Site]
    feeds: tuple[SampleFeed, ...]
    stories: Mapping[str, Story]

    def carried_by(self, feed: SampleFeed, edition: int) -> tuple[Story, ...]:
        """The stories in a feed at an edition, newest first."""
        slugs = feed.editions[min(edition, len(feed.editions)) - 1] if feed.editions else ()
        return tuple(self.stories[slug] for slug in slugs)

    def published_on(self, site: str, edition: int) -> tuple[Story, ...]:
        """The stories that have a page on a site at an edition, oldest first, each path once."""
        carried = (
            story
            for number in range(1, edition + 1)
            for feed in self.feeds
            if feed.site == site
            for story in self.carried_by(feed, number)
            if not story.is_bare and not story.is_blank
        )
        newest_wording = {story.path: story for story in carried}
        return tuple(sorted(newest_wording.values(), key=lambda story: (story.published_at, story.slug)))


@cache
def load_sample() -> Sample:
    """Read the whole sample. A mistake in a file raises ValueError with the file's name."""
    table = tomllib.loads((ROOT / "feeds.toml").read_text(encoding="utf-8"))
    sites = {name: Site(name=name, **values) for name, values in table["site"].items()}
    raw = {path.stem: _read_file(path) for path in sorted((ROOT / "stories").glob("*.md"))}
    stories = {slug: _build_story(slug, raw) for slug in raw}
    feeds = tuple(_build_feed(values) for values in table["feed"])
    used = {slug for feed in feeds for edition in feed.editions for slug in edition}
    if used != stories.keys():
        raise ValueError(f"feeds.toml and stories/ disagree about: {sorted(used ^ stories.keys())}")
    return Sample(tuple(table["edition_times"]), sites, feeds, stories)


def _build_feed(values: Mapping[str, Any]) -> SampleFeed:
    editions = tuple(tuple(slugs) for slugs in values["editions"])
    return SampleFeed(**{**values, "editions": editions})


def _read_file(path: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    _, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    paragraphs = tuple(" ".join(block.split("\n")) for block in body.strip().split("\n\n") if block)
    return tomllib.loads(front), paragraphs


def _build_story(slug: str, raw: Mapping[str, tuple[dict[str, Any], tuple[str, ...]]]) -> Story:
    front, paragraphs = raw[slug]
    values = dict(front)
    base_slug, edits, keep = values.pop("base", None), values.pop("replace", []), values.pop("keep", None)
    if base_slug is None:
        return Story(slug=slug, paragraphs=paragraphs, **{"path": slug, **values})
    base = _build_story(base_slug, raw)
    text = "\n\n".join(base.paragraphs[:keep])
    for old, new in edits:
        if text.count(old) != 1:
            raise ValueError(f"stories/{slug}.md: {old!r} is {text.count(old)} times in {base_slug}, not once")
        text = text.replace(old, new)
    return replace(base, slug=slug, paragraphs=(*text.split("\n\n"), *paragraphs), **{"path": slug, **values})
