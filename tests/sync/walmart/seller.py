"""A seller account at the sandbox, over real HTTP on loopback, with the sandbox's own time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from sync.errors import Transient
from sync.outbox.handlers import BatchHandler, Handler, Sent
from sync.records import ChannelRefund, Line, Order, OrderLine, Record
from sync.sandbox.faults import Fault
from sync.sandbox.server import Running
from sync.sandbox.world.placing import place_order
from sync.streams import Batch, Stream
from sync.transport import MemoryCallLog, VendorClient
from sync.walmart import WalmartLogin, classify, handlers, rate_policy, streams

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=50)


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


def client_of(running: Running, calls: MemoryCallLog, **changed: str) -> VendorClient:
    secrets = json.loads(running.credentials.read_text())["walmart"] | changed
    clock = SteeredClock(running)
    login = WalmartLogin(
        client_id=secrets["client_id"],
        client_secret=SecretStr(secrets["client_secret"]),
        clock=clock,
        base_url=running.walmart,
    )
    return VendorClient(
        vendor="walmart",
        account="US",
        base_url=running.walmart,
        auth=login,
        policy=rate_policy(),
        classify=classify,
        calls=calls,
        clock=clock,
        secrets=[SecretStr(secrets["client_secret"])],
    )


@dataclass
class Connected:
    running: Running
    calls: MemoryCallLog
    client: VendorClient
    clock: SteeredClock
    held: list[Handler] = field(default_factory=list)

    def stream(self, name: str) -> Stream:
        return next(s for s in streams(self.client, clock=self.clock, since=SINCE) if s.name == name)

    async def pull(self, name: str, cursor: dict[str, object] | None = None) -> list[Batch]:
        return [b async for b in self.stream(name).pull(cursor, self.clock.now())]

    def place(self, quantity: int = 1, fulfilled_by: str = "seller") -> str:
        """Let somebody buy something that the seller ships; return the purchase order id."""
        order = place_order(
            self.running.world,
            self.clock.now(),
            channel="walmart.US",
            sku=None,
            quantity=quantity,
            fulfilled_by=fulfilled_by,
        )
        return order.order_id

    async def orders(self) -> dict[str, tuple[Order, list[OrderLine]]]:
        found = {}
        for batch in await self.pull("walmart.orders@US"):
            assert batch.quarantined == () or list(batch.quarantined) == []
            for document in batch.documents:
                if isinstance(document.record, ChannelRefund):
                    continue
                assert isinstance(document.record, Order)
                lines = [x for x in document.lines if isinstance(x, OrderLine)]
                found[document.record.order_id] = (document.record, lines)
        return found

    async def documents(self, name: str) -> list[tuple[Record, list[Line]]]:
        """Pull a stream from its beginning; nothing of it may be quarantined."""
        batches = await self.pull(name)
        assert [q for b in batches for q in b.quarantined] == []
        return [(d.record, list(d.lines)) for b in batches for d in b.documents]

    def handler(self, kind: str) -> Handler:
        return next(h for h in self.all_handlers if h.kind == kind)

    def batch_handler(self, kind: str) -> BatchHandler:
        found = self.handler(kind)
        assert isinstance(found, BatchHandler)
        return found

    @property
    def all_handlers(self) -> list[Handler]:
        if not self.held:
            self.held = handlers(self.client, clock=self.clock)
        return self.held

    def fault(self, name: str, count: int = 1, match: str = "", method: str = "", **options: str) -> None:
        self.running.faults.add(Fault("walmart", name, count=count, match=match, method=method, options=options))

    async def finished(self, handler: Handler, sent: Sent) -> Mapping[str, Any]:
        """Read back as often as Walmart asks for patience, on the sandbox's clock."""
        for _ in range(20):
            try:
                return await handler.read_back(sent.target_id)
            except Transient as error:
                await self.clock.sleep(error.wait_s or 60.0)
        raise AssertionError(f"{sent.target_id} never ended")

    def asked(self, operation: str) -> list[int | None]:
        """Return the statuses of every call of an operation."""
        return [r.status for r in self.calls.records if r.operation == operation]
