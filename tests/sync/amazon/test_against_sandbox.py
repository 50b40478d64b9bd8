"""The connector over real HTTP on loopback, against the sandbox that others built from the same contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from sync.amazon import streams
from sync.engine import pull
from sync.errors import Credentials
from sync.records import Order, OrderLine, Settlement
from sync.sandbox.faults import Fault
from sync.sandbox.server import Running, Sandbox
from sync.store.store import Store
from sync.streams import Batch, Stream
from sync.transport import MemoryCallLog, VendorClient

from .sandboxed import NOW, SINCE, SteeredClock, client_of


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with Sandbox(seed=7, now=NOW, size=700, limits=True).start() as running:
        yield running


@dataclass
class Connected:
    running: Running
    calls: MemoryCallLog
    client: VendorClient
    clock: SteeredClock

    def stream(self, name: str) -> Stream:
        found = streams(self.client, ["amazon.US", "amazon.DE"], clock=self.clock, since=SINCE)
        return next(s for s in found if s.name == name)

    async def pull(self, name: str, cursor: dict[str, object] | None = None) -> list[Batch]:
        return [b async for b in self.stream(name).pull(cursor, self.clock.now())]


@pytest.fixture
async def connected(running: Running) -> AsyncIterator[Connected]:
    calls = MemoryCallLog()
    async with client_of(running, calls) as client:
        yield Connected(running, calls, client, SteeredClock(running))
    running.faults.clear()


async def test_a_wrong_secret_is_named_as_such(running: Running) -> None:
    async with client_of(running, MemoryCallLog(), client_secret="wrong-secret-of-somebody") as client:
        found = streams(client, ["amazon.US"], clock=SteeredClock(running), since=SINCE)

        with pytest.raises(Credentials, match="token: HTTP 40"):
            _ = [b async for b in found[0].pull(None, running.clock.now())]


@pytest.mark.parametrize("country", ["US", "DE"])
async def test_every_order_comes_with_its_exact_money(connected: Connected, country: str) -> None:
    batches = await connected.pull(f"amazon.orders@{country}")

    read = {d.record.order_id: d for b in batches for d in b.documents if isinstance(d.record, Order)}
    world = connected.running.world
    settled = connected.clock.now() - timedelta(minutes=30)
    expected = {o.order_id: o for o in world.orders(f"amazon.{country}", settled) if o.updated_at(settled) >= SINCE}
    assert len(expected) > 50
    assert set(expected) <= set(read)
    assert [q for b in batches for q in b.quarantined] == []
    for order_id, order in expected.items():
        record = read[order_id].record
        assert isinstance(record, Order)
        assert record.channel == f"amazon.{country}"
        if record.status == "pending":
            continue
        lines = [x for x in read[order_id].lines if isinstance(x, OrderLine)]
        assert record.total == _paid(lines), order_id
        assert [x.quantity for x in lines] == [x.quantity for x in order.lines]
        assert [x.sku for x in lines] == [x.sku for x in order.lines]
        if not any(x.quantity_cancelled for x in order.lines) and record.status != "cancelled":
            assert (record.total, record.tax) == (order.total, order.tax), order_id


def _paid(lines: list[OrderLine]) -> Any:
    return sum(
        x.item_price
        + x.item_tax
        + x.shipping_price
        + x.shipping_tax
        + x.gift_price
        + x.gift_tax
        - x.discount
        - x.discount_tax
        for x in lines
    )


@pytest.mark.parametrize("country", ["US", "DE"])
async def test_every_settlement_comes_once_and_foots(connected: Connected, country: str) -> None:
    name = f"amazon.settlements@{country}"
    first = await connected.pull(name)
    again = await connected.pull(name, dict(first[-1].cursor))

    read = [d for b in first + again for d in b.documents]
    found = {d.record.settlement_id: d for d in read if isinstance(d.record, Settlement)}
    assert len(found) == len(read) >= 3
    assert [q for b in first for q in b.quarantined] == []
    truth = {s.settlement_id: s for s in connected.running.world.settlements if s.channel == f"amazon.{country}"}
    for settlement_id, document in found.items():
        assert isinstance(document.record, Settlement)
        assert document.record.channel == f"amazon.{country}"
        assert document.record.total == truth[settlement_id].total
        assert sum(x.amount for x in document.lines) == document.record.total  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "fault",
    ["throttle", "expired_token", "server_error_html", "empty_500", "lost_answer", "cut_connection", "page_repeated"],
)
async def test_a_fault_in_mid_run_costs_no_order(connected: Connected, fault: str) -> None:
    wanted = {d.record.order_id for b in await connected.pull("amazon.orders@US") for d in b.documents}  # type: ignore[union-attr]
    connected.running.faults.add(Fault("amazon", fault, count=2 if fault != "expired_token" else 1, match="/orders"))

    first = await connected.pull("amazon.orders@US")
    # Waiting moved the sandbox's time: what changed meanwhile comes with the next pull.
    connected.running.clock.advance(600)
    second = await connected.pull("amazon.orders@US", dict(first[-1].cursor))

    assert wanted <= {d.record.order_id for b in first + second for d in b.documents}  # type: ignore[union-attr]


async def test_the_mirror_takes_everything_and_a_second_pull_changes_nothing(connected: Connected) -> None:
    store = Store.in_memory(connected.clock)
    found = streams(connected.client, ["amazon.US", "amazon.DE"], clock=connected.clock, since=SINCE)

    first = await pull(store, found)
    second = await pull(store, found)

    assert [(o.stream, o.state, o.error, o.quarantined) for o in first.streams + second.streams] == [
        (s.name, "done", "", 0) for s in [*found, *found]
    ]
    assert all(o.changed > 0 for o in first.streams)
    settled = [o.changed for o in second.streams if "settlements" in o.stream]
    assert settled == [0, 0]
    with store.database.reading() as cursor:
        sums = cursor.execute(
            "SELECT settlement_id, total, (SELECT sum(amount) FROM settlement_lines l WHERE l.channel = s.channel"
            " AND l.settlement_id = s.settlement_id) FROM settlements s"
        ).fetchall()
    assert len(sums) >= 6
    assert [row for row in sums if row[1] != row[2]] == []
    store.close()


async def test_a_storm_of_refusals_is_waited_out(connected: Connected) -> None:
    connected.running.faults.add(Fault("amazon", "throttle", count=5, match="/reports"))

    batches = await connected.pull("amazon.settlements@US")

    assert any(b.documents for b in batches)


async def test_within_its_limits_amazon_refuses_nothing(connected: Connected) -> None:
    connected.running.clock.advance(20 * 3600)
    for _ in range(2):
        await connected.pull("amazon.orders@US")
        await connected.pull("amazon.settlements@US")

    assert [r for r in connected.calls.records if r.status == 429] == []
