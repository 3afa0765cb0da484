"""Where a page puts itself: its section, its tags, and whether everybody may read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from wiredesk.clean.jsonld import JsonObject, is_for_all, texts_of
from wiredesk.clean.text import fold, plain_title

_META_SECTION = ("article:section", "articlesection", "parsely-section", "section", "og:section", "category")
_META_TAGS = ("article:tag", "news_keywords", "keywords", "parsely-tags", "sailthru.tags")
_META_TIER = ("article:content_tier", "article:content-tier")  # a metered article can be read whole
_META_KIND = ("og:type", "parsely-type", "page-type", "content-type", "cms-type", "sailthru.type")
_GALLERY = re.compile(r"(?:image|media|photo|picture)?[\s_-]?gallery|slide[\s_-]?show", re.IGNORECASE)

_SEPARATOR = re.compile(r"\s*[,;|、，]\s*")
_MAX_TAG_CHARS = 80  # the longest that a person chose for 283 pages has 58; longer ones are settings of machines
_MOST_TAGS = 40

Access = Literal["free", "paywalled"]


def section_of(article: JsonObject, metas: Mapping[str, Sequence[str]]) -> str | None:
    """The section that the page stands in: JSON-LD's articleSection, else the meta elements'. Of several the first."""
    said = [*texts_of(article.get("articleSection")), *(text for name in _META_SECTION for text in metas.get(name, ()))]
    names = (plain_title(text) for text in said)
    return next((name for name in names if 0 < len(name) <= _MAX_TAG_CHARS), None)


def tags_of(article: JsonObject, metas: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What the page says it is about, in its order, each once: JSON-LD's keywords, else of the first meta element."""
    candidates = [texts_of(article.get("keywords")), *(metas.get(name, ()) for name in _META_TAGS)]
    return next(filter(None, map(tag_list, candidates)), ())


def tag_list(texts: Iterable[str]) -> tuple[str, ...]:
    """Tags out of texts that may hold several, separated by commas; what only machines read is left out."""
    parts = (plain_title(part) for text in texts for part in _SEPARATOR.split(text))
    kept = {fold(part): part for part in parts if 0 < len(part) <= _MAX_TAG_CHARS and not _is_for_machines(part)}
    return tuple(tag for folded, tag in kept.items() if folded)[:_MOST_TAGS]


def access_of(article: JsonObject, metas: Mapping[str, Sequence[str]]) -> Access | None:
    """Whether everybody may read the whole, by JSON-LD's isAccessibleForFree or the content tier; None: not said."""
    tiers = {text.strip().lower() for name in _META_TIER for text in metas.get(name, ())}
    is_open = is_for_all(article)
    if is_open is False or "locked" in tiers:
        return "paywalled"
    return "free" if is_open or tiers & {"free", "metered"} else None


def is_gallery(article: JsonObject, metas: Mapping[str, Sequence[str]]) -> bool:
    """Whether a page calls itself a gallery: schema.org's ImageGallery, or its type elsewhere."""
    kinds = [*texts_of(article.get("@type")), *(text for name in _META_KIND for text in metas.get(name, ()))]
    return any(_GALLERY.search(kind) for kind in kinds)


def _is_for_machines(tag: str) -> bool:
    return ":" in tag or "=" in tag or "/" in tag or "_" in tag
