"""No feed reaches what is not public: no connect to a refused address, observed and not inferred.

Observed twice: at a socket that listens on loopback and counts who comes, and in the interpreter's own audit of every
connect that is tried, which sees addresses too where nobody can listen (a cloud's metadata, an intranet).
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing
from typing import Any

import pytest
from wiredesk.fetch import fetch_each
from wiredesk.models import FetchOutcome, FetchReason, FetchRequest, FetchResult
from wiredesk.settings import Settings

from tests.unit.fetch_wire import Wire

# Refused by the guard, no address that can be asked, or a name that nobody has.
REFUSED = {FetchReason.BLOCKED_ADDRESS, FetchReason.BAD_URL, FetchReason.DNS}

LOOPBACK = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "02130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.0x0.0x0.0x1",
    "0X7F.1",
    "0177.0.0.1",
    "0177.0x0.1",
    "127.0.0.01",
    "127.000.000.001",
    "0",
    "0.0.0.0",  # noqa: S104 (asked for, not bound)
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:0:127.0.0.1]",  # IPv4-translated, RFC 2765
    "[::127.0.0.1]",  # IPv4-compatible, RFC 4291 section 2.5.5.1
    "[64:ff9b::7f00:1]",  # NAT64, RFC 6052
    "[64:ff9b:1::7f00:1]",  # NAT64 for local use, RFC 8215
    "[2002:7f00:1::]",  # 6to4, RFC 3056
    "[2001:0:7f00:1::]",  # Teredo, RFC 4380
    "[fe80::5efe:127.0.0.1]",  # ISATAP, RFC 5214
    "[::1%25lo]",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "127。0。0。1",  # ideographic full stops, which IDNA takes for dots
    "127．0．0．1",
    "１２７.0.0.1",  # fullwidth digits
    "①②⑦.⓪.⓪.①",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "127%2E0%2E0%2E1",
    "%6c%6f%63alhost",
    "%31%32%37.0.0.1",
    "127.0.0.1%00.paper.example",
    "paper.example@127.0.0.1",
    "paper.example:80@127.0.0.1",
    "paper.example%40@127.0.0.1",
]
ELSEWHERE = [
    "169.254.169.254",  # metadata of most clouds
    "0xa9fea9fe",
    "[::ffff:169.254.169.254]",
    "[fd00:ec2::254]",
    "192.0.0.192",
    "168.63.129.16",
    "100.100.100.200",  # in the range of carrier-grade NAT
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "198.18.0.1",  # benchmarking, RFC 2544
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
]
# Slashes and marks that parsers disagree about: whatever is made of them, it must not be loopback.
CONFUSING = [
    "http:\\\\127.0.0.1:{port}\\",
    "http:/127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "http://paper.example\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@paper.example/",
    "http://paper.example#@127.0.0.1:{port}/",
    "http://paper.example?@127.0.0.1:{port}/",
    "http://127.0.0.1\t:{port}/",
    "http://127.0.0.1 :{port}/",
    "//127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}/",
    "hTtPs://127.0.0.1:{port}/",
    "file://127.0.0.1:{port}/etc/passwd",
    "gopher://127.0.0.1:{port}/_GET%20/",
    "ws://127.0.0.1:{port}/",
    "http+unix://%2Frun%2Fsecret.sock/",
    "unix:///run/secret.sock",
]

_tried: list[Any] = []


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _tried.append(args[1])


sys.addaudithook(_audit)


class Secret:
    """What must not be reached: a socket on loopback, IPv4 and where there is one IPv6, that counts who comes."""

    def __init__(self) -> None:
        self.accepted = 0
        self.port = 0
        self.has_ipv6 = False

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret")
        await writer.drain()
        writer.close()


@pytest.fixture
async def secret() -> AsyncIterator[Secret]:
    found = Secret()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(await asyncio.start_server(found.accept, "127.0.0.1", 0))
        found.port = server.sockets[0].getsockname()[1]
        try:
            await stack.enter_async_context(await asyncio.start_server(found.accept, "::1", found.port))
            found.has_ipv6 = True
        except OSError:
            pass  # a machine without IPv6, or somebody else has the port there: then nobody can come that way
        yield found


@pytest.fixture
def tried() -> list[Any]:
    """Every connect that this process tried during the test, as (address, port, …)."""
    _tried.clear()
    return _tried


async def get(url: str, *allow_hosts: str) -> FetchResult:
    settings = Settings(allow_hosts=allow_hosts, fetch_timeout_s=10, per_host_gap_s=0)
    async with aclosing(fetch_each([FetchRequest(url)], settings, max_bytes=1000)) as stream:
        return (await anext(stream))[1]


async def redirected(wire: Wire, target: str, hops: int = 1) -> FetchResult:
    """What becomes of a feed on an allowed host that redirects, at the last of its hops, to `target`."""
    for hop in range(1, hops):
        wire.answer(f"/{hop}", status=301, body=b"", Location=f"/{hop + 1}")
    wire.answer(f"/{hops}", status=302, body=b"", Location=target)
    return await get(wire.url("/1", host="localhost"), "localhost")


def names(monkeypatch: pytest.MonkeyPatch, **answers: list[list[str]]) -> None:
    """Let `NAME.example` resolve to each list of addresses in turn, the last for ever. No query leaves the machine."""
    real: Callable[..., Any] = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        name, _, domain = str(host).partition(".")
        if domain.rstrip(".") != "example" or name not in answers:
            return real(host, *args, **kwargs)
        found = answers[name]
        addresses = found.pop(0) if len(found) > 1 else found[0]
        return [item for address in addresses for item in real(address, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


async def test_what_is_allowed_is_reached_and_seen(secret: Secret, tried: list[Any]) -> None:
    """The control: without it the other tests could not fail."""
    result = await get(f"http://127.0.0.1:{secret.port}/", "127.0.0.1")
    assert (result.body, secret.accepted, tried) == (b"secret", 1, [("127.0.0.1", secret.port)])


@pytest.mark.parametrize("host", LOOPBACK + ELSEWHERE)
async def test_no_spelling_of_a_refused_address_is_connected_to(secret: Secret, tried: list[Any], host: str) -> None:
    result = await get(f"http://{host}:{secret.port}/")
    assert (result.outcome, result.reason in REFUSED) == (FetchOutcome.FAILED, True), result.detail
    assert (secret.accepted, tried) == (0, [])


@pytest.mark.parametrize("host", LOOPBACK + ELSEWHERE)
async def test_no_redirect_leads_to_a_refused_address(wire: Wire, secret: Secret, tried: list[Any], host: str) -> None:
    # "localhost" is the public host of this test: what it names is let through, so it is no target here.
    if host.rstrip(".").lower() in {"localhost", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "%6c%6f%63alhost"}:
        host = "127.0.0.1"
    result = await redirected(wire, f"http://{host}:{secret.port}/")
    assert (result.outcome, result.reason in REFUSED) == (FetchOutcome.FAILED, True), result.detail
    assert (secret.accepted, {target[1] for target in tried}) == (0, {wire.port})


@pytest.mark.parametrize("url", CONFUSING)
async def test_no_confusing_address_is_connected_to(
    secret: Secret, tried: list[Any], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    names(monkeypatch, paper=[["127.0.0.1"]])
    result = await get(url.format(port=secret.port))
    assert (result.outcome, result.reason in REFUSED) == (FetchOutcome.FAILED, True), result.detail
    assert (secret.accepted, tried) == (0, [])


@pytest.mark.parametrize("url", CONFUSING)
async def test_no_redirect_to_a_confusing_address_leaves_the_allowed_host(
    wire: Wire, secret: Secret, tried: list[Any], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    names(monkeypatch, paper=[["127.0.0.1"]])
    result = await redirected(wire, url.format(port=secret.port))
    # Not found: what names no host is a path on the host that redirects, which is allowed.
    assert result.reason in REFUSED | {FetchReason.NOT_FOUND}, result.detail
    assert (secret.accepted, {target[1] for target in tried}) == (0, {wire.port})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_every_kind_of_redirect_is_vetted(wire: Wire, secret: Secret, tried: list[Any], status: int) -> None:
    wire.answer("/feed", status=status, body=b"", Location=f"http://127.0.0.1:{secret.port}/")
    result = await get(wire.url("/feed", host="localhost"), "localhost")
    assert (result.reason, secret.accepted) == (FetchReason.BLOCKED_ADDRESS, 0)
    assert {target[1] for target in tried} == {wire.port}


async def test_last_hop_of_a_chain_is_vetted_like_the_first(wire: Wire, secret: Secret, tried: list[Any]) -> None:
    result = await redirected(wire, f"http://2130706433:{secret.port}/", hops=5)
    assert (result.reason in REFUSED, secret.accepted, len(wire.requests)) == (True, 0, 5)
    assert {target[1] for target in tried} == {wire.port}


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.1"])
async def test_name_that_resolves_to_a_refused_address_is_not_connected_to(
    secret: Secret, tried: list[Any], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    names(monkeypatch, paper=[[address]])
    for host in ("paper.example", "PAPER.example", "paper.example."):
        result = await get(f"http://{host}:{secret.port}/")
        assert result.reason in {FetchReason.BLOCKED_ADDRESS, FetchReason.DNS}
    assert (secret.accepted, tried) == (0, [])


async def test_name_that_rebinds_between_two_hops_is_refused(
    wire: Wire, secret: Secret, tried: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look-up gives an allowed address, the next ones, for another port of the same name, a refused one."""
    names(monkeypatch, paper=[["127.0.0.1"], ["::1"]])
    wire.answer("/feed", status=302, body=b"", Location=f"http://paper.example:{secret.port}/")
    result = await get(wire.url("/feed", host="paper.example"), "127.0.0.1/32")
    assert (result.reason, secret.accepted) == (FetchReason.BLOCKED_ADDRESS, 0)
    assert tried == [("127.0.0.1", wire.port)]


async def test_name_that_rebinds_between_two_polls_is_refused(
    secret: Secret, tried: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, paper=[["127.0.0.1"], ["::1"]])
    reasons = [(await get(f"http://paper.example:{secret.port}/", "127.0.0.1/32")).reason for _ in range(3)]
    assert reasons == [FetchReason.NEW_BYTES, FetchReason.BLOCKED_ADDRESS, FetchReason.BLOCKED_ADDRESS]
    assert (secret.accepted, tried) == (1, [("127.0.0.1", secret.port)])


async def test_refused_address_is_not_tried_after_an_allowed_one_failed(
    secret: Secret, tried: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One answer with several addresses: the allowed one does not listen on the port, the refused one would."""
    if not secret.has_ipv6:
        pytest.skip("this machine has no IPv6 loopback, which serves as the second address")
    with socket.socket() as unused:  # bound and not listening: refuses, and nobody else can have it
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        accepted = 0

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal accepted
            accepted += 1
            writer.close()

        async with await asyncio.start_server(accept, "::1", port):
            names(monkeypatch, paper=[["127.0.0.1", "::1"]])
            result = await get(f"http://paper.example:{port}/", "127.0.0.1/32")
    assert result.outcome is FetchOutcome.FAILED
    assert (accepted, {target[0] for target in tried}) == (0, {"127.0.0.1"})


async def test_proxy_of_the_environment_is_not_used(
    wire: Wire, secret: Secret, tried: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would connect for us to where the guard cannot look."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{secret.port}")
    result = await get(wire.answer("/feed"), "127.0.0.1")
    assert (result.outcome, secret.accepted) == (FetchOutcome.FETCHED, 0)
    assert {target[1] for target in tried} == {wire.port}
