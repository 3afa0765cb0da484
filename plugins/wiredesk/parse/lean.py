"""feedparser's parser of well-formed XML, made quicker and safer where it does the same by longer ways."""

from __future__ import annotations

from typing import Any

from feedparser.datetimes import _parse_date

from wiredesk.parse.captions import CaptionsApart
from wiredesk.parse.dates import is_usual

_LONGEST_NAME = 1000  # characters; what is longer names no person
_MOST_TAGS = 1000  # of one entry: each new one is compared with all
# Attributes that hold for what is inside an element too.
_STATE = frozenset({"xml:base", "base", "xml:lang", "lang"})
# Elements of an item that feedparser has handlers for, and of which no field of an entry is made; and those of them
# whose texts it takes for the texts of what is around them, as it does with any unknown one that has attributes.
_UNUSED = frozenset(
    {"media_content", "media_credit", "media_license", "media_rating", "media_restriction", "media_thumbnail"}
    | {"itunes_image", "psc_chapter"}
)
_WITHOUT_TEXT = frozenset({"media_content", "psc_chapter"})
_PASSED_OVER = "\0"  # before the name of an open element that no handler was called for; stands in no name
# Elements whose text is resolved, or stored where others do not go; and those whose handlers store it themselves.
_WITH_STEPS = frozenset(
    {"comments", "docs", "href", "icon", "id", "link", "logo", "url", "wfw_comment", "wfw_commentrss"}
    | {"title", "content", "description"}
)
_KEPT_BY_HANDLER = frozenset({"category", "tags", "itunes_keywords"})
# What an image or a search box of the channel consists of; another element ends it, in feedparser's reading.
_IN_TEXT_INPUT = frozenset({"title", "link", "description", "name"})
_IN_IMAGE = frozenset({"title", "link", "description", "url", "href", "width", "height"})


class _Params(dict[str, Any]):
    """What is known of a text: names and plain values, so a copy of them is as good as a deep one."""

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return dict(self)


_unused: dict[str, bool] = {}


class LeanFeedparser(CaptionsApart):
    """Takes names of elements and attributes in lower case."""

    resolve_relative_uris = False
    sanitize_html = False
    contentparams: dict[str, Any]
    inimage: int
    intextinput: int

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        """Start an element. Most have no base to resolve and no markup to keep, so half the work is in vain."""
        if self.baseuri or self.lang or self.incontent or self.svgOK or _has_state(attrs):
            super().unknown_starttag(tag, attrs)
            return
        self.depth += 1
        self.basestack.append(self.baseuri)
        self.langstack.append(self.lang)
        attributes = {name: value.lower() if name in {"rel", "type"} else value for name, value in attrs}
        key = self._key(tag)
        if key == tag:  # it has no prefix
            self.intextinput = self.intextinput if tag in _IN_TEXT_INPUT else 0
            self.inimage = self.inimage if tag in _IN_IMAGE else 0
        elif self.inentry and self._is_unused(key):
            has_text = key not in _WITHOUT_TEXT if key in _UNUSED else not attributes
            if has_text:
                self.push(_PASSED_OVER + key, 0)
            return
        try:
            getattr(self, f"_start_{key}")(attributes)
        except AttributeError:  # no handler, or one that stumbled: to feedparser that is the same
            if attributes:
                self._get_context()[key] = attributes
            else:
                self.push(key, 1)

    def unknown_endtag(self, tag: str) -> None:
        """End an element."""
        if self.incontent or self.svgOK:
            super().unknown_endtag(tag)
            return
        key = self._key(tag)
        if self.elementstack and self.elementstack[-1][0] == _PASSED_OVER + key:
            self.elementstack.pop()
        else:
            try:
                getattr(self, f"_end_{key}")()
            except AttributeError:
                self.pop(key)
        self.basestack.pop()
        if self.basestack and self.basestack[-1]:
            self.baseuri = self.basestack[-1]
        self.langstack.pop()
        if self.langstack:
            self.lang = self.langstack[-1]
        self.depth -= 1

    def pop(self, element: str, strip_whitespace: int = 1) -> str | None:
        """Take what an element says. Where it is no markup and all ASCII, most of feedparser's steps change nothing."""
        stack = self.elementstack
        if not strip_whitespace or not self._is_plain(element):
            said: str | None = super().pop(element, strip_whitespace)
            return said
        text = "".join(stack[-1][2]).strip()
        stack.pop()
        if element not in _KEPT_BY_HANDLER:
            depths = self.property_depth_map.setdefault(self.entries[-1], {})
            if self.depth <= depths.get(element, self.depth):
                depths[element] = self.depth
                self.entries[-1][element] = text
        return text

    def push_content(
        self, tag: str, attrs_d: dict[str, str], default_content_type: str, expecting_text: object
    ) -> None:
        """Begin a text, with what is known of it in a plain dict: feedparser's own kind is slow."""
        super().push_content(tag, attrs_d, default_content_type, expecting_text)
        self.contentparams = _Params(self.contentparams)

    def _end_published(self) -> None:
        self._end_date("published")

    def _end_updated(self) -> None:
        self._end_date("updated")

    def _end_created(self) -> None:
        self._end_date("created")

    _end_issued = _end_pubdate = _end_published
    _end_modified = _end_lastbuilddate = _end_updated

    def _end_date(self, element: str) -> None:
        """Keep a date, and feedparser's reading of it where we shall need that."""
        raw = self.pop(element)
        parsed = None if raw is None or is_usual(raw) else _parse_date(raw)
        self._save(f"{element}_parsed", parsed, overwrite=True)

    def _sync_author_detail(self, key: str = "author") -> None:
        """Find the e-mail address in a name, which feedparser does in quadratic time."""
        text = self._get_context().get(key)
        if not isinstance(text, str) or len(text) <= _LONGEST_NAME:
            super()._sync_author_detail(key)

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        if len(self._get_context().get("tags", ())) < _MOST_TAGS:
            super()._add_tag(term, scheme, label)

    def _is_plain(self, element: str) -> bool:
        """Whether feedparser would keep the text of the innermost element in the entry, just as it stands."""
        if self.contentparams or self.incontent or self.insource or not self.inentry or element in _WITH_STEPS:
            return False
        stack = self.elementstack
        return bool(stack and stack[-1][0] == element and stack[-1][1] and all(map(str.isascii, stack[-1][2])))

    def _is_unused(self, key: str) -> bool:
        """Whether no handler makes anything of an element that has a prefix."""
        known = _unused.get(key)
        if known is None:
            has_handler = hasattr(self, f"_start_{key}") or hasattr(self, f"_end_{key}")
            known = key in _UNUSED or not has_handler
            if has_handler:  # the others are as many as a stranger likes
                _unused[key] = known
        return known

    def _key(self, tag: str) -> str:
        """By what feedparser's handlers are named."""
        if ":" not in tag:
            return tag
        prefix, suffix = tag.split(":", 1)
        prefix = self.namespacemap.get(prefix, prefix)
        return f"{prefix}_{suffix}" if prefix else suffix


def _has_state(attrs: list[tuple[str, str]]) -> bool:
    return any(name in _STATE or name.startswith("xmlns") for name, _ in attrs)
