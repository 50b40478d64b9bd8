"""The Amazon app on a real loopback port over a small world, with a clock that only moves when it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sync.sandbox.amazon.app import amazon_apps
from sync.sandbox.clock import SandboxClock
from sync.sandbox.credentials import amazon_credentials
from sync.sandbox.faults import Fault, Faults
from sync.sandbox.limits import Limits
from sync.sandbox.loopback import address_of, listen, run
from sync.sandbox.world import World, build_world

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class Seller:
    """A seller's client: it has a token, and it can move the sandbox."""

    url: str
    auth_url: str
    world: World
    clock: SandboxClock
    faults: Faults
    limits: Limits
    http: httpx.Client
    token: str = ""

    def log_in(self, **changes: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", **amazon_credentials(7), **changes}
        answer = self.http.post(f"{self.auth_url}/auth/o2/token", data=form)
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(self.url + path, params=query, headers={"x-amz-access-token": self.token})

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.http.post(self.url + path, json=body, headers={"x-amz-access-token": self.token})

    def goes_wrong(self, name: str, **how: Any) -> None:
        self.faults.add(Fault("amazon", name, **how))


@pytest.fixture(scope="session")
def small_world() -> World:
    return build_world(seed=7, now=NOW, size=900)


@pytest.fixture
def seller(small_world: World) -> Iterator[Seller]:
    clock, faults = SandboxClock(NOW, ticks=lambda: 0.0), Faults(1)
    api, auth, limits = amazon_apps(small_world, clock, True, amazon_credentials(7), faults)
    sockets = listen(("api", "auth"))
    stop = run({"api": (api, sockets["api"]), "auth": (auth, sockets["auth"])})
    with httpx.Client(trust_env=False, timeout=5) as http:
        made = Seller(address_of(sockets["api"]), address_of(sockets["auth"]), small_world, clock, faults, limits, http)
        made.log_in()
        yield made
    stop()
