"""What a person says of one source's pages, where the general rules get them wrong: selectors, and nothing else.

A selector is CSS (Selectors level 3), or XPath 1.0 where it begins with `/`, `.//` or a bracket. It is compiled when it
is given, so that a typing error is found by the person and not by the line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from cssselect import HTMLTranslator, SelectorError
from lxml.etree import XPath, XPathError
from lxml.html import HtmlElement

from wiredesk.clean.metadata import Metadata, author_names, parse_time
from wiredesk.clean.text import plain_title, tidy_line
from wiredesk.errors import ConfigurationError

# Where an element says a value apart from its text.
_VALUES = ("content", "datetime")


@dataclass(frozen=True, slots=True)
class Override:
    """The rules for one source. Each is a list of selectors; of title and date the first that finds anything counts."""

    keep: tuple[str, ...] = ()  # the story is in these elements, in their order, and nowhere else
    strip: tuple[str, ...] = ()  # these elements are none of the story
    title: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    published_at: tuple[str, ...] = ()

    @classmethod
    def from_mapping(cls, rules: object, *, where: str) -> Override:
        """Rules as YAML or JSON gives them: a selector, or a list of them, for each name. Raises ConfigurationError."""
        known = [item.name for item in fields(cls)]
        if not isinstance(rules, Mapping):
            raise ConfigurationError(f"{where}: rules are a mapping of {', '.join(known)}")
        if unknown := sorted(set(map(str, rules)) - set(known)):
            raise ConfigurationError(f"{where}: {', '.join(unknown)} is no rule; there are {', '.join(known)}")
        values: dict[str, tuple[str, ...]] = {}
        for name, given in rules.items():
            selectors = [given] if isinstance(given, str) else given
            if not isinstance(selectors, list) or not all(isinstance(one, str) and one.strip() for one in selectors):
                raise ConfigurationError(f"{where}: {name} must be a selector or a list of selectors, not {given!r}")
            for selector in selectors:
                _compiled(selector, where=f"{where}: {name}")
            values[name] = tuple(selectors)
        return cls(**values)

    def as_mapping(self) -> dict[str, list[str]]:
        """The rules that there are, as they are stored."""
        return {item.name: list(getattr(self, item.name)) for item in fields(self) if getattr(self, item.name)}


def narrow(tree: HtmlElement, override: Override) -> tuple[list[str], bool]:
    """Strip and keep in a parsed page; the beginnings of what was stripped, and whether anything to keep was found."""
    stripped = []
    for element in _found(tree, override.strip):
        if element.getparent() is not None:
            stripped.append(tidy_line(element.text_content())[:80])
            element.drop_tree()
    kept = _found(tree, override.keep)
    body = tree.find("body") if tree.tag == "html" else tree
    if not kept or body is None:
        return stripped, False
    article = body.makeelement("article")
    outermost = [element for element in kept if not any(ancestor in kept for ancestor in element.iterancestors())]
    for element in outermost:
        if element.tag == "body":
            return stripped, True
        article.append(element)
    body[:] = [article]
    body.text = None
    return stripped, True


def overridden(metadata: Metadata, tree: HtmlElement, override: Override) -> Metadata:
    """What the page says of itself, but for what the override says better. `tree` is as it came, nothing stripped."""
    said: dict[str, Any] = {}
    if titles := [title for text in _texts(tree, override.title) if (title := plain_title(text))]:
        said |= {"title": titles[0], "titles": tuple(dict.fromkeys([titles[0], *metadata.titles]))}
    if authors := author_names(_texts(tree, override.authors)):
        said["authors"] = authors
    if published_at := next(filter(None, map(parse_time, _texts(tree, override.published_at))), None):
        said["published_at"] = published_at
    origins = {name: "override" for name in said if name != "titles"}
    return replace(metadata, **said, said_by={**metadata.said_by, **origins})


def _texts(tree: HtmlElement, selectors: Sequence[str]) -> list[str]:
    return [_value(element) for element in _found(tree, selectors)]


def _value(element: HtmlElement) -> str:
    named = next((value for name in _VALUES if (value := element.get(name))), None)
    return named or tidy_line(element.text_content())


def _found(tree: HtmlElement, selectors: Sequence[str]) -> list[HtmlElement]:
    """All elements that a selector finds, each once, in the order of the selectors."""
    found: dict[HtmlElement, None] = {}
    for selector in selectors:
        results = _compiled(selector, where="a stored override")(tree)
        if isinstance(results, list):  # an XPath may count or compare, which finds nothing
            found |= dict.fromkeys(one for one in results if isinstance(one, HtmlElement))
    return list(found)


def _compiled(selector: str, *, where: str) -> XPath:
    text = selector.strip()
    try:
        return XPath(text if text.startswith(("/", ".//", "(")) else HTMLTranslator().css_to_xpath(text))
    except (SelectorError, XPathError) as error:
        raise ConfigurationError(f"{where}: {selector!r} is neither a CSS selector nor an XPath: {error}") from error
