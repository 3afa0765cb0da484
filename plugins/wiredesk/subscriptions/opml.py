"""Subscriptions as OPML 2.0 (opml.org/spec2.opml), the format in which readers exchange them.

lxml and not listparser, which drops the attributes that wiredesk needs (language, fullText, conditional).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from wiredesk.errors import ConfigurationError
from wiredesk.models import Subscription
from wiredesk.subscriptions.urls import feed_url

# A bare & in a URL is the commonest fault of exported files, and has only one meaning.
_BARE_AMPERSAND = re.compile(rb"&(?!(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # in XML 1.0
_SHOWN_PROBLEMS = 10  # a file of another kind has thousands; the first few tell


def read_opml(text: bytes) -> list[Subscription]:
    """Subscriptions of an OPML file, in its order, each URL once (the first place that it stands in).

    Folders make the category, levels separated by a slash; without a folder, the `category` attribute does.
    `fullText="true"` (with or without a namespace) asks for the article pages, and
    `conditional="false"` for polls without validators. `feed:` URLs are read as http, and `example.org/feed` as
    https, as browsers do.
    Raises ConfigurationError, naming the lines, where the file is no OPML or a feed in it has no usable URL;
    then nothing of it is used.
    """
    root = _parse(text)
    found: dict[str, Subscription] = {}
    problems: list[str] = []
    for outline, folders in _feeds(root.iterfind("body/outline"), ()):
        try:
            url = feed_url(_attribute(outline, "xmlUrl") or "")
        except ConfigurationError as error:
            problems.append(f"line {outline.sourceline}: {error}")
            continue
        if url not in found:
            found[url] = _subscription(outline, url, folders)
    if problems:
        more = f" and {len(problems) - _SHOWN_PROBLEMS} more" if len(problems) > _SHOWN_PROBLEMS else ""
        raise ConfigurationError(
            f"the OPML names feeds that cannot be fetched: {'; '.join(problems[:_SHOWN_PROBLEMS])}{more}. "
            "Correct or remove these outlines; nothing was imported."
        )
    return list(found.values())


def write_opml(subscriptions: Iterable[Subscription]) -> bytes:
    """The subscriptions as OPML 2.0 in UTF-8, a folder for each category; `read_opml` reads them back."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "Subscriptions of wiredesk"
    body = etree.SubElement(root, "body")
    folders: dict[tuple[str, ...], etree._Element] = {(): body}
    for one in subscriptions:
        title = _writable(one.title or one.url)
        attributes = {"type": "rss", "text": title, "xmlUrl": one.url}
        if one.title:
            attributes["title"] = title
        if one.language:
            attributes["language"] = _writable(one.language)
        if one.is_full_text:
            attributes["fullText"] = "true"
        if not one.is_conditional:
            attributes["conditional"] = "false"
        if not one.is_matched:
            attributes["match"] = "false"
        etree.SubElement(_folder(folders, _levels(one.category)), "outline", attributes)
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return written


def _parse(text: bytes) -> etree._Element:
    if not text.strip():
        raise ConfigurationError("the OPML file is empty")
    if b"\0" not in text:  # not UTF-16
        text = _BARE_AMPERSAND.sub(b"&amp;", text)
        if b"wiredesk:" in text and b"xmlns:wiredesk" not in text:  # written by hand, and meant all the same
            text = text.replace(b"<opml", b'<opml xmlns:wiredesk="urn:wiredesk:opml"', 1)
    # No entities, no DTD, no network: the file comes from anywhere.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ConfigurationError(f"not readable as OPML: {error}. Export the file again.") from error
    if root.tag != "opml":
        raise ConfigurationError(f"not OPML: the file's root element is <{root.tag}>")
    return root


def _feeds(
    outlines: Iterable[etree._Element], folders: tuple[str, ...]
) -> Iterator[tuple[etree._Element, tuple[str, ...]]]:
    """Outlines with an xmlUrl, each with the names of the folders that it stands in. libxml2 bounds the depth."""
    for outline in outlines:
        if _attribute(outline, "xmlUrl") is not None:
            yield outline, folders
            continue
        name = (outline.get("text") or outline.get("title") or "").strip()
        yield from _feeds(outline.iterfind("outline"), (*folders, name) if name else folders)


def _subscription(outline: etree._Element, url: str, folders: tuple[str, ...]) -> Subscription:
    title = (outline.get("title") or outline.get("text") or "").strip()
    category = "/".join(folders) or (outline.get("category") or "").partition(",")[0]
    return Subscription(
        url=url,
        title=title if title and title != url else None,
        category="/".join(_levels(category)) or None,
        language=(outline.get("language") or "").strip() or None,
        is_full_text=_said(outline, "fullText") in {"true", "1", "yes"},
        is_conditional=_said(outline, "conditional") not in {"false", "0", "no"},
        is_matched=_said(outline, "match") not in {"false", "0", "no"},
    )


def _said(outline: etree._Element, name: str) -> str:
    return (_attribute(outline, name) or "").strip().lower()


def _attribute(outline: etree._Element, name: str) -> str | None:
    """An attribute in any namespace and any case: xmlURL and xmlurl are about."""
    for key, value in outline.attrib.items():
        if str(key).rpartition("}")[2].lower() == name.lower():
            return str(value)
    return None


def _folder(folders: dict[tuple[str, ...], etree._Element], levels: tuple[str, ...]) -> etree._Element:
    if levels not in folders:
        parent = _folder(folders, levels[:-1])
        folders[levels] = etree.SubElement(parent, "outline", {"text": levels[-1], "title": levels[-1]})
    return folders[levels]


def _levels(category: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in _writable(category or "").split("/") if part.strip())


def _writable(text: str) -> str:
    return _FORBIDDEN.sub("", text)
