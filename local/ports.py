"""Ports of 127.0.0.1."""

from __future__ import annotations

import socket

from local.errors import LocalError


def free_port(wanted: int = 0) -> int:
    """`wanted` if it is free, else any free port of 127.0.0.1. Another process may take it before it is used."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do after a restart
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise LocalError("This machine has no free port on 127.0.0.1.")
