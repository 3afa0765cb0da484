"""The local wire over real HTTP: it behaves as publishers do, and serves what its answer sheet states."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import feedparser
import listparser
import lxml.html
import pytest

from local.sample import expected
from local.sample.material import load_sample
from local.wire import Wire, running_wire

CHECKOUT = Path(__file__).parents[2]
SAMPLE = load_sample()
FEEDS = {feed.name: feed for feed in SAMPLE.feeds}
READABLE = [name for name, result in expected.FIRST_POLL.items() if result.items]
DEADLINE_S = 20


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def ask(wire: Wire, path: str, *, method: str = "GET", **headers: str) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(wire.url).netloc, timeout=DEADLINE_S)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def poll(wire: Wire, name: str, **headers: str) -> Answer:
    return ask(wire, FEEDS[name].moved_to or FEEDS[name].address, **headers)


def conditions(answer: Answer) -> dict[str, str]:
    sent = {"If_None_Match": answer.headers["ETag"], "If_Modified_Since": answer.headers["Last-Modified"]}
    return {name: text for name, text in sent.items() if text}


def items(answer: Answer) -> list[dict[str, Any]]:
    """The items of a feed, once what its fault put into it is repaired."""
    if answer.headers.get_content_type() == "application/feed+json":
        found: list[dict[str, Any]] = json.loads(answer.body)["items"]
        return found
    body = re.sub(rb"[\x00\x0b]|&#xD800;", b"", answer.body)
    parsed = feedparser.parse(body, response_headers={"content-type": answer.headers["Content-Type"]})
    return [dict(entry) for entry in parsed.entries]


@pytest.fixture
def wire() -> Iterator[Wire]:
    with running_wire(slow_seconds=0.06) as running:
        yield running


def test_same_error_is_the_same_page_at_every_poll_and_is_not_counted(wire: Wire) -> None:
    first, second = ask(wire, "/-/same-error"), ask(wire, "/-/same-error")
    assert (first.status, first.headers.get_content_type()) == (200, "text/html")
    assert first.body == second.body != b""
    assert wire.requests == ()


@pytest.mark.parametrize("edition", [1, 2])
@pytest.mark.parametrize("name", READABLE)
def test_feed_holds_the_stated_number_of_items(wire: Wire, name: str, edition: int) -> None:
    wire.publish(edition)
    answer = poll(wire, name)
    assert answer.status == 200
    assert len(items(answer)) == expected.POLLS[edition][name].items


@pytest.mark.parametrize("name", READABLE)
def test_second_poll_ends_as_stated(wire: Wire, name: str) -> None:
    first = poll(wire, name)
    wire.publish(2)
    second = poll(wire, name, **conditions(first))
    seen = "not_modified" if second.status == 304 else "same_bytes" if second.body == first.body else "new_bytes"
    assert seen == expected.SECOND_POLL[name].reason
    assert second.body == b"" or seen != "not_modified"


@pytest.mark.parametrize("name", READABLE)
def test_second_edition_brings_the_stated_new_and_revised_items(wire: Wire, name: str) -> None:
    before = {item.get("id", item.get("link")): item for item in items(poll(wire, name))}
    wire.publish(2)
    after = {item.get("id", item.get("link")): item for item in items(poll(wire, name))}
    revised = [key for key in before if after[key] != before[key]]
    assert len(after.keys() - before.keys()) == expected.SECOND_POLL[name].new
    assert len(revised) == expected.SECOND_POLL[name].revised


@pytest.mark.parametrize(("address", "old_title", "new_title"), expected.REVISED)
def test_revised_story_keeps_its_guid_and_address(wire: Wire, address: str, old_title: str, new_title: str) -> None:
    old = next(item for item in items(poll(wire, "nwa")) if item["title"] == old_title)
    wire.publish(2)
    new = next(item for item in items(poll(wire, "nwa")) if item["title"] == new_title)
    assert (new["id"], new["link"]) == (old["id"], wire.url + address)
    assert new["content"] != old["content"]


@pytest.mark.parametrize("name", [name for name in READABLE if FEEDS[name].validator != "none"])
def test_unchanged_feed_is_304_to_its_own_validator_only(wire: Wire, name: str) -> None:
    first = poll(wire, name)
    assert poll(wire, name, **conditions(first)).status == 304
    if FEEDS[name].validator == "last_modified":
        assert poll(wire, name, If_Modified_Since="Mon, 09 Mar 2026 00:00:00 GMT").status == 200
        assert poll(wire, name, If_Modified_Since="not a date").status == 200
        return
    altered = first.headers["ETag"].removeprefix("W/").strip('"')
    assert poll(wire, name, If_None_Match=altered).status == 200
    # The tag outranks the date (RFC 9110 13.2.2).
    later = "Wed, 11 Mar 2026 12:00:00 GMT"
    assert poll(wire, name, If_None_Match='"other"', If_Modified_Since=later).status == 200


@pytest.mark.parametrize(("name", "coding"), [("courier", "gzip"), ("minato", "br")])
def test_body_is_compressed_for_those_who_accept_it(wire: Wire, name: str, coding: str) -> None:
    plain = poll(wire, name)
    packed = poll(wire, name, Accept_Encoding=f"deflate;q=0.5, {coding};q=1.0")
    assert plain.headers["Content-Encoding"] is None
    assert packed.headers["Content-Encoding"] == coding
    assert len(packed.body) < len(plain.body)
    undone = gzip.decompress(packed.body) if coding == "gzip" else brotli.decompress(packed.body)
    assert undone == plain.body


@pytest.mark.parametrize(("name", "status"), [("collines", 301), ("costa", 302)])
def test_moved_feed_says_where_it_is(wire: Wire, name: str, status: int) -> None:
    answer = ask(wire, FEEDS[name].address)
    assert answer.status == status
    assert answer.headers["Location"] == wire.url + str(FEEDS[name].moved_to)
    assert poll(wire, name).status == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/oldmill/feed.xml", 404), ("/gone.xml", 410), ("/nowhere", 404), ("/courier/none", 404)],
)
def test_what_is_not_there_is_said_to_be_missing(wire: Wire, path: str, status: int) -> None:
    assert ask(wire, path).status == status


def test_robots_may_read_everything(wire: Wire) -> None:
    assert ask(wire, "/robots.txt").body == b"User-agent: *\nAllow: /\n"


def test_error_page_in_place_of_a_feed_has_status_200_and_other_bytes_each_time(wire: Wire) -> None:
    first, second = poll(wire, "portside"), poll(wire, "portside")
    assert (first.status, first.headers.get_content_type()) == (200, "text/html")
    assert first.body.startswith(b"<!DOCTYPE html>")
    assert first.body != second.body


def test_faults_are_in_the_bytes(wire: Wire) -> None:
    assert poll(wire, "gazette").body.count(b"&#xD800;") == 1
    assert poll(wire, "radio").body.count(b"\x00") == 1
    assert b"\x0b" in poll(wire, "radio").body
    assert poll(wire, "bayfront").body.endswith(b"</item>\n<it")


def test_each_quarantined_item_lacks_what_its_reason_says(wire: Wire) -> None:
    found = items(poll(wire, "gazette"))
    anonymous = [item for item in found if not {"id", "link", "title"} & item.keys()]
    empty = [item for item in found if not {"title", "summary", "content"} & item.keys()]
    assert len(anonymous) == 1
    assert [item["id"] for item in empty] == ["gazette:gazette-placeholder"]
    assert {row.reason for row in expected.QUARANTINED_ENTRIES} == {"no_identity", "empty"}


def test_german_feed_comes_in_windows_1252(wire: Wire) -> None:
    answer = poll(wire, "bote")
    assert answer.headers.get_content_charset() == "windows-1252"
    assert "„verfrüht“" in answer.body.decode("windows-1252")


def test_slow_feed_drips_for_as_long_as_told() -> None:
    with running_wire(slow_seconds=0.3) as wire:
        started = time.monotonic()
        answer = poll(wire, "kurier")
        assert time.monotonic() - started >= 0.3
    assert len(items(answer)) == 2


@pytest.mark.parametrize("edition", [1, 2])
def test_every_link_of_every_feed_is_a_page_that_carries_the_story(wire: Wire, edition: int) -> None:
    wire.publish(edition)
    for feed in SAMPLE.feeds:
        for story in SAMPLE.carried_by(feed, edition):
            if story.is_bare or story.is_blank:
                continue
            answer = ask(wire, story.address + feed.query)
            page = lxml.html.fromstring(answer.body.decode())
            assert answer.status == 200
            assert page.get("lang") == SAMPLE.sites[story.site].language
            shown = {paragraph.replace("␀", "") for paragraph in story.paragraphs or (story.summary,)}
            assert shown <= {element.text_content() for element in page.xpath("//article//p")}


def test_page_with_widgets_reads_like_the_customers_sample(wire: Wire) -> None:
    page = lxml.html.fromstring(ask(wire, expected.WIDGET_ADDRESS).body.decode())
    lines = [line for line in page.find(".//article").text_content().split("\n") if line]
    no_time, summary, *neighbours = expected.WIDGET_RESIDUE
    assert lines == [
        expected.WIDGET_TITLE, no_time, summary, *expected.WIDGET_PARAGRAPHS, no_time, summary, *neighbours
    ]  # fmt: skip
    assert len(expected.WIDGET_PARAGRAPHS) == 6


def test_teaser_feeds_hold_one_sentence_of_a_story(wire: Wire) -> None:
    teaser = next(item for item in items(poll(wire, "meridian")) if item["title"] == expected.WIDGET_TITLE)
    assert "content" not in teaser
    assert teaser["summary"].count(".") == 1


def test_usual_page_has_the_furniture_of_a_news_site(wire: Wire) -> None:
    page = lxml.html.fromstring(ask(wire, "/collines/cooperative-laine").body.decode())
    for place in (
        "//header//nav",
        "//*[@id='cookie-banner']",
        "//*[contains(@class, 'share-bar')]",
        "//footer",
    ):
        assert page.xpath(place), place
    assert "Sentier" in page.xpath("//aside[@class='related']")[0].text_content().title()
    assert "Partager cet article" in page.text_content()


def test_front_page_names_the_feeds_of_its_site(wire: Wire) -> None:
    page = lxml.html.fromstring(ask(wire, "/courier/").body.decode())
    assert page.xpath("//link[@rel='alternate']/@href") == [
        wire.feed_url("courier"),
        wire.feed_url("courier_city"),
    ]


def test_opml_subscribes_to_every_feed_and_marks_those_whose_pages_are_wanted(wire: Wire) -> None:
    answer = ask(wire, "/opml")
    listed = listparser.parse(answer.body.decode())
    assert sorted(feed.url for feed in listed.feeds) == sorted(wire.feed_url(feed.name) for feed in SAMPLE.feeds)
    outlines = lxml.etree.fromstring(answer.body).findall(".//outline[@xmlUrl]")
    full = [outline.get("xmlUrl") for outline in outlines if outline.get("fullText") == "true"]
    assert full == [wire.feed_url("meridian"), wire.feed_url("collines")]
    assert {outline.get("language") for outline in outlines} == {"en", "de", "fr", "es", "ja"}


def test_log_tells_what_a_client_sent_and_what_it_got(wire: Wire) -> None:
    ask(wire, "/courier/tram-extension?utm_source=rss", User_Agent="tester/1", Cookie="a=b")
    ask(wire, "/gone.xml", If_None_Match='"x"')
    seen = json.loads(ask(wire, "/-/log").body)
    assert [(row["method"], row["path"], row["status"]) for row in seen] == [
        ("GET", "/courier/tram-extension?utm_source=rss", 200),
        ("GET", "/gone.xml", 410),
    ]
    assert seen[0]["headers"]["User-Agent"] == "tester/1"
    assert seen[0]["headers"]["Cookie"] == "a=b"
    assert seen[1]["headers"]["If-None-Match"] == '"x"'
    assert len(wire.requests) == len(seen)


def test_edition_is_switched_over_http_and_an_unknown_one_is_refused(wire: Wire) -> None:
    assert json.loads(ask(wire, "/-/edition/2", method="POST").body) == {"edition": 2}
    assert wire.edition == 2
    for unknown in ("3", "0", "next"):
        assert ask(wire, f"/-/edition/{unknown}", method="POST").status == 404
    assert wire.edition == 2


def test_wire_is_on_loopback_only_and_gone_after_the_block() -> None:
    with running_wire() as wire:
        assert urlsplit(wire.url).hostname == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError):
        ask(wire, "/opml")


def test_taken_port_is_an_error_in_the_caller(wire: Wire) -> None:
    with (
        pytest.raises(OSError, match="address already in use"),
        running_wire(port=urlsplit(wire.url).port or 0),
    ):
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_names_its_address_in_a_file_until_it_is_told_to_stop(tmp_path: Path, number: int) -> None:
    url_file = tmp_path / "state" / "wire.url"
    command = [sys.executable, "-m", "local.wire", "--url-file", str(url_file), "--edition", "2"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = url_file.read_text(encoding="utf-8").strip()
        answer = ask(Wire(url=address), "/nwa/night-train")
        process.send_signal(number)
        assert process.wait(DEADLINE_S) == 0
    assert line == f"The local wire serves edition 2 at {address}\n"
    assert answer.status == 200
    assert list(url_file.parent.iterdir()) == []


def test_command_says_so_when_its_port_is_taken(wire: Wire) -> None:
    port = str(urlsplit(wire.url).port)
    done = subprocess.run(
        [sys.executable, "-m", "local.wire", "--port", port],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=DEADLINE_S,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"cannot serve on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr
