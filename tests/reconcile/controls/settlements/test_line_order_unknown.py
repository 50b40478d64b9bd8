"""Settlement lines of orders that the mirror does not know: grouped per order, hinted, judged where it was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import FIRST_DAY, READ_UNTIL, World, order, settled

from reconcile.controls.settlements.line_order_unknown import hint_of
from reconcile.cycle import CycleResult, run_cycle
from reconcile.plan import build_plan
from sync.records import MultichannelOrder

CONTROL = "line_order_unknown"
UNKNOWN = "114-0000001-0000001"
SALE = "2026-11-02 Order|ItemPrice|Principal"


def put(world: World, *rows: tuple[str, str], number: str = "1", **changes: Any) -> World:
    """Put a settlement of (line, order number) pairs; `changes` are those of every line."""
    head, lines = settled(number, [row for row, _ in rows])
    named = [
        replace(line, order_id=order_id or None, **changes)
        for line, (_, order_id) in zip(lines, rows, strict=True)
    ]  # fmt: skip
    return world.put(head, *named)


def judged(world: World) -> CycleResult:
    return run_cycle(world.store, controls=[CONTROL])


@pytest.mark.parametrize(
    ("number", "marketplace", "sold", "hint"),
    [
        ("FBA19CD9HGQ8", None, False, "shipment"),
        ("fba15abcdef", "Amazon.com", False, "shipment"),
        ("S01-1234567-1234567", None, True, "other_shop"),
        ("113-1234567-1234567", "Non-Amazon CA", True, "other_shop"),
        ("113-1234567-1234567", "Amazon.com", True, "order"),
        ("113-1234567-1234567", None, False, "refund"),
        ("FBA", None, True, "order"),
    ],
)
def test_a_number_without_an_order_is_hinted_by_its_form_and_marketplace(
    number: str, marketplace: str | None, sold: bool, hint: str
) -> None:
    assert hint_of(number, marketplace, sold=sold) == hint


def test_lines_of_an_unknown_order_are_one_finding_with_their_sum(world: World) -> None:
    put(world, (f"{SALE} 20.00", UNKNOWN), ("2026-11-02 Order|ItemFees|Commission -3.00", UNKNOWN))
    put(world, ("2026-11-05 Refund|ItemPrice|Principal -5.00", UNKNOWN), number="2")
    judged(world)
    found = world.one()
    assert (found["subject"], found["amount"], found["severity"]) == (UNKNOWN, Decimal("12.00"), "med")
    assert '"settlements": 2' in found["detail"]
    assert '"lines": 3' in found["detail"]


def test_the_fee_of_what_is_shipped_for_another_shop_is_known_by_the_sellers_own_number(world: World) -> None:
    fee = "2026-11-02 Order|ItemFees|FBAPerUnitFulfillmentFee -5.12"
    put(world, (fee, "S01-1234567-1234567"), merchant_order_id="MCF-1")
    judged(world)
    assert '"hint": "other_shop"' in world.one()["detail"]
    world.put(
        MultichannelOrder("amazon.US", "MCF-1", "1790", *[READ_UNTIL] * 3, "shipped", "Complete", None, None, "US")
    )
    judged(world)
    assert world.findings() == []


def test_an_order_that_arrives_closes_it_and_an_order_of_another_marketplace_of_the_vendor_counts(
    world: World,
) -> None:
    put(world, (f"{SALE} 20.00", UNKNOWN), (f"{SALE} 5.00", "114-0000001-0000002"))
    world.put(order("114-0000001-0000002", channel="amazon.DE"))
    judged(world)
    assert world.one()["subject"] == UNKNOWN
    plan = build_plan(world.store, [world.one()["discrepancy_id"]])
    assert "tieout pull amazon.orders@US" in plan.obstacles[0].remedy
    world.put(order(UNKNOWN))
    judged(world)
    assert world.findings() == []


def test_an_order_of_another_vendor_with_the_same_number_is_not_it(world: World) -> None:
    put(world, (f"{SALE} 20.00", UNKNOWN))
    world.put(order(UNKNOWN, channel="walmart.US"))
    judged(world)
    assert world.one()["subject"] == UNKNOWN


def test_shipments_and_orders_of_other_shops_are_low_and_grouped_under_causes_of_their_own(world: World) -> None:
    put(
        world,
        ("2026-11-02 FBAFees|FBA Inbound Placement Service Fee|Base fee -9.00", "FBA19CD9HGQ8"),
        (f"{SALE} 7.00", "S01-1234567-1234567"),
    )
    judged(world)
    assert {(f["subject"], f["severity"], f["cause_id"]) for f in world.findings()} == {
        ("FBA19CD9HGQ8", "low", "unknown_order|amazon.US|shipment"),
        ("S01-1234567-1234567", "low", "unknown_order|amazon.US|other_shop"),
    }


@pytest.mark.parametrize(
    ("row", "waits"),
    [
        (f"{(FIRST_DAY + timedelta(days=29)).date()} Order|ItemPrice|Principal 1.00", True),
        (f"{(FIRST_DAY + timedelta(days=30)).date()} Order|ItemPrice|Principal 1.00", False),
        ("2026-11-02 Refund|ItemPrice|Principal -1.00", True),
        (f"{(READ_UNTIL + timedelta(days=1)).date()} Order|ItemPrice|Principal 1.00", True),
        (f"{READ_UNTIL.date()} Order|ItemPrice|Principal 1.00", False),
    ],
)
def test_what_may_lie_outside_the_orders_read_waits(world: World, row: str, waits: bool) -> None:
    put(world, (row, UNKNOWN))
    (result,) = judged(world).controls
    assert (result.open, result.waiting) == ((0, 1) if waits else (1, 0))
    assert bool(result.waiting_for) is waits


def test_a_refund_is_judged_once_the_orders_of_half_a_year_before_are_read(world: World) -> None:
    world.cover("amazon.orders@US", since=datetime(2026, 5, 1, tzinfo=FIRST_DAY.tzinfo))
    put(world, ("2026-11-02 Refund|ItemPrice|Principal -1.00", UNKNOWN))
    judged(world)
    assert world.one()["cause"] == "refunds of amazon.US for orders that are not in the mirror"


def test_lines_without_an_order_number_and_known_orders_are_silent(world: World) -> None:
    world.put(order(UNKNOWN))
    put(
        world, (f"{SALE} 1.00", UNKNOWN), ("2026-11-02 other-transaction|other-transaction|Subscription Fee -39.99", "")
    )
    (result,) = judged(world).controls
    assert (result.open, result.waiting) == (0, 0)
