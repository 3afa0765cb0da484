"""What no server can make us do: trust it unproved, follow it for ever, read without an end, or wait without one."""

import asyncio
import contextlib
import datetime
import gzip
import json
import socket
import ssl
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import brotli
import pytest
from aiohttp import web
from backports import zstd
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from wiredesk.models import FetchOutcome, FetchReason

from tests.unit.fetch_wire import FEED, LIMIT, PATIENCE_S, Wire, get

ROOT = Path(__file__).parents[2]
BOMB_BYTES = 50_000_000
# What is read beyond the cap when it is passed: four of aiohttp's buffers of 64 KiB.
SLACK_BYTES = 300_000


def certificate(folder: Path, *, is_expired: bool = False) -> ssl.SSLContext:
    """A server's side with a fresh self-signed certificate for `localhost`, which is in folder/certificate.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    end = now + datetime.timedelta(days=-1 if is_expired else 1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=2))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = folder / "key.pem"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return context


@asynccontextmanager
async def serve_tls(context: ssl.SSLContext) -> AsyncIterator[Wire]:
    server = Wire()
    runner = web.ServerRunner(web.Server(server.handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    server.port = runner.addresses[0][1]
    server.answer("/feed")
    yield server
    await runner.cleanup()


async def test_certificate_that_nobody_signed_is_refused(tmp_path: Path) -> None:
    """RFC 9110 section 4.3.4. Seen at the server: no request came."""
    async with serve_tls(certificate(tmp_path)) as server:
        result = await get(f"https://localhost:{server.port}/feed")
        assert (result.reason, result.http_status, server.requests) == (FetchReason.TLS, None, [])


async def test_redirect_to_https_is_vetted_like_any_address(wire: Wire, tmp_path: Path) -> None:
    async with serve_tls(certificate(tmp_path)) as server:
        wire.answer("/feed", status=301, body=b"", Location=f"https://localhost:{server.port}/feed")
        result = await get(wire.url("/feed"))
        assert (result.reason, result.moved_to, server.requests) == (FetchReason.TLS, None, [])


FETCH_IN_A_PROCESS = """
import json, sys
from wiredesk.fetch import fetch_all
from wiredesk.models import FetchRequest
from wiredesk.settings import Settings
settings = Settings(allow_hosts=("127.0.0.1",), per_host_gap_s=0, fetch_timeout_s=10)
results = fetch_all([FetchRequest(url) for url in sys.argv[1:]], settings, max_bytes=100_000)
print(json.dumps([[result.reason, result.detail] for result in results]))
"""


async def fetch_trusting(pem: Path, *urls: str) -> list[Any]:
    """[reason, detail] for each URL, from a process that trusts this certificate and no other."""
    environment = {
        "SSL_CERT_FILE": str(pem),
        "SSL_CERT_DIR": str(pem.parent / "none"),
        "PYTHONPATH": str(ROOT / "plugins"),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FETCH_IN_A_PROCESS, *urls, stdout=asyncio.subprocess.PIPE, env=environment
    )
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    found: list[Any] = json.loads(output)
    return found


async def test_trusted_certificate_is_taken_for_its_own_name_only(tmp_path: Path) -> None:
    """RFC 9110 section 4.3.4, RFC 9525."""
    async with serve_tls(certificate(tmp_path)) as server:
        urls = [f"https://{host}:{server.port}/feed" for host in ("localhost", "127.0.0.1")]
        right, wrong = await fetch_trusting(tmp_path / "certificate.pem", *urls)
        assert (right[0], wrong[0]) == ("new_bytes", "tls")
        assert len(server.requests) == 1


async def test_certificate_that_has_run_out_is_refused(tmp_path: Path) -> None:
    async with serve_tls(certificate(tmp_path, is_expired=True)) as server:
        [[reason, detail]] = await fetch_trusting(tmp_path / "certificate.pem", f"https://localhost:{server.port}/feed")
        assert (reason, "expired" in detail, server.requests) == ("tls", True, [])


@pytest.mark.parametrize("scheme", ["ftp", "file", "gopher", "data", "javascript", "ws", "feed", "about", "unix"])
async def test_nothing_but_http_and_https_is_asked_for(wire: Wire, scheme: str) -> None:
    direct = await get(f"{scheme}://127.0.0.1:{wire.port}/feed")
    wire.answer("/feed", status=302, body=b"", Location=f"{scheme}://127.0.0.1:{wire.port}/other")
    redirected = await get(wire.url("/feed"))
    assert (direct.reason, redirected.reason) == (FetchReason.BAD_URL, FetchReason.BAD_URL)
    assert len(wire.requests) == 1


async def test_redirects_end_at_the_cap(wire: Wire) -> None:
    """RFC 9110 section 15.4: a client detects and stops cyclical redirects."""
    for hop in range(30):
        wire.answer(f"/{hop}", status=302, body=b"", Location=f"/{hop + 1}")
    result = await get(wire.url("/0"), max_redirects=5)
    assert (result.reason, len(wire.requests)) == (FetchReason.REDIRECTS, 6)


async def test_redirect_to_itself_is_asked_once(wire: Wire) -> None:
    wire.answer("/feed", status=301, body=b"", Location="/feed")
    result = await get(wire.url("/feed"))
    assert (result.reason, result.moved_to, len(wire.requests)) == (FetchReason.REDIRECTS, None, 1)


@pytest.mark.parametrize(
    ("coding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(BOMB_BYTES), mtime=0)),
        ("gzip", gzip.compress(bytes(100_000), mtime=0) * 500),
        ("deflate", zlib.compress(bytes(BOMB_BYTES))),
        ("br", brotli.compress(bytes(BOMB_BYTES), quality=5)),
        ("zstd", zstd.compress(bytes(BOMB_BYTES))),
        ("zstd", zstd.compress(bytes(100_000)) * 500),
    ],
    ids=["gzip", "gzip-members", "deflate", "br", "zstd", "zstd-frames"],
)
async def test_bomb_is_read_no_further_than_the_cap(wire: Wire, coding: str, bomb: bytes) -> None:
    result = await get(wire.answer("/feed", body=bomb, Content_Encoding=coding))
    assert (result.outcome, result.reason, result.body) == (FetchOutcome.FAILED, FetchReason.TOO_LARGE, None)
    assert LIMIT < (result.body_bytes or 0) < LIMIT + SLACK_BYTES


async def test_body_without_an_end_is_read_no_further_than_the_cap(wire: Wire) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await response.write(bytes(10_000))

    wire.handlers["/feed"] = endless
    result = await get(wire.url("/feed"))
    assert (result.reason, LIMIT < (result.body_bytes or 0) < LIMIT + SLACK_BYTES) == (FetchReason.TOO_LARGE, True)


@pytest.mark.parametrize("head", [b"X-Long: " + b"x" * 1_000_000, b"".join(b"X-%d: 1\r\n" % n for n in range(50_000))])
async def test_headers_without_an_end_are_read_no_further_than_the_cap(head: bytes) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + head)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        result = await get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed")
    assert (result.outcome, result.reason) == (FetchOutcome.FAILED, FetchReason.PROTOCOL)


async def drip(write: Callable[[bytes], Awaitable[None]], piece: bytes) -> None:
    """A piece every 20 ms until the peer has had enough: never silent for long, never done."""
    never = asyncio.Event()
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await write(piece)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(never.wait(), 0.02)


@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 200 O", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
)
async def test_one_deadline_holds_over_headers_and_body(start: bytes) -> None:
    """Whichever is dripped: the status line, the headers or the body."""
    ended = asyncio.Event()

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def write(piece: bytes) -> None:
            writer.write(piece)
            await writer.drain()

        try:
            await write(start)
            await drip(write, b"X: 1\r\n" if start.count(b"\r\n") == 1 else b"x")
        except ConnectionError:
            ended.set()  # the client hung up
        finally:
            writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        result = await get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed", fetch_timeout_s=0.3)
        await asyncio.wait_for(ended.wait(), PATIENCE_S)
    assert (result.outcome, result.reason) == (FetchOutcome.FAILED, FetchReason.TIMEOUT)
    assert 300 <= result.duration_ms < 1000 * PATIENCE_S


async def test_one_deadline_holds_over_all_redirects(wire: Wire) -> None:
    async def slow(request: web.Request) -> web.Response:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.15)
        return web.Response(status=302, headers={"Location": f"/feed?{len(wire.requests)}"})

    wire.handlers["/feed"] = slow
    result = await get(wire.url("/feed"), fetch_timeout_s=0.4, max_redirects=20)
    assert (result.reason, len(wire.requests) <= 4) == (FetchReason.TIMEOUT, True)


async def test_server_that_never_accepts_holds_nobody_longer_than_the_deadline() -> None:
    """Its backlog takes the connection and nobody ever answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        result = await get(f"http://127.0.0.1:{server.getsockname()[1]}/feed", fetch_timeout_s=0.2)
    assert result.reason is FetchReason.TIMEOUT


def test_feed_of_the_wire_is_smaller_than_the_cap() -> None:
    """The control: what the limits above cut off is cut off for its size, not for what it is."""
    assert len(FEED) < LIMIT
