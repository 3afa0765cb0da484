"""No connect to an address that is not public: observed at a listening socket, not inferred."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from ipaddress import ip_address

import pytest
from aiohttp import web
from wiredesk.fetch import fetch_each
from wiredesk.fetch.guard import AddressGuard, embedded_address, is_public
from wiredesk.models import FetchReason, FetchRequest, FetchResult
from wiredesk.settings import Settings

# aiohttp itself takes the integer, octal and short forms of IPv4 for no URL.
REFUSED = {FetchReason.BLOCKED_ADDRESS, FetchReason.BAD_URL}


class Listener:
    """A socket on 127.0.0.1 that counts who connects."""

    def __init__(self) -> None:
        self.connects = 0
        self.port = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connects += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret")
        await writer.drain()
        writer.close()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    found = Listener()
    async with await asyncio.start_server(found.accept, "127.0.0.1", 0) as server:
        found.port = server.sockets[0].getsockname()[1]
        yield found


async def get(url: str, *allow_hosts: str) -> FetchResult:
    settings = Settings(allow_hosts=allow_hosts, fetch_timeout_s=10)
    async with aclosing(fetch_each([FetchRequest(url)], settings, max_bytes=1000)) as stream:
        return (await anext(stream))[1]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0.0.0.0",  # noqa: S104 (asked for, not bound)
        "0",
        "user:secret@127.0.0.1",
    ],
)
async def test_no_spelling_of_loopback_is_connected_to(listener: Listener, host: str) -> None:
    result = await get(f"http://{host}:{listener.port}/")
    assert (result.reason in REFUSED, listener.connects) == (True, 0)
    assert "secret" not in (result.detail or "")


async def test_refusal_says_which_address_it_was_and_how_to_allow_it(listener: Listener) -> None:
    result = await get(f"http://localhost:{listener.port}/")
    assert "127.0.0.1" in (result.detail or "")
    assert "add localhost to WIREDESK_ALLOW_HOSTS" in (result.detail or "")


@pytest.mark.parametrize("allowed", ["127.0.0.1", "127.0.0.0/8", "localhost", "LOCALHOST."])
async def test_allowed_address_network_or_name_is_connected_to(listener: Listener, allowed: str) -> None:
    host = "localhost" if allowed.lower().startswith("localhost") else "127.0.0.1"
    result = await get(f"http://{host}:{listener.port}/", allowed)
    assert (result.body, listener.connects) == (b"secret", 1)


async def test_allowed_name_does_not_admit_the_address_by_another_name(listener: Listener) -> None:
    result = await get(f"http://127.0.0.1:{listener.port}/", "localhost")
    assert (result.reason, listener.connects) == (FetchReason.BLOCKED_ADDRESS, 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "2130706433"])
async def test_redirect_from_an_allowed_name_leads_nowhere_else(listener: Listener, host: str) -> None:
    async def redirect(_: web.BaseRequest) -> web.Response:
        return web.Response(status=302, headers={"Location": f"http://{host}:{listener.port}/"})

    runner = web.ServerRunner(web.Server(redirect))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        result = await get(f"http://localhost:{runner.addresses[0][1]}/feed", "localhost")
    finally:
        await runner.cleanup()
    assert (result.reason in REFUSED, listener.connects) == (True, 0)


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.0.1",
        "0.0.0.0",  # noqa: S104 (asked for, not bound)
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "fc00::1",
        "fe80::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
    ],
)
def test_special_purpose_address_is_not_public(address: str) -> None:
    assert not is_public(embedded_address(ip_address(address)))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_ordinary_address_is_public(address: str) -> None:
    assert is_public(embedded_address(ip_address(address)))


def test_network_admits_its_ipv6_spellings_too() -> None:
    guard = AddressGuard(["10.0.0.0/8"])
    assert guard.admits("intranet", ip_address("::ffff:10.0.0.1"))
    assert not guard.admits("intranet", ip_address("::ffff:192.168.0.1"))
