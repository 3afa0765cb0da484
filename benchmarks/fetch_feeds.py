"""Fetching feeds: wiredesk's fetcher against requests with threads. `python -m benchmarks.fetch_feeds`

2,000 gzip feeds on 1,000 host names, all of them this machine's loopback. The server has a process of its own, and
so has each peer, so that nobody's processor time or memory is counted to another. Both peers get their addresses
from the same table, put in the place of their resolver, and every body that they get is checked. No peer keeps a
gap between two starts on a host: what is measured is the work, not the patience.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import random
import resource
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

FEEDS, HOSTS = 2_000, 1_000
# The median of 286 payloads of a real day of polling is 30,145 bytes.
FEED_BYTES = 30_000
MAX_BYTES = 1_000_000
ROUNDS = 3
LEAST_RATIO = 5.0
MOST_MEMORY_MB = 100
REQUESTS_THREADS = 64  # as many as wiredesk keeps connections open by default
# A run takes about 15 s for the slower peer on a busy machine.
PATIENCE_S = 300


def feed(number: int) -> bytes:
    """The feed of that number: RSS of made-up words, as long and about as compressible as a real one."""
    source = random.Random(number)
    words = ["".join(source.choices("aeiourstlnmdbkpgfv", k=source.randint(2, 9))) for _ in range(400)]

    def text(count: int) -> str:
        return " ".join(source.choices(words, k=count))

    parts = [f"<?xml version='1.0' encoding='utf-8'?>\n<rss version='2.0'><channel><title>Paper {number}</title>"]
    size = 0
    while size < FEED_BYTES:
        item = (
            f"<item><title>{text(9)}</title><link>https://paper.example/{source.getrandbits(40):x}</link>"
            f"<guid isPermaLink='false'>{source.getrandbits(64):x}</guid>"
            f"<pubDate>Mon, 02 Mar 2026 {source.randint(10, 23)}:{source.randint(10, 59)}:00 GMT</pubDate>"
            f"<description><![CDATA[<p>{text(60)}</p>]]></description></item>\n"
        )
        parts.append(item)
        size += len(item)
    return "".join([*parts, "</channel></rss>\n"]).encode()


def urls(port: int) -> list[str]:
    return [f"http://paper-{number % HOSTS:04}.bench.example:{port}/feeds/{number}.xml" for number in range(FEEDS)]


# --- the server ------------------------------------------------------------------------------------------------


class Publisher(asyncio.Protocol):
    """Answers GET /feeds/N.xml from memory; keeps connections open as publishers do."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self._answers = answers
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            number = int(head.partition(b"/feeds/")[2].partition(b".")[0])
            self._transport.write(self._answers[number])


def answer(body: bytes) -> bytes:
    packed = gzip.compress(body, mtime=0)
    head = (
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Mon, 02 Mar 2026 10:00:00 GMT\r\n"
        "Content-Type: application/rss+xml; charset=utf-8\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding\r\n"
        f"Content-Length: {len(packed)}\r\nLast-Modified: Mon, 02 Mar 2026 09:58:12 GMT\r\n"
        f'ETag: "{zlib.crc32(body):x}"\r\nCache-Control: public, max-age=300\r\nAge: 12\r\nX-Cache: HIT\r\n'
        "Strict-Transport-Security: max-age=31536000\r\nConnection: keep-alive\r\n\r\n"
    )
    return head.encode() + packed


async def serve() -> None:
    """Say the port and the checksums of all bodies in one line, then answer until stdin is closed."""
    bodies = [feed(number) for number in range(FEEDS)]
    answers = [answer(body) for body in bodies]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Publisher(answers), "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"port": port, "checksums": [zlib.crc32(body) for body in bodies]}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


# --- the peers: each yields (number of the feed, its decoded body) ---------------------------------------------

Peer = Callable[[list[str]], Iterator[tuple[int, bytes | None]]]


def wiredesk(addresses: list[str]) -> Iterator[tuple[int, bytes | None]]:
    from wiredesk.fetch import fetch_each_sync
    from wiredesk.models import FetchRequest
    from wiredesk.settings import Settings

    settings = Settings(allow_hosts=("127.0.0.0/8",), per_host_gap_s=0)
    for number, result in fetch_each_sync([FetchRequest(url) for url in addresses], settings, max_bytes=MAX_BYTES):
        yield number, result.body


def requests_get(addresses: list[str]) -> Iterator[tuple[int, bytes | None]]:
    """What most people write: `requests.get` in a pool of threads."""
    import requests

    def fetch(number: int) -> tuple[int, bytes | None]:
        reply = requests.get(addresses[number], timeout=20)
        return number, reply.content if reply.ok else None

    with ThreadPoolExecutor(REQUESTS_THREADS) as pool:
        yield from pool.map(fetch, range(len(addresses)))


def requests_sessions(addresses: list[str]) -> Iterator[tuple[int, bytes | None]]:
    """The best that requests can do with as many threads: a session for each."""
    import requests

    local = threading.local()

    def fetch(number: int) -> tuple[int, bytes | None]:
        if not hasattr(local, "session"):
            local.session = requests.Session()
        reply = local.session.get(addresses[number], timeout=20)
        return number, reply.content if reply.ok else None

    with ThreadPoolExecutor(REQUESTS_THREADS) as pool:
        yield from pool.map(fetch, range(len(addresses)))


PEERS: dict[str, Peer] = {
    "wiredesk": wiredesk,
    "requests.get": requests_get,
    "requests, sessions": requests_sessions,
}


def measure(peer: Peer, port: int, checksums: list[int]) -> dict[str, Any]:
    """Fetch all feeds in this process; what it cost, without the interpreter's start and the imports."""
    take_names_from_table()
    addresses = urls(port)
    for _ in peer(addresses[:20]):  # imports, and all that is made once
        pass
    right, checking_s = 0, 0.0
    before = resource.getrusage(resource.RUSAGE_SELF)
    for number, body in peer(addresses):
        begun = time.thread_time()  # of this thread: threads of the peer go on meanwhile
        right += body is not None and zlib.crc32(body) == checksums[number]
        checking_s += time.thread_time() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    # Checking is the benchmark's work, not the peer's.
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime - checking_s
    return {"right": right, "cpu_s": cpu_s, "memory_mb": peak_memory_mb()}


def take_names_from_table() -> None:
    """Put a table of names in the place of the resolver, that of blocking callers and that of event loops alike: what
    a look-up costs depends on the machine's name server, and is no peer's doing.
    """
    real = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        assert host.endswith(".bench.example"), f"{host} is none of this benchmark's names"
        return real("127.0.0.1", *args, **kwargs)

    async def resolve(_: Any, host: str, port: int = 0, family: Any = 0) -> list[dict[str, Any]]:
        return [
            {"hostname": host, "host": address[0], "port": port, "family": found, "proto": protocol, "flags": 0}
            for found, _, protocol, _, address in look_up(host, port, family, socket.SOCK_STREAM)
        ]

    socket.getaddrinfo = look_up
    aiohttp.resolver.ThreadedResolver.resolve = resolve  # type: ignore[assignment,method-assign]


def peak_memory_mb() -> float:
    """The most that this process held. Linux: VmHWM, because ru_maxrss there starts with the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes


# --- the run -----------------------------------------------------------------------------------------------------


@contextmanager
def publisher() -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.fetch_feeds", "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def run_peer(name: str, told: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.fetch_feeds", "--peer", name]
    done = subprocess.run(
        command, input=json.dumps(told), stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE_S
    )
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["right"] == FEEDS, f"{name} brought {found['right']} of {FEEDS} feeds right"
    return found


def compare(rounds: int) -> bool:
    """Print the table; whether wiredesk is as fast and as small as it should be."""
    with publisher() as told:
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name in PEERS}
        for _ in range(rounds):  # in turn, so that a busy minute of the machine hits both
            for name in PEERS:
                runs[name].append(run_peer(name, told))
    print(f"{FEEDS} gzip feeds of {FEED_BYTES} bytes on {HOSTS} hosts, the best of {rounds} rounds\n")
    print(f"{'':<24}{'feeds per CPU s':>16}{'CPU s':>8}{'peak MB':>9}{'right':>7}")
    rates, memory = {}, {}
    for name, found in runs.items():
        cpu_s = min(run["cpu_s"] for run in found)  # others on the machine only ever add to it
        rates[name], memory[name] = FEEDS / cpu_s, max(run["memory_mb"] for run in found)
        print(f"{name:<24}{rates[name]:>16,.0f}{cpu_s:>8.2f}{memory[name]:>9.0f}{FEEDS:>7}")
    ratio = rates["wiredesk"] / rates["requests.get"]
    print(f"\n{ratio:.1f} times the feeds per CPU second of requests.get with threads (at least {LEAST_RATIO:g})")
    print(f"{rates['wiredesk'] / rates['requests, sessions']:.1f} times those of a session for each thread")
    print(f"{memory['wiredesk']:.0f} MB at most (below {MOST_MEMORY_MB})")
    return ratio >= LEAST_RATIO and memory["wiredesk"] < MOST_MEMORY_MB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--peer", choices=sorted(PEERS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return 0
    if options.peer:
        told = json.load(sys.stdin)
        print(json.dumps(measure(PEERS[options.peer], told["port"], told["checksums"])))
        return 0
    return 0 if compare(options.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
