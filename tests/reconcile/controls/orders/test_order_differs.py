"""Booked orders whose document says something else: what is found, what is updated, what only a person can settle."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from booked_world import booked, differences, goods, judged, shipping, then, update_of
from factories import NOW, ORDER_ID, READ_UNTIL, World, line, order, period, sales_order, usd

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan
from sync.outbox.operations import PlannedOperation
from sync.records import TransactionLine


@pytest.mark.parametrize("total", ["29.98", "31.98"], ids=["without tax", "with tax"])
def test_a_document_of_other_people_may_hold_the_tax_or_not(world: World, total: str) -> None:
    world.put(order(), line())
    booked(world, total=usd(total))
    assert judged(world) == []


def test_our_own_document_is_held_to_the_tax_policy(world: World) -> None:
    world.put(order(), line())
    booked(world, total=usd("31.98"), external_id=f"AMZ-{ORDER_ID}")
    written = PlannedOperation(f"AMZ-{ORDER_ID}", "netsuite", "sales_order.create", "amazon.US", None, (), "", {})
    plan_id = world.store.outbox.stage("p", [written], by="ann")
    assert judged(world) == []
    world.store.outbox.approve(plan_id, by="ann")
    (operation,) = world.store.outbox.operations()
    world.store.outbox.move(operation.operation_id, "done", step="look", outcome="agrees")
    assert differences(judged(world)[0]) == {"total": ("29.98", "31.98", None)}


@pytest.mark.parametrize(
    "unlike",
    [
        {"order": {"order_type": "multi_channel", "total": usd("0")}},
        {"order": {"status": "cancelled"}},
        {"document": {"status": "H"}},
        {"document": {"transaction_type": "CustCred"}},
    ],
    ids=["sold elsewhere", "cancelled", "closed", "a credit"],
)
def test_what_another_control_looks_after_is_left_to_it(world: World, unlike: dict[str, dict[str, Any]]) -> None:
    world.put(order(**unlike.get("order", {})), line())
    booked(world, total=usd("11.11"), **unlike.get("document", {}))
    assert judged(world) == []


def test_two_documents_of_one_order_are_not_compared_with_it(world: World) -> None:
    world.put(order(), line())
    booked(world, total=usd("11.11"))
    world.put(sales_order("7002", other_reference=ORDER_ID))
    assert judged(world) == []


def test_a_total_changed_in_netsuite_is_for_a_person_and_never_overwritten(world: World) -> None:
    world.put(order(), line())
    booked(world, goods(amount=usd("14.99")), shipping(), total=usd("19.98"))
    (found,) = judged(world)
    assert (found["channel_amount"], found["erp_amount"], found["amount"]) == (usd("29.98"), usd("19.98"), usd("10"))
    assert (found["state"], found["severity"]) == ("blocked", "high")
    assert "was changed in NetSuite, or booked so" in found["blocked_by"]
    assert build_plan(world.store, [found["discrepancy_id"]]).operations == ()


def test_another_currency_and_another_quantity_are_named(world: World) -> None:
    world.put(order(), line())
    booked(world, currency="EUR")
    assert differences(judged(world)[0]) == {"currency": ("USD", "EUR", None)}
    booked(world, goods(quantity=Decimal(2)), shipping(), updated_at=NOW - timedelta(hours=2))
    assert differences(judged(world)[0]) == {"quantity of ACM-MUG-16": ("1", "2", None)}


def test_what_the_channel_changed_is_updated_where_nothing_was_made_of_the_document(world: World) -> None:
    world.put(order(), line())
    booked(world)
    assert judged(world) == []
    then(world, order(total=usd("56.97"), ship_address1="7 Elm Road"), line(quantity=2, item_price=usd("49.98")))
    (found,) = judged(world)
    assert found["state"] == "open"
    assert differences(found) == {
        "total": ("54.97", "29.98", "29.98"),
        "quantity of ACM-MUG-16": ("2", "1", "1"),
        "address.address1": ("7 Elm Road", None, "12 Oak Street"),
    }
    operation = update_of(world)
    assert operation.identity.startswith(f"AMZ-{ORDER_ID}-UPDATE-")
    assert operation.intent["lines"] == [{"line_id": "1", "quantity": "2", "amount": "49.98"}]
    assert operation.intent["address"]["address1"] == "7 Elm Road"
    assert operation.intent["believed"] == {
        "lines": {"1": {"item_id": "501", "quantity": "1", "amount": "24.99", "moved": "0", "closed": False}},
        "address.address1": "12 Oak Street",
    }


def test_a_changed_shipping_cost_is_updated_alone(world: World) -> None:
    world.put(order(), line())
    booked(world)
    then(world, order(total=usd("32.98")), line(shipping_price=usd("5.99")))
    intent = update_of(world).intent
    assert (intent["shipping_cost"], intent["believed"]) == ("5.99", {"shipping_cost": "4.99"})
    assert "lines" not in intent


def taxed(world: World, *, ours: bool) -> None:
    """The order booked with 2.00 of tax beside its line, by us or by others; then the channel says 2.10."""
    routing = dict(world.store.decisions.current("routing")["amazon.US"].value)
    world.decide("routing", "amazon.US", **routing | {"tax_policy": "separate"})
    world.put(order(), line())
    if ours:
        written = PlannedOperation(f"AMZ-{ORDER_ID}", "netsuite", "sales_order.create", "amazon.US", None, (), "", {})
        world.store.outbox.approve(world.store.outbox.stage("p", [written], by="ann"), by="ann")
        (operation,) = world.store.outbox.operations()
        world.store.outbox.move(operation.operation_id, "done", step="look", outcome="agrees")
    booked(world, total=usd("31.98"), external_id=f"AMZ-{ORDER_ID}")


def test_a_tax_that_others_booked_is_for_a_person_with_both_figures(world: World) -> None:
    taxed(world, ours=False)
    then(world, order(total=usd("32.08"), tax=usd("2.10")), line(item_tax=usd("2.10")))
    (found,) = judged(world)
    assert "its tax is 2.00 USD in NetSuite and 2.10 in the channel" in found["blocked_by"]
    assert build_plan(world.store, [found["discrepancy_id"]]).operations == ()


def test_a_tax_that_differs_alone_is_updated_in_a_document_of_ours(world: World) -> None:
    taxed(world, ours=True)
    assert judged(world) == []
    then(world, order(total=usd("32.08"), tax=usd("2.10")), line(item_tax=usd("2.10")))
    intent = update_of(world).intent
    assert intent["taxes"] == [{"position": 1, "basis": "24.99", "amount": "2.10"}]
    assert intent["believed"] == {"tax.1": "2.00"}
    assert "lines" not in intent


def test_a_tax_on_a_line_that_had_none_is_added_to_it_and_one_that_is_gone_is_for_a_person(world: World) -> None:
    taxed(world, ours=True)
    two = {"total": usd("51.98"), "shipping": usd("4.99")}
    cap = {"line_id": "2", "position": 2, "item_price": usd("20.00"), "item_tax": usd("0"), "shipping_price": usd("0")}
    world.put(order(**two), line(), line(**cap))
    second = goods(line_id="2", position=2, amount=usd("20.00"))
    booked(world, goods(), second, shipping(), total=usd("51.98"), external_id=f"AMZ-{ORDER_ID}")
    assert judged(world) == []
    then(world, order(**two | {"total": usd("53.58")}), line(), line(**cap | {"item_tax": usd("1.60")}))
    intent = update_of(world).intent
    assert intent["taxes"] == [
        {"position": 1, "basis": "24.99", "amount": "2.00"},
        {"position": 2, "basis": "20.00", "amount": "1.60", "line_id": "2"},
    ]
    assert intent["believed"] == {"tax.1": "2.00", "tax.2": None}
    then(world, order(**two | {"total": usd("49.98")}), line(item_tax=usd("0")), line(**cap))
    (found,) = judged(world)
    assert found["blocked_by"] == (
        "its tax is 2.00 USD in NetSuite and 0.00 in the channel: take the tax of ACM-MUG-16 Travel Mug 16 oz away"
        " under Tax Details of SO7001"
    )


def test_a_tax_that_changed_with_the_price_is_for_a_person(world: World) -> None:
    taxed(world, ours=True)
    then(world, order(total=usd("33.08"), tax=usd("2.10")), line(item_price=usd("25.99"), item_tax=usd("2.10")))
    (found,) = judged(world)
    assert "more than the tax of SO7001 has changed, and its tax is 2.00 USD" in found["blocked_by"]


def test_a_later_ship_date_is_updated_and_an_hour_of_the_same_day_is_no_change(world: World) -> None:
    world.put(order(), line())
    booked(world)
    then(world, order(ship_by=NOW + timedelta(days=1, hours=1)), line())
    assert judged(world) == []
    then(world, order(ship_by=NOW + timedelta(days=3)), line())
    intent = update_of(world).intent
    assert (intent["ship_by"], intent["believed"]) == ("2026-11-23", {"ship_by": "2026-11-21"})


def test_a_second_line_of_the_address_that_went_is_emptied(world: World) -> None:
    world.put(order(ship_address2="Apt 4"), line())
    booked(world)
    then(world, order(), line())
    assert update_of(world).intent["address"]["address2"] == ""


def test_a_difference_of_the_delivery_is_settled_by_its_update_until_the_next_change(world: World) -> None:
    world.put(order(), line())
    booked(world)
    then(world, order(ship_address1="7 Elm Road"), line())
    operation = update_of(world)
    outbox = world.store.outbox
    outbox.approve(outbox.stage("p", [operation], by="ann"), by="ann")
    outbox.move(outbox.operations()[0].operation_id, "done", step="look", outcome="agrees")
    world.cover(
        "amazon.orders@US", "netsuite.transactions", until=NOW + timedelta(hours=1), since=READ_UNTIL, run_id="2"
    )
    assert judged(world) == []
    then(world, order(ship_address1="9 Ash Lane"), line())
    assert differences(judged(world)[0])["address.address1"] == ("9 Ash Lane", None, "7 Elm Road")


@pytest.mark.parametrize(
    ("document", "lines", "why"),
    [
        ({"status": "D"}, (), "is Partially Fulfilled"),
        ({}, (goods(quantity_billed=Decimal(1)), shipping()), "have moved or were billed"),
        ({"transaction_type": "CashSale", "status": "B"}, (), "has posted"),
        ({"total": usd("30.98")}, (goods(amount=usd("25.99")), shipping()), "somebody changed it in NetSuite"),
        ({"status": "Z"}, (), "is status Z"),
    ],
)
def test_a_document_that_cannot_take_the_change_is_for_a_person(
    world: World, document: dict[str, Any], lines: tuple[TransactionLine, ...], why: str
) -> None:
    world.put(order(), line())
    booked(world, *lines, **document)
    then(world, order(total=usd("56.97")), line(quantity=2, item_price=usd("49.98")))
    (found,) = judged(world)
    assert why in found["blocked_by"]
    plan = build_plan(world.store, [found["discrepancy_id"]])
    assert (plan.operations, why in plan.obstacles[0].remedy) == ((), True)


def test_a_closed_period_blocks_with_its_name(world: World) -> None:
    world.put(order(), line()).put(period(11, closed=True))
    booked(world)
    then(world, order(ship_by=NOW + timedelta(days=3)), line())
    assert judged(world)[0]["blocked_by"].startswith("period Nov 2026 of SO7001 is closed")


def test_cancelled_units_are_right_as_closed_lines_and_cut_out(world: World) -> None:
    world.put(order(total=usd("24.99"), tax=usd("0")), line(quantity=3, quantity_cancelled=1, shipping_price=usd("0"),
              item_tax=usd("0")))  # fmt: skip
    for total in ("24.99", "16.66"):
        booked(world, goods(), total=usd(total), updated_at=NOW - timedelta(hours=int(Decimal(total) // 10)))
        assert judged(world) == []
    booked(world, goods(), total=usd("20.00"), updated_at=NOW - timedelta(minutes=30))
    assert differences(judged(world)[0])["total"] == ("16.66", "20.00", None)


def test_units_that_are_still_to_be_cut_out_are_not_counted_a_second_time(world: World) -> None:
    bare = {"shipping_price": usd("0"), "item_tax": usd("0")}
    world.put(order(total=usd("16.66"), tax=usd("0")), line(quantity=3, quantity_cancelled=1, **bare))
    booked(world, goods(quantity=Decimal(3)), total=usd("24.99"))
    assert judged(world) == []
    run_cycle(world.store, controls=["order_cancelled"])
    assert world.one("order_cancelled")["amount"] == usd("8.33")


def test_a_replacement_with_revenue_differs(world: World) -> None:
    world.put(order(order_type="replacement", total=usd("0"), tax=usd("0"), original_id="113-1"), line())
    booked(world)
    assert differences(judged(world)[0])["total"] == ("0.00", "29.98", None)


def test_what_was_changed_after_the_books_were_read_waits(world: World) -> None:
    world.put(order(), line())
    booked(world, total=usd("1.00"), updated_at=NOW)
    assert judged(world) == []
