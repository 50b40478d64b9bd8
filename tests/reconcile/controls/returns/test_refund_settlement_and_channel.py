"""Refunds against settlements, and credits that no channel knows of."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from factories import NOW, ORDER_ID, SKU, World, usd, walmart
from way_back_world import (
    back_world,
    came_back,
    document,
    fixed,
    flush,
    judged,
    kinds,
    ledger_refund,
    one,
    put,
    settled_refund,
    sold,
)

from sync.records import ChannelRefund

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


WMT = "1790012345678"


def shows(world: World, *amounts: str, hours_ago: int) -> None:
    """What Walmart's order shows of its line's refunds at one moment, read then."""
    for place, goods in enumerate(amounts, 1):
        values = dict.fromkeys(ChannelRefund.__dataclass_fields__)
        money = dict.fromkeys(("goods_tax", "shipping", "shipping_tax", "other"), usd("0"))
        values |= {"channel": "walmart.US", "refund_id": f"{WMT}/1/{place}", "order_id": WMT, "order_line_id": "1"}
        values |= {"sku": SKU, "refunded_at": NOW - timedelta(hours=hours_ago), "currency": "USD", "goods": usd(goods)}
        put(world, ChannelRefund(**values | money))
    flush(world)


def settles(world: World, *amounts: str, settlement_id: str = "77") -> None:
    """A settlement that charges these refunds, an hour apart."""
    for n, goods in enumerate(amounts):
        rows, at = [("Product Price", "Return Refund", f"-{goods}")], NOW - timedelta(hours=20 - n)
        number = f"{settlement_id}{n}"
        settled_refund(world, rows, channel="walmart.US", order_id=WMT, settlement_id=number, refund_id=None, at=at)


def credited(world: World, *amounts: str) -> None:
    for n, amount in enumerate(amounts, 1):
        number = f"WMT-CM-{WMT}-1-{n}"
        document(world, f"70{20 + n}", "CustCred", 1, amount, status="B", external_id=number, made_from="7002",
                 transaction_date=date(2026, 11, 12))  # fmt: skip
        document(world, f"70{30 + n}", "CustRfnd", 1, amount, status="B", made_from=f"70{20 + n}")


@pytest.fixture
def rewritten(world: World) -> World:
    """Five were given back and credited; later the order shows seven in their place."""
    sold(world, channel="walmart.US", order_id=WMT)
    shows(world, "5.00", hours_ago=60)
    credited(world, "5.00")
    shows(world, "7.00", hours_ago=40)
    return world


def said(world: World) -> dict[str, list[str]]:
    names = ("refund_unbooked", "refund_not_on_channel", "refund_unsettled")
    return {n: [f.cause_id for f in found] for n in names if (found := judged(world, n).findings)}


def test_another_refund_in_place_of_the_first_waits_for_the_settlement_and_gives_nobody_money_twice(
    rewritten: World,
) -> None:
    assert said(rewritten) == {}
    found = judged(rewritten, "refund_unbooked")
    assert (found.waiting, "which refunds an order has shown" in str(found.waiting_for)) == (1, True)
    (obstacle,) = fixed(rewritten, "refund_unbooked", WMT, channel="walmart.US").obstacles
    assert "(5.00, 7.00)" in obstacle.cause
    assert kinds(fixed(rewritten, "refund_not_on_channel", WMT, channel="walmart.US")) == []


@pytest.mark.parametrize(("settled", "owed"), [(("5.00", "7.00"), "7.00"), (("5.00", "2.00"), "2.00")])
def test_the_settlement_says_whether_it_was_one_more_or_the_sum(
    rewritten: World, settled: tuple[str, ...], owed: str
) -> None:
    settles(rewritten, *settled)
    memo = one(fixed(rewritten, "refund_unbooked", WMT, channel="walmart.US"), "credit_memo.create")
    assert (memo.identity, memo.amount) == (f"WMT-CM-{WMT}-1-2", usd(owed))
    assert said(rewritten).keys() == {"refund_unbooked"}
    credited(rewritten, "5.00", owed)
    assert said(rewritten) == {}


def test_all_refunds_in_one_list_are_booked_without_waiting(world: World) -> None:
    sold(world, channel="walmart.US", order_id=WMT)
    shows(world, "5.00", hours_ago=60)
    shows(world, "5.00", "7.00", hours_ago=40)
    memos = [o for o in fixed(world, "refund_unbooked", WMT, channel="walmart.US").operations if "-CM-" in o.identity]
    assert sorted(str(o.amount) for o in memos) == ["5.0000", "7.0000"]


def test_a_credit_beside_a_refund_that_is_shown_waits_for_the_settlement(world: World) -> None:
    """The order may show its last refund only: the credit's own may be hidden behind it."""
    sold(world, channel="walmart.US", order_id=WMT)
    shows(world, "7.00", hours_ago=60)
    credited(world, "7.00", "5.00")
    found = judged(world, "refund_not_on_channel")
    assert (list(found.findings), found.waiting) == ([], 1)
    settles(world, "7.00")
    assert said(world) == {"refund_not_on_channel": ["not_refunded|walmart.US"]}
