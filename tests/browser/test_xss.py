"""What cleaning lets through is shown in a real browser: nothing runs, nothing asks, nothing is loaded but pictures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright
from wiredesk.clean.fragment import clean_fragment
from wiredesk.clean.page import clean_page
from wiredesk.errors import EntryRejected

from tests.browser.payloads import own_payloads

SHARED = Path(__file__).parents[2] / "../shared/data/extract/xss_dev.json"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# No connection of the browser's own; as root it has no sandbox to start.
OPTIONS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
           "--disable-sync", "--no-first-run"]  # fmt: skip
ON_ONE_PAGE = 400
BASE = "https://news.example/story"
PARAGRAPH = "The council met on Tuesday and agreed to mend the bridge before the winter comes, its speaker said. " * 3

# What an action of a script would be. Every handler that an element has is called as well, and every link is followed
# as far as the browser would ask to.
RECORD = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"])
    window[name] = (...given) => { window.ran.push(name); };
"""
PROVOKE = """() => {
    const events = ["click", "mouseover", "mouseenter", "focus", "error", "load", "toggle", "animationstart", "wheel"];
    const bad = [];
    document.querySelectorAll("#shown *").forEach(element => {
        for (const attribute of element.attributes)
            if (/^on/i.test(attribute.name)) bad.push(element.outerHTML.slice(0, 200));
        if (/^(script|iframe|object|embed|form|style|link|meta|base|svg|math|template)$/i.test(element.localName))
            bad.push(element.outerHTML.slice(0, 200));
        for (const name of ["href", "src", "cite"])
            if (element[name] && !/^https?:/.test(element[name])) bad.push(element.outerHTML.slice(0, 200));
        element.addEventListener("click", event => event.preventDefault(), {once: true});
        events.forEach(name => element.dispatchEvent(new Event(name, {bubbles: true, cancelable: true})));
    });
    return bad;
}"""


@dataclass
class Seen:
    """What a browser did with a page, apart from showing it."""

    ran: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # kind and address, pictures apart
    suspicious: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@contextmanager
def site(document: bytes) -> Iterator[str]:
    """One page on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(document if self.path == "/" else b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def show(browser: Browser, outputs: Sequence[str]) -> Seen:
    """Show outputs one below the other, as a consumer's page would, and provoke them."""
    shown = "".join(f"<div>{output}</div>\n" for output in outputs)
    document = f"<!DOCTYPE html><meta charset=utf-8><title>t</title><div id=shown>{shown}</div>".encode()
    seen = Seen()
    with site(document) as url, browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(RECORD)
        page.on("dialog", lambda dialog: (seen.ran.append(dialog.type), dialog.dismiss()))
        context.on("page", lambda _: seen.ran.append("window"))
        page.route("**/*", lambda route: _answer(route, url, seen))
        page.goto(url, wait_until="load")
        seen.suspicious += page.evaluate(PROVOKE)
        _settle(page)
        seen.ran += page.evaluate("() => window.ran")
    return seen


def _answer(route: Route, url: str, seen: Seen) -> None:
    request = route.request
    if request.url == url:
        route.continue_()
        return
    if request.resource_type != "image":
        seen.asked.append(f"{request.resource_type} {request.url}")
    route.abort()


def _settle(page: Page) -> None:
    """Two turns of the browser's loop and a frame: what was scheduled has begun by then."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(() => setTimeout(done))))")


def dev_payloads() -> list[str]:
    if not SHARED.exists():
        pytest.skip(f"{SHARED.name} is absent (shared data for development)")
    return [payload for _, payload in json.loads(SHARED.read_text())]


def as_fragment(payload: str) -> str:
    try:
        return clean_fragment(payload, base_url=BASE).html
    except EntryRejected:
        return ""


def as_page(payload: str) -> str:
    """As one paragraph of an article."""
    html = (
        f"<html><body><article><h1>A report</h1><p>{PARAGRAPH}</p>{payload}<p>{PARAGRAPH}</p></article></body></html>"
    )
    try:
        return clean_page(html.encode("utf-8", "replace"), url=BASE).html
    except EntryRejected:
        return ""


def nothing_happens(browser: Browser, outputs: Sequence[str]) -> None:
    for start in range(0, len(outputs), ON_ONE_PAGE):
        assert show(browser, outputs[start : start + ON_ONE_PAGE]) == Seen()


def test_browser_runs_what_is_not_cleaned(browser: Browser) -> None:
    """Or the other tests would prove nothing."""
    seen = show(browser, [payload for payload in own_payloads() if "plaintext" not in payload][:60])
    assert seen.ran
    assert seen.asked
    assert seen.suspicious


def test_own_payloads_as_fragments_do_nothing(browser: Browser) -> None:
    nothing_happens(browser, [as_fragment(payload) for payload in own_payloads()])


def test_own_payloads_in_pages_do_nothing(browser: Browser) -> None:
    outputs = [as_page(payload) for payload in own_payloads()]
    assert sum("The council met" in output for output in outputs) > 100
    nothing_happens(browser, outputs)


def test_published_payloads_as_fragments_do_nothing(browser: Browser) -> None:
    nothing_happens(browser, [as_fragment(payload) for payload in dev_payloads()])


def test_published_payloads_in_pages_do_nothing(browser: Browser) -> None:
    # Every fourth: a page costs ten times a fragment, and both end in the same sanitizer.
    nothing_happens(browser, [as_page(payload) for payload in dev_payloads()[::4]])
