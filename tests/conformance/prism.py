"""The Prism proxy (npm @stoplight/prism-cli) before a server: it holds every request and answer against a model."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import httpx
import pytest

from tests.conformance.installed import node_with
from tests.ports import free_port

__all__ = ["PRISM", "prism_before", "refused_by"]

PRISM = "@stoplight/prism-cli@5.14.2"
_PATIENCE_S = 150


@contextmanager
def prism_before(upstream: str, model: Path) -> Iterator[str]:
    """Run `prism proxy --errors` before a server and give its address; skips with the reason where it cannot be had."""
    program = node_with(PRISM) / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    port = free_port()
    command = ["node", str(program), "proxy", "-p", str(port), "--errors", str(model), upstream]
    with TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            _wait_until_up(process, port, said)
            yield f"http://127.0.0.1:{port}"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=20)


def _wait_until_up(process: subprocess.Popen[bytes], port: int, said: IO[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    said.seek(0)
    words = said.read().decode(errors="replace").strip()[-400:] or "nothing"
    if process.poll() is not None:
        # It has objected to the model, or cannot run at all: no slowness of this machine, so nothing to pass over.
        pytest.fail(f"{PRISM} ended with {process.returncode} before it answered. It said: {words}")
    pytest.skip(f"{PRISM} did not come up here within {_PATIENCE_S} s. It said: {words}")


def refused_by(url: str, headers: Mapping[str, str], paths: Sequence[str]) -> dict[str, tuple[int, str | None, str]]:
    """Return what the proxy objects to at these paths: status, violations, and the answer's beginning."""
    found: dict[str, tuple[int, str | None, str]] = {}
    with httpx.Client(base_url=url, timeout=60, headers=headers) as http:
        for path in paths:
            reply = http.get(path)
            found[path] = (reply.status_code, reply.headers.get("sl-violations"), reply.text[:600])
    return {path: row for path, row in found.items() if row[:2] != (200, None)}
