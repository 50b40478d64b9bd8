"""An order of a channel that NetSuite lacks: what is found, what is not, and what keeps it from being booked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import NOW, ORDER_ID, World, item, line, order, sales_order, usd, walmart

from reconcile.cycle import run_cycle

CONTROL = "order_missing"


def judged(world: World) -> list[str]:
    run_cycle(world.store, controls=[CONTROL])
    return [f["subject"] for f in world.findings(CONTROL)]


@pytest.mark.parametrize("status", ["pending", "cancelled"])
def test_an_order_without_a_price_or_without_a_future_is_not_missing(world: World, status: str) -> None:
    world.put(order(status=status), line())
    assert judged(world) == []


def test_what_the_marketplace_ships_is_missing_only_once_it_has_left(world: World) -> None:
    world.put(order(fulfilled_by="channel", status="open"), line())
    assert judged(world) == []
    world.put(order(fulfilled_by="channel", status="shipped", updated_at=NOW - timedelta(days=1)), line())
    assert judged(world) == [ORDER_ID]
    assert world.one()["severity"] == "low"


def test_an_unknown_status_is_shown_with_the_channels_own_word_and_never_booked(world: World) -> None:
    world.put(order(status="unknown", vendor_status="ON_THE_MOON"), line())
    judged(world)
    assert world.one()["state"] == "blocked"
    assert world.one()["cause"] == "status ON_THE_MOON of amazon.US is not known"


def test_lines_that_do_not_add_to_the_total_block_the_order_to_the_cent(world: World) -> None:
    world.put(order(total=usd("31.99")), line())
    judged(world)
    assert world.one()["blocked_by"] == f"the lines of {ORDER_ID} add to 31.98 USD, the order says 31.99"


def test_an_order_without_lines_is_blocked(world: World) -> None:
    world.put(order())
    judged(world)
    assert world.one()["cause"] == "orders of amazon.US without lines"


def test_a_channel_without_routing_blocks_with_one_cause_for_all_its_orders(world: World) -> None:
    world.store.decisions.withdraw("routing", "amazon.US", by="ann")
    world.put(order(), line()).put(order("113-7702233-1180002"), line("113-7702233-1180002"))
    judged(world)
    assert {(f["cause_id"], f["cause"]) for f in world.findings()} == {
        ("routing|amazon.US", "amazon.US has no routing")
    }


def test_a_routing_that_cannot_be_read_blocks_instead_of_stopping_the_cycle(world: World) -> None:
    world.decide("routing", "amazon.US", subsidiary_id="1", tax_policy="perhaps")
    world.put(order(), line())
    judged(world)
    assert world.one()["blocked_by"].startswith("the routing of amazon.US cannot be used")


def test_hidden_buyers_block_where_every_buyer_is_a_customer_and_not_where_one_customer_stands_for_all(
    world: World,
) -> None:
    world.put(order(buyer_name=None, ship_name=None), line())
    judged(world)
    assert world.one()["blocked_by"] == "amazon.US does not show the buyers' names"
    world.decide(
        "routing",
        "amazon.US",
        subsidiary_id="1",
        tax_policy="facilitator",
        customer_policy="marketplace",
        customer_id="900",
    )
    judged(world)
    assert world.one()["state"] == "open"


def test_a_missing_order_carries_its_money_its_deadline_and_a_stable_id(world: World) -> None:
    world.put(order(), line())
    judged(world)
    found = world.one()
    assert found["discrepancy_id"] == f"order_missing|amazon.US|{ORDER_ID}"
    assert (found["channel_amount"], found["erp_amount"], found["amount"]) == (usd("31.98"), None, usd("31.98"))
    assert found["deadline"] == NOW + timedelta(days=1)
    assert (found["severity"], found["state"]) == ("high", "open")


@pytest.mark.parametrize(
    "reference",
    [
        {"external_id": f"AMZ-{ORDER_ID}"},
        {"external_id": ORDER_ID},
        {"other_reference": ORDER_ID},
        {"other_reference": f"AMZ-{ORDER_ID}"},
        {"number": ORDER_ID},
    ],
    ids=lambda r: "=".join(next(iter(r.items()))),
)
@pytest.mark.parametrize("kind", ["SalesOrd", "CashSale", "CustInvc"])
def test_a_document_of_anyone_that_names_the_order_by_any_reference_books_it(
    world: World, reference: dict[str, str], kind: str
) -> None:
    world.put(order(), line()).put(sales_order(transaction_type=kind, **reference))
    assert judged(world) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"external_id": f"AMZ-{ORDER_ID}", "transaction_type": "CustCred"},
        {"other_reference": f"{ORDER_ID}9"},
        {"memo": ORDER_ID},
    ],
    ids=["a credit memo", "another number", "a memo"],
)
def test_what_only_looks_like_the_order_does_not_book_it(world: World, changes: dict[str, str]) -> None:
    world.put(order(), line()).put(sales_order(**changes))
    assert judged(world) == [ORDER_ID]


def test_two_ids_with_one_join_key_are_told_apart_by_the_ids(world: World) -> None:
    # Digits of an Amazon id are its key: the bare digits are another id with the same key.
    world.put(order(), line()).put(sales_order(external_id=ORDER_ID.replace("-", "")))
    assert judged(world) == [ORDER_ID]


def test_a_walmart_document_under_the_customer_order_id_books_the_only_purchase_order_of_it(world: World) -> None:
    world.put(walmart(), line("1790012345678", channel="walmart.US"))
    world.put(sales_order(other_reference="200011122233344"))
    assert judged(world) == []


def test_a_customer_order_id_of_two_purchase_orders_waits_for_a_person(world: World) -> None:
    for number in ("1790012345678", "1790012345679"):
        world.put(walmart(number), line(number, channel="walmart.US"))
    world.put(sales_order(other_reference="200011122233344"))
    assert judged(world) == ["1790012345678", "1790012345679"]
    assert {f["blocked_by"] for f in world.findings()} == {
        "customer order 200011122233344 is in NetSuite and holds 2 purchase orders"
    }


def test_one_unmapped_sku_is_one_cause_of_all_the_orders_that_hold_it(world: World) -> None:
    for n in range(3):
        number = f"113-7702233-118010{n}"
        world.put(order(number), line(number, sku="B0C7"))
    judged(world)
    assert {(f["cause_id"], f["cause"], f["state"]) for f in world.findings()} == {
        ("sku|amazon.US|B0C7", "item B0C7 is not mapped", "blocked")
    }


def test_a_cancelled_lines_sku_blocks_nothing(world: World) -> None:
    gone = line(line_id="2", position=2, sku="B0C7", quantity_cancelled=1, item_price=usd("0"), item_tax=usd("0"))
    world.put(order(), line(), gone)
    judged(world)
    assert world.one()["blocked_by"] is None


@pytest.mark.parametrize(
    ("name", "inactive", "problem"),
    [
        ("acm-mug-16", False, None),
        ("ACM-MUG-16", True, "item ACM-MUG-16 is inactive in NetSuite (item 501)"),
        ("ACM-MUG-16X", False, "item ACM-MUG-16 is not mapped"),
    ],
)
def test_an_item_answers_to_its_name_in_any_case_while_it_is_active(
    world: World, name: str, inactive: bool, problem: str | None
) -> None:
    world.put(item(name=name, inactive=inactive, updated_at=NOW)).put(order(), line())
    judged(world)
    assert world.one()["blocked_by"] == problem
