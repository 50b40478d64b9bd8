"""The story of an order by any id that a person may have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from factories import (
    NOW,
    ORDER_ID,
    SKU,
    World,
    customer,
    item,
    journal_entry,
    line,
    order,
    ready_world,
    sales_order,
    settled,
    transaction_line,
    usd,
)

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan, stage
from reconcile.story import Story, candidates, find_story

ROWS = (
    "2026-11-01 Order|ItemPrice|Principal 24.99",
    "2026-11-01 Order|ItemFees|Commission -3.75",
    "2026-11-02 Refund|ItemPrice|Principal -10.00",
)


@pytest.fixture(scope="module")
def told() -> Iterator[World]:
    """An order that was shipped, booked, fulfilled, settled and partly refunded; it is only read."""
    made = sold_and_settled(ready_world())
    yield made
    made.store.close()


def sold_and_settled(world: World) -> World:
    world.put(order(), line())
    world.put(
        order(status="shipped", vendor_status="SHIPPED", updated_at=NOW - timedelta(days=1)),
        line(tracking_number="1Z999AA10123456784", carrier="UPS"),
    )
    world.put(customer("901", email="jane@example.com"))
    world.put(sales_order(external_id=f"AMZ-{ORDER_ID}", number="SO7001"))
    shipped = sales_order("7002", number="IF88", transaction_type="ItemShip", status=None, total=None)
    world.put(shipped, transaction_line("7002", created_from="7001"))
    record, lines = settled("18837465521", ROWS)
    world.put(record, *lines).put(journal_entry("AMZ-SETTLE-18837465521-202611", number="JE17"))
    run_cycle(world.store)
    return world


def story(world: World, text: str) -> Story:
    found = find_story(world.store, text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text", ["", "   ", "nope", "%", "_", "113-7702233-118000", "jane@nowhere.example", "' OR 1=1 --"]
)
def test_what_names_nothing_finds_nothing(told: World, text: str) -> None:
    with told.store.database.reading() as cursor:
        assert candidates(cursor, text) == []
    assert find_story(told.store, text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ORDER_ID, "order id"),
        (f" {ORDER_ID}\n", "order id"),
        (f"AMZ-{ORDER_ID}", "order id"),
        ("SO7001", "NetSuite document SO7001"),
        ("7001", "NetSuite document SO7001"),
        ("1Z999AA10123456784", "tracking number"),
        ("X1Y2Z3@marketplace.amazon.com", "e-mail"),
        ("jane@example.com", "e-mail"),
        ("Jane Doe 97201", "buyer's name and postal code"),
        ("97201, doe", "buyer's name and postal code"),
    ],
)
def test_an_order_is_found_by_every_id_that_people_have(told: World, text: str, why: str) -> None:
    found = story(told, text)
    assert (found.kind, found.subject, found.why) == ("order", ORDER_ID, why)


@pytest.mark.parametrize("text", ["18837465521", "AMZ-SETTLE-18837465521-202611", "JE17"])
def test_a_settlement_is_found_by_its_number_and_by_its_journal(told: World, text: str) -> None:
    found = story(told, text)
    assert (found.kind, found.subject) == ("settlement", "18837465521")
    assert ("NetSuite", "journal JE17 (AMZ-SETTLE-18837465521-202611)") in found.where


def test_events_of_all_systems_stand_in_time_order(told: World) -> None:
    events = story(told, ORDER_ID).events
    assert [e.at for e in events] == sorted(e.at for e in events)
    texts = [(e.system, e.text) for e in events]
    assert ("amazon.US", "ordered, 31.98 USD") in texts
    assert ("amazon.US", "shipped (SHIPPED)") in texts
    assert ("NetSuite", "sales order SO7001 made, 29.98 USD") in texts
    assert ("NetSuite", "fulfilment IF88 made") in texts
    assert ("amazon.US", "Refund settled, net -10.00 USD") in texts
    assert ("amazon.US", "paid out in settlement 18837465521: 11.24 USD of it") in texts


def test_the_money_adds_up_to_the_cent(told: World) -> None:
    money = story(told, ORDER_ID).money
    assert (money.charged, money.fees, money.refunded) == (usd("31.98"), usd("-3.75"), usd("-10.00"))
    assert money.settled == usd("11.24") == sum(amount for _, amount in money.parts)


def test_an_order_in_no_settlement_says_so(world: World) -> None:
    world.put(order(), line())
    found = story(world, ORDER_ID)
    assert ("Payout", "in no settlement yet") in found.where
    assert found.money.settled is None


def test_what_is_wrong_says_whose_turn_it_is(world: World) -> None:
    world.put(order(), line(sku="B0C7"))
    run_cycle(world.store)
    assert [(w.title, w.who) for w in story(world, ORDER_ID).wrong] == [
        (f"Order {ORDER_ID} is not in NetSuite", "finance: item B0C7 is not mapped")
    ]
    world.decide("sku", "amazon.US|B0C7", item_id="501")
    run_cycle(world.store)
    assert story(world, ORDER_ID).wrong[0].who == "finance: plan the fix"
    plan_id = stage(world.store, build_plan(world.store, [world.one()["discrepancy_id"]]), by="ann")
    assert story(world, ORDER_ID).wrong[0].who == "finance: approve the plan"
    world.store.outbox.approve(plan_id, by="ann")
    run_cycle(world.store)
    assert story(world, ORDER_ID).wrong[0].who == "Tieout: it is being sent"
    assert any(e.text.endswith("approved by ann") for e in story(world, ORDER_ID).events)


def test_the_answer_can_be_pasted_and_holds_no_address(told: World) -> None:
    answer = story(told, ORDER_ID).answer
    assert answer.splitlines()[0] == f"Order {ORDER_ID} (amazon.US), 2026-11-18"
    assert "Nothing is open." in answer
    assert not any(secret in answer for secret in ("Oak", "97201", "@", "555", "Jane"))


def test_of_several_the_newest_is_told_and_the_others_are_counted(world: World) -> None:
    newer = "113-7702233-1180999"
    sold_and_settled(world).put(order(newer, ordered_at=NOW - timedelta(hours=1)), line(newer))
    found = story(world, "Jane Doe 97201")
    assert found.subject == newer
    assert [(c.subject, c.why) for c in found.others] == [(ORDER_ID, "buyer's name and postal code")]


def test_a_set_is_told_in_whole_sets_of_the_items_that_the_erp_has(world: World) -> None:
    world.put(item("502", "ACM-FILTER"))
    world.decide("sku", f"amazon.US|{SKU}", items=[{"item_id": "501"}, {"item_id": "502", "quantity": "2"}])
    world.put(order(), line(quantity=3))
    mugs = transaction_line("7001", item_id="501", quantity=Decimal(3), quantity_moved=Decimal(3))
    filters = transaction_line("7001", line_id="2", item_id="502", quantity=Decimal(6), quantity_moved=Decimal(5))
    world.put(sales_order(external_id=f"AMZ-{ORDER_ID}"), mugs, filters)
    (told,) = story(world, ORDER_ID).lines
    assert (told.erp_ordered, told.erp_moved, told.erp_billed) == (Decimal(3), Decimal(2), None)
