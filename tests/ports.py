"""Ports for servers that must be told theirs before they begin."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator


def free_port() -> int:
    """Return a port that is free."""
    for port in _candidates():
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port between 20000 and 32000")


def free_pair() -> tuple[int, socket.socket]:
    """Return a free port and the taken one after it."""
    for first in _candidates():
        taken = socket.socket()
        try:
            with socket.socket() as free:
                free.bind(("127.0.0.1", first))
            taken.bind(("127.0.0.1", first + 1))
        except OSError:
            taken.close()
            continue
        taken.listen()
        return first, taken
    raise OSError("no two free ports in a row between 20000 and 32000")


def _candidates() -> Iterator[int]:
    """Each process begins elsewhere; below 32768 no system gives a port away by itself, so no connection sits there."""
    yield from range(20_000 + os.getpid() % 10_000, 32_000, 2)
