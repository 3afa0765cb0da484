"""feedparser's expectation files: feeds that say in a comment what must be read out of them.

    Header:      Content-type: text/xml; charset=utf-8
    Description: what it is about
    Expect:      not bozo and entries[0]['title'] == 'Ferry back'

`Expect` is an expression over feedparser's answer. `our_view` shows a ParsedFeed under feedparser's names, with
the fields that wiredesk keeps and no others, so that the same expression judges both.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import feedparser
from feedparser.sanitizer import _sanitize_html
from feedparser.urls import resolve_relative_uris
from wiredesk.errors import PayloadError
from wiredesk.parse import parse_entries, to_json_lines

_WORDS = re.compile(r"Description:\s*(?P<what>.*?)\s*Expect:\s*(?P<expression>.*)\s*-->")
_HEADER = re.compile(r"^Header:\s+([^:]+):(.*)$", re.MULTILINE)
_NAMES: dict[str, Any] = {
    "len": len,
    "isinstance": isinstance,
    "str": str,
    "int": int,
    "list": list,
    "repr": repr,
    "ord": ord,
}


class NotKept(Exception):
    """The expression speaks of a field that wiredesk does not keep."""


@dataclass(frozen=True)
class Expectation:
    """One file: its bytes, the headers that it came with, and what must be true of it."""

    name: str
    body: bytes
    expression: str
    headers: Mapping[str, str]

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")

    @property
    def url(self) -> str | None:
        return self.headers.get("content-location")


def read_expectation(name: str, body: bytes) -> Expectation | None:
    """The file's expectation, or None where it states none. Files named *http* come with headers, others without."""
    text = _text(body)
    found = _WORDS.search(text)
    if found is None:
        return None
    headers = {}
    if "http" in name:
        headers = {"content-type": "text/xml", "content-location": f"http://127.0.0.1:8097/tests/{name}"}
        headers |= {key.strip().lower(): value.strip() for key, value in _HEADER.findall(text)}
    return Expectation(name, body, found["expression"].strip(), headers)


def feedparser_answer(case: Expectation) -> Mapping[str, Any]:
    """What feedparser makes of the file with its defaults; empty where it raises."""
    try:
        return cast("Mapping[str, Any]", feedparser.parse(case.body, response_headers=dict(case.headers)))
    except Exception:  # noqa: BLE001 (as its own suite does: any failure is a failure)
        return {}


def feedparser_passes(case: Expectation, answer: Mapping[str, Any]) -> bool:
    """Whether feedparser meets the expectation."""
    try:
        return _holds(case.expression, answer)
    except Exception:  # noqa: BLE001 (as above)
        return False


def our_lines(case: Expectation) -> list[dict[str, Any]]:
    """The feed's line and the entries' lines: what `wiredesk parse FILE --json` prints, read back."""
    try:
        answer = parse_entries(case.body, url=case.url, content_type=case.content_type)
    except PayloadError as error:
        return [json.loads(line) for line in to_json_lines(error)]
    return [json.loads(line) for line in to_json_lines(answer)]


def we_pass(case: Expectation, lines: list[dict[str, Any]], bozo: bool, polish: Callable[[str], str] = str) -> bool:
    """Whether our answer meets the expectation. Raises NotKept.

    `bozo` is feedparser's word for "not well-formed", and taken from it: we say in words what is wrong. `polish` is
    applied to what may hold markup.
    """
    # We say which of two bodies is the fuller, feedparser which one was called the summary.
    views = [our_view(lines, polish, is_swapped=is_swapped) for is_swapped in (False, True)]
    return any(_meets(case.expression, view | {"bozo": bozo}) for view in views)


def sanitized(text: str) -> str:
    """What feedparser's own sanitizer makes of it."""
    return str(_sanitize_html(text, "utf-8", "text/html"))


def resolver(base: str) -> Callable[[str], str]:
    """feedparser's own way to make relative links in markup absolute, and then its sanitizer."""
    return lambda text: sanitized(resolve_relative_uris(text, base, "utf-8", "text/html"))


def our_view(
    lines: list[dict[str, Any]], polish: Callable[[str], str] = str, *, is_swapped: bool = False
) -> dict[str, Any]:
    """Our answer under feedparser's names."""
    feed, *entries = lines
    return {
        "version": feed["kind"] or "",
        "feed": _Fields(
            title=_marked(feed["title"], polish),
            title_detail=_Fields(value=_marked(feed["title"], polish)),
            link=feed["link"],
            language=feed.get("language"),
        ),
        # An item that says nothing we keep is rejected; it still has a place, and none of our fields.
        "entries": [
            _entry(entry, polish, is_swapped) for entry in [*entries, *[_NOTHING] * len(feed.get("rejected", ()))]
        ],
        "encoding": _Absent(),
        "headers": _Absent(),
        "etag": _Absent(),
    }


class _Fields(dict[str, Any]):
    """Fields by name, also as attributes. What is not there wiredesk does not keep; None is: the feed lacks it."""

    def __missing__(self, name: str) -> Any:
        raise NotKept(name)

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(_ALIASES.get(name, name))
        if value is None and name != "language":
            raise KeyError(name)
        return value

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def __contains__(self, name: object) -> bool:
        if not super().__contains__(name):
            raise NotKept(name)
        return dict.get(self, str(name)) is not None

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 (this is get)


_ALIASES = {"url": "href", "guid": "id", "description": "summary"}


class _Absent:
    def __getattr__(self, name: str) -> Any:
        raise NotKept(name)

    def __eq__(self, other: object) -> bool:
        raise NotKept

    __hash__ = None  # type: ignore[assignment]


_NOTHING: dict[str, Any] = dict.fromkeys(
    ("key", "url", "title", "published_at", "updated_at", "html", "summary", "language")
)
_NOTHING |= {"authors": [], "categories": [], "enclosures": []}


def _entry(entry: Mapping[str, Any], polish: Callable[[str], str], is_swapped: bool) -> _Fields:
    title = _marked(entry["title"], polish)
    body, summary = _marked(entry["html"], polish), _marked(entry["summary"], polish)
    if is_swapped:
        body, summary = summary, body
    people = [_Fields(name=name) for name in entry["authors"] or (None, None)]
    published, updated = _moment(entry["published_at"]), _moment(entry["updated_at"])
    return _Fields(
        id=entry["key"],
        link=entry["url"],
        title=title,
        title_detail=_Fields(value=title, language=entry["language"]),
        summary=summary or body,
        summary_detail=_Fields(value=summary or body, language=entry["language"]),
        content=[_Fields(value=text, language=entry["language"]) for text in (body, summary) if text or text is body],
        author=", ".join(entry["authors"]) or None,
        author_detail=people[0],
        authors=people,
        published_parsed=published,
        updated_parsed=updated or published,
        date_parsed=updated or published,
        category=next(iter(entry["categories"]), None),
        tags=[_Fields(term=term) for term in entry["categories"]],
        enclosures=[
            _Fields(href=file["url"], type=file["media_type"], length=_digits(file["length_bytes"]))
            for file in entry["enclosures"]
        ],
        language=entry["language"],
    )


def _meets(expression: str, names: Mapping[str, Any]) -> bool:
    try:
        return _holds(expression, names)
    except NameError as error:
        raise NotKept(error.name) from error
    except (KeyError, IndexError, TypeError, AttributeError):
        return False


def _holds(expression: str, names: Mapping[str, Any]) -> bool:
    for node in ast.walk(ast.parse(expression, mode="eval")):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        assert not name.startswith("_"), f"no expectation needs this: {expression}"
    return bool(eval(expression, {"__builtins__": _NAMES}, names))  # noqa: S307 (no builtins, no private names)


def _marked(text: str | None, polish: Callable[[str], str]) -> str | None:
    return polish(text) if text is not None else None


def _moment(text: str | None) -> tuple[int, ...] | None:
    return tuple(datetime.fromisoformat(text).utctimetuple()) if text else None


def _digits(number: int | None) -> str | None:
    return None if number is None else str(number)


def _text(body: bytes) -> str:
    """As feedparser's own suite finds the comment: by byte order mark, else UTF-8 whatever it is."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "ignore").lstrip("\ufeff")
    return body.decode("utf-8", "ignore")


_MARKS: Iterable[tuple[bytes, str]] = (
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00?", "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
