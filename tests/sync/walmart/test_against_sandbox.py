"""The connector over real HTTP on loopback, against the sandbox that others built from the same contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from sync.engine import pull
from sync.errors import Credentials, InDoubt
from sync.records import Settlement
from sync.sandbox.faults import Fault
from sync.sandbox.server import Running, Sandbox
from sync.store.store import Store
from sync.transport import MemoryCallLog
from sync.walmart import streams

from .seller import NOW, SINCE, Connected, SteeredClock, client_of


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with Sandbox(seed=7, now=NOW, size=600, limits=True).start() as running:
        yield running


@pytest.mark.proves("W03")
async def test_a_wrong_secret_is_named_as_such(running: Running) -> None:
    async with client_of(running, MemoryCallLog(), client_secret="wrong-secret-of-somebody") as client:
        found = streams(client, clock=SteeredClock(running), since=SINCE)

        with pytest.raises(Credentials, match="token: HTTP 40"):
            _ = [b async for b in found[0].pull(None, running.clock.now())]


@pytest.mark.proves("W10", "W24")
async def test_every_order_comes_with_its_exact_money(connected: Connected) -> None:
    read = await connected.orders()

    settled = connected.clock.now() - timedelta(minutes=5)
    world = connected.running.world
    expected = {o.order_id: o for o in world.orders("walmart.US", settled) if o.updated_at(settled) > SINCE}
    assert len(expected) > 50
    assert set(expected) <= set(read)
    assert {o.fulfilled_by for o, _ in read.values()} == {"seller", "channel"}
    for order_id, order in expected.items():
        record, lines = read[order_id]
        assert record.fulfilled_by == order.fulfilled_by, order_id
        assert [x.quantity for x in lines] == [x.quantity for x in order.lines]
        assert [x.sku for x in lines] == [x.sku for x in order.lines]
        assert [x.item_price for x in lines] == [x.item_price for x in order.lines]
        assert record.total == sum(
            (
                x.item_price + x.item_tax + x.shipping_price + x.shipping_tax - x.discount - x.discount_tax
                for x in lines
            ),
            Decimal(0),
        )


async def test_every_settlement_comes_once_and_foots(connected: Connected) -> None:
    first = await connected.pull("walmart.settlements@US")
    again = await connected.pull("walmart.settlements@US", dict(first[-1].cursor))

    read = [d for b in first + again for d in b.documents]
    assert [q for b in first for q in b.quarantined] == []
    assert len(read) >= 2
    truth = {s.total for s in connected.running.world.settlements if s.channel == "walmart.US"}
    for document in read:
        assert isinstance(document.record, Settlement)
        assert document.record.total in truth
        assert sum(x.amount for x in document.lines) == document.record.total  # type: ignore[union-attr]
    assert len({d.record.settlement_id for d in read}) == len(read)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("throttle", marks=pytest.mark.proves("W05")),
        pytest.param("W05-s", marks=pytest.mark.proves("W05")),
        pytest.param("W05-iso", marks=pytest.mark.proves("W05")),
        pytest.param("expired_token", marks=pytest.mark.proves("W01")),
        pytest.param("W02", marks=pytest.mark.proves("W02")),
        pytest.param("W04", marks=pytest.mark.proves("W04")),
        pytest.param("W09", marks=pytest.mark.proves("W09")),
        pytest.param("W19", marks=pytest.mark.proves("W19")),
        pytest.param("server_error_html", marks=pytest.mark.proves("W20")),
        "empty_500",
        "lost_answer",
        "cut_connection",
        pytest.param("page_repeated", marks=pytest.mark.proves("W08")),
        pytest.param("W32", marks=pytest.mark.proves("W32")),
        pytest.param("W33", marks=pytest.mark.proves("W33")),
    ],
)
async def test_a_fault_in_mid_run_costs_no_order(connected: Connected, fault: str) -> None:
    wanted = set(await connected.orders())
    connected.running.faults.add(Fault("walmart", fault, count=1, match="/orders"))

    assert wanted <= set(await connected.orders())


async def test_the_mirror_takes_everything_and_a_second_pull_changes_nothing(connected: Connected) -> None:
    store = Store.in_memory(connected.clock)
    found = streams(connected.client, clock=connected.clock, since=SINCE)

    first = await pull(store, found)
    second = await pull(store, found)

    assert [(o.stream, o.state, o.error, o.quarantined) for o in first.streams + second.streams] == [
        (s.name, "done", "", 0) for s in [*found, *found]
    ]
    assert {o.stream for o in first.streams if not o.changed} == {"walmart.promotions@US", "walmart.feeds@US"}
    assert {o.changed for o in second.streams} == {0}
    with store.database.reading() as cursor:
        kept = cursor.execute("SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM channel_refunds)").fetchall()
    assert min(kept[0]) > 0
    assert sum(kept[0]) == first.streams[0].documents
    store.close()


@pytest.mark.proves("W11")
async def test_an_order_is_acknowledged_even_if_the_answer_is_lost(connected: Connected) -> None:
    handler = connected.handler("order.acknowledge")
    plain, lost = ({"order_id": connected.place()} for _ in range(2))
    assert await handler.look(plain) is None

    sent = await handler.send(plain)
    assert list(handler.compare(plain, await handler.read_back(sent.target_id))) == []

    connected.running.faults.add(Fault("walmart", "lost_answer", count=1, match="/acknowledge"))
    with pytest.raises(InDoubt):
        await handler.send(lost)
    found = await handler.look(lost)
    assert found is not None
    assert list(handler.compare(lost, found.record)) == []
    assert (await handler.send(lost)).target_id == lost["order_id"]


async def test_within_its_limits_walmart_refuses_nothing(connected: Connected) -> None:
    for _ in range(2):
        await connected.pull("walmart.orders@US")
        await connected.pull("walmart.settlements@US")

    assert [r for r in connected.calls.records if r.status == 429] == []
