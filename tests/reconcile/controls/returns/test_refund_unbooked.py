"""Money that a channel gave back: what keeps it from being credited, then the chain of documents that credits it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from factories import NOW, ORDER_ID, READ_UNTIL, World
from way_back_world import (
    GIVEN,
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
    settled_refund,
    sold,
)

REFUND = f"AMZ-CM-{ORDER_ID}-"


@pytest.fixture
def world(world: World) -> World:
    return back_world(world)


def stopped(world: World, *, found: bool = False) -> tuple[str, str]:
    """Cause id and remedy of the one obstacle, and nothing is written; `found`: the finding carries the same cause."""
    derived = fixed(world, "refund_unbooked", ORDER_ID)
    (obstacle,) = derived.obstacles
    assert derived.operations == []
    if found:
        (finding,) = judged(world, "refund_unbooked").findings
        assert (finding.cause_id, finding.blocked_by) == (obstacle.cause_id, obstacle.cause)
    return obstacle.cause_id, obstacle.remedy


def test_an_erp_that_was_never_read_yields_nothing_but_waiting() -> None:
    bare = back_world(World())
    ledger_refund(bare)
    found = judged(bare, "refund_unbooked")
    assert (list(found.findings), found.waiting) == ([], 1)
    assert "never read" in found.waiting_for
    bare.store.close()


def test_a_refund_after_the_last_reading_of_the_erp_waits(world: World) -> None:
    ledger_refund(sold(world), at=READ_UNTIL + timedelta(minutes=1))
    found = judged(world, "refund_unbooked")
    assert (list(found.findings), found.waiting) == ([], 1)


def test_what_only_a_return_tells_of_waits_for_the_ledger(world: World) -> None:
    came_back(sold(world), status="completed", refund_amount=Decimal("27.00"))
    found = judged(world, "refund_unbooked")
    assert (list(found.findings), found.waiting) == ([], 1)
    assert "to tell what a return was paid" in found.waiting_for


def test_money_without_goods_waits_until_the_returns_are_read(world: World) -> None:
    world.cover("amazon.seller_returns@US", since=NOW - timedelta(days=1))
    ledger_refund(sold(world), at=READ_UNTIL - timedelta(minutes=1))
    assert len(judged(world, "refund_unbooked").findings) == 1
    bare = World().all_covered()
    bare.decide("routing", "amazon.US", **_routing())
    bare.decide("returns", "amazon.US", **_terms())
    ledger_refund(sold(bare))
    found = judged(bare, "refund_unbooked")
    assert (list(found.findings), found.waiting_for) == ([], "amazon.seller_returns@US, never read to the end yet")
    (obstacle,) = fixed(bare, "refund_unbooked", ORDER_ID).obstacles
    assert obstacle.cause_id == "returns_unread|amazon.US"
    bare.store.close()


def test_a_refund_of_an_order_that_nobody_knows_is_a_persons_unless_it_may_stand_alone(world: World) -> None:
    ledger_refund(world)
    assert stopped(world, found=True)[0] == "refund_order|amazon.US"
    world.decide("routing", "amazon.US", **_routing(customer_id="950"))
    world.decide("returns", "amazon.US", **_terms(unknown_order="stand_alone"))
    derived = fixed(world, "refund_unbooked", ORDER_ID)
    assert [k for k, *_ in kinds(derived)] == ["credit_memo.create", "customer_refund.create"]
    memo = one(derived, "credit_memo.create")
    assert memo.intent["customer"] == {"id": "950"}
    assert memo.intent["other_reference"] == ORDER_ID


def test_an_order_older_than_the_documents_that_were_read_is_treated_as_unknown(world: World) -> None:
    ledger_refund(sold(world, bill=None, ordered_at=datetime(2026, 8, 1, tzinfo=UTC)))
    assert stopped(world)[0] == "refund_order|amazon.US"


@pytest.mark.parametrize(
    ("bill", "cause"), [(None, "refund_unbooked_order|amazon.US"), ("SalesOrd", "refund_unbilled|amazon.US")]
)
def test_what_is_not_booked_or_not_billed_cannot_be_credited(world: World, bill: str | None, cause: str) -> None:
    ledger_refund(sold(world, bill=bill))
    assert stopped(world, found=True)[0] == cause


def test_money_for_units_that_never_left_is_a_cancellation(world: World) -> None:
    ledger_refund(sold(world, shipped=0, status="cancelled"))
    cause, remedy = stopped(world)
    assert cause == "refund_unshipped|amazon.US"
    assert "close the line" in remedy


def test_more_than_was_billed_is_never_credited(world: World) -> None:
    sold(world)
    ledger_refund(world, {"Sales/ItemPrice/Principal": "-80.00"})
    assert stopped(world)[0] == f"refund_over|amazon.US|{ORDER_ID}"


def test_what_is_left_of_the_bill_after_other_credits_is_the_limit(world: World) -> None:
    sold(world)
    document(world, "7009", "CustCred", 1, "60.00", made_from="7002", status="B", other_reference=ORDER_ID)
    ledger_refund(world, {"Sales/ItemPrice/Principal": "-60.00"}, number="T1", refund_id="r1")
    ledger_refund(world, {"Sales/ItemPrice/Principal": "-20.00"}, number="T2", refund_id="r2")
    assert stopped(world)[0] == f"refund_over|amazon.US|{ORDER_ID}"


def test_a_refund_in_another_currency_than_the_bill_is_stopped(world: World) -> None:
    ledger_refund(sold(world), currency="EUR")
    assert stopped(world)[0] == f"refund_currency|amazon.US|{ORDER_ID}"


def test_a_charge_that_no_rule_knows_stops_the_refund_and_is_named(world: World) -> None:
    settled_refund(sold(world), [("ItemPrice", "Principal", "-25.00"), ("ItemNews", "Novelty", "-1.00")])
    assert stopped(world)[0] == "refund_type|amazon.US|Refund / ItemNews / Novelty"


@pytest.mark.parametrize("amount", ["0.00", "2.00"])
def test_tax_alone_or_nothing_at_all_is_not_credited(world: World, amount: str) -> None:
    sold(world)
    ledger_refund(world, {"Sales/ItemPrice/Tax": f"-{amount}", "Expenses/ItemFees/Commission": "0.30"})
    found = judged(world, "refund_unbooked").findings
    if amount == "0.00":
        assert list(found) == []
    else:
        assert stopped(world)[0] == f"refund_nothing|amazon.US|{ORDER_ID}"


def test_a_refund_that_the_channel_took_back_is_a_persons(world: World) -> None:
    sold(world)
    ledger_refund(world, {"Sales/ItemPrice/Principal": "25.00"})
    assert stopped(world, found=True)[0] == "refund_reversed|amazon.US"


def test_a_credit_of_another_amount_is_compared_by_a_person_and_nothing_is_credited_twice(world: World) -> None:
    ledger_refund(sold(world))
    document(world, "7009", "CustCred", 1, "20.00", made_from="7002", other_reference=ORDER_ID)
    assert stopped(world, found=True)[0] == f"refund_differs|amazon.US|{ORDER_ID}"


def test_what_is_undecided_stops_with_what_is_to_be_decided(world: World) -> None:
    ledger_refund(sold(world))
    for lacking in ("refund_item_id", "payment_method_id", "account_id"):
        terms = _terms()
        del terms[lacking]
        world.decide("returns", "amazon.US", **terms)
        cause, remedy = stopped(world)
        assert cause.endswith({"account_id": "clearing"}.get(lacking, lacking.removesuffix("_id")))
        assert remedy.startswith("Decide")


def test_a_closed_period_offers_the_next_open_day_and_takes_the_day_that_is_decided(world: World) -> None:
    ledger_refund(sold(world), at=datetime(2026, 10, 30, 12, tzinfo=UTC))
    cause, remedy = stopped(world)
    assert cause == "period|Oct 2026"
    assert "2026-11-01" in remedy
    identity = f"{REFUND}{_key()}"
    world.decide("posting_date", identity, date="2026-11-01")
    memo = one(fixed(world, "refund_unbooked", ORDER_ID), "credit_memo.create")
    assert (memo.identity, memo.intent["date"]) == (identity, "2026-11-01")


def test_a_return_in_a_condition_that_nobody_knows_stops_its_credit_too(world: World) -> None:
    ledger_refund(came_back(sold(world), disposition="MELTED"))
    assert stopped(world)[0] == "disposition|amazon.US|MELTED"


def test_goods_that_came_back_go_from_authorization_to_receipt_to_credit_to_refund(world: World) -> None:
    ledger_refund(came_back(sold(world)))
    derived = fixed(world, "refund_unbooked", ORDER_ID)
    rma, receipt = f"AMZ-RMA-{ORDER_ID}-{RETURN_ID}", f"AMZ-RCPT-{ORDER_ID}-{RETURN_ID}-1"
    memo, paid = f"{REFUND}{_key()}", f"AMZ-RFD-{ORDER_ID}-{_key()}"
    assert kinds(derived) == [
        ("return_authorization.create", rma, ()),
        ("item_receipt.create", receipt, (rma,)),
        ("credit_memo.create", memo, (receipt,)),
        ("customer_refund.create", paid, (memo,)),
    ]
    assert one(derived, "return_authorization.create").intent["source"] == {"kind": "invoice", "id": "7002"}
    credit = one(derived, "credit_memo.create").intent
    assert credit["source"] == {"kind": "return_authorization", "external_id": rma}
    assert credit["source_lines"] == [{"item_id": "501", "quantity": "1", "amount": "25.00"}]
    refund = one(derived, "customer_refund.create")
    assert refund.intent["applies_to"] == [{"external_id": memo, "amount": "25.00"}]
    assert refund.amount == Decimal("25.00")


def test_every_step_of_the_chain_derives_the_rest_unchanged(world: World) -> None:
    ledger_refund(came_back(sold(world)))
    whole = {o.identity: o for o in fixed(world, "refund_unbooked", ORDER_ID).operations}
    rma, receipt, memo, paid = whole
    document(world, "7010", "RtnAuth", 1, made_from="7002", external_id=rma, other_reference=ORDER_ID, moved=0)
    assert _rest(world, whole) == [receipt, memo, paid]
    document(world, "7010", "RtnAuth", 1, external_id=rma, other_reference=ORDER_ID, moved=1, updated_at=GIVEN)
    document(world, "7011", "ItemRcpt", 1, made_from="7010", external_id=receipt)
    assert _rest(world, whole) == [memo, paid]
    document(world, "7012", "CustCred", 1, made_from="7010", external_id=memo, other_reference=ORDER_ID)
    assert _rest(world, whole) == [paid]
    document(world, "7013", "CustRfnd", 1, made_from="7012", external_id=paid)
    assert _rest(world, whole) == []
    assert list(judged(world, "refund_unbooked").findings) == []


def test_documents_that_others_made_are_adopted(world: World) -> None:
    ledger_refund(came_back(sold(world)))
    document(world, "7010", "RtnAuth", 1, made_from="7002", moved=1)
    derived = fixed(world, "refund_unbooked", ORDER_ID)
    assert [k for k, *_ in kinds(derived)] == ["credit_memo.create", "customer_refund.create"]
    assert one(derived, "credit_memo.create").intent["source"] == {"kind": "return_authorization", "id": "7010"}
    document(world, "7012", "CustCred", 1, made_from="7010")
    refund = one(fixed(world, "refund_unbooked", ORDER_ID), "customer_refund.create")
    assert refund.intent["applies_to"] == [{"document_id": "7012", "amount": "25.00"}]
    document(world, "7012", "CustCred", 1, status="B", updated_at=GIVEN)
    assert kinds(fixed(world, "refund_unbooked", ORDER_ID)) == []


def test_a_cash_sale_is_given_back_by_a_cash_refund_of_its_own(world: World) -> None:
    ledger_refund(came_back(sold(world, bill="CashSale"), fulfilled_by="channel", disposition="SELLABLE"))
    derived = fixed(world, "refund_unbooked", ORDER_ID)
    assert [k for k, *_ in kinds(derived)] == [
        "return_authorization.create",
        "item_receipt.create",
        "cash_refund.create",
    ]
    assert one(derived, "return_authorization.create").intent["source"] == {"kind": "cash_sale", "id": "7002"}
    cash = one(derived, "cash_refund.create")
    assert cash.identity == f"AMZ-RFD-{ORDER_ID}-{_key()}"
    assert (cash.intent["account_id"], cash.amount) == ("1150", Decimal("25.00"))


def test_a_cash_sale_that_is_deposited_is_given_back_all_the_same(world: World) -> None:
    """NetSuite changes no cash sale that is in a deposit: the refund is a document of its own, out of our account."""
    sold(world, bill=None)
    document(world, "7002", "CashSale", 3, "75.00", status="C", total="79.99", other_reference=ORDER_ID)
    ledger_refund(world)
    cash = one(fixed(world, "refund_unbooked", ORDER_ID), "cash_refund.create")
    assert (cash.intent["account_id"], cash.amount) == ("1150", Decimal("25.00"))


@pytest.mark.parametrize("back", [True, False], ids=["with goods", "alone"])
def test_goodwill_beside_the_price_is_credited_as_money_and_never_as_goods(world: World, *, back: bool) -> None:
    sold(world)
    if back:
        came_back(world)
    ledger_refund(world, {"Sales/ItemPrice/Principal": "-25.00", "Sales/ItemPrice/Goodwill": "-3.00"})
    memo = one(fixed(world, "refund_unbooked", ORDER_ID), "credit_memo.create")
    assert memo.amount == Decimal("28.00")
    if back:
        assert [(x["item_id"], x["amount"]) for x in memo.intent["source_lines"]] == [("501", "25.00")]
        assert [(x["item_id"], x["amount"]) for x in memo.intent["further_lines"]] == [("590", "3.00")]
    else:
        assert [(x["item_id"], x["amount"]) for x in memo.intent["lines"]] == [("590", "28.00")]


def test_goodwill_alone_needs_no_units_and_no_return(world: World) -> None:
    came_back(sold(world), received=0, status="requested")
    ledger_refund(world, {"Sales/ItemPrice/Goodwill": "-3.00"}, units=None)
    memo = one(fixed(world, "refund_unbooked", ORDER_ID), "credit_memo.create")
    assert [(x["item_id"], x["amount"]) for x in memo.intent["lines"]] == [("590", "3.00")]
    assert "source" not in memo.intent


def test_what_the_buyer_keeps_is_credited_without_goods(world: World) -> None:
    ledger_refund(came_back(sold(world), received=0, kind="keep_it", status="completed"))
    derived = fixed(world, "refund_unbooked", ORDER_ID)
    assert [k for k, *_ in kinds(derived)] == ["credit_memo.create", "customer_refund.create"]
    (row,) = one(derived, "credit_memo.create").intent["lines"]
    assert (row["item_id"], row["amount"]) == ("590", "25.00")


def test_two_of_three_units_come_back_and_the_third_is_kept(world: World) -> None:
    amounts = {"Sales/ItemPrice/Principal": "-50.01", "Sales/ItemPrice/Shipping": "-4.99"}
    ledger_refund(came_back(sold(world), units=2), amounts, units=3)
    derived = fixed(world, "refund_unbooked", ORDER_ID)
    goods, alone = [o for o in derived.operations if o.kind == "credit_memo.create"]
    assert goods.intent["source_lines"] == [{"item_id": "501", "quantity": "2", "amount": "33.34"}]
    assert [x["amount"] for x in goods.intent["further_lines"]] == ["4.99"]
    assert [x["amount"] for x in alone.intent["lines"]] == ["16.67"]
    assert (goods.amount or 0) + (alone.amount or 0) == Decimal("55.00")
    assert alone.identity == f"{goods.identity}-p2"


def test_what_is_kept_for_restocking_lowers_the_credit(world: World) -> None:
    rows = [("ItemPrice", "Principal", "-25.00"), ("ItemPrice", "RestockingFee", "5.00")]
    settled_refund(came_back(sold(world)), rows)
    memo = one(fixed(world, "refund_unbooked", ORDER_ID), "credit_memo.create")
    assert memo.amount == Decimal("20.00")
    assert [(x["item_id"], x["amount"]) for x in memo.intent["further_lines"]] == [("590", "-5.00")]


def test_tax_is_credited_by_the_channels_tax_policy(world: World) -> None:
    ledger_refund(came_back(sold(world)))
    for policy, amount in (("facilitator", "25.00"), ("gross", "27.00")):
        world.decide("routing", "amazon.US", **_routing(tax_policy=policy))
        assert one(fixed(world, "refund_unbooked", ORDER_ID), "credit_memo.create").amount == Decimal(amount)
    world.decide("routing", "amazon.US", **_routing(tax_policy="separate"))
    assert stopped(world)[0] == "returns|amazon.US|tax_item"
    world.decide("routing", "amazon.US", **_routing(tax_policy="separate", tax_item_id="595"))
    memo = one(fixed(world, "refund_unbooked", ORDER_ID), "credit_memo.create")
    assert memo.amount == Decimal("27.00")
    assert [(x["item_id"], x["amount"]) for x in memo.intent["further_lines"]] == [("595", "2.00")]


def test_one_refund_told_by_ledger_and_settlement_is_credited_once(world: World) -> None:
    settled_refund(ledger_refund(came_back(sold(world))))
    ledger_refund(world)
    derived = fixed(world, "refund_unbooked", ORDER_ID)
    assert [o.amount for o in derived.operations if o.kind == "credit_memo.create"] == [Decimal("25.00")]


def test_several_refunds_of_one_line_are_credited_one_by_one(world: World) -> None:
    sold(world)
    ledger_refund(world, {"Sales/ItemPrice/Principal": "-5.00"}, number="T1", refund_id="r1")
    ledger_refund(world, {"Sales/ItemPrice/Principal": "-5.00"}, number="T2", refund_id="r2", at=GIVEN + _HOUR)
    derived = fixed(world, "refund_unbooked", ORDER_ID)
    memos = [o for o in derived.operations if o.kind == "credit_memo.create"]
    assert [m.amount for m in memos] == [Decimal("5.00"), Decimal("5.00")]
    document(world, "7012", "CustCred", 1, "5.00", status="B", external_id=memos[0].identity, other_reference=ORDER_ID)
    left = fixed(world, "refund_unbooked", ORDER_ID)
    assert [o.identity for o in left.operations if o.kind == "credit_memo.create"] == [memos[1].identity]


@pytest.mark.parametrize(
    ("kind", "cause"),
    [("A-to-z Guarantee Refund", "a_to_z"), ("Chargeback Refund", "chargeback")],
)
def test_claims_and_chargebacks_are_refunds_with_a_cause_of_their_own(world: World, kind: str, cause: str) -> None:
    settled_refund(sold(world), kind=kind)
    (finding,) = judged(world, "refund_unbooked").findings
    assert (finding.cause_id, finding.severity) == (f"refund|amazon.US|{cause}|seller", "high")
    assert "credit_memo.create" in [k for k, *_ in kinds(fixed(world, "refund_unbooked", ORDER_ID))]


def test_a_credit_is_settled_against_the_open_invoice_where_the_policy_says_so(world: World) -> None:
    world.decide("returns", "amazon.US", **_terms(open_invoice="apply"))
    ledger_refund(sold(world))
    derived = fixed(world, "refund_unbooked", ORDER_ID)
    assert [k for k, *_ in kinds(derived)] == ["credit_memo.create"]
    assert derived.operations[0].intent["applies_to"] == [{"document_id": "7002", "amount": "25.00"}]


def test_an_order_that_agrees_is_not_looked_at(world: World) -> None:
    settled_refund(ledger_refund(came_back(sold(world))))
    document(world, "7010", "RtnAuth", 1, made_from="7002", moved=1)
    document(world, "7012", "CustCred", 1, made_from="7010", status="B")
    flush(document(world, "7013", "CustRfnd", 1, made_from="7012"))
    with world.store.database.reading() as cursor:
        from reconcile.controls import Evidence
        from reconcile.refunds.cases import read_cases

        assert read_cases(Evidence(world.store, cursor, NOW)) == ()


_HOUR = timedelta(hours=1)


def _terms(**changes: object) -> dict[str, object]:
    return {"refund_item_id": "590", "payment_method_id": "7", "account_id": "1150", **changes}


def _routing(**changes: object) -> dict[str, object]:
    held = {"subsidiary_id": "1", "location_id": "11", "channel_location_id": "12", "tax_policy": "facilitator"}
    return {**held, "time_zone": "America/Los_Angeles", **changes}


def _key() -> str:
    import hashlib

    from way_back_world import REFUND_ID

    return hashlib.sha256(REFUND_ID.encode()).hexdigest()[:10]


def _rest(world: World, whole: dict[str, object]) -> list[str]:
    """Identities of what is still derived; each is the very same write as at first."""
    derived = fixed(world, "refund_unbooked", ORDER_ID)
    assert derived.obstacles == []
    for operation in derived.operations:
        assert operation.intent == whole[operation.identity].intent  # type: ignore[attr-defined]
    return [o.identity for o in derived.operations]
