"""Clients that other people wrote, each in a virtual environment of its own, against an Amazon sandbox on loopback."""

from __future__ import annotations

import json
import subprocess
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sync.sandbox.amazon.app import amazon_apps
from sync.sandbox.clock import SandboxClock
from sync.sandbox.credentials import amazon_credentials
from sync.sandbox.faults import Faults
from sync.sandbox.loopback import address_of, listen, run
from sync.sandbox.world import World

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@contextmanager
def sandbox_of(world: World) -> Iterator[tuple[str, str, SandboxClock]]:
    """Yield (the API's address, the login's address, the clock) of a sandbox over a world."""
    clock = SandboxClock(NOW)
    api, auth, _ = amazon_apps(world, clock, False, amazon_credentials(7), Faults())
    sockets = listen(("api", "auth"))
    stop = run({"api": (api, sockets["api"]), "auth": (auth, sockets["auth"])})
    yield address_of(sockets["api"]), address_of(sockets["auth"]), clock
    stop()


def ask(python: Path, frame: str, addresses: tuple[str, str], work: str, refresh_token: str | None = None) -> Any:
    """Run a few lines inside a frame (at `{work}`) and return what they leave in `answer`."""
    own = amazon_credentials(7)
    script = frame.replace("{work}", textwrap.dedent(work))
    secrets = [own["client_id"], own["client_secret"], refresh_token or own["refresh_token"], own["seller_id"]]
    command = [str(python), "-W", "ignore", "-c", script, *addresses, *secrets]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
