"""Refunds against settlements, and credits that no channel knows of."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from factories import NOW, ORDER_ID, World, walmart
from way_back_world import (
    back_world,
    came_back,
    document,
    fixed,
    judged,
    kinds,
    ledger_refund,
    one,
    settled_refund,
    sold,
)

OLD = NOW - timedelta(days=50)


@pytest.fixture
def world(world: World) -> World:
    return back_world(world)


def test_without_settlements_and_before_the_days_are_over_a_refund_waits(world: World) -> None:
    ledger_refund(sold(world))
    found = judged(world, "refund_unsettled")
    assert (list(found.findings), found.waiting) == ([], 1)


def test_a_refund_that_no_settlement_charges_after_the_days_is_found(world: World) -> None:
    ledger_refund(sold(world), at=OLD)
    (finding,) = judged(world, "refund_unsettled").findings
    assert (finding.cause_id, str(finding.amount)) == ("unsettled|amazon.US", "27.0000")
    (obstacle,) = fixed(world, "refund_unsettled", ORDER_ID).obstacles
    assert "payments" in obstacle.remedy
    world.decide("returns", "amazon.US", settled_within_days=60)
    assert list(judged(world, "refund_unsettled").findings) == []


def test_a_settlement_with_another_amount_than_the_ledger_is_found(world: World) -> None:
    settled_refund(ledger_refund(sold(world)), [("ItemPrice", "Principal", "-24.00"), ("ItemPrice", "Tax", "-2.00")])
    (finding,) = judged(world, "refund_unsettled").findings
    assert (finding.cause_id, finding.detail["said"], finding.detail["settled"]) == (
        "settled_differs|amazon.US",
        "27.00",
        "26.00",
    )


def test_a_credit_of_ours_with_another_amount_than_the_settlement_is_found(world: World) -> None:
    settled_refund(ledger_refund(sold(world)))
    memo = one(fixed(world, "refund_unbooked", ORDER_ID), "credit_memo.create")
    document(world, "7012", "CustCred", 1, "24.50", status="B", external_id=memo.identity, other_reference=ORDER_ID)
    (finding,) = judged(world, "refund_unsettled").findings
    assert finding.cause_id == "booked_differs|amazon.US"


def test_a_credit_waits_until_the_ledger_is_read_beyond_it(world: World) -> None:
    document(sold(world), "7012", "CustCred", 1, made_from="7002", other_reference=ORDER_ID)
    found = judged(world, "refund_not_on_channel")
    assert (list(found.findings), found.waiting) == ([], 1)


def test_amazon_gives_refunds_by_hand_only(world: World) -> None:
    world.cover("amazon.ledger@US")
    document(sold(world), "7012", "CustCred", 1, made_from="7002", transaction_date=date(2026, 11, 12))
    (finding,) = judged(world, "refund_not_on_channel").findings
    assert (finding.cause_id, finding.erp_amount) == ("refund_by_hand|amazon.US", finding.amount)
    (obstacle,) = fixed(world, "refund_not_on_channel", ORDER_ID).obstacles
    assert "seller's console" in obstacle.remedy


def test_a_refund_that_the_channel_knows_is_no_finding(world: World) -> None:
    world.cover("amazon.ledger@US")
    ledger_refund(sold(world))
    document(world, "7012", "CustCred", 1, made_from="7002", transaction_date=date(2026, 11, 12))
    assert list(judged(world, "refund_not_on_channel").findings) == []


def test_walmart_is_asked_to_refund_the_order_and_no_policy_may_approve_it(world: World) -> None:
    from reconcile.controls import control_named

    order_id = "1790012345678"
    sold(world, channel="walmart.US", order_id=order_id, alternate_id=walmart().alternate_id)
    document(world, "7012", "CustCred", 1, "12.50", made_from="7002", transaction_date=date(2026, 11, 12))
    derived = fixed(world, "refund_not_on_channel", order_id, channel="walmart.US")
    (operation,) = derived.operations
    assert (operation.kind, operation.identity) == ("order.refund", f"WMT-GIVE-{order_id}-SO7012")
    part = {"of": "item", "amount": "12.50", "tax": "1.00"}
    assert operation.intent["lines"] == [{"line_id": "1", "amounts": [part], "reason": "Finance -> Goodwill"}]
    assert getattr(control_named("refund_not_on_channel"), "by_hand", False)


def test_a_return_at_its_whole_price_is_paid_through_the_return(world: World) -> None:
    order_id = "1790012345678"
    sold(world, channel="walmart.US", order_id=order_id)
    came_back(world, channel="walmart.US", order_id=order_id, return_id="111", reason="DAMAGED", order_line_id="1")
    document(world, "7012", "CustCred", 1, "25.00", made_from="7002", transaction_date=date(2026, 11, 12))
    (operation,) = fixed(world, "refund_not_on_channel", order_id, channel="walmart.US").operations
    assert (operation.kind, operation.intent["return_id"]) == ("return.refund", "111")
    assert operation.intent["lines"] == [{"line_id": "1", "quantity": 1}]


def test_what_walmart_ships_itself_is_walmarts_to_refund(world: World) -> None:
    order_id = "1790012345678"
    sold(world, channel="walmart.US", order_id=order_id, fulfilled_by="channel")
    document(world, "7012", "CustCred", 1, "25.00", made_from="7002", transaction_date=date(2026, 11, 12))
    derived = fixed(world, "refund_not_on_channel", order_id, channel="walmart.US")
    assert (kinds(derived), [o.cause_id for o in derived.obstacles]) == ([], ["refund_by_channel|walmart.US"])
