"""Goods that moved in NetSuite and that nothing bills: which units, which money, once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from factories import NOW, ORDER_ID, World, item, line, order, period, sales_order, sent, transaction_line

from reconcile.cycle import run_cycle
from reconcile.plan import Plan, build_plan, rederive, stage
from sync.netsuite.intents import InvoiceIntent, read_intent
from sync.records import Deletion
from sync.streams import Document

CONTROL = "invoice_missing"
#: (item, ordered, moved, billed, amount)
Row = tuple[str, int, int, int, str]


def sold(*rows: Row, shipping: str | None = "4.99", **changes: Any) -> Document:
    lines = [
        transaction_line(
            "7001",
            line_id=str(n * 3),
            position=n,
            item_id=item_id,
            quantity=Decimal(ordered) if ordered else None,
            amount=Decimal(amount),
            quantity_moved=Decimal(moved),
            quantity_billed=Decimal(billed),
        )
        for n, (item_id, ordered, moved, billed, amount) in enumerate(rows, 1)
    ]
    if shipping:
        lines.append(transaction_line("7001", line_id="99", position=99, amount=Decimal(shipping)))
    values: dict[str, Any] = {"other_reference": ORDER_ID, "status": "E"} | changes
    return Document(sales_order("7001", **values), tuple(lines))


def bill(number: str, units: int, amount: str, **changes: Any) -> Document:
    row = transaction_line(number, item_id="501", quantity=Decimal(units), amount=Decimal(amount), created_from="7001")
    values: dict[str, Any] = {"transaction_type": "CustInvc", "record_type": "invoice", "other_reference": ORDER_ID}
    return Document(sales_order(number, **values | changes), (row,))


@pytest.fixture
def shop(world: World) -> World:
    months = [Document(period(month)) for month in (10, 11, 12)]
    wrap = Document(item("502", "GIFT-WRAP", item_type="OthCharge"))
    bought = Document(order(status="shipped"), (line(quantity=3, quantity_shipped=3),))
    return world.put_all(*months, wrap, bought, *sent("7101", ("501", 1)))


def judged(world: World) -> list[str]:
    run_cycle(world.store, controls=[CONTROL])
    return [f["subject"] for f in world.findings(CONTROL)]


def planned(world: World) -> Plan:
    judged(world)
    return build_plan(world.store, [f["discrepancy_id"] for f in world.findings(CONTROL)])


def test_what_is_billed_as_far_as_it_moved_is_not_missing(shop: World) -> None:
    shop.put_all(sold(("501", 3, 1, 1, "10.00")))
    assert judged(shop) == []


def test_a_bill_of_somebody_else_that_the_order_does_not_count_yet_is_seen_by_its_lines(shop: World) -> None:
    shop.put_all(sold(("501", 3, 1, 0, "10.00")), bill("7201", 1, "3.33"))
    assert judged(shop) == []


def test_a_channel_that_does_not_bill_on_fulfilment_is_left_alone(shop: World) -> None:
    routing = dict(shop.store.decisions.current("routing")["amazon.US"].value)
    shop.decide("routing", "amazon.US", **routing | {"billing": "none"}).put_all(sold(("501", 3, 1, 0, "10.00")))
    assert judged(shop) == []


def test_a_cancelled_or_closed_order_is_not_billed(shop: World) -> None:
    for n, status in enumerate("CH"):
        shop.put_all(sold(("501", 3, 1, 0, "10.00"), status=status, updated_at=NOW.replace(minute=n)))
        assert judged(shop) == []


def test_a_closed_period_blocks_with_its_cause(shop: World) -> None:
    shop.put(period(11, closed=True)).put_all(sold(("501", 3, 1, 0, "10.00")))
    assert planned(shop).operations == ()
    assert shop.one()["blocked_by"] == "period Nov 2026 is closed"


def test_the_moved_units_are_billed_with_their_money_charges_and_shipping_on_the_first(shop: World) -> None:
    shop.put_all(sold(("501", 3, 1, 0, "10.00"), ("502", 1, 0, 0, "1.50")))
    [operation] = planned(shop).operations
    told = read_intent(InvoiceIntent, operation.intent)
    assert (operation.identity, operation.amount) == (f"AMZ-INV-{ORDER_ID}-0", Decimal("9.82"))
    assert [(x.item_id, x.quantity, x.amount) for x in told.source_lines] == [
        ("501", Decimal(1), Decimal("3.33")),
        ("502", Decimal(1), Decimal("1.50")),
    ]
    assert (told.shipping_cost, str(told.date)) == (None, "2026-11-20")
    assert shop.one()["amount"] == Decimal("9.82")


def test_partial_invoices_add_to_the_order_exactly_and_shipping_stands_on_the_first_alone(shop: World) -> None:
    added, billed, numbers = Decimal(0), 0, []
    for moved in (1, 2, 3):
        shop.put_all(sold(("501", 3, moved, billed, "10.00"), updated_at=NOW.replace(minute=moved)))
        if billed:
            shop.put_all(bill(f"720{billed}", 1, "3.33"))
        [operation] = planned(shop).operations
        told = read_intent(InvoiceIntent, operation.intent)
        assert told.shipping_cost == (None if billed == 0 else Decimal(0))
        added, billed = added + (told.source_lines[0].amount or Decimal(0)), moved
        numbers.append(operation.identity.rpartition("-")[2])
    assert (added, numbers) == (Decimal("10.00"), ["0", "1", "2"])


def test_two_lines_of_one_item_are_told_apart_by_their_numbers(shop: World) -> None:
    shop.put_all(sold(("501", 2, 0, 0, "20.00"), ("501", 2, 1, 0, "15.00")))
    [operation] = planned(shop).operations
    [told] = operation.intent["source_lines"]
    assert (told["line_id"], told["quantity"], told["amount"]) == ("6", "1", "7.50")


def test_a_discount_line_without_a_quantity_goes_with_the_first_invoice_whole(shop: World) -> None:
    shop.put(item("503", "DISCOUNT", item_type="Discount"))
    shop.put_all(sold(("501", 2, 1, 0, "20.00"), ("503", 0, 0, 0, "-5.00"), shipping=None))
    [operation] = planned(shop).operations
    assert [(x["quantity"], x["amount"]) for x in operation.intent["source_lines"]] == [("1", "10.00"), (None, "-5.00")]


def test_an_invoice_that_was_deleted_in_netsuite_is_missing_again(shop: World) -> None:
    shop.put_all(sold(("501", 3, 1, 0, "10.00")), bill("7201", 1, "3.33", external_id=f"AMZ-INV-{ORDER_ID}-0"))
    assert judged(shop) == []
    shop.put_all(Document(Deletion("transactions", "7201", "invoice", NOW)))
    assert [o.identity for o in planned(shop).operations] == [f"AMZ-INV-{ORDER_ID}-0"]


def test_deriving_again_gives_the_same_invoice_until_it_is_there(shop: World) -> None:
    shop.put_all(sold(("501", 3, 1, 0, "10.00")))
    plan = planned(shop)
    stage(shop.store, plan, by="ann")
    [operation] = shop.store.outbox.operations()
    assert rederive(shop.store, operation) == replace(plan.operations[0])
    shop.put_all(bill("7201", 1, "3.33", external_id=operation.identity))
    assert rederive(shop.store, operation) is None
