"""Every stream, call and push over real HTTP on loopback, against the sandbox that others built from the contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import pytest

from sync.amazon import streams
from sync.amazon.notification_calls import NOTIFICATIONS_SCOPE
from sync.amazon.notifications import create_destination, destinations, subscribe, subscription, unsubscribe
from sync.engine import pull
from sync.errors import Rejected, Transient
from sync.records import ChannelTransaction, Listing, Order, Payout, SettlementSummary
from sync.sandbox.faults import Fault
from sync.sandbox.server import Running, Sandbox
from sync.store.store import Store
from sync.transport import MemoryCallLog

from .sandboxed import NOW, SINCE, Amazon, client_of, connected_to


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with Sandbox(seed=7, now=NOW, size=300, limits=True).start() as running:
        yield running


@pytest.fixture
async def amazon(running: Running) -> AsyncIterator[Amazon]:
    async with connected_to(running) as connected:
        yield connected


@pytest.mark.slow
async def test_every_stream_fills_the_mirror_and_a_second_pull_sets_nothing_aside(amazon: Amazon) -> None:
    store = Store.in_memory(amazon.clock)
    found = amazon.streams()

    first = await pull(store, found)
    second = await pull(store, found)

    assert [(o.stream, o.state, o.error, o.quarantined) for o in first.streams + second.streams] == [
        (s.name, "done", "", 0) for s in [*found, *found]
    ]
    empty = {o.stream.partition("@")[0] for o in first.streams if not o.documents}
    assert empty <= {"amazon.feeds", "amazon.multichannel"}, "nothing was sent to Amazon yet, nor for other shops"
    with store.database.reading() as cursor:
        wrong = cursor.execute(
            "SELECT transaction_id FROM channel_transactions t WHERE total <> (SELECT sum(amount)"
            " FROM channel_transaction_amounts a WHERE a.channel = t.channel AND a.transaction_id = t.transaction_id)"
        ).fetchall()
        sums = cursor.execute(
            "SELECT s.total, m.total FROM settlements s JOIN settlement_summaries m USING (channel, settlement_id)"
        ).fetchall()
    store.close()
    assert wrong == []
    assert len(sums) >= 4
    assert [row for row in sums if row[0] != row[1]] == []


async def test_the_seller_id_can_be_learnt(amazon: Amazon) -> None:
    (stream,) = streams(amazon.client, ["amazon.US"], clock=amazon.clock, since=SINCE, kinds=["listings"], seller_id="")

    batches = [b async for b in stream.pull(None, amazon.clock.now())]
    assert batches[0].documents


async def test_report_ledger_sum_and_payout_tell_of_the_same_money(amazon: Amazon) -> None:
    events = [r for r in await amazon.records("ledger", "DE") if isinstance(r, ChannelTransaction)]
    payouts = {r.settlement_id: r for r in await amazon.records("payouts", "DE") if isinstance(r, Payout)}
    truth = {s.settlement_id: s.total for s in amazon.running.world.settlements if s.channel == "amazon.DE"}

    paid = [payouts[i] for i in truth if i in payouts and payouts[i].state == "paid"]
    assert len(paid) >= 2
    assert [p.amount for p in paid] == [truth[str(p.settlement_id)] for p in paid]
    assert {e.currency for e in events} == {"EUR"}
    assert {e.settlement_id for e in events} & set(truth)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("ledger", "throttle"),
        ("ledger", "page_repeated"),
        ("stock", "empty_500"),
        ("payouts", "server_error_html"),
        ("returns", "cut_connection"),
        ("movements", "leading_newlines"),
    ],
)
async def test_a_fault_on_the_way_costs_nothing(amazon: Amazon, kind: str, fault: str) -> None:
    wanted = Counter(str(d.record) for b in await amazon.read(kind) for d in b.documents)
    amazon.running.faults.add(Fault("amazon", fault, count=2))

    read = Counter(str(d.record) for b in await amazon.read(kind) for d in b.documents)

    assert set(wanted) <= set(read)


@pytest.mark.proves("A20")
async def test_an_empty_page_of_the_sandbox_costs_no_event(amazon: Amazon) -> None:
    wanted = {r.transaction_id for r in await amazon.records("ledger")}
    amazon.running.faults.add(Fault("amazon", "empty_page", count=3, match="/transactions"))

    assert wanted <= {r.transaction_id for r in await amazon.records("ledger")}


@pytest.mark.proves("A19")
async def test_a_dead_inventory_token_of_the_sandbox_costs_no_sku(amazon: Amazon) -> None:
    wanted = {r.sku for r in await amazon.records("stock")}
    amazon.running.faults.add(Fault("amazon", "inventory_token_dead", count=1))

    assert wanted == {r.sku for r in await amazon.records("stock")}


@pytest.mark.proves("A30")
@pytest.mark.parametrize(("fault", "covered"), [("report_cancelled", True), ("report_fatal", False)])
async def test_a_report_that_does_not_come_is_no_data_or_is_shown(amazon: Amazon, fault: str, covered: bool) -> None:
    amazon.running.faults.add(Fault("amazon", fault, count=1))

    batches = await amazon.read("returns")

    windows = [b for b in batches if b.covered]
    assert bool(windows) is covered
    assert len([q for b in batches for q in b.quarantined]) == (0 if covered else 1)


@pytest.mark.proves("A23", "A24", "A25", "A27", "A28", "A47")
@pytest.mark.parametrize(
    "fault", ["nul_cells", "gzip_behind_identity", "gzip_declared", "utf8_document", "byte_order_mark", "new_column"]
)
async def test_a_document_in_another_dress_is_the_same_report(amazon: Amazon, fault: str) -> None:
    wanted = {str(r) for r in await amazon.records("reimbursements")}
    amazon.running.faults.add(Fault("amazon", fault, count=2))

    assert wanted <= {str(r) for r in await amazon.records("reimbursements")}


@pytest.mark.parametrize("fault", ["truncated_gzip", "wrong_charset"])
async def test_a_document_that_stays_damaged_is_shown_and_its_window_stays_open(amazon: Amazon, fault: str) -> None:
    amazon.running.faults.add(Fault("amazon", fault, count=None))

    batches = await amazon.read("reimbursements")

    assert [q for b in batches for q in b.quarantined]
    assert all(b.covered is None for b in batches)


@pytest.mark.proves("A70", "A71")
@pytest.mark.parametrize("fault", ["amounts_as_strings", "new_field", "single_element"])
async def test_amounts_in_another_shape_are_the_same_money(amazon: Amazon, fault: str) -> None:
    wanted = {r.transaction_id: r.total for r in await amazon.records("ledger", "DE")}
    amazon.running.faults.add(Fault("amazon", fault, count=1, match="/finances/"))

    batches = await amazon.read("ledger", "DE")

    read = {d.record.transaction_id: d.record.total for b in batches for d in b.documents}  # type: ignore[union-attr]
    assert read.items() <= wanted.items()
    assert len(read) + sum(len(b.quarantined) for b in batches) >= (len(wanted) if fault != "single_element" else 1)


async def test_the_sellers_parcels_reach_the_order_and_a_second_seller_is_noticed(amazon: Amazon) -> None:
    orders = [d for b in await amazon.read("orders") for d in b.documents]
    open_ones = [d for d in orders if isinstance(d.record, Order) and d.record.status == "open"]
    order = next(d for d in open_ones if isinstance(d.record, Order) and d.record.fulfilled_by == "seller")
    assert isinstance(order.record, Order)
    lines = [{"line_id": x.line_id, "quantity": x.quantity} for x in order.lines]  # type: ignore[union-attr]
    parcel = {
        "reference": "1",
        "carrier_code": "UPS",
        "method": "Ground",
        "tracking_number": "1Z999",
        "shipped_at": amazon.clock.now().isoformat(),
        "lines": lines,
    }
    intent = {"channel": "amazon.US", "order_id": order.record.order_id, "parcels": [parcel]}
    ship = amazon.handler("shipment.confirm")

    assert await ship.look(intent) is None
    sent = await ship.send(intent)
    assert ship.compare(intent, await ship.read_back(sent.target_id)) == []
    assert await ship.look(intent) is not None

    edited = {**intent, "parcels": [{**parcel, "tracking_number": "1Z000"}]}
    assert await ship.look(edited) is None
    await ship.send(edited)
    assert ship.compare(edited, await ship.read_back(sent.target_id)) == []

    again = {**intent, "parcels": [{**parcel, "reference": "2"}]}
    found = await ship.look(again)
    assert found is not None
    assert ship.compare(again, found.record) != []
    with pytest.raises(Rejected):
        await ship.send(again)


async def settled(push: Any, target_id: str, amazon: Amazon) -> Any:
    for _ in range(20):
        try:
            return await push.read_back(target_id)
        except Transient as waiting:
            amazon.running.clock.advance(waiting.wait_s or 30)
    raise AssertionError("the change never showed")


@pytest.mark.proves("A36", "A37", "A39")
async def test_stock_and_prices_are_set_alone_and_by_feed(amazon: Amazon) -> None:
    listed = [r for r in await amazon.records("listings") if isinstance(r, Listing) and r.fulfilled_by == "seller"]
    first, second, third = (r.sku for r in listed[:3])
    stock, price = amazon.handler("stock.set"), amazon.handler("price.set")
    units = {"channel": "amazon.US", "sku": first, "quantity": 77}
    money = {"channel": "amazon.US", "sku": first, "price": "55.55", "currency": "USD"}

    sent = await stock.send(units)
    assert stock.compare(units, await settled(stock, sent.target_id, amazon)) == []
    sent = await price.send(money)
    record = await settled(price, sent.target_id, amazon)
    assert price.compare(money, record) == []
    assert record["quantity"] == 77

    many = [{**units, "sku": sku, "quantity": 33} for sku in (first, second, third, "NO-SUCH")]
    outcomes = await stock.send_many(many)
    for _ in range(20):
        read = await stock.read_back_many([o.target_id for o in outcomes])
        if not any(isinstance(r, Transient) for r in read):
            break
        amazon.running.clock.advance(60)
    assert [stock.compare(i, r) for i, r in zip(many[:3], read[:3], strict=True)] == [[], [], []]
    assert isinstance(read[3], Rejected)
    assert "NO-SUCH" in str(read[3])
    (record,) = await amazon.records("feeds")
    assert (record.received, record.succeeded, record.failed) == (4, 3, 1)

    amazon.running.faults.add(Fault("amazon", "listing_invalid", count=1))
    with pytest.raises(Rejected, match="INVALID"):
        await stock.send({**units, "quantity": 5})


async def test_a_feed_whose_answer_was_lost_is_found_and_not_sent_twice(amazon: Amazon) -> None:
    sku = next(r.sku for r in await amazon.records("listings") if r.fulfilled_by == "seller")
    amazon.running.clock.advance(3600)
    before = len(await amazon.records("feeds"))
    amazon.running.faults.add(Fault("amazon", "lost_answer", count=1, match="/feeds/2021-06-30/feeds", method="POST"))
    price = amazon.handler("price.set")

    (sent,) = await price.send_many([{"channel": "amazon.US", "sku": sku, "price": "12.34", "currency": "USD"}])

    assert (await settled(price, sent.target_id, amazon))["price"] == "12.34"
    assert len(await amazon.records("feeds")) == before + 1


async def test_a_report_whose_answer_was_lost_is_found_and_not_asked_for_twice(amazon: Amazon) -> None:
    amazon.running.faults.add(Fault("amazon", "lost_answer", count=1, match="/reports", method="POST"))

    batches = await amazon.read("seller_returns")

    assert batches[-1].covered is not None
    posts = [r for r in amazon.calls.records if r.operation == "createReport"]
    asked = [b for b in batches if b.note.endswith("asked for")]
    assert len(posts) == len(asked)


async def test_a_queue_is_subscribed_to_and_left(running: Running, amazon: Amazon) -> None:
    async with client_of(running, MemoryCallLog(), scope=NOTIFICATIONS_SCOPE) as application:
        name = await create_destination(application, "queue", sqs_arn="arn:aws:sqs:us-east-1:123456789012:queue")
        assert (name, "queue") in await destinations(application)

        held = await subscribe(amazon.client, "ORDER_CHANGE", name)
        assert await subscribe(amazon.client, "ORDER_CHANGE", name) == held
        await unsubscribe(application, held)

    assert await subscription(amazon.client, "ORDER_CHANGE") is None


async def test_sums_of_settlements_have_their_parts(amazon: Amazon) -> None:
    found = amazon.streams("payouts", "summaries", channels=["amazon.US"])
    documents = [d for s in found for b in [b async for b in s.pull(None, amazon.clock.now())] for d in b.documents]

    sums = [d for d in documents if isinstance(d.record, SettlementSummary)]
    assert len(sums) >= 3
    for document in sums:
        added = sum((x.amount for x in document.lines), Decimal(0))  # type: ignore[union-attr]
        assert added == document.record.total  # type: ignore[union-attr]
