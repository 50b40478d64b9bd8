"""Goods on their way over real HTTP: sent in NetSuite and confirmed in the channel, sent by the channel and billed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan, stage
from sync import netsuite
from sync.sandbox.world.levers import ship
from sync.sandbox.world.money_levers import close_settlement
from sync.sandbox.world.placing import place_order
from tests.chaos.company import Company, company, still_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

GOODS = ["netsuite.customers", "netsuite.transactions", "netsuite.parcels", "amazon.orders@US", "walmart.orders"]
UPS, UPS2 = "1Z999AA10123456784", "1Z999AA10123456799"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    sandbox, folder = tmp_path_factory.mktemp("sandbox"), tmp_path_factory.mktemp("home")
    with still_sandbox(120, sandbox) as running, company(running, folder) as opened:
        assert not opened.workspace.pull().failed
        assert not opened.workspace.pull(["netsuite.parcels", "walmart.shipments@US"]).failed
        opened.decide()
        decisions = opened.workspace.store.decisions
        for channel in ("amazon.US", "walmart.US"):
            # What the marketplace ships is a sales order here: a cash sale needs neither fulfilment nor invoice.
            routing = dict(decisions.current("routing")[channel].value) | {"channel_document": "sales_order"}
            decisions.decide("routing", channel, routing, by="ann")
        yield opened


@pytest.fixture(autouse=True)
def _calm(here: Company) -> Iterator[None]:
    yield
    here.running.faults.clear()


def look(here: Company, *more: str) -> None:
    """Let ten minutes pass, read both sides and compare."""
    here.pass_time(600)
    pulled = here.workspace.pull([*GOODS, *more])
    assert [o.error for o in pulled.failed] == []
    run_cycle(here.workspace.store)


def settle(here: Company, discrepancy_id: str) -> list[Any]:
    """Plan, approve and push the fix of a discrepancy until nothing of it is left to send; returns its operations."""
    store = here.workspace.store
    plan = build_plan(store, [discrepancy_id])
    assert plan.obstacles == ()
    plan_id = stage(store, plan, by="ann")
    store.outbox.approve(plan_id, by="ann")
    for _ in range(4):
        here.workspace.push()
        here.pass_time(600)
        assert not here.workspace.pull(GOODS).failed
        run_cycle(store)
        if {o.state for o in store.outbox.operations(plan_id=plan_id)} == {"done"}:
            break
        here.pass_time(3700)
    operations = store.outbox.operations(plan_id=plan_id)
    assert {o.state: o.error for o in operations} == {"done": None}
    assert here.rows("SELECT state FROM discrepancies WHERE discrepancy_id = $1", discrepancy_id) == [("resolved",)]
    return operations


def found(here: Company, control: str, order_id: str) -> Mapping[str, Any]:
    rows = here.rows(
        "SELECT discrepancy_id, state, blocked_by FROM discrepancies WHERE control = $1 AND subject = $2"
        " AND state <> 'resolved'",
        control,
        order_id,
    )
    assert len(rows) == 1, f"{control} has {rows} of {order_id}"
    return dict(zip(("id", "state", "blocked_by"), rows[0], strict=True))


def placed(here: Company, channel: str, quantity: int, fulfilled_by: str = "seller") -> Any:
    """Place an order of a SKU that stands for an item in stock, by its name or by a decision."""
    ((sku,),) = here.rows(
        "SELECT min(l.sku) FROM order_lines l JOIN orders o ON o.channel = l.channel AND o.order_id = l.order_id"
        " LEFT JOIN current_decisions d ON d.kind = 'sku' AND d.subject = l.channel || '|' || l.sku"
        " JOIN items i ON i.item_type = 'InvtPart' AND NOT i.inactive"
        " AND (i.name = l.sku OR i.item_id = d.value->>'item_id')"
        " WHERE l.channel = $1 AND o.fulfilled_by = $2",
        channel,
        fulfilled_by,
    )
    world, now = here.running.world, here.running.clock.now()
    return place_order(world, now, channel=channel, sku=sku, quantity=quantity, fulfilled_by=fulfilled_by)


def fulfil(here: Company, order_id: str, quantity: int, *tracking: str) -> str:
    """Fulfil a part of a sales order over NetSuite's record service, as a warehouse would; returns its id."""
    accounts = here.workspace.accounts
    client = netsuite.NetSuiteClient(accounts.clients.netsuite())
    (row,) = here.in_netsuite("SELECT id FROM transaction WHERE otherrefnum = ? AND type = 'SalesOrd'", order_id)

    async def made() -> str:
        lines = await client.sublist("salesOrder", str(row["id"]), "item")
        number = lines[0]["line"]
        body = {
            "shipStatus": {"id": "C"},
            "item": {"items": [{"orderLine": number, "quantity": quantity, "itemReceive": True}]},
            "package": {"items": [{"packageTrackingNumber": n} for n in tracking]},
        }
        return (await client.transform("salesOrder", str(row["id"]), "itemFulfillment", body)).target_id

    return here.workspace.submit(made()).result(timeout=60)


def shown_lines(here: Company, order_id: str) -> list[tuple[Any, ...]]:
    return here.rows(
        "SELECT quantity_shipped, status, tracking_number, carrier FROM order_lines WHERE order_id = $1", order_id
    )


@pytest.mark.parametrize("channel", ["amazon.US", "walmart.US"])
def test_what_the_warehouse_sends_in_parts_is_confirmed_in_the_channel_through_a_storm(
    here: Company, channel: str
) -> None:
    order_id = placed(here, channel, 3).order_id
    look(here)
    settle(here, found(here, "order_missing", order_id)["id"])

    fulfil(here, order_id, 1, UPS)
    look(here)
    vendor = channel.partition(".")[0]
    here.fault(vendor, "throttle", count=1)
    here.fault(vendor, "lost_answer", count=1, method="POST", match=order_id)
    [first] = settle(here, found(here, "shipment_unconfirmed", order_id)["id"])
    assert shown_lines(here, order_id) == [(1, "partly_shipped", UPS, "UPS")]

    fulfil(here, order_id, 2, UPS2)
    look(here)
    [second] = settle(here, found(here, "shipment_unconfirmed", order_id)["id"])
    assert shown_lines(here, order_id) == [(3, "shipped", f"{UPS}, {UPS2}", "UPS")]
    assert first.identity != second.identity
    assert here.running.faults.active() == []
    left = here.rows("SELECT control FROM discrepancies WHERE subject = $1 AND state <> 'resolved'", order_id)
    assert left == [("invoice_missing",)]


@pytest.mark.parametrize("channel", ["amazon.US", "walmart.US"], ids=["by the order's lines", "by parcels"])
def test_what_the_marketplace_sends_is_fulfilled_and_billed_once_each_though_answers_are_lost(
    here: Company, channel: str
) -> None:
    order = placed(here, channel, 3, "channel")
    order_id, (line_id,) = order.order_id, [line.line_id for line in order.lines]
    world = here.running.world
    here.pass_time(600)
    ship(world, here.running.clock.now(), channel=channel, order_id=order_id, quantities={line_id: 2})
    look(here, "walmart.shipments@US")
    settle(here, found(here, "order_missing", order_id)["id"])

    look(here, "walmart.shipments@US")
    here.fault("netsuite", "lost_answer", count=1, method="POST", match="itemFulfillment")
    [sent] = settle(here, found(here, "fulfilment_missing", order_id)["id"])
    assert sent.kind == "fulfillment.create"
    here.fault("netsuite", "lost_answer", count=1, method="POST", match="invoice")
    [billed] = settle(here, found(here, "invoice_missing", order_id)["id"])

    ship(world, here.running.clock.now(), channel=channel, order_id=order_id, quantities={line_id: 1})
    here.pass_time(600)
    look(here, "walmart.shipments@US")
    settle(here, found(here, "fulfilment_missing", order_id)["id"])
    [rest] = settle(here, found(here, "invoice_missing", order_id)["id"])

    (row,) = here.in_netsuite(
        "SELECT id, status, foreigntotal FROM transaction WHERE otherrefnum = ? AND type = 'SalesOrd'", order_id
    )
    bills = here.in_netsuite(
        "SELECT externalid, foreigntotal FROM transaction WHERE type = 'CustInvc' AND externalid IN (?, ?)",
        billed.identity,
        rest.identity,
    )
    assert len(bills) == 2
    assert sum(Decimal(str(b["foreigntotal"])) for b in bills) == Decimal(str(row["foreigntotal"]))
    assert str(row["status"]).endswith("G")
    assert here.running.faults.active() == []
    if channel == "amazon.US":
        _the_settlement_pays_its_invoices(here, order_id)


def _the_settlement_pays_its_invoices(here: Company, order_id: str) -> None:
    store = here.workspace.store
    routing = dict(store.decisions.current("routing")["amazon.US"].value)
    store.decisions.decide("routing", "amazon.US", routing | {"settle_invoices": "clearing"}, by="ann")
    close_settlement(here.running.world, here.running.clock.now(), channel="amazon.US")
    here.pass_time(24 * 3600)
    look(here, "amazon.settlements@US")
    payments = settle(here, found(here, "invoice_unpaid", order_id)["id"])
    assert [o.kind for o in payments] == ["customer_payment.create", "customer_payment.create"]
    statuses = here.in_netsuite(
        "SELECT DISTINCT status FROM transaction WHERE type = 'CustInvc' AND otherrefnum = ?", order_id
    )
    assert [str(row["status"])[-1] for row in statuses] == ["B"]
