"""What each kind of order is booked as: sales order or cash sale, its money, its day, and what keeps it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import (
    NOW,
    ORDER_ID,
    SKU,
    World,
    account,
    customer,
    item,
    line,
    order,
    period,
    sales_order,
    transaction_line,
    usd,
    walmart,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.cycle import run_cycle
from reconcile.fixes.orders.sale_documents import sale_charges
from reconcile.fixes.orders.sales_lines import Charge
from reconcile.mapping.routing import Routing
from reconcile.mapping.skus import Resolution
from reconcile.plan import Plan, build_plan
from sync.money import total_of
from sync.netsuite.intents import CashSaleIntent, SalesOrderIntent, read_intent
from sync.outbox.operations import PlannedOperation
from sync.records import Order, OrderLine

CONTROL = "order_missing"


def route(world: World, channel: str = "amazon.US", **changes: Any) -> None:
    held = dict(world.store.decisions.current("routing")[channel].value)
    world.decide("routing", channel, **held | changes)


def judged(world: World) -> list[Mapping[str, Any]]:
    run_cycle(world.store, controls=[CONTROL])
    return world.findings(CONTROL)


def plan_of(world: World) -> Plan:
    return build_plan(world.store, [f["discrepancy_id"] for f in judged(world)])


def booked(world: World) -> PlannedOperation:
    """Return the one document of the plan, checked by the connector's own model."""
    (found,) = [o for o in plan_of(world).operations if o.kind in ("sales_order.create", "cash_sale.create")]
    read_intent(SalesOrderIntent if found.kind == "sales_order.create" else CashSaleIntent, found.intent)
    return found


def test_one_unmapped_line_among_ten_blocks_the_whole_order_by_that_one_cause(world: World) -> None:
    lines = [line(line_id=str(n), position=n, item_price=usd("1.00"), item_tax=usd("0"), shipping_price=usd("0"))
             for n in range(1, 10)]  # fmt: skip
    odd = line(
        line_id="10", position=10, sku="B0C7", item_price=usd("1.00"), item_tax=usd("0"), shipping_price=usd("0")
    )
    world.put(order(total=usd("10.00")), *lines, odd)
    plan = plan_of(world)
    assert (plan.operations, [o.cause for o in plan.obstacles]) == ((), ["item B0C7 is not mapped"])


def test_an_order_of_a_marketplace_that_nobody_routed_is_blocked_by_its_name(world: World) -> None:
    world.cover("amazon.orders@SE").put(order(channel="amazon.SE", currency="SEK"), line(channel="amazon.SE"))
    assert judged(world)[0]["cause"] == "amazon.SE has no routing"


@pytest.mark.parametrize(
    ("total", "changes", "cause"),
    [
        ("-1.00", {"item_price": usd("-7.99")}, "holds an amount below zero, -7.99 USD"),
        ("31.98", {"discount": usd("-5.00")}, "holds an amount below zero, -5.00 USD"),
        ("40.00", {}, "add to 31.98 USD, the order says 40.00"),
    ],
)
def test_money_that_is_no_price_or_does_not_add_up_is_never_booked(
    world: World, total: str, changes: dict[str, Any], cause: str
) -> None:
    world.put(order(total=usd(total)), line(**changes))
    (found,) = judged(world)
    assert found["state"] == "blocked"
    assert cause in found["cause"]


def test_walmarts_two_readings_of_a_charge_are_both_named_where_neither_adds_up(world: World) -> None:
    number = "1790012345678"
    bare = {"item_tax": usd("0"), "shipping_price": usd("0")}
    world.put(walmart(number, total=usd("60.00")), line(number, channel="walmart.US", quantity=2, **bare))
    assert judged(world)[0]["cause"] == (
        f"the lines of {number} add to 24.99 USD as line amounts and to 49.98 as amounts of one unit, the order says"
        " 60.00"
    )


@pytest.mark.parametrize(("policy", "more"), [("included", {"tax_rate": "8"}), ("exempt", {})])
def test_tax_beside_prices_that_hold_it_or_are_exempt_is_a_question_of_the_routing(
    world: World, policy: str, more: dict[str, str]
) -> None:
    route(world, tax_policy=policy, **more)
    world.put(order(), line())
    assert "names tax beside the prices" in judged(world)[0]["cause"]


@pytest.mark.parametrize(
    ("records", "field", "cause"),
    [
        ([item("601", "FREIGHT", inactive=True)], {"shipping_item_id": "601"}, "the item FREIGHT is inactive"),
        ([], {"gift_wrap_item_id": "999"}, "NetSuite has no item 999"),
        ([], {"location_id": "77"}, "NetSuite has no location 77"),
        ([customer("900", inactive=True)], {"customer_id": "900", "customer_policy": "marketplace"}, "is inactive"),
    ],
)
def test_a_routing_to_what_netsuite_cannot_use_blocks_with_one_cause(
    world: World, records: list[Any], field: dict[str, str], cause: str
) -> None:
    for record in records:
        world.put(record)
    route(world, **field)
    world.put(order(), line()).put(order("113-7702233-1180002"), line("113-7702233-1180002"))
    assert {cause in f["cause"] for f in judged(world)} == {True}
    assert len({f["cause_id"] for f in judged(world)}) == 1


def test_what_was_sold_elsewhere_waits_for_a_person_or_is_left_to_where_it_was_sold(world: World) -> None:
    sold = order(order_type="multi_channel", fulfilled_by="channel", status="shipped", total=usd("0"), tax=usd("0"))
    world.put(sold, line(sku="B0C7", item_price=usd("0"), item_tax=usd("0"), shipping_price=usd("0")))
    (found,) = judged(world)
    assert (found["state"], found["cause"]) == (
        "blocked", "amazon.US only ships these orders, they were sold elsewhere",
    )  # fmt: skip
    route(world, multi_channel="ignore")
    assert judged(world) == []
    run_cycle(world.store, controls=["sku_unmapped"])
    assert world.findings("sku_unmapped") == []


def test_a_replacement_is_goods_without_revenue_that_names_what_it_replaces(world: World) -> None:
    route(world, document="cash_sale")
    free = {"item_price": usd("0"), "item_tax": usd("0"), "shipping_price": usd("0")}
    world.put(order(order_type="replacement", original_id="113-1-2", total=usd("0"), tax=usd("0")), line(**free))
    operation = booked(world)
    assert (operation.kind, operation.amount, operation.intent["memo"]) == (
        "sales_order.create", usd("0"), f"amazon.US {ORDER_ID}, replacement of 113-1-2",
    )  # fmt: skip
    assert [(x["quantity"], x["amount"]) for x in operation.intent["lines"]] == [("1", "0.00")]


def test_a_replacement_that_shows_a_price_waits_until_somebody_says_that_it_is_none(world: World) -> None:
    world.put(order(order_type="replacement", original_id="113-1-2"), line())
    assert judged(world)[0]["cause"].startswith("replacements of amazon.US show a price")
    route(world, priced_replacements="zero")
    operation = booked(world)
    assert (operation.amount, operation.intent["shipping_cost"]) == (usd("0"), None)


@pytest.mark.parametrize("kind", ["preorder", "business", "standard"])
def test_a_free_line_and_other_kinds_of_orders_are_booked_as_they_are(world: World, kind: str) -> None:
    free = line(line_id="2", position=2, item_price=usd("0"), item_tax=usd("0"), shipping_price=usd("0"))
    world.put(order(order_type=kind), line(), free)
    intent = booked(world).intent
    assert [x["amount"] for x in intent["lines"]] == ["24.99", "0.00"]
    assert ("preorder" in intent["memo"], intent["ship_by"]) == (False, "2026-11-21")


def test_a_gift_with_a_promotion_keeps_wrap_discount_and_shipping_apart(world: World) -> None:
    for number, name in (("601", "WRAP"), ("602", "PROMO"), ("603", "FREIGHT")):
        world.put(item(number, name, item_type="OthCharge"))
    route(world, gift_wrap_item_id="601", discount_item_id="602", shipping_item_id="603")
    world.put(order(total=usd("33.47")), line(gift_price=usd("3.99"), discount=usd("2.50")))
    operation = booked(world)
    assert [(x["item_id"], x["amount"]) for x in operation.intent["lines"]] == [
        ("501", "24.99"), ("601", "3.99"), ("602", "-2.50"), ("603", "4.99"),
    ]  # fmt: skip
    assert (operation.amount, operation.intent["shipping_cost"]) == (usd("31.47"), None)


def test_what_a_merchant_decides_of_his_documents_stands_on_them(world: World) -> None:
    route(world, sales_channel_id="3", payment_method_id="7", ship_complete=True, order_status="pending_approval",
          ship_method="30", ship_methods={"STANDARD": "31"})  # fmt: skip
    world.put(order(), line())
    intent = booked(world).intent
    names = ("sales_channel_id", "payment_method_id", "ship_complete", "status", "ship_method")
    assert [intent[n] for n in names] == ["3", "7", True, "pending_approval", "31"]


@pytest.mark.parametrize("fulfilled_by", ["seller", "channel"])
def test_a_cash_sale_waits_in_undeposited_funds_with_what_the_settlement_will_pay(
    world: World, fulfilled_by: str
) -> None:
    route(world, **{"document" if fulfilled_by == "seller" else "channel_document": "cash_sale"})
    world.put(order(fulfilled_by=fulfilled_by, status="shipped"), line())
    operation = booked(world)
    assert (operation.kind, operation.identity, operation.amount) == (
        "cash_sale.create", f"AMZ-{ORDER_ID}", usd("29.98"),
    )  # fmt: skip
    assert (operation.intent["to_undeposited_funds"], operation.intent["other_reference"]) == (True, ORDER_ID)
    assert {"field": "money to", "now": None, "then": "undeposited funds"} in operation.diff


def test_a_cash_sale_goes_to_the_account_that_the_routing_names(world: World) -> None:
    world.put(account("330", "1155", "Amazon money"))
    route(world, document="cash_sale", cash_account_id="330")
    world.put(order(), line())
    for changes, cause in (
        ({"inactive": True}, "the routing of amazon.US: the account Amazon money is inactive in NetSuite"),
        ({"currency": "EUR"}, "the account of cash sales of amazon.US is kept in EUR, its orders are in USD"),
    ):
        world.put(account("330", "1155", "Amazon money", **changes))
        assert [f["cause"] for f in judged(world)] == [cause]
    world.put(account("330", "1155", "Amazon money", currency="USD"))
    intent = booked(world).intent
    assert (intent["account_id"], "to_undeposited_funds" in intent) == ("330", False)


def test_a_cash_sale_in_a_closed_period_waits_for_another_day_a_sales_order_does_not(world: World) -> None:
    world.put(period(10, closed=True)).put(period(11))
    world.put(order(ordered_at=NOW - timedelta(days=40)), line())
    assert booked(world).intent["date"] == "2026-10-11"
    route(world, document="cash_sale")
    (found,) = judged(world)
    assert (found["state"], found["cause"]) == ("blocked", "period Oct 2026 is closed")
    assert "decide posting_date" in build_plan(world.store, [found["discrepancy_id"]]).obstacles[0].remedy
    world.decide("posting_date", "amazon.US|2026-10", date="2026-11-01")
    operation = booked(world)
    assert (operation.intent["date"], operation.period) == ("2026-11-01", "2026-11")


def test_a_cash_sale_that_we_sent_and_that_is_not_read_yet_is_not_found_missing_again(world: World) -> None:
    route(world, document="cash_sale")
    world.put(order(), line())
    outbox = world.store.outbox
    outbox.approve(outbox.stage("p", [booked(world)], by="ann"), by="ann")
    outbox.move(outbox.operations()[0].operation_id, "done", step="look", outcome="agrees")
    assert judged(world) == []


def test_the_document_made_by_somebody_else_meanwhile_leaves_nothing_to_write(world: World) -> None:
    world.put(order(), line())
    judged(world)
    world.put(sales_order(other_reference=ORDER_ID), transaction_line("7001", item_id="501", quantity=Decimal(1)))
    plan = build_plan(world.store, [f"order_missing|amazon.US|{ORDER_ID}"])
    assert (plan.operations, plan.settled) == ((), (f"order_missing|amazon.US|{ORDER_ID}",))


CENTS = st.integers(0, 300_00).map(lambda n: Decimal(n) / 100)
SKUS = {("amazon.US", SKU): Resolution("amazon.US", SKU, "501", SKU)}


@settings(max_examples=60)
@given(
    st.lists(st.tuples(CENTS, CENTS, CENTS, st.integers(1, 9)), min_size=1, max_size=12),
    st.sampled_from(["facilitator", "separate", "gross"]),
)
def test_a_document_comes_to_the_order_less_what_the_marketplace_remits(
    drawn: list[tuple[Decimal, Decimal, Decimal, int]], policy: str
) -> None:
    _comes_to_the_order(drawn, policy)


@pytest.mark.parametrize("policy", ["facilitator", "separate", "gross"])
def test_so_does_one_of_two_hundred_lines(policy: str) -> None:
    drawn = [(Decimal(n * 37 % 9000) / 100, Decimal(n * 7 % 300) / 100, Decimal(n % 5), n % 9 + 1) for n in range(200)]
    _comes_to_the_order(drawn, policy)


def _comes_to_the_order(drawn: list[tuple[Decimal, Decimal, Decimal, int]], policy: str) -> None:
    lines = [
        line(line_id=str(n), position=n, quantity=units, item_price=price, item_tax=tax, shipping_price=shipping)
        for n, (price, tax, shipping, units) in enumerate(drawn)
    ]
    tax = total_of(x.item_tax for x in lines)
    total = total_of(x.item_price + x.item_tax + x.shipping_price for x in lines)
    charges = _charges(order(total=total, tax=tax), lines, policy)
    added = total_of(c.net + (c.tax or Decimal(0)) for c in charges)
    assert added == (total - tax if policy == "facilitator" else total)


def _charges(record: Order, lines: list[OrderLine], policy: str) -> list[Charge]:
    return sale_charges(record, lines, Routing.model_validate({"subsidiary_id": "1", "tax_policy": policy}), SKUS)
