"""Goods that come back: what cannot be authorized or received, then what is, where the channel says it came."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from factories import ORDER_ID, READ_UNTIL, SKU, World, item, sales_order, transaction_line, usd
from way_back_world import (
    RETURN_ID,
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
    sold,
)

from reconcile.cycle import run_cycle
from reconcile.mapping.setup import apply_decisions, export_decisions
from reconcile.offers import offers_of, take_offers
from sync.errors import BadInput
from sync.records import DocumentLink

RMA = f"AMZ-RMA-{ORDER_ID}-{RETURN_ID}"


@pytest.fixture
def world(world: World) -> World:
    return back_world(world)


def stopped(world: World, *, found: bool) -> str:
    derived = fixed(world, "return_unbooked", RETURN_ID)
    (obstacle,) = derived.obstacles
    assert derived.operations == []
    if found:
        (finding,) = judged(world, "return_unbooked").findings
        assert (finding.cause_id, finding.blocked_by) == (obstacle.cause_id, obstacle.cause)
    return obstacle.cause_id


def test_a_return_that_changed_after_the_last_reading_of_the_erp_waits(world: World) -> None:
    came_back(sold(world), updated_at=READ_UNTIL.replace(hour=23))
    found = judged(world, "return_unbooked")
    assert (list(found.findings), found.waiting) == ([], 1)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"status": "unknown", "vendor_status": "Teleported"}, "return_status|amazon.US|Teleported"),
        ({"disposition": "MELTED"}, "disposition|amazon.US|MELTED"),
        ({"reason": "CR-ALIENS"}, "disposition|amazon.US|reason:ALIENS"),
        ({"sku": "NOBODY-KNOWS"}, "sku|amazon.US|NOBODY-KNOWS"),
        ({"units": 0, "received": 0}, f"return_units|amazon.US|{RETURN_ID}"),
        ({"units": 4}, f"return_item|amazon.US|{ORDER_ID}"),
        ({"order_id": "111-0000000-0000009"}, "return_order|amazon.US|old"),
    ],
)
def test_what_nobody_knows_stops_the_return_with_a_cause(world: World, changes: dict[str, object], cause: str) -> None:
    came_back(sold(world), **changes)  # type: ignore[arg-type]
    assert stopped(world, found="sku" in changes or "order_id" in changes) == cause


def test_more_than_the_bill_has_left_is_not_authorized(world: World) -> None:
    came_back(sold(world), units=2)
    document(world, "7010", "RtnAuth", 2, made_from="7002", external_id="OTHER-1", other_reference="elsewhere", moved=2)
    came_back(world, units=2, return_id="D2RRMA")
    derived = fixed(world, "return_unbooked", "D2RRMA")
    assert [o.cause_id for o in derived.obstacles] == [f"over_returned|amazon.US|{ORDER_ID}"]


def test_what_the_buyer_keeps_and_what_is_only_asked_for_need_nothing(world: World) -> None:
    came_back(sold(world), received=0, kind="keep_it")
    came_back(world, received=0, status="requested", return_id="D2RRMA")
    assert list(judged(world, "return_unbooked").findings) == []


def test_an_approved_return_is_authorized_before_the_goods_come_and_received_when_they_do(world: World) -> None:
    came_back(sold(world), units=2, received=0)
    assert kinds(fixed(world, "return_unbooked", RETURN_ID)) == [("return_authorization.create", RMA, ())]
    came_back(world, units=2, received=1, updated_at=READ_UNTIL.replace(hour=3))
    document(world, "7010", "RtnAuth", 2, made_from="7002", external_id=RMA, moved=0)
    receipt = one(fixed(world, "return_unbooked", RETURN_ID), "item_receipt.create")
    assert receipt.identity == f"AMZ-RCPT-{ORDER_ID}-{RETURN_ID}-1"
    assert receipt.intent["lines"] == [{"item_id": "501", "quantity": "1", "location_id": "11", "restock": True}]
    came_back(world, units=2, received=2, updated_at=READ_UNTIL.replace(hour=4))
    document(world, "7010", "RtnAuth", 2, external_id=RMA, moved=1, updated_at=READ_UNTIL)
    second = one(fixed(world, "return_unbooked", RETURN_ID), "item_receipt.create")
    assert (second.identity[-2:], second.intent["lines"][0]["quantity"]) == ("-2", "1")


def test_the_policy_may_wait_for_the_goods(world: World) -> None:
    world.decide("returns", "amazon.US", rma_at="received")
    came_back(sold(world), received=0)
    assert list(judged(world, "return_unbooked").findings) == []


def test_a_replacement_brings_goods_and_no_money(world: World) -> None:
    came_back(sold(world), kind="replacement")
    derived = fixed(world, "return_unbooked", RETURN_ID)
    assert [k for k, *_ in kinds(derived)] == ["return_authorization.create", "item_receipt.create"]
    lines = one(derived, "return_authorization.create").intent["source_lines"]
    assert lines == [{"item_id": "501", "quantity": "1", "amount": "0.00"}]
    assert list(judged(world, "refund_unbooked").findings) == []


def test_goods_that_come_after_their_credit_are_taken_in_without_a_second_one(world: World) -> None:
    ledger_refund(sold(world))
    memo = one(fixed(world, "refund_unbooked", ORDER_ID), "credit_memo.create")
    document(world, "7012", "CustCred", 1, status="B", external_id=memo.identity, other_reference=ORDER_ID)
    came_back(world)
    derived = fixed(world, "return_unbooked", RETURN_ID)
    assert one(derived, "return_authorization.create").intent["source_lines"][0]["amount"] == "0.00"
    assert kinds(fixed(world, "refund_unbooked", ORDER_ID)) == []
    document(world, "7010", "RtnAuth", 1, "0.00", status="F", made_from="7002", external_id=RMA, moved=1)
    assert closing(world) == [f"{RMA}-CLOSE-1"]


def closing(world: World) -> list[str]:
    """Identities of the lines that are closed for the return; the finding says the same."""
    derived = fixed(world, "return_unbooked", RETURN_ID)
    found = [f.detail["lacks"] for f in judged(world, "return_unbooked").findings]
    assert found == ["closing"] * len(derived.operations)
    return [o.identity for o in derived.operations]


@pytest.mark.parametrize(
    ("changes", "goods"),
    [
        ({"moved": 0}, {}),
        ({"amount": "25.00"}, {}),
        ({"status": "H"}, {}),
        ({"status": "G"}, {}),
        ({}, {"kind": "return"}),
    ],
)
def test_an_authorization_that_waits_for_goods_or_money_is_left_open(
    world: World, changes: dict[str, object], goods: dict[str, str]
) -> None:
    came_back(sold(world), **{"kind": "replacement", "received": 0 if changes.get("moved") == 0 else 1, **goods})
    values = {"units": 1, "amount": "0.00", "status": "F", "moved": 1, **changes}
    document(world, "7010", "RtnAuth", made_from="7002", external_id=RMA, **values)  # type: ignore[arg-type]
    assert closing(world) == []


def test_a_received_replacement_waits_for_no_refund_and_its_lines_are_closed_once(world: World) -> None:
    came_back(sold(world), kind="replacement")
    document(world, "7010", "RtnAuth", 1, "0.00", status="F", made_from="7002", external_id=RMA, moved=1)
    assert closing(world) == [f"{RMA}-CLOSE-1"]
    (finding,) = judged(world, "return_unbooked").findings
    assert finding.title.endswith("is waiting for a refund of nothing in NetSuite")
    write = one(fixed(world, "return_unbooked", RETURN_ID), "return_authorization.close_lines")
    believed = {"item_id": "501", "quantity": "1", "moved": "1", "billed": "0", "closed": False}
    assert write.intent == {"id": "7010", "line_ids": ["1"], "believed": {"lines": {"1": believed}}}
    assert write.diff == [{"field": "line 1: 1 × item 501", "now": "received, nothing to refund", "then": "closed"}]
    document(world, "7010", "RtnAuth", 1, "0.00", status="H", made_from="7002", external_id=RMA, moved=1)
    assert closing(world) == []


@pytest.mark.parametrize("changes", [{"kind": "keep_it"}, {"status": "cancelled"}])
def test_goods_that_stay_with_the_buyer_end_their_authorization_unless_they_came(
    world: World, changes: dict[str, str]
) -> None:
    came_back(sold(world), received=0, **changes)  # type: ignore[arg-type]
    document(world, "7010", "RtnAuth", status="B", made_from="7002", external_id=RMA, moved=0)
    assert closing(world) == [f"{RMA}-CLOSE-1"]
    document(world, "7010", "RtnAuth", status="E", made_from="7002", external_id=RMA, moved=1)
    assert closing(world) == []


def authorized(world: World, *, moved: int = 1, billed: int | None = 0, status: str = "F", **more: object) -> World:
    """An authorization with a value, 25.00 for one mug, made from the bill."""
    header = sales_order("7010", transaction_type="RtnAuth", status=status, external_id=RMA, total=usd("25.00"))
    figures = {"quantity_moved": Decimal(moved), "quantity_billed": None if billed is None else Decimal(billed)}
    goods = transaction_line("7010", item_id="501", quantity=Decimal(1), amount=usd("25.00"), **figures, **more)
    put(put(world, header, goods), DocumentLink("7002", "7010", "OrdBill"))
    return flush(world)


@pytest.mark.parametrize(
    ("figures", "credit"),
    [
        ({"moved": 0, "status": "B"}, {}),
        ({"billed": None}, {}),
        ({"billed": 1, "status": "H"}, {}),
        ({}, {"made_from": "7010"}),
        ({}, {"amount": "9.00"}),
    ],
    ids=["not received", "nobody sees what was credited", "ended", "credited from it", "another sum is credited"],
)
def test_an_authorization_of_value_is_nobodys_to_close_while_goods_or_money_may_come(
    world: World, figures: dict[str, Any], credit: dict[str, Any]
) -> None:
    ledger_refund(came_back(sold(world)))
    authorized(world, **figures)
    document(world, "7020", "CustCred", 1, **{"amount": "25.00", "other_reference": ORDER_ID} | credit)
    flush(world)
    derived = fixed(world, "return_unbooked", RETURN_ID)
    assert [o for o in derived.operations if "close" in o.kind] == []
    assert not any(o.cause_id.startswith("rma_credited") for o in derived.obstacles)


def test_an_authorization_that_another_credit_has_paid_is_closed_by_the_decision_that_is_offered(world: World) -> None:
    ledger_refund(came_back(sold(world)))
    authorized(world)
    document(world, "7020", "CustCred", 1, "25.00", other_reference=ORDER_ID)
    flush(world)
    assert stopped(world, found=True) == "rma_credited|amazon.US"
    (finding,) = judged(world, "return_unbooked").findings
    assert finding.title.endswith("is waiting for a refund that was given in NetSuite")
    run_cycle(world.store, controls=["return_unbooked"])
    one_id = f"return_unbooked|amazon.US|{RETURN_ID}"
    (offer,) = offers_of(world.store, [one_id])
    assert (offer.kind, offer.subject, offer.value) == (
        "return_closing", f"amazon.US|{RETURN_ID}", {"credited_by": "SO7020"},
    )  # fmt: skip
    assert offer.because == "SO7020 gave back what SO7010 waits to refund (its goods)"
    assert take_offers(world.store, [one_id], by="ann").released == 1
    assert closing(world) == [f"{RMA}-CLOSE-1"]
    write = one(fixed(world, "return_unbooked", RETURN_ID), "return_authorization.close_lines")
    believed = {"item_id": "501", "quantity": "1", "moved": "1", "billed": "0", "closed": False}
    assert write.intent["believed"] == {"lines": {"1": believed}}
    assert write.diff[0]["now"] == "received, refunded by SO7020"
    # Whoever credits from it meanwhile makes it somebody's business again; the decision alone closes nothing.
    authorized(world, billed=1, status="H")
    assert closing(world) == []
    text = export_decisions(world.store)
    assert f'[return_closing."amazon.US|{RETURN_ID}"]\ncredited_by = "SO7020"' in text
    with pytest.raises(BadInput, match="credited_by names"):
        apply_decisions(world.store, '[return_closing."amazon.US|R1"]\ncredited_by = ""', by="ann")


def test_a_status_of_an_authorization_that_nobody_knows_is_named(world: World) -> None:
    came_back(sold(world), kind="replacement")
    document(world, "7010", "RtnAuth", 1, "0.00", status="Z", made_from="7002", external_id=RMA, moved=1)
    assert stopped(world, found=True) == "rma_status|amazon.US|Z"


def test_disposition_and_decision_say_what_goes_back_to_the_shelf_and_where(world: World) -> None:
    came_back(sold(world, bill="CashSale"), fulfilled_by="channel", disposition="CUSTOMER_DAMAGED")
    placed = one(fixed(world, "return_unbooked", RETURN_ID), "item_receipt.create").intent["lines"][0]
    assert (placed["restock"], placed["location_id"]) == (False, "12")
    world.decide("disposition", "amazon.US|CUSTOMER_DAMAGED", restock=True, location_id="11")
    placed = one(fixed(world, "return_unbooked", RETURN_ID), "item_receipt.create").intent["lines"][0]
    assert (placed["restock"], placed["location_id"]) == (True, "11")


def test_a_return_that_is_delivered_twice_is_booked_once(world: World) -> None:
    came_back(came_back(sold(world)))
    assert len(judged(world, "return_unbooked").findings) == 1


def sold_set(world: World) -> World:
    """One set of a mug (60 % of its price) and two filters, for 25.00: billed by its items."""
    put(world, item("502", "ACM-FILTER"))
    members = [("501", "1", "60"), ("502", "2", "40")]
    items = [{"item_id": i, "quantity": n, "share": share} for i, n, share in members]
    world.decide("sku", f"amazon.US|{SKU}", items=items)
    sold(world, bill=None, units=1)
    bill = sales_order("7002", transaction_type="CustInvc", status="A", other_reference=ORDER_ID, total=usd("79.99"))
    mug = transaction_line("7002", item_id="501", quantity=Decimal(1), amount=usd("45.00"))
    filters = transaction_line("7002", line_id="2", position=2, item_id="502", quantity=Decimal(2), amount=usd("30.00"))
    return put(world, bill, mug, filters)


def test_a_set_of_which_no_bill_holds_every_item_is_not_authorized(world: World) -> None:
    sold_set(world)
    put(world, item("503", "ACM-SPOON"))
    world.decide("sku", f"amazon.US|{SKU}", items=[{"item_id": "501"}, {"item_id": "503"}])
    came_back(world)
    assert stopped(world, found=True) == f"return_item|amazon.US|{ORDER_ID}"


def test_a_set_comes_back_by_its_items_and_one_of_them_may_be_damaged(world: World) -> None:
    ledger_refund(came_back(sold_set(world)))
    world.decide("disposition", f"amazon.US|return:{RETURN_ID}|502", restock=False, location_id="12")
    derived = fixed(world, "refund_unbooked", ORDER_ID)
    rma = one(derived, "return_authorization.create")
    assert rma.intent["source_lines"] == [{"item_id": "501", "quantity": "1"}, {"item_id": "502", "quantity": "2"}]
    receipts = [o.intent["lines"] for o in derived.operations if o.kind == "item_receipt.create"]
    assert receipts == [
        [{"item_id": "501", "quantity": "1", "location_id": "11", "restock": True}],
        [{"item_id": "502", "quantity": "2", "location_id": "12", "restock": False}],
    ]
    memo = one(derived, "credit_memo.create")
    assert memo.intent["source_lines"] == [
        {"item_id": "501", "quantity": "1", "amount": "15.00"},
        {"item_id": "502", "quantity": "2", "amount": "10.00"},
    ]
    assert (memo.amount, len(memo.depends_on)) == (usd("25.00"), 2)


def test_of_a_set_of_which_one_item_was_received_only_the_others_are(world: World) -> None:
    came_back(sold_set(world))
    header = sales_order("7010", transaction_type="RtnAuth", status="D", external_id=RMA, total=usd("25.00"))
    lines = [
        transaction_line(
            "7010", line_id=str(n), position=n, item_id=i, quantity=Decimal(q), amount=usd(a), quantity_moved=Decimal(m)
        )
        for n, (i, q, a, m) in enumerate((("501", 1, "15.00", 1), ("502", 2, "10.00", 0)), 1)
    ]
    put(world, header, *lines)
    put(world, DocumentLink("7002", "7010", "OrdBill"))
    receipt = one(fixed(world, "return_unbooked", RETURN_ID), "item_receipt.create")
    assert [(x["item_id"], x["quantity"]) for x in receipt.intent["lines"]] == [("502", "2")]
