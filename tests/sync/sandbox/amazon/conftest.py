"""The Amazon app on a real loopback port over a small world, with a clock that only moves when it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

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

    def call(self, method: str, path: str, body: Any = None, token: str = "", **query: Any) -> httpx.Response:
        headers = {"x-amz-access-token": token or self.token}
        return self.http.request(method, self.url + path, json=body, params=query, headers=headers)

    def grantless(self) -> str:
        """Return a token for operations that belong to the application, not to a seller."""
        kept = self.token
        answer = self.log_in(grant_type="client_credentials", scope="sellingpartnerapi::notifications")
        self.token = kept
        return str(answer.json()["access_token"])

    def restricted(self, *paths: str) -> str:
        """Return a restricted data token that opens these paths for GET."""
        body = {"restrictedResources": [{"method": "GET", "path": path} for path in paths]}
        return str(self.post("/tokens/2021-03-01/restrictedDataToken", body).json()["restrictedDataToken"])

    def goes_wrong(self, name: str, **how: Any) -> None:
        self.faults.add(Fault("amazon", name, **how))


@pytest.fixture(scope="session")
def small_world() -> World:
    return build_world(seed=7, now=NOW, size=900)


class Stage:
    """A port that is opened once and serves whatever app stands on it: starting a server costs more than a test."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def stages() -> Iterator[tuple[Stage, str, Stage, str]]:
    """The API's stage and address, the login's stage and address."""
    api, auth, sockets = Stage(), Stage(), listen(("api", "auth"))
    stop = run({"api": (api, sockets["api"]), "auth": (auth, sockets["auth"])})
    yield api, address_of(sockets["api"]), auth, address_of(sockets["auth"])
    stop()


@contextmanager
def open_shop(world: World, stages: tuple[Stage, str, Stage, str], http: httpx.Client) -> Iterator[Seller]:
    """Serve a world and log in; the clock stands still."""
    clock, faults = SandboxClock(NOW, ticks=lambda: 0.0), Faults(1)
    api_stage, api_url, auth_stage, auth_url = stages
    api_stage.app, auth_stage.app, limits = amazon_apps(world, clock, True, amazon_credentials(7), faults)
    made = Seller(api_url, auth_url, world, clock, faults, limits, http)
    made.log_in()
    yield made


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """One client for all tests: making one reads every certificate of the machine."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def seller(small_world: World, stages: tuple[Stage, str, Stage, str], http: httpx.Client) -> Iterator[Seller]:
    """A seller over the world that all tests share: look, do not touch."""
    with open_shop(small_world, stages, http) as made:
        yield made


@pytest.fixture
def own_seller(stages: tuple[Stage, str, Stage, str], http: httpx.Client) -> Iterator[Seller]:
    """A seller over a small world of its own, which a test may change."""
    with open_shop(build_world(seed=5, now=NOW, size=500), stages, http) as made:
        yield made
