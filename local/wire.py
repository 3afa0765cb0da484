"""The local wire: a small web server on 127.0.0.1 that behaves as publishers do.

`python -m local.wire --port 0 --url-file PATH` serves the sample feeds (local/sample/) and their pages until
SIGTERM or SIGINT. In tests: `with running_wire() as wire: wire.url; wire.publish(2); wire.requests`.

    GET  /opml            subscriptions to all feeds, absolute addresses
    GET  /-/log           the requests seen so far, oldest first (those below /-/ are not counted)
    POST /-/edition/2     publish the second edition of all feeds
    GET  /-/same-error    an HTML error page with status 200, the same bytes each time
    GET  /gone.xml        410
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.sample.server import SLOW_SECONDS, SeenRequest, Wire, start_server

__all__ = ["SLOW_SECONDS", "SeenRequest", "Wire", "running_wire"]


@contextmanager
def running_wire(*, edition: int = 1, port: int = 0, slow_seconds: float = SLOW_SECONDS) -> Iterator[Wire]:
    """Serve the sample from a thread for as long as the block runs; OSError if the port is taken."""
    wire = Wire(slow_seconds=slow_seconds)
    wire.publish(edition)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="local-wire", daemon=True)
    thread.start()
    try:
        runner = asyncio.run_coroutine_threadsafe(start_server(wire, port), loop).result()
        try:
            yield wire
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _serve_until_signal(wire: Wire, port: int, url_file: Path | None) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    runner = await start_server(wire, port)
    try:
        if url_file is not None:
            _write_atomically(url_file, wire.url)
        print(f"The local wire serves edition {wire.edition} at {wire.url}", flush=True)
        await told.wait()
    finally:
        if url_file is not None:
            _forget(url_file)
        await runner.cleanup()


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(path)


def main() -> int:
    """Serve until told to stop; 1 if that is not possible here."""
    parser = argparse.ArgumentParser(
        prog="python -m local.wire", description="Serve the sample feeds and their pages on 127.0.0.1."
    )
    parser.add_argument("--port", type=int, default=0, help="0: any free port (default)")
    parser.add_argument("--url-file", type=Path, help="holds the base address for as long as the wire serves")
    parser.add_argument("--edition", type=int, default=1, choices=(1, 2), help="what to serve at first")
    parser.add_argument(
        "--slow-seconds",
        type=float,
        default=SLOW_SECONDS,
        help="what the slow feed takes (default %(default)s)",
    )
    given = parser.parse_args()
    wire = Wire(edition=given.edition, slow_seconds=given.slow_seconds)
    try:
        asyncio.run(_serve_until_signal(wire, given.port, given.url_file))
    except OSError as error:
        print(f"The wire cannot serve on 127.0.0.1:{given.port}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
