"""robots.txt for article pages, by RFC 9309."""

import time

import pytest
from wiredesk.errors import FetchError
from wiredesk.fetch import RobotsRules, robots_url
from wiredesk.fetch.robots import ROBOTS_BYTES
from wiredesk.models import FetchOutcome, FetchReason

from tests.unit.fetch_wire import Wire, get

SITE = "https://paper.example"
PAGE = f"{SITE}/2026/harbour.html"


def rules(text: str | bytes) -> RobotsRules:
    return RobotsRules(SITE, 200, text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://paper.example/a/b?c=d#e", "https://paper.example/robots.txt"),
        ("HTTP://Paper.Example:8080/", "http://paper.example:8080/robots.txt"),
        ("https://paper.example:443/x", "https://paper.example/robots.txt"),
        ("https://reader:tide@paper.example/x", "https://paper.example/robots.txt"),
        ("http://[::1]:80/x", "http://[::1]/robots.txt"),
    ],
)
def test_rules_are_at_the_root_of_the_origin(url: str, expected: str) -> None:
    """Section 2.3: one file for each scheme, host and port."""
    assert robots_url(url) == expected


def test_what_is_no_url_has_no_rules() -> None:
    with pytest.raises(FetchError):
        robots_url("ftp://paper.example/")


def test_group_that_names_us_outranks_the_one_for_all() -> None:
    """Section 2.2.1."""
    found = rules("User-agent: *\nDisallow: /\n\nUser-agent: WireDesk\nDisallow: /private/\n")
    assert (found.allows(PAGE), found.allows(f"{SITE}/private/x")) == (True, False)


def test_group_that_names_another_is_not_ours() -> None:
    found = rules("User-agent: wiredeskbot\nUser-agent: desk\nUser-agent: my-wiredesk\nDisallow: /\n")
    assert found.allows(PAGE)


def test_groups_that_name_us_twice_are_one() -> None:
    """Section 2.2.1: rules of all groups that match are combined."""
    found = rules(
        "User-agent: wiredesk\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: wiredesk\nDisallow: /b\n"
    )
    assert [found.allows(f"{SITE}/{path}") for path in "abc"] == [False, False, True]


@pytest.mark.parametrize(
    ("path", "is_allowed"),
    [
        ("/archive/2026", False),
        ("/archive/free/2026", True),  # the longest rule wins
        ("/same", True),  # of two as long, Allow does
        ("/print/story.pdf", False),
        ("/print/story.pdfx", True),  # $ is the end
        ("/x?session=1", False),
        ("/caf%C3%A9/menu", False),
        ("/café/menu", False),
        ("/robots.txt", True),  # always, section 2.2.2
        ("/", True),
    ],
)
def test_longest_rule_wins_with_wildcards_and_encodings(path: str, is_allowed: bool) -> None:
    """Sections 2.2.2 and 2.2.3."""
    found = rules(
        "User-agent: *\nDisallow: /archive/\nAllow: /archive/free/\nDisallow: /same\nAllow: /same\n"
        "Disallow: /*.pdf$\nDisallow: /*session=\nDisallow: /café/\n"
    )
    assert found.allows(f"{SITE}{path}") is is_allowed


def test_byte_order_mark_comments_and_any_line_ending_are_read_over() -> None:
    found = rules(b"\xef\xbb\xbf# hello\rUser-agent: * # all\r\nDisallow: /a\n\n\x00\xff\n")
    assert (found.allows(f"{SITE}/a"), found.allows(f"{SITE}/b")) == (False, True)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_no_rules_means_that_all_is_allowed(status: int) -> None:
    """Section 2.3.1.3: unavailable."""
    assert RobotsRules(SITE, status, None).allows(PAGE)


@pytest.mark.parametrize("status", [None, 429, 500, 502, 503, 504])
def test_rules_that_cannot_be_had_now_mean_that_nothing_is_allowed(status: int | None) -> None:
    """Section 2.3.1.4: unreachable. 429 says "not now", so it is one of these."""
    assert not RobotsRules(SITE, status, None).allows(PAGE)


@pytest.mark.parametrize("body", [b"", b"   \n", b"<html>Not found</html>", b"\x00" * 100])
def test_file_without_rules_allows_all(body: bytes) -> None:
    assert rules(body).allows(PAGE)


def test_only_the_first_500_kib_are_read() -> None:
    """Section 2.5."""
    line = b"Disallow: /private/\n"
    head = b"User-agent: *\n"
    found = rules(head + b"#" * (ROBOTS_BYTES - len(head) - len(line) - 1) + b"\n" + line + b"Disallow: /\n")
    assert (found.allows(f"{SITE}/private/x"), found.allows(PAGE)) == (False, True)


def test_rules_speak_for_their_own_origin_only() -> None:
    with pytest.raises(ValueError, match=r"is not of https://paper\.example"):
        rules("").allows("https://www.paper.example/")


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7.0), ("0.5", 0.5), ("0", None), ("-3", None), ("soon", None), ("inf", None)]
)
def test_crawl_delay_is_read_where_it_is_a_wait(text: str, seconds: float | None) -> None:
    assert rules(f"User-agent: *\nCrawl-delay: {text}\n").crawl_delay_s == seconds


def test_hostile_file_costs_little() -> None:
    """Wildcards that a backtracking matcher would try for years, and as many rules as fit."""
    wild = "Disallow: /" + "*a" * 2000 + "$\n"
    many = "".join(f"Disallow: /{n}*x\n" for n in range(15_000))
    begun = time.process_time()
    for text in (wild * 20, many):
        assert rules(f"User-agent: *\n{text}").allows(f"{SITE}/{'a' * 1900}b")
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("statuses", "is_allowed"), [((200,), False), ((301, 302, 200), False), ((404,), True), ((503,), False)]
)
async def test_rules_come_from_the_answer_that_ended_the_redirects(
    wire: Wire, statuses: tuple[int, ...], is_allowed: bool
) -> None:
    """Section 2.3.1.2."""
    paths = ["/robots.txt", "/1", "/2"]
    for hop, status in enumerate(statuses):
        wire.answer(paths[hop], b"User-agent: *\nDisallow: /", status, Location=paths[(hop + 1) % 3])
    result = await get(robots_url(wire.url("/story")))
    assert RobotsRules.of_result(result).allows(wire.url("/story")) is is_allowed


async def test_redirects_without_an_end_are_no_rules(wire: Wire) -> None:
    """Section 2.3.1.2."""
    for hop in range(10):
        wire.answer(f"/{hop or 'robots.txt'}", status=302, body=b"", Location=f"/{hop + 1}")
    result = await get(robots_url(wire.url("/story")))
    assert (result.reason, RobotsRules.of_result(result).allows(wire.url("/story"))) == (FetchReason.REDIRECTS, True)


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/", "http://10.0.0.1/robots.txt", "ftp://127.0.0.1/"])
async def test_redirect_to_where_nobody_answers_allows_nothing(wire: Wire, target: str) -> None:
    wire.answer("/robots.txt", status=301, body=b"", Location=target)
    result = await get(robots_url(wire.url("/story")))
    assert result.outcome is FetchOutcome.FAILED
    assert not RobotsRules.of_result(result).allows(wire.url("/story"))
