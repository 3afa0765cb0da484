"""feeds/default.opml: the subscriptions that a new installation polls."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import listparser
import lxml.etree
import pytest

FOLDER = Path(__file__).parents[2] / "feeds"
DOCUMENT = (FOLDER / "default.opml").read_bytes()
ROOT = lxml.etree.fromstring(DOCUMENT)
OUTLINES = ROOT.findall("./body/outline/outline")
ADDRESSES = [outline.get("xmlUrl", "") for outline in OUTLINES]
# The subset of BCP 47 that is used here: a language, perhaps with a region.
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")


def test_file_is_opml_2_that_a_reader_imports_whole() -> None:
    assert (ROOT.tag, ROOT.get("version")) == ("opml", "2.0")
    assert ROOT.findtext("./head/title")
    read = listparser.parse(DOCUMENT.decode())
    assert not read.bozo
    assert sorted(feed.url for feed in read.feeds) == sorted(ADDRESSES)


def test_there_are_about_sixty_feeds_and_no_outline_is_anything_else() -> None:
    assert 55 <= len(OUTLINES) <= 70
    assert len(ROOT.findall(".//outline[@xmlUrl]")) == len(OUTLINES)


@pytest.mark.parametrize("outline", OUTLINES, ids=ADDRESSES)
def test_feed_has_all_that_an_import_uses(outline: lxml.etree._Element) -> None:
    folder = outline.getparent()
    assert folder is not None
    assert outline.get("type") == "rss"
    assert outline.get("title") == outline.get("text") != ""
    assert LANGUAGE_TAG.fullmatch(outline.get("language", ""))
    assert outline.get("category") == f"/{folder.get('text')}"
    for name in ("xmlUrl", "htmlUrl"):
        address = urlsplit(outline.get(name, ""))
        assert address.scheme in {"http", "https"}
        assert address.hostname is not None
        assert "." in address.hostname


def test_no_feed_is_listed_twice() -> None:
    same = Counter(re.sub(r"^https?://(www\.)?", "", address).rstrip("/").lower() for address in ADDRESSES)
    titles = Counter(outline.get("title") for outline in OUTLINES)
    assert [key for key, count in (same | titles).items() if count > 1] == []


def test_no_host_is_asked_for_more_than_three_feeds() -> None:
    assert max(Counter(urlsplit(address).hostname for address in ADDRESSES).values()) <= 3


def test_feeds_are_of_many_languages_and_regions() -> None:
    languages = {outline.get("language", "").partition("-")[0] for outline in OUTLINES}
    regions = {folder.get("text") for folder in ROOT.findall("./body/outline")}
    assert len(languages) >= 8
    assert {"Africa", "Asia", "Europe", "North America", "Latin America", "Oceania"} <= regions
    assert all(len(folder) for folder in ROOT.findall("./body/outline"))


def test_readme_gives_the_numbers_of_this_file() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    languages = {outline.get("language", "").partition("-")[0] for outline in OUTLINES}
    assert f"{len(OUTLINES)} news feeds" in text
    assert f"in {len(languages)} languages" in text
