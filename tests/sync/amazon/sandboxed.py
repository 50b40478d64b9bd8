"""A client of the running sandbox, whose waiting moves the sandbox's own time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from sync.amazon import ALL_KINDS, LoginWithAmazon, classify, handlers, rate_policy, streams
from sync.sandbox.server import Running
from sync.streams import Batch, Stream
from sync.transport import MemoryCallLog, VendorClient

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=89)


@dataclass
class SteeredClock:
    """The sandbox's own time; waiting moves it forward at once."""

    running: Running

    def now(self) -> datetime:
        return self.running.clock.now()

    def monotonic(self) -> float:
        return self.running.clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        self.running.clock.advance(max(seconds, 0.0))


def client_of(running: Running, calls: MemoryCallLog, scope: str | None = None, **changed: str) -> VendorClient:
    secrets = json.loads(running.credentials.read_text())["amazon"] | changed
    clock = SteeredClock(running)
    login = LoginWithAmazon(
        client_id=secrets["client_id"],
        client_secret=SecretStr(secrets["client_secret"]),
        refresh_token=None if scope else SecretStr(secrets["refresh_token"]),
        scope=scope,
        clock=clock,
        token_url=secrets["token_url"],
    )
    return VendorClient(
        vendor="amazon",
        account="US",
        base_url=running.amazon,
        auth=login,
        policy=rate_policy(),
        classify=classify,
        calls=calls,
        clock=clock,
        secrets=[SecretStr(secrets["client_secret"])],
    )


CHANNELS = ["amazon.US", "amazon.DE"]


@dataclass
class Amazon:
    running: Running
    client: VendorClient
    clock: SteeredClock
    calls: MemoryCallLog
    seller_id: str

    def streams(self, *kinds: str, channels: list[str] | None = None) -> list[Stream]:
        return streams(
            self.client,
            channels or CHANNELS,
            clock=self.clock,
            since=SINCE,
            kinds=kinds or ALL_KINDS,
            seller_id=self.seller_id,
        )

    async def read(self, kind: str, country: str = "US") -> list[Batch]:
        (stream,) = self.streams(kind, channels=[f"amazon.{country}"])
        return [batch async for batch in stream.pull(None, self.clock.now())]

    async def records(self, kind: str, country: str = "US") -> list[Any]:
        batches = await self.read(kind, country)
        assert [q for b in batches for q in b.quarantined] == []
        return [d.record for b in batches for d in b.documents]

    def handler(self, kind: str) -> Any:
        found = handlers(dict.fromkeys(CHANNELS, self.client), clock=self.clock, seller_id=self.seller_id)
        return next(h for h in found if h.kind == kind)


@asynccontextmanager
async def connected_to(running: Running) -> AsyncIterator[Amazon]:
    """A client of the sandbox with everything that tests ask of it; faults are cleared afterwards."""
    calls = MemoryCallLog()
    seller_id = json.loads(running.credentials.read_text())["amazon"]["seller_id"]
    async with client_of(running, calls) as client:
        yield Amazon(running, client, SteeredClock(running), calls, seller_id)
    running.faults.clear()
