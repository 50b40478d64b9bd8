"""What blocks a document and one decision mends: accounts that must agree, and days of closed months, of every kind."""

from __future__ import annotations

import pytest
from factories import ORDER_ID, World, account, booked, line, order, period, sales_order, settled, transaction_line, usd
from posting_world import NOVEMBER, OCTOBER, judge, ledger_of, open_books, planned, send, settle
from way_back_world import back_world, fixed, flush, ledger_refund, sold

from reconcile.controls import Evidence
from reconcile.controls.agreement import disagreements
from reconcile.offers import offers_of, take_offers
from reconcile.plan import build_plan
from sync.errors import BadInput
from sync.streams import Document

SOLD = ("2026-11-01 Order|ItemPrice|Principal 25.00", "2026-11-01 Order|ItemPrice|Shipping 5.00")
REFUNDED = ("2026-11-01 Order|ItemPrice|Principal 25.00", "2026-11-02 Refund|ItemPrice|Principal -4.00")


def credited(world: World) -> World:
    """A refund of an order that we credited: its money left the clearing account."""
    memo = sales_order("7300", transaction_type="CustCred", external_id=f"AMZ-CM-{ORDER_ID}-1", status="A")
    return world.put(memo)


def keys(world: World) -> dict[str, str]:
    with world.store.database.reading() as cursor:
        found = disagreements(Evidence(world.store, cursor, world.clock.now()), "amazon.US")
    return {d.key: d.due.label for d in found}


def test_nothing_is_offered_for_what_no_decision_mends(world: World) -> None:
    settle(open_books(world), *REFUNDED)
    judge(world, "settlement_not_posted")
    assert offers_of(world.store, [f"settlement_not_posted|amazon.US|{NOVEMBER}"]) == ()
    with pytest.raises(BadInput, match="no decision is offered"):
        take_offers(world.store, [f"settlement_not_posted|amazon.US|{NOVEMBER}"], by="ann")
    with pytest.raises(BadInput, match="there is no discrepancy"):
        offers_of(world.store, ["nonsense"])


def test_refunds_that_nobody_credits_may_be_booked_by_the_settlement(world: World) -> None:
    settle(open_books(world), *REFUNDED)
    assert keys(world) == {}
    assert [f["blocked_by"] for f in judge(world, "settlement_not_posted")] == [None]


def test_a_settlement_with_refunds_waits_until_they_leave_the_account_that_paid_them(world: World) -> None:
    settle(credited(open_books(world)), *REFUNDED)
    assert keys(world) == {"refunds": "1150 Amazon clearing"}
    (found,) = judge(world, "settlement_not_posted")
    assert found["cause_id"] == "agree|amazon.US|refunds"
    assert found["blocked_by"] == (
        "refunds of amazon.US is 4100 Sales refunds, but refunds are credited and paid from 1150 Amazon clearing"
    )
    taken = take_offers(world.store, [found["discrepancy_id"]], by="ann", reason="credits are booked one by one")
    assert [(o.kind, o.subject, o.value) for o in taken.offers] == [
        ("account", "amazon.US|refunds", {"account_id": "302"})
    ]
    assert taken.released == 1
    held = world.store.decisions.current("account")["amazon.US|refunds"]
    assert (held.decided_by, held.reason) == ("ann", "credits are booked one by one")
    (operation,) = planned(world, "settlement_not_posted")
    send(world, operation, "8100")
    # The refund leaves income alone: clearing takes 21.00 in, and what the refund took out is what the payout lacks.
    assert ledger_of(world) == {"302": 25, "304": -25}
    world.store.decisions.undo("account", "amazon.US|refunds", by="ann")
    assert keys(world) == {"refunds": "1150 Amazon clearing"}


def test_a_settlement_without_refunds_is_not_held_back(world: World) -> None:
    settle(credited(open_books(world)))
    assert {f["blocked_by"] for f in judge(world, "settlement_not_posted")} == {None}


@pytest.mark.parametrize("policy", ["clearing", "undeposited"])
def test_where_settlements_pay_invoices_what_has_none_stays_income(world: World, policy: str) -> None:
    world = open_books(world)
    routing = dict(world.store.decisions.current("routing")["amazon.US"].value)
    world.decide("routing", "amazon.US", **routing | {"settle_invoices": policy})
    settle(world)
    assert keys(world) == {}
    assert {f["blocked_by"] for f in judge(world, "settlement_not_posted")} == {None}


def sold_for_cash(world: World, account_id: str = "311", external_id: str = f"AMZ-{ORDER_ID}") -> World:
    sale = sales_order(
        "7100", transaction_type="CashSale", record_type="cashSale", number="CS1", external_id=external_id,
        other_reference=ORDER_ID, total=usd("30.00"),
    )  # fmt: skip
    income = transaction_line("7100", line_id="2", item_id="501", account_id="304", amount=usd("30"), credit=usd("30"))
    main = transaction_line("7100", is_main=True, account_id=account_id, amount=usd("30"), debit=usd("30"))
    return world.cover("netsuite.links").put(sale, main, income)


def test_a_cash_sale_of_ours_is_not_sold_again_by_a_journal_and_a_deposit_takes_it_along(world: World) -> None:
    sold_for_cash(settle(open_books(world), *SOLD))
    found = {f["subject"]: f for f in judge(world, "settlement_not_posted")}[NOVEMBER]
    assert found["blocked_by"] == (
        "1 cash sale (such as CS1) of amazon.US would be sold twice: their money waits on 1120 Undeposited funds"
    )
    taken = take_offers(world.store, [found["discrepancy_id"]], by="ann")
    assert [(o.kind, o.subject, o.value) for o in taken.offers] == [
        ("policy", "settlements|amazon.US", {"model": "deposit"})
    ]
    (operation,) = build_plan(world.store, [found["discrepancy_id"]]).operations
    assert (operation.kind, [p["document_id"] for p in operation.intent["payments"]]) == ("deposit.create", ["7100"])
    world.store.decisions.undo("policy", "settlements|amazon.US", by="ann")
    assert build_plan(world.store, [found["discrepancy_id"]]).operations == ()


def test_cash_sales_of_others_and_price_lines_on_their_account_hold_nothing_back(world: World) -> None:
    sold_for_cash(settle(open_books(world), *SOLD), external_id="CELIGO-1")
    assert {f["blocked_by"] for f in judge(world, "settlement_not_posted")} == {None}
    sold_for_cash(world)
    for key in ("sales", "shipping_income", "gift_wrap_income", "promotions"):
        world.decide("account", f"amazon.US|{key}", account_id="311")
    assert {f["blocked_by"] for f in judge(world, "settlement_not_posted")} == {None}


def test_a_cash_sale_on_an_account_of_its_own_names_that_account_and_offers_no_deposit(world: World) -> None:
    sold_for_cash(settle(open_books(world), *SOLD), account_id="302")
    found = {f["subject"]: f for f in judge(world, "settlement_not_posted")}[NOVEMBER]
    assert "their money waits on 1150" in found["blocked_by"]
    obstacle = build_plan(world.store, [found["discrepancy_id"]]).obstacles[0]
    assert obstacle.remedy == ("Decide that the accounts sales, shipping_income of amazon.US are 1150 Amazon clearing")
    assert offers_of(world.store, [found["discrepancy_id"]]) == ()


def test_a_closed_month_of_a_settlement_is_booked_on_the_first_open_day_and_undone(world: World) -> None:
    settle(open_books(world)).put(period(10, closed=True))
    blocked = {f["subject"]: f for f in judge(world, "settlement_not_posted")}[OCTOBER]["discrepancy_id"]
    assert [o.words for o in build_plan(world.store, [blocked]).offers] == [f"{OCTOBER} on 2026-11-01 (Nov 2026)"]
    taken = take_offers(world.store, [blocked], by="ann")
    assert taken.released == 1
    held = world.store.decisions.current("posting_date")[OCTOBER]
    assert (held.value, held.decided_by, held.reason) == ({"date": "2026-11-01"}, "ann", "period Oct 2026 is closed")
    assert {o.intent["date"] for o in build_plan(world.store, [blocked]).operations} == {"2026-11-01"}
    world.store.decisions.undo("posting_date", OCTOBER, by="ann")
    assert build_plan(world.store, [blocked]).operations == ()


def test_no_open_month_is_no_offer(world: World) -> None:
    settle(open_books(world))
    for month in (10, 11, 12):
        world.put(period(month, closed=True))
    judge(world, "settlement_not_posted")
    assert offers_of(world.store, [f"settlement_not_posted|amazon.US|{OCTOBER}"]) == ()


def test_a_refund_of_a_closed_month_takes_credit_and_payout_along(world: World) -> None:
    back_world(world).put(account("1150", "1150", "Amazon clearing"))
    flush(ledger_refund(sold(world)))
    world.put_all(Document(period(11, closed=True)))
    judge(world, "refund_unbooked")
    assert fixed(world, "refund_unbooked", ORDER_ID).operations == []
    taken = take_offers(world.store, [f"refund_unbooked|amazon.US|{ORDER_ID}"], by="ann")
    assert {o.kind for o in taken.offers} == {"posting_date"}
    operations = fixed(world, "refund_unbooked", ORDER_ID).operations
    assert [o.kind for o in operations] == ["credit_memo.create", "customer_refund.create"]
    assert {o.intent["date"] for o in operations} == {"2026-12-01"}


def test_an_invoice_a_payment_and_a_fulfilment_of_a_closed_month_are_booked_in_the_next(world: World) -> None:
    routing = dict(world.store.decisions.current("routing")["amazon.US"].value)
    world.decide("routing", "amazon.US", **routing | {"settle_invoices": "clearing", "clearing_account_id": "88"})
    world.put_all(Document(account("88", "1150", "Amazon clearing")), *(Document(period(m)) for m in (10, 12)))
    world.put_all(Document(period(11, closed=True)), *booked("7001", ("501", 1), status="G"))
    world.put_all(Document(order(status="shipped"), (line(quantity_shipped=1),)))
    paid = sales_order("7201", number="INV1", transaction_type="CustInvc", status="A", total=10)
    row = transaction_line("7201", item_id="501", quantity=1, amount=10, created_from="7001")
    world.put_all(Document(paid, (row,)), Document(*settled("1", ["2026-11-10 Order|ItemPrice|Principal 10.00"])))
    (found,) = judge(world, "invoice_unpaid")
    taken = take_offers(world.store, [found["discrepancy_id"]], by="ann", reason="November is closed")
    assert [o.value for o in taken.offers] == [{"date": "2026-12-01"}]
    (payment,) = planned(world, "invoice_unpaid")
    assert (payment.kind, payment.intent["date"]) == ("customer_payment.create", "2026-12-01")
