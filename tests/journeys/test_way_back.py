"""Goods and money on their way back, over real HTTP: a seller's and a warehouse's order of Amazon, one of Walmart.

Buyers give units back and get money (levers); the mirror is pulled; what is missing in NetSuite is planned, pushed and
read back: stock stands where it should, documents hang together, and the money agrees to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan, stage
from sync.sandbox.world.levers import deliver, ship
from sync.sandbox.world.placing import place_order
from tests.chaos.company import Company, patient_company, still_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STREAMS = (
    "amazon.orders@US",
    "amazon.ledger@US",
    "amazon.returns@US",
    "amazon.seller_returns@US",
    "walmart.orders@US",
    "walmart.returns@US",
    "netsuite.customers",
    "netsuite.items",
    "netsuite.transactions",
    "netsuite.links",
    "netsuite.stock",
)


@dataclass
class Sale:
    """One order of three units, sold, shipped and billed."""

    channel: str
    order_id: str
    line_id: str
    price: Decimal
    place: str
    item: str


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    sandbox, folder = tmp_path_factory.mktemp("sandbox"), tmp_path_factory.mktemp("home")
    with still_sandbox(150, sandbox) as running, patient_company(running, folder) as opened:
        at = running.clock.now()
        body = {"itemId": "REFUND", "displayName": "Money given back"}
        refund_item = running.books.create("otherChargeSaleItem", body, at=at)
        assert not opened.workspace.pull().failed
        opened.decide()
        clearing = opened.rows("SELECT account_id FROM accounts WHERE number = '1150'")[0][0]
        for channel in ("amazon.US", "walmart.US"):
            value = {"refund_item_id": str(refund_item), "payment_method_id": "1", "account_id": str(clearing)}
            opened.workspace.store.decisions.decide("returns", channel, value, by="ann")
        yield opened


def lever(here: Company, name: str, **fields: object) -> Mapping[str, Any]:
    answer = httpx.post(f"{here.running.admin}/levers/{name}", json=fields, timeout=30)
    assert answer.status_code == 201, answer.text
    found: Mapping[str, Any] = answer.json()
    return found


def sell(here: Company, channel: str, fulfilled_by: str = "seller") -> Sale:
    """Sell, ship and deliver three units, and key the bill into NetSuite as other people would."""
    world, books, now = here.running.world, here.running.books, here.running.clock.now()
    skus = here.rows(
        "SELECT l.sku, i.item_id FROM order_lines l JOIN orders o USING (channel, order_id)"
        " JOIN items i ON lower(i.name) = lower(l.sku) AND i.item_type = 'InvtPart'"
        " WHERE l.channel = $1 AND o.fulfilled_by = $2 ORDER BY ALL LIMIT 1",
        channel,
        fulfilled_by,
    )
    sku, item = skus[0]
    order = place_order(world, now, channel=channel, sku=sku, quantity=3, fulfilled_by=fulfilled_by)
    here.pass_time(3600)
    ship(world, here.running.clock.now(), channel=channel, order_id=order.order_id)
    here.pass_time(3600)
    deliver(world, here.running.clock.now(), channel=channel, order_id=order.order_id)
    routing = dict(here.workspace.store.decisions.current("routing")[channel].value)
    place = str(routing["channel_location_id" if fulfilled_by == "channel" else "location_id"])
    line = order.lines[0]
    bill = {
        "entity": {"id": str(routing["customer_id"])},
        "subsidiary": {"id": str(routing["subsidiary_id"])},
        "location": {"id": place},
        "tranDate": here.running.clock.now().date().isoformat(),
        "otherRefNum": order.order_id,
        "item": {
            "items": [
                {"item": {"id": item}, "quantity": 3, "amount": line.item_price, "location": {"id": place}},
            ]
        },
    }
    if line.shipping:
        bill["shippingCost"] = line.shipping
    record = "cashSale" if fulfilled_by == "channel" else "invoice"
    books.create(record, bill, at=here.running.clock.now())
    return Sale(channel, order.order_id, line.line_id, line.item_price, place, str(item))


def pull(here: Company) -> None:
    here.pass_time(3 * 86_400)
    pulled = here.workspace.pull(STREAMS)
    assert not pulled.failed, pulled.failed
    run_cycle(here.workspace.store)


def book(here: Company, sale: Sale, discrepancy: str = "") -> list[str]:
    """Plan, approve and push the order's way back (or what one discrepancy needs); returns the kinds written."""
    store = here.workspace.store
    ids = [discrepancy or f"refund_unbooked|{sale.channel}|{sale.order_id}"]
    plan = build_plan(store, ids)
    assert plan.obstacles == (), plan.obstacles
    store.outbox.approve(stage(store, plan, by="ann"), by="ann")
    here.workspace.push()
    sent = {o.identity: o for o in store.outbox.operations()}
    for identity in (o.identity for o in plan.operations):
        assert (sent[identity].state, sent[identity].drift or []) == ("done", []), sent[identity]
    here.pass_time(60)
    assert not here.workspace.pull(STREAMS).failed
    run_cycle(store)
    return [o.kind for o in plan.operations]


def on_hand(here: Company, sale: Sale) -> Decimal:
    rows = here.in_netsuite(
        "SELECT l.quantityonhand AS units FROM inventoryitemlocations l WHERE l.item = ? AND l.location = ?",
        sale.item,
        sale.place,
    )
    return Decimal(str(rows[0]["units"])) if rows else Decimal(0)


def totals(here: Company, sale: Sale) -> dict[str, Decimal]:
    """Money of the order's documents by type code, positive, asked from NetSuite."""
    found: dict[str, Decimal] = {}
    for kind, external in (("CustCred", "CM"), ("CustRfnd", "RFD"), ("CashRfnd", "RFD")):
        prefix = "AMZ" if sale.channel.startswith("amazon") else "WMT"
        rows = here.in_netsuite(
            "SELECT t.foreigntotal AS total FROM transaction t WHERE t.type = ? AND t.externalid LIKE ?",
            kind,
            f"{prefix}-{external}-{sale.order_id}-%",
        )
        if rows:
            found[kind] = sum((abs(Decimal(str(r["total"]))) for r in rows), Decimal(0))
    return found


def left(here: Company, sale: Sale) -> list[tuple[Any, ...]]:
    return here.rows(
        "SELECT control, subject, state, cause FROM discrepancies WHERE state <> 'resolved'"
        " AND control IN ('refund_unbooked', 'return_unbooked', 'refund_not_on_channel') AND detail::VARCHAR LIKE $1",
        f"%{sale.order_id}%",
    ) + here.rows(
        "SELECT control, subject, state, cause FROM discrepancies WHERE state <> 'resolved' AND subject = $1"
        " AND control LIKE '%ref%'",
        sale.order_id,
    )


def test_a_sellers_order_of_amazon_comes_back_with_two_of_three_units(here: Company) -> None:
    sale = sell(here, "amazon.US")
    fields = {"channel": sale.channel, "order_id": sale.order_id, "line_id": sale.line_id, "quantity": 2}
    lever(here, "return", **fields)
    here.pass_time(3600)
    given = lever(here, "refund", **fields)
    pull(here)
    before = on_hand(here, sale)
    assert book(here, sale) == [
        "return_authorization.create",
        "item_receipt.create",
        "credit_memo.create",
        "customer_refund.create",
    ]
    money = Decimal(given["item_price"])
    assert totals(here, sale) == {"CustCred": money, "CustRfnd": money}
    assert on_hand(here, sale) == before + 2
    assert left(here, sale) == []


def test_a_unit_of_a_warehouse_comes_back_damaged_and_is_not_restocked(here: Company) -> None:
    sale = sell(here, "amazon.US", "channel")
    fields = {"channel": sale.channel, "order_id": sale.order_id, "line_id": sale.line_id, "quantity": 1}
    lever(here, "return", **fields, disposition="CUSTOMER_DAMAGED")
    here.pass_time(3600)
    given = lever(here, "refund", **fields)
    pull(here)
    before = on_hand(here, sale)
    assert book(here, sale) == ["return_authorization.create", "item_receipt.create", "cash_refund.create"]
    assert totals(here, sale) == {"CashRfnd": Decimal(given["item_price"])}
    assert on_hand(here, sale) == before
    lever(here, "return", **fields, disposition="SELLABLE")
    here.pass_time(3600)
    lever(here, "refund", **fields)
    pull(here)
    book(here, sale)
    assert on_hand(here, sale) == before + 1
    assert left(here, sale) == []


def test_an_order_of_walmart_comes_back_and_what_the_buyer_keeps_is_credited_without_goods(here: Company) -> None:
    sale = sell(here, "walmart.US")
    fields = {"channel": sale.channel, "order_id": sale.order_id, "line_id": sale.line_id, "quantity": 1}
    lever(here, "return", **fields)
    here.pass_time(3600)
    first = lever(here, "refund", **fields)
    pull(here)
    before = on_hand(here, sale)
    book(here, sale)
    assert on_hand(here, sale) == before + 1
    lever(here, "return", **fields, kind="keep it")
    here.pass_time(3600)
    second = lever(here, "refund", **fields, kind="keep it")
    pull(here)
    assert book(here, sale) == ["credit_memo.create", "customer_refund.create"]
    money = Decimal(first["item_price"]) + Decimal(second["item_price"])
    assert totals(here, sale) == {"CustCred": money, "CustRfnd": money}
    assert on_hand(here, sale) == before + 1
    assert left(here, sale) == []


def test_a_replacement_is_received_and_its_authorization_does_not_wait_for_a_refund(here: Company) -> None:
    sale = sell(here, "walmart.US")
    fields = {"channel": sale.channel, "order_id": sale.order_id, "line_id": sale.line_id, "quantity": 1}
    lever(here, "return", **fields, kind="replacement")
    pull(here)
    before = on_hand(here, sale)
    ((back,),) = here.rows("SELECT return_id FROM channel_returns WHERE order_id = $1", sale.order_id)
    discrepancy = f"return_unbooked|walmart.US|{back}"
    assert book(here, sale, discrepancy) == ["return_authorization.create", "item_receipt.create"]
    assert book(here, sale, discrepancy) == ["return_authorization.close_lines"]
    query = "SELECT t.status AS status FROM transaction t WHERE t.type = 'RtnAuth' AND t.externalid LIKE ?"
    assert [r["status"] for r in here.in_netsuite(query, f"WMT-RMA-{sale.order_id}-%")] == ["H"]
    assert on_hand(here, sale) == before + 1
    assert left(here, sale) == []


def _push_until_done(here: Company) -> None:
    """Push as the worker does: again after a while, as long as something waits to be looked for."""
    for _ in range(8):
        here.workspace.push()
        if not here.workspace.store.outbox.operations(states=("queued", "in_doubt", "answered", "sending")):
            return
        here.pass_time(3700)


def test_lost_answers_on_every_kind_of_document_leave_each_document_once(here: Company) -> None:
    sale = sell(here, "amazon.US")
    fields = {"channel": sale.channel, "order_id": sale.order_id, "line_id": sale.line_id}
    lever(here, "return", **fields, quantity=1)
    here.pass_time(3600)
    lever(here, "refund", **fields, quantity=1)
    lever(here, "refund", **fields, quantity=1, kind="keep it")
    pull(here)
    store = here.workspace.store
    plan = build_plan(store, [f"refund_unbooked|{sale.channel}|{sale.order_id}"])
    written = sorted(o.kind for o in plan.operations)
    assert written == sorted(
        ["return_authorization.create", "item_receipt.create", *["credit_memo.create", "customer_refund.create"] * 2]
    )
    here.fault("netsuite", "lost_transform", count=3, match="!transform", method="POST")
    here.fault("netsuite", "lost_answer", count=3, match="/record/", method="PUT")
    store.outbox.approve(stage(store, plan, by="ann"), by="ann")
    _push_until_done(here)
    here.running.faults.clear()
    sent = {o.identity: o.state for o in store.outbox.operations()}
    for operation in plan.operations:
        assert sent[operation.identity] == "done"
        found = here.in_netsuite("SELECT id FROM transaction WHERE externalid = ?", operation.identity)
        assert len(found) == 1, operation.identity
    assert not here.workspace.pull(STREAMS).failed
    run_cycle(store)
    assert left(here, sale) == []


def credit_by_hand(here: Company, sale: Sale, units: int, amount: Decimal) -> None:
    """Let somebody credit units of the order in NetSuite, without telling the channel."""
    routing = here.workspace.store.decisions.current("routing")[sale.channel].value
    credit = {
        "entity": {"id": str(routing["customer_id"])},
        "subsidiary": {"id": str(routing["subsidiary_id"])},
        "tranDate": here.running.clock.now().date().isoformat(),
        "otherRefNum": sale.order_id,
        "item": {"items": [{"item": {"id": sale.item}, "quantity": units, "amount": amount}]},
    }
    here.running.books.create("creditMemo", credit, at=here.running.clock.now())


def test_a_return_that_is_credited_in_netsuite_is_paid_at_walmart_once_though_its_answer_is_lost(here: Company) -> None:
    sale = sell(here, "walmart.US")
    lever(here, "return", channel=sale.channel, order_id=sale.order_id, line_id=sale.line_id, quantity=2)
    amount = (sale.price * 2 / 3).quantize(Decimal("0.01"))
    credit_by_hand(here, sale, 2, amount)
    pull(here)
    store = here.workspace.store
    plan = build_plan(store, [f"refund_not_on_channel|walmart.US|{sale.order_id}"])
    assert [(o.kind, o.amount) for o in plan.operations] == [("return.refund", amount)], plan.obstacles
    here.fault("walmart", "lost_answer", match="/refund", method="POST")
    store.outbox.approve(stage(store, plan, by="ann"), by="ann")
    _push_until_done(here)
    assert {o.state for o in store.outbox.operations(identity=plan.operations[0].identity)} == {"done"}
    pull(here)
    order = here.running.world.order(sale.channel, sale.order_id)
    assert order is not None
    given = order.refunds
    assert [(r.quantity, r.item_price) for r in given] == [(2, amount)]
    assert [row for row in left(here, sale) if row[0] == "refund_not_on_channel"] == []


def test_a_credit_that_walmart_does_not_know_is_refunded_to_the_buyer_after_a_persons_approval(here: Company) -> None:
    sale = sell(here, "walmart.US")
    credit_by_hand(here, sale, 1, Decimal("5.00"))
    pull(here)
    store = here.workspace.store
    plan = build_plan(store, [f"refund_not_on_channel|walmart.US|{sale.order_id}"])
    assert [(o.kind, str(o.amount)) for o in plan.operations] == [("order.refund", "5.0000")], plan.obstacles
    store.outbox.approve(stage(store, plan, by="ann"), by="ann")
    _push_until_done(here)
    assert {o.state for o in store.outbox.operations(identity=plan.operations[0].identity)} == {"done"}
    pull(here)
    told = here.rows("SELECT goods FROM channel_refunds WHERE order_id = $1", sale.order_id)
    assert [str(g) for (g,) in told] == ["5.0000"]
    found = [row for row in left(here, sale) if row[0] == "refund_not_on_channel"]
    assert found == []
