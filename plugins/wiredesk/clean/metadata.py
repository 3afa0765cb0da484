"""What a page says about itself: JSON-LD, then OpenGraph and its kin (of the title the other way), then trafilatura.

On 122 news pages, against trafilatura alone: title .88 / .70, author set .88 / .75, date .99 / .97; on 150 with dates
.92 / .91 (`make bench-quality`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import urlsplit

from htmldate import extractors as htmldate_extractors
from htmldate import find_date
from lxml.etree import XPath
from lxml.html import HtmlElement
from trafilatura.metadata import examine_meta, extract_author, extract_meta_json, extract_title, extract_url

from wiredesk.clean.about import Access, access_of, is_gallery, section_of, tags_of
from wiredesk.clean.jsonld import (
    JsonObject,
    address_of,
    find_articles,
    is_live,
    is_news_article,
    names_of,
    text_of,
)
from wiredesk.clean.text import fold, plain_title, tidy_line
from wiredesk.clean.urls import absolute_url, clean_url

_META_TITLE = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
_META_AUTHOR = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl", "authors")
_META_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "pubdate", "publishdate",
    "publish-date", "publish_date", "publication_date", "article.published", "cxenseparse:recs:publishtime", "date",
    "last-modified-or-published", "rnews:datepublished", "bt:pubdate",
)  # fmt: skip
_META_UPDATED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified")
_META_LANGUAGE = ("og:locale", "content-language", "dc.language", "language")
_META_IMAGE = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_META_DESCRIPTION = ("og:description", "description", "twitter:description")
_META_SITE = ("og:site_name", "application-name", "apple-mobile-web-app-title")

_LANGUAGE_TAG = re.compile(r"([a-zA-Z]{2,3})(?:[-_]([a-zA-Z]{4}))?(?:[-_]([a-zA-Z]{2}|\d{3}))?(?:[-_.].*)?")
_SITE_SEPARATOR = re.compile(r"\s+[|\-–—·•»:›~]+\s+")
_AUTHOR_PREFIX = re.compile(r"(?:by|von|par|por|di|от|автор|door|av|af)\b:?\s+", re.IGNORECASE)
_AUTHOR_SEPARATOR = re.compile(r"\s*[;|]\s*|\s*,\s+(?=\S+\s)|\s+(?:and|und|et|y|e|и|og|och|en|&)\s+(?=[^\W\d_a-z])")
_NO_AUTHOR = re.compile(
    r"https?:|www\.|@|^[\W\d_]*$|^(?:admin|administrator|author|editor|staff|guest|unknown|none|null)$", re.IGNORECASE
)
_MAX_AUTHOR_CHARS = 80  # a longer "name" is a sentence
_MAX_AUTHORS = 30
_MAX_TITLE_CHARS = 1_000  # the longest of 583 pages has below 200; a longer one is text in the wrong element
_MAX_SITE_CHARS = 30  # the longest of 120 news sites has 25
_CLOSE_SEPARATORS = "|｜:：-–—·•»›~（(＜<_/／"
_MIN_TITLE_CHARS = 12  # folded; shorter parts of a title are names of sites and sections
# htmldate compares with today unless it is told a bound; results must not depend on the clock.
_DATE_BOUND = "2100-01-01"
# Its last resort, dateparser, reads the clock, takes .8 s where it is reached, and found no date more on 335 pages.
htmldate_extractors._external_date = lambda _: None  # type: ignore[assignment]  # noqa: SLF001
_SHOWN_TIMES = "//time[@itemprop='datePublished' or @pubdate]/@datetime | //*[@itemprop='datePublished']/@content"
# All that trafilatura's search for an author goes by. It asks regular expressions about each element, for 10 ms a page.
_NAMES = XPath("//@class | //@id | //@rel | //@itemprop | //@data-testid | //@data-component", smart_strings=False)
_NAMED_AUTHOR = re.compile(
    "uthor|yline|BBL|byl|username|screenname|writer|channel-name|journalist-name|submitted-by|posted-by|zuozhe|bianji|"
    "xiaobian"
)
_EARLIEST, _LATEST = 1900, 2100  # years outside are epochs and typing errors


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says about itself. Times have the zone that they were given in; without one they count as UTC."""

    title: str | None = None
    titles: tuple[str, ...] = ()  # everything that it calls itself, to recognise a repeated title
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None  # BCP 47
    lead_image: str | None = None
    canonical_url: str | None = None
    description: str | None = None
    descriptions: tuple[str, ...] = ()  # everything that it says it is about
    is_news: bool = False  # it calls itself a NewsArticle or a kind of it
    is_live: bool = False  # a live blog: it changes all day
    is_gallery: bool = False  # it calls itself one: pictures with captions
    access: Access | None = None  # None: it does not say
    section: str | None = None
    tags: tuple[str, ...] = ()
    said_by: Mapping[str, str] = field(default_factory=dict)  # field → json-ld, meta, shown or guessed
    article_body: str | None = None  # of JSON-LD


def read_metadata(tree: HtmlElement, url: str) -> Metadata:
    """Read one parsed page that was found at `url`."""
    metas = _metas(tree)
    scripts = [script.text_content() for script in tree.iter("script") if "ld+json" in (script.get("type") or "")]
    articles = find_articles(scripts, url)
    first = articles[0] if articles else {}
    site = _first(metas, _META_SITE) or next(iter(names_of(first.get("publisher"))), "")
    named = [(t, origin) for t, origin in _titles(tree, metas, first, site, url) if 0 < len(t) <= _MAX_TITLE_CHARS]
    titles = [title for title, _ in named]
    authors, author_origin = _authors(tree, metas, first, site)
    published_at, published_origin = _first_time(first.get("datePublished"), _all(metas, _META_PUBLISHED), _times(tree))
    updated_at, updated_origin = _first_time(first.get("dateModified"), _all(metas, _META_UPDATED), [])
    said_by = {
        "title": named[0][1] if named else None,
        "authors": author_origin,
        "published_at": published_origin,
        "updated_at": updated_origin,
    }
    access = access_of(first, metas)
    found = Metadata(
        title=_as_headed(titles[0], tree, titles[1:]) if titles else None,
        titles=tuple(dict.fromkeys(titles)),
        authors=authors,
        published_at=published_at,
        updated_at=updated_at,
        language=language_tag(tree.get("lang") or "")
        or language_tag(text_of(first.get("inLanguage")) or "")
        or language_tag(_first(metas, _META_LANGUAGE)),
        lead_image=_address(address_of(first.get("image")), url) or _address(_first(metas, _META_IMAGE), url),
        canonical_url=_canonical(tree, metas, url),
        description=tidy_line(_first(metas, _META_DESCRIPTION)) or text_of(first.get("description")),
        descriptions=tuple(filter(None, [*_all(metas, _META_DESCRIPTION), text_of(first.get("description")) or ""])),
        is_news=any(is_news_article(article) for article in articles),
        is_live=is_live(first),
        is_gallery=is_gallery(first, metas),
        access=access,
        section=section_of(first, metas),
        tags=tags_of(first, metas),
        said_by={field: origin for field, origin in said_by.items() if origin},
        article_body=next((b for b in (_body(article) for article in articles) if b), None),
    )
    return found if found.title and found.authors and found.published_at else _completed(found, tree, url)


def language_tag(text: str) -> str | None:
    """A BCP 47 tag in its usual case (`pt-BR`, `zh-Hant`), or None if `text` is none: `de_DE.UTF-8` is `de-DE`."""
    found = _LANGUAGE_TAG.fullmatch(text.strip())
    if not found or found[1].lower() in ("und", "mul", "zxx"):
        return None
    parts = [found[1].lower(), (found[2] or "").title(), (found[3] or "").upper()]
    return "-".join(part for part in parts if part)


def parse_time(text: object) -> datetime | None:
    """ISO 8601 or RFC 2822 in its own zone (UTC where it has none); None for all else and years outside 1900-2100."""
    if not isinstance(text, str):
        return None
    written = text.strip().partition("[")[0]  # Java appends the zone's name: 2024-05-01T10:00+02:00[Europe/Berlin]
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        try:
            time = parsedate_to_datetime(written)
        except (ValueError, IndexError, TypeError):
            return None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    if not _EARLIEST < time.year < _LATEST:
        return None
    return time


def author_names(texts: list[str]) -> tuple[str, ...]:
    """Names out of what publishers write into author fields: prefixes, addresses and lists taken apart."""
    names: dict[str, str] = {}
    for text in texts:
        for part in _AUTHOR_SEPARATOR.split(tidy_line(text)):
            name = _AUTHOR_PREFIX.sub("", part, count=1) if _AUTHOR_PREFIX.match(part) else part
            name = name.strip(" ,;|/-–—·")
            if name and len(name) <= _MAX_AUTHOR_CHARS and not _NO_AUTHOR.search(name):
                names.setdefault(fold(name), name)
    return tuple(names.values())[:_MAX_AUTHORS]


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        content = meta.get("content")
        if name and content and content.strip():
            found.setdefault(name.strip().lower(), []).append(content.strip())
    return found


def _all(metas: dict[str, list[str]], names: tuple[str, ...]) -> list[str]:
    return [content for name in names for content in metas.get(name, ())]


def _first(metas: dict[str, list[str]], names: tuple[str, ...]) -> str:
    return next(iter(_all(metas, names)), "")


def _titles(
    tree: HtmlElement, metas: dict[str, list[str]], article: JsonObject, site: str, url: str
) -> Iterator[tuple[str, str]]:
    """What it calls itself, and where it says so. What it is to be shared under comes first: of 122 news pages the
    publisher's own title was this on 95, JSON-LD's headline on 82 and the heading on 79.
    """
    shared = [_without_site(plain_title(content[:_MAX_TITLE_CHARS]), site) for content in _all(metas, _META_TITLE)]
    headings = [tidy_line(text) for text in _headings(tree)]
    yield from ((title, "meta") for title in shared[:1])
    yield text_of(article.get("headline")) or "", "json-ld"
    yield from ((title, "meta") for title in shared[1:])
    yield from ((title, "shown") for title in headings[:3])
    for element in list(tree.iter("title"))[:1]:
        title = plain_title(element.text_content()[:_MAX_TITLE_CHARS])
        title = _without_site(title, site)
        yield from ((part, "shown") for part in _shown_part(tree, title))
        yield _without_host(title, url), "shown"
        yield title, "shown"


def _headings(tree: HtmlElement) -> Iterator[str]:
    texts = (heading.text_content() for heading in tree.iter("h1"))
    return (text for text in texts if len(text) <= _MAX_TITLE_CHARS)


def _without_site(title: str, site: str) -> str:
    """The title without the site's name behind (or before) a separator."""
    name = fold(site)
    parts = _SITE_SEPARATOR.split(title)
    if not name or len(parts) < 2:
        return title
    if fold(parts[-1]) == name:
        return title[: title.rindex(parts[-1])].rstrip(" |-–—·•»:›~")
    if fold(parts[0]) == name:
        return title[len(parts[0]) :].lstrip(" |-–—·•»:›~")
    return title


def _as_headed(title: str, tree: HtmlElement, others: list[str]) -> str:
    """The part of the title that is the page's own heading, where it has more: " | CNN Politics"."""
    parts = {fold(part): part for part in _title_parts(title)}
    headings = [tidy_line(text) for text in _headings(tree)]
    headed = next((parts[fold(heading)] for heading in headings if fold(heading) in parts), title)
    return next((heading for heading in [*headings, *others] if _is_all_but_site(heading, headed)), headed)


def _is_all_but_site(heading: str, title: str) -> bool:
    """Whether a title is the heading and, behind a separator that needs no space, a site's name: "…：新聞"."""
    rest = title[len(heading) :].strip()
    is_named = 0 < len(rest) <= _MAX_SITE_CHARS and rest[0] in _CLOSE_SEPARATORS
    return len(fold(heading)) >= _MIN_TITLE_CHARS and title.startswith(heading) and is_named


def _shown_part(tree: HtmlElement, title: str) -> list[str]:
    """The part of the window's title that the page shows as a line of its own: the rest is the site's."""
    parts = {fold(part): part for part in _title_parts(title)}
    if not parts:
        return []
    for element in tree.iter("h2", "h3", "p", "div", "span", "td", "li", "strong", "b"):
        text = (element.text or "").strip()
        if 0 < len(text) <= len(title) and (part := parts.get(fold(text))):
            return [part]
    return []


def _title_parts(title: str) -> list[str]:
    """The title up to each separator, and behind each."""
    ends = [(found.start(), found.end()) for found in _SITE_SEPARATOR.finditer(title)]
    parts = [title[:start] for start, _ in ends] + [title[end:] for _, end in ends]
    return [part for part in parts if len(fold(part)) >= _MIN_TITLE_CHARS]


def _without_host(title: str, url: str) -> str:
    """The title without a last part that is the host's name: "… - The Gazette" at thegazette.example."""
    host = fold(urlsplit(url).hostname or "")
    last = list(_SITE_SEPARATOR.finditer(title))[-1:]
    is_host = bool(last) and bool(fold(title[last[0].end() :])) and fold(title[last[0].end() :]) in host
    return title[: last[0].start()] if is_host else title


def _authors(
    tree: HtmlElement, metas: dict[str, list[str]], article: JsonObject, site: str
) -> tuple[tuple[str, ...], str | None]:
    """Persons before the publisher's own name, which stands in for whoever wrote it; and where they are named."""
    own = {fold(site), *map(fold, names_of(article.get("publisher")))}
    links = [link.text_content() for link in tree.xpath("//a[@rel='author']")[:_MAX_AUTHORS]]
    candidates = [
        ("json-ld", author_names(names_of(article.get("author")))),
        ("meta", author_names(_all(metas, _META_AUTHOR))),
        ("shown", author_names(links)),
    ]
    persons = [(origin, tuple(name for name in names if fold(name) not in own)) for origin, names in candidates]
    names, origin = _first_said(*persons, *candidates)
    return names or (), origin


def _first_said(*said: tuple[str, Any]) -> tuple[Any, str | None]:
    """Of (origin, value) the first value that is there, and where it comes from."""
    return next(((value, origin) for origin, value in said if value), (None, None))


def _first_time(named: Any, contents: list[str], shown: Iterable[str]) -> tuple[datetime | None, str | None]:
    """The first of them that is a time, and where it stands: JSON-LD's, then the meta elements', then what is shown."""
    texts = {"json-ld": [named, *(named if isinstance(named, list) else [])], "meta": contents, "shown": shown}
    for origin, said in texts.items():  # what is shown is looked for only where it is needed
        if time := next(filter(None, map(parse_time, said)), None):
            return time, origin
    return None, None


def _times(tree: HtmlElement) -> Iterator[str]:
    yield from map(str, tree.xpath(_SHOWN_TIMES))


def _address(address: str | None, base: str) -> str | None:
    return absolute_url(address, base)


def _canonical(tree: HtmlElement, metas: dict[str, list[str]], url: str) -> str | None:
    links = tree.xpath("//link[contains(concat(' ', @rel, ' '), ' canonical ')]/@href")
    for address in [*map(str, links), *metas.get("og:url", ())]:
        if absolute := absolute_url(address, url):
            return clean_url(absolute)
    return None


def _body(article: JsonObject) -> str | None:
    body = article.get("articleBody")
    return body if isinstance(body, str) and body.strip() else None


def _completed(found: Metadata, tree: HtmlElement, url: str) -> Metadata:
    """Fill what is missing from trafilatura, which looks at what a reader sees.

    Its steps one by one, as its `extract_metadata` makes them: all of them cost twice as much.
    """
    guessed = examine_meta(tree)
    if guessed.author and " " not in guessed.author:
        guessed.author = None  # a login
    with suppress(Exception):  # as trafilatura does: JSON-LD may hold anything
        guessed = extract_meta_json(tree, guessed)
    title = found.title or plain_title(guessed.title or extract_title(tree)) or None
    authors = found.authors or author_names((guessed.author or _shown_author(tree) or "").split("; "))
    # The search of the whole text for a date costs as much as finding the text: only where nothing else says one.
    shown = None if found.published_at else _guessed_date(tree, guessed.url or extract_url(tree, url))
    completed = replace(
        found,
        title=title,
        titles=found.titles or ((title,) if title else ()),
        authors=authors,
        published_at=found.published_at or parse_time(shown),
    )
    now_known = {field for field in ("title", "authors", "published_at") if getattr(completed, field)}
    return replace(completed, said_by={**dict.fromkeys(sorted(now_known), "guessed"), **found.said_by})


def _shown_author(tree: HtmlElement) -> str | None:
    """The result of trafilatura's search, where anything is named like an author."""
    names = cast("list[str]", _NAMES(tree))
    is_named = _NAMED_AUTHOR.search("\n".join(names)) or tree.find(".//author") is not None
    return extract_author(tree) if is_named else None


def _guessed_date(tree: HtmlElement, url: str | None) -> str | None:
    with suppress(AssertionError):  # htmldate cannot remove the root, which a page without <html> may make it try
        return find_date(tree, url=url, original_date=True, extensive_search=True, max_date=_DATE_BOUND)
    return None
