"""JSON-LD (schema.org) in a page: the objects that describe an article, and plain values out of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from wiredesk.clean.text import plain_title

_MAX_OBJECTS = 2_000  # 583 real pages hold at most 176; a bound, because objects may nest
_ARTICLE_TYPES = re.compile(r"(?:Article|BlogPosting|Report|SocialMediaPosting)$")
_NESTING = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item", "hasPart", "subjectOf")
_WRAPPER = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")

JsonObject = dict[str, Any]


def find_articles(scripts: list[str], url: str) -> list[JsonObject]:
    """Objects of an article type in a page's JSON-LD scripts; those that name `url` as theirs first."""
    objects = [item for script in scripts for item in _objects(_load(script))]
    articles = [item for item in objects if any(_ARTICLE_TYPES.search(kind) for kind in texts_of(item.get("@type")))]
    path = urlsplit(url).path.rstrip("/")
    return sorted(articles, key=lambda item: (not _has_path(item, path), "headline" not in item))


def is_news_article(article: JsonObject) -> bool:
    """Whether an object is of schema.org's NewsArticle or one of its kinds (ReportageNewsArticle, …)."""
    return any(kind.endswith("NewsArticle") for kind in texts_of(article.get("@type")))


def is_live(article: JsonObject) -> bool:
    """Whether an object is schema.org's LiveBlogPosting."""
    return "LiveBlogPosting" in texts_of(article.get("@type"))


def is_for_all(article: JsonObject) -> bool | None:
    """Whether everybody may read it: schema.org's isAccessibleForFree, a Boolean or its URL. None: it does not say."""
    said = article.get("isAccessibleForFree")
    if isinstance(said, bool):
        return said
    named = {text.rpartition("/")[2].strip().lower() for text in texts_of(said)}
    return None if named.isdisjoint({"true", "false"}) else "false" not in named


def text_of(value: Any) -> str | None:
    """The first text in a value, as plain text."""
    return next(filter(None, (plain_title(text) for text in texts_of(value))), None)


def names_of(value: Any) -> list[str]:
    """Names of persons or organisations, whichever way they are nested."""
    names: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            names += [plain_title(name) for name in texts_of(item.get("name"))]
        elif isinstance(item, str):
            names.append(plain_title(item))
        elif isinstance(item, list):
            names += [
                plain_title(name) for entry in item if isinstance(entry, dict) for name in texts_of(entry.get("name"))
            ]
    return [name for name in names if name]


def address_of(value: Any) -> str | None:
    """The first URL in a value: a string, an ImageObject, or a list of either."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str) and item.strip():
            return item.strip()
        if isinstance(item, dict):
            for key in ("url", "contentUrl", "@id"):
                if found := address_of(item.get(key)):
                    return found
    return None


def _load(script: str) -> Any:
    text = _WRAPPER.sub("", _WRAPPER.sub("", script.strip()))
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _objects(root: Any) -> Iterator[JsonObject]:
    waiting, seen = [root], 0
    while waiting and seen < _MAX_OBJECTS:
        item = waiting.pop(0)
        seen += 1
        if isinstance(item, list):
            waiting += item[:_MAX_OBJECTS]
        elif isinstance(item, dict):
            yield item
            waiting += [item[key] for key in _NESTING if isinstance(item.get(key), (list, dict))]


def texts_of(value: Any) -> Iterator[str]:
    """All texts in a value: of a string, of a list of them, or of JSON-LD's value objects."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict) and isinstance(item.get("@value"), str):
            yield item["@value"]


def _has_path(item: JsonObject, path: str) -> bool:
    own = address_of(item.get("url")) or address_of(item.get("mainEntityOfPage")) or address_of(item.get("@id"))
    try:
        return own is not None and urlsplit(own).path.rstrip("/") == path
    except ValueError:
        return False
