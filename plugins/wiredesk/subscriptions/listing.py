"""Subscriptions as a YAML file under version control: the whole list of feeds, one block a feed.

    version: 1
    feeds:
      - url: https://news.example/rss
        title: The Example
        category: World/Europe
        language: no
        full_text: true
        conditional: false
        state: paused

Only `url` is needed. The file is read by hand from PyYAML's nodes, which know their lines, so that every problem
is told at once and where it stands. Text is taken as it is written: `language: no` is Norwegian, and no boolean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import yaml

from wiredesk.errors import ConfigurationError
from wiredesk.models import FeedState, Subscription
from wiredesk.subscriptions.urls import feed_url

_VERSION = "1"
# 10,000 feeds with titles and categories are 2 MiB.
_LARGEST_BYTES = 4 * 2**20
_DEEPEST = 4  # the document, its list, a feed's block, a value
_NO_FOLDING = 2**20  # columns; PyYAML has no other way to say it
_SHOWN_PROBLEMS = 50  # a file of another kind has thousands
_STATES = {FeedState.ACTIVE.value, FeedState.PAUSED.value}
_TEXTS = ("url", "title", "category", "language", "state")
_FLAGS = ("full_text", "conditional", "match")
# libyaml where PyYAML was built with it: twenty times as fast. Both build plain nodes, never objects.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Listed:
    """A feed as the file lists it. A title or language that is None is left to the feed itself."""

    subscription: Subscription
    state: FeedState = FeedState.ACTIVE
    line: int = 0  # of its `url`, counted from 1


def read_listing(text: bytes) -> list[Listed]:
    """The feeds of the file, in its order.

    Raises ConfigurationError with one line a problem, each with the line that it stands in; then nothing of the
    file is to be used.
    """
    found: list[Listed] = []
    problems: list[str] = []
    for item in _feeds(_document(text), problems):
        listed = _listed(item, problems)
        if listed is not None:
            found.append(listed)
    problems += _twice(found)
    if problems:
        _refuse(problems)
    return found


def write_listing(listed: Iterable[Listed]) -> str:
    """The file, sorted by host and address, with nothing in it that is the default; `read_listing` reads it back."""
    blocks = [_block(one) for one in sorted(listed, key=_place)]
    text = "# Written by `wiredesk feed export --yaml`; `wiredesk feed apply FILE` reads it. See feeds/README.md.\n"
    text += f"version: {_VERSION}\n"
    if not blocks:
        return text + "feeds: []\n"
    return text + "feeds:\n" + "".join(_indented(block) for block in blocks)


def _document(text: bytes) -> yaml.Node | None:
    if len(text) > _LARGEST_BYTES:
        raise ConfigurationError(f"the file is larger than {_LARGEST_BYTES} bytes: no list of feeds")
    try:
        _refuse_tricks(text)
        document: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ConfigurationError(f"{where}not readable as YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, UnicodeError) as error:  # bytes that are no text, or no character of YAML
        raise ConfigurationError(f"not readable as YAML: {' '.join(str(error).split())}") from error
    return document


def _refuse_tricks(text: bytes) -> None:
    """Before anything is built: no aliases, which a small file can make huge with, and no depth to recurse into."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if getattr(event, "anchor", None) is not None:
            raise ConfigurationError(f"{_at(event)}: anchors (&) and aliases (*) are not taken; write the text out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise ConfigurationError(f"{_at(event)}: nested deeper than a list of feeds is")


def _feeds(document: yaml.Node | None, problems: list[str]) -> list[yaml.Node]:
    """The items of `feeds`, whatever they are."""
    if not isinstance(document, yaml.MappingNode):
        raise ConfigurationError("line 1: expected the keys `version: 1` and `feeds:`, see feeds/README.md")
    keys = _keys(document, ("version", "feeds"), problems)
    version, feeds = keys.get("version"), keys.get("feeds")
    if version is None:
        problems.append(f"line 1: the key `version: {_VERSION}` is missing")
    elif not isinstance(version, yaml.ScalarNode) or version.value != _VERSION:
        problems.append(f"{_at(version)}: this wiredesk reads version {_VERSION} of the file")
    if feeds is None:
        problems.append("line 1: the key `feeds:` is missing")
        return []
    if _is_null(feeds):
        return []
    if not isinstance(feeds, yaml.SequenceNode):
        problems.append(f"{_at(feeds)}: `feeds` must be a list: one `- url: …` a feed")
        return []
    return list(feeds.value)


def _listed(item: yaml.Node, problems: list[str]) -> Listed | None:
    """One feed; None, with the problems noted, where it cannot be taken as it is."""
    before = len(problems)
    if not isinstance(item, yaml.MappingNode):
        problems.append(f"{_at(item)}: a feed must be keys and values, beginning with `- url: https://…`")
        return None
    keys = _keys(item, (*_TEXTS, *_FLAGS), problems)
    texts = {name: _text(name, keys[name], problems) for name in _TEXTS if name in keys}
    flags = {name: _flag(name, keys[name], problems) for name in _FLAGS if name in keys}
    url = _url(item, keys.get("url"), texts.get("url"), problems)
    state = texts.get("state") or FeedState.ACTIVE.value
    if state not in _STATES:
        problems.append(f"{_at(keys['state'])}: `state` must be active or paused, and is {state[:40]!r}")
    if len(problems) > before:
        return None
    subscription = Subscription(
        url=url,
        title=texts.get("title"),
        category=category_of(texts.get("category")),
        language=texts.get("language"),
        is_full_text=flags.get("full_text", False),
        is_conditional=flags.get("conditional", True),
        is_matched=flags.get("match", True),
    )
    return Listed(subscription, FeedState(state), _line(keys["url"]))


def category_of(text: str | None) -> str | None:
    """A category as it is stored: levels separated by one slash, without empty ones."""
    return "/".join(level.strip() for level in (text or "").split("/") if level.strip()) or None


def _keys(mapping: yaml.MappingNode, known: tuple[str, ...], problems: list[str]) -> dict[str, yaml.Node]:
    found: dict[str, yaml.Node] = {}
    for key, value in mapping.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else "…"
        if name not in known:
            problems.append(f"{_at(key)}: unknown key {name[:40]!r}; known are {', '.join(known)}")
        elif name in found:
            problems.append(f"{_at(key)}: `{name}` stands twice in one block, first in {_at(found[name])}")
        else:
            found[name] = value
    return found


def _text(name: str, node: yaml.Node, problems: list[str]) -> str | None:
    if _is_null(node):
        return None
    if not isinstance(node, yaml.ScalarNode):
        problems.append(f"{_at(node)}: `{name}` must be text")
        return None
    text = str(node.value).strip()
    if "\0" in text:  # which Postgres has no place for
        problems.append(f"{_at(node)}: `{name}` holds a NUL character")
    return text or None


def _flag(name: str, node: yaml.Node, problems: list[str]) -> bool:
    if isinstance(node, yaml.ScalarNode) and node.value in {"true", "false"} and not node.style:
        return bool(node.value == "true")
    problems.append(f"{_at(node)}: `{name}` must be true or false, without quotes")
    return False


def _url(item: yaml.Node, node: yaml.Node | None, text: str | None, problems: list[str]) -> str:
    if node is None or (text is None and isinstance(node, yaml.ScalarNode)):
        problems.append(f"{_at(node or item)}: a feed without `url`")
    if text is None:
        return ""
    try:
        return feed_url(text)
    except ConfigurationError as error:
        problems.append(f"{_at(node or item)}: {error}")
        return ""


def _twice(found: list[Listed]) -> Iterator[str]:
    first: dict[str, int] = {}
    for one in found:
        line = first.setdefault(one.subscription.url, one.line)
        if line != one.line:
            yield f"line {one.line}: {one.subscription.url} stands twice, first in line {line}; remove one"


def _is_null(node: yaml.Node) -> bool:
    """`title:` with nothing after it, or `title: null`."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _at(node: yaml.Node | yaml.Event) -> str:
    return f"line {_line(node)}"


def _line(node: yaml.Node | yaml.Event) -> int:
    return node.start_mark.line + 1 if node.start_mark else 1


def _refuse(problems: list[str]) -> None:
    def line(problem: str) -> int:
        return int(problem.removeprefix("line ").partition(":")[0])

    ordered = sorted(problems, key=line)
    if len(ordered) > _SHOWN_PROBLEMS:
        ordered[_SHOWN_PROBLEMS:] = [f"and {len(ordered) - _SHOWN_PROBLEMS} more problems"]
    raise ConfigurationError("\n".join(ordered))


def _block(one: Listed) -> dict[str, str | bool]:
    said = one.subscription
    block: dict[str, str | bool] = {"url": said.url}
    block |= {
        name: value
        for name, value in {"title": said.title, "category": said.category, "language": said.language}.items()
        if value
    }
    if said.is_full_text:
        block["full_text"] = True
    if not said.is_conditional:
        block["conditional"] = False
    if not said.is_matched:
        block["match"] = False
    if one.state is FeedState.PAUSED:
        block["state"] = one.state.value
    return block


def _indented(block: dict[str, str | bool]) -> str:
    lines = [f"{name}: {_scalar(value)}" for name, value in block.items()]
    return f"  - {lines[0]}\n" + "".join(f"    {line}\n" for line in lines[1:])


def _scalar(value: str | bool) -> str:
    """The value on one line, however long, quoted where it must be: one changed field is one changed line."""
    document = {"x": value}
    text: str = yaml.safe_dump(document, allow_unicode=True, width=_NO_FOLDING).removeprefix("x: ").removesuffix("\n")
    if len(text.splitlines()) > 1:
        text = yaml.safe_dump(value, default_style='"', width=_NO_FOLDING).removesuffix("\n")
    return text


def _place(one: Listed) -> tuple[str, str]:
    return (urlsplit(one.subscription.url).hostname or "").removeprefix("www."), one.subscription.url
