"""Several documents that name one order: which are too many, and what is no second booking."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import NOW, ORDER_ID, World, line, order, sales_order, transaction_line, usd

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan
from sync.records import DocumentLink

CONTROL = "order_duplicated"


def judged(world: World) -> list[Mapping[str, Any]]:
    run_cycle(world.store, controls=[CONTROL])
    return world.findings(CONTROL)


def twice(world: World, **second: Any) -> None:
    world.put(order(), line())
    world.put(sales_order("7001", external_id=f"AMZ-{ORDER_ID}", other_reference=ORDER_ID))
    values = {"other_reference": ORDER_ID, "created_at": NOW - timedelta(hours=20)} | second
    world.put(sales_order("7002", **values))


@pytest.mark.parametrize(
    "second",
    [
        {"status": "C"},
        {"status": "H"},
        {"other_reference": "another order"},
        {"transaction_type": "CustCred"},
        {"transaction_type": "ItemShip"},
    ],
    ids=["cancelled", "closed before anything moved", "of another order", "a credit", "a fulfilment"],
)
def test_what_is_no_second_booking(world: World, second: dict[str, str]) -> None:
    twice(world, **second)
    assert judged(world) == []


def test_one_document_that_names_the_order_three_times_is_one(world: World) -> None:
    world.put(order(), line())
    world.put(sales_order("7001", external_id=f"AMZ-{ORDER_ID}", other_reference=ORDER_ID, number=ORDER_ID))
    assert judged(world) == []


@pytest.mark.parametrize("how", ["line", "link"])
def test_the_bill_of_a_sales_order_carries_its_number_and_is_no_second_booking(world: World, how: str) -> None:
    twice(world, transaction_type="CashSale", status="B")
    if how == "link":
        world.put(DocumentLink("7001", "7002", "OrdBill"))
    else:
        bill = sales_order("7002", transaction_type="CashSale", status="B", other_reference=ORDER_ID, updated_at=NOW)
        world.put(bill, transaction_line("7002", created_from="7001"))
        world.cover("amazon.orders@US", "netsuite.transactions", until=NOW, run_id="2")
    assert judged(world) == []


def test_a_second_sales_order_is_for_a_person_who_is_told_which_to_close(world: World) -> None:
    twice(world)
    (found,) = judged(world)
    assert (found["severity"], found["amount"], found["channel_amount"], found["erp_amount"]) == (
        "high", usd("29.98"), usd("31.98"), usd("59.96"),
    )  # fmt: skip
    assert found["blocked_by"].startswith("Keep SO7001 (Pending Fulfillment); close SO7002 (Pending Fulfillment, 29.98")
    assert json.loads(found["detail"])["too_many"] == ["SO7002"]
    plan = build_plan(world.store, [found["discrepancy_id"]])
    assert (plan.operations, plan.obstacles[0].remedy) == ((), found["blocked_by"])


def test_the_document_that_goods_have_left_with_is_kept_though_it_is_the_younger(world: World) -> None:
    twice(world)
    shipped = transaction_line("7002", item_id="501", quantity=Decimal(1), quantity_moved=Decimal(1))
    world.put(sales_order("7002", other_reference=ORDER_ID, status="F", updated_at=NOW - timedelta(hours=1)), shipped)
    assert judged(world)[0]["blocked_by"].startswith("Keep SO7002 (Pending Billing); close SO7001")


def test_what_both_documents_have_delivered_is_to_be_taken_back(world: World) -> None:
    world.put(order(), line())
    for number in ("7001", "7002"):
        world.put(sales_order(number, other_reference=ORDER_ID, transaction_type="CashSale", status="C"))
    assert "take back SO7002 (Deposited" in judged(world)[0]["blocked_by"]


def test_a_document_made_after_the_books_were_read_waits(world: World) -> None:
    twice(world, updated_at=NOW)
    assert judged(world) == []
