"""What invoices have sold is not sold again: a settlement pays them, and its deposit takes their payments along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from factories import (
    ORDER_ID,
    World,
    account,
    booked,
    journal_entry,
    line,
    order,
    ready_world,
    sales_order,
    settled,
    transaction_line,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from posting_world import NOVEMBER, NUMBER, OCTOBER, judge, ledger_of, open_books, planned, post

from reconcile.offers import take_offers
from reconcile.plan import build_plan
from sync.outbox.operations import PlannedOperation
from sync.records import DocumentLink
from sync.streams import Document

INCOME, RECEIVABLE, UNDEPOSITED, CLEARING = "304", "320", "311", "302"


def books(world: World) -> World:
    """Give the accounts their own types: in these tests it matters which ones earn."""
    open_books(world).put(account(RECEIVABLE, "1100", "Accounts receivable", account_type="AcctRec"))
    world.put(account(CLEARING, "1150", "Amazon clearing", account_type="Bank"))
    return world.put(account(UNDEPOSITED, "1120", "Undeposited funds", account_type="OthCurrAsset"))


def pays(world: World, paid: Sequence[tuple[str, str, str]], fee: str = "-1.00") -> World:
    """Put a settlement of (order id, day, price) and one fee a month."""
    rows = [f"{day} Order|ItemPrice|Principal {amount}" for _, day, amount in paid]
    rows += [f"{month}-05 Order|ItemFees|Commission {fee}" for month in sorted({day[:7] for _, day, _ in paid})]
    head, lines = settled(NUMBER, rows)
    named = [replace(x, order_id=o) for x, (o, _, _) in zip(lines, paid, strict=False)]
    others = [replace(x, order_id=None) for x in lines[len(paid) :]]
    return world.put(head, *named, *others)


def billed(world: World, order_id: str, number: int, *amounts: str, ours: bool = True) -> World:
    """Put an order, its sales order and an open invoice an amount: what it sold is owed."""
    source = f"70{number:02}"
    named = {"external_id": f"AMZ-{order_id}"} if ours else {}
    world.put_all(Document(order(order_id, status="shipped"), (line(order_id, quantity_shipped=1),)))
    world.put_all(*booked(source, ("501", 1), order_id=order_id, status="G", **named))
    for n, amount in enumerate(amounts, 1):
        invoice(world, f"72{number:02}{n}", source, order_id, amount)
    return world


def invoice(world: World, key: str, source: str, order_id: str, amount: str, status: str = "A") -> World:
    """Put one invoice; its ledger is that of the receivable and of what it earned."""
    money = Decimal(amount)
    head = sales_order(
        key, number=f"INV{key}", transaction_type="CustInvc", record_type="invoice", status=status, total=money,
        other_reference=order_id,
    )  # fmt: skip
    owed = transaction_line(key, line_id="0", is_main=True, account_id=RECEIVABLE, amount=money, debit=money)
    sold = transaction_line(
        key, item_id="501", quantity=Decimal(1), amount=-money, account_id=INCOME, credit=money, created_from=source
    )
    return world.put_all(Document(head, (owed, sold)))


def paid_into(world: World, key: str, invoice_id: str, amount: str, account_id: str, **changes: Any) -> World:
    """Put a payment of an invoice, which is paid in full then."""
    money = Decimal(amount)
    values = {"transaction_type": "CustPymt", "record_type": "customerPayment", "number": f"PYMT{key}", "status": "B"}
    main = transaction_line(key, line_id="0", is_main=True, account_id=account_id, amount=money, debit=money)
    owed = transaction_line(key, account_id=RECEIVABLE, amount=-money, credit=money)
    world.put_all(Document(sales_order(key, total=money, **values | changes), (main, owed)))
    with world.store.database.reading() as cursor:
        (order_id, source) = cursor.execute(
            "SELECT t.other_reference, l.created_from FROM transactions t JOIN transaction_lines l"
            " USING (transaction_id) WHERE t.transaction_id = $1 AND l.created_from IS NOT NULL",
            [invoice_id],
        ).fetchone() or ("", "")
    invoice(world, invoice_id, source, order_id, amount, status="B")
    return world.put(DocumentLink(invoice_id, key, "Payment"))


def book_payment(world: World, operation: PlannedOperation, key: str) -> World:
    """Book what a payment's operation says, as the ERP would."""
    told = operation.intent
    assert told["to_undeposited_funds"] is True
    day = told["date"]
    return paid_into(
        world, key, told["source"]["id"], told["amount"], UNDEPOSITED,
        external_id=operation.identity, transaction_date=type(order().ordered_at.date()).fromisoformat(day),
    )  # fmt: skip


def settle_all(world: World) -> list[PlannedOperation]:
    """Pay what waits, then post the settlement's parts; return the postings."""
    world.cover("netsuite.links")
    for n, operation in enumerate(planned(world, "invoice_unpaid"), 1):
        book_payment(world, operation, f"73{n:03}")
    operations = planned(world, "settlement_not_posted")
    for n, operation in enumerate(operations, 1):
        post(world, operation, f"81{n:02}")
    return list(operations)


def by_deposit(world: World) -> World:
    routing = dict(world.store.decisions.current("routing")["amazon.US"].value)
    world.decide("routing", "amazon.US", **routing | {"settle_invoices": "undeposited"})
    world.decide("policy", "settlements", model="deposit")
    return world


@pytest.fixture
def shop(world: World) -> World:
    """Two orders paid by one settlement: one was billed, the other is in no document of the ERP."""
    books(world)
    billed(world, ORDER_ID, 1, "25.00")
    return pays(world, [(ORDER_ID, "2026-11-02", "25.00"), ("111-0000000-0000009", "2026-11-03", "7.00")])


def blocked(world: World, part: str = NOVEMBER) -> str | None:
    found = {f["subject"]: f for f in judge(world, "settlement_not_posted")}[part]
    said: str | None = found["blocked_by"]
    return said


def test_a_billed_order_is_not_sold_again_and_a_deposit_takes_its_payment_along(shop: World) -> None:
    shop.decide("policy", "settlements", model="deposit")
    assert blocked(shop) == ("1 order of amazon.US would be sold twice: our invoices (such as INV72011) have sold them")
    key = f"settlement_not_posted|amazon.US|{NOVEMBER}"
    taken = take_offers(shop.store, [key], by="ann")
    assert [(o.kind, o.subject, o.value["settle_invoices"]) for o in taken.offers] == [
        ("routing", "amazon.US", "undeposited")
    ]
    assert blocked(shop) == (
        "invoices of amazon.US that settlements pay are open, such as INV72011: their payments are booked first"
    )
    judge(shop, "invoice_unpaid")
    plan = build_plan(shop.store, [key])
    assert [(o.kind, o.discrepancy_id) for o in plan.operations] == [
        ("customer_payment.create", f"invoice_unpaid|amazon.US|{ORDER_ID}")
    ]
    assert [o.discrepancy_id for o in plan.obstacles] == [key]
    (posting,) = settle_all(shop)
    assert [(p["document_id"], p["amount"]) for p in posting.intent["payments"]] == [("73001", "25.00")]
    assert ledger_of(shop) == {INCOME: Decimal("-32.00"), CLEARING: Decimal("31.00"), "301": Decimal("1.00")}
    # What stands is what would be posted now; nothing is left to find.
    assert judge(shop, "journal_differs") == []


def test_invoices_of_others_and_price_lines_that_earn_nothing_hold_nothing_back(world: World) -> None:
    billed(books(world), ORDER_ID, 1, "25.00", ours=False)
    pays(world, [(ORDER_ID, "2026-11-02", "25.00")])
    assert blocked(world) is None
    billed(world, ORDER_ID, 1, "25.00")
    assert "would be sold twice" in (blocked(world) or "")
    for key in ("sales", "shipping_income", "gift_wrap_income", "promotions"):
        world.decide("account", f"amazon.US|{key}", account_id=CLEARING)
    assert blocked(world) is None


def test_an_invoice_whose_order_the_settlement_only_charges_a_fee_for_holds_nothing_back(shop: World) -> None:
    head, lines = settled(NUMBER, ["2026-11-02 Order|ItemFees|Commission -3.00"])
    shop.put(head, *lines)
    assert blocked(shop) is None


def test_a_payment_that_went_elsewhere_is_named_with_where_its_money_is(shop: World) -> None:
    by_deposit(shop).put(account("321", "1010", "Checking", account_type="Bank"))
    paid_into(shop.cover("netsuite.links"), "73001", "72011", "25.00", "321")
    assert blocked(shop) == (
        "payment PYMT73001 of INV72011 went to 1010 Checking, settlements take it from 1120 Undeposited funds"
    )
    paid_into(shop, "73001", "72011", "25.00", UNDEPOSITED)
    assert blocked(shop) is None
    shop.put(journal_entry("HAND-1", "8200", transaction_type="Deposit", record_type="deposit"))
    shop.put(DocumentLink("73001", "8200", "DepPymt"))
    assert blocked(shop) == (
        f"invoice INV72011 of order {ORDER_ID} is paid by PYMT73001, whose money is in another deposit"
    )


def test_a_payment_of_another_amount_is_for_a_person(shop: World) -> None:
    paid_into(by_deposit(shop).cover("netsuite.links"), "73001", "72011", "24.00", UNDEPOSITED)
    invoice(shop, "72011", "7001", ORDER_ID, "25.00", status="B")
    judge(shop, "settlement_not_posted")
    (obstacle,) = build_plan(shop.store, [f"settlement_not_posted|amazon.US|{NOVEMBER}"]).obstacles
    assert obstacle.cause == f"payment PYMT73001 of order {ORDER_ID} is 24.00, the settlement pays 25.00"


def test_a_payment_of_two_orders_at_once_is_nobodys_guess(shop: World) -> None:
    billed(by_deposit(shop), "111-0000000-0000009", 2, "7.00")
    paid_into(shop.cover("netsuite.links"), "73001", "72011", "25.00", UNDEPOSITED)
    invoice(shop, "72021", "7002", "111-0000000-0000009", "7.00", status="B")
    shop.put(DocumentLink("72021", "73001", "Payment"))
    judge(shop, "settlement_not_posted")
    plan = build_plan(shop.store, [f"settlement_not_posted|amazon.US|{NOVEMBER}"])
    assert plan.operations == ()
    assert "pays more orders than one" in plan.obstacles[0].cause


def test_a_payment_that_waits_for_a_deposit_is_dated_when_the_marketplace_had_the_money(shop: World) -> None:
    judge(by_deposit(shop), "invoice_unpaid")
    (payment,) = build_plan(shop.store, [f"invoice_unpaid|amazon.US|{ORDER_ID}"]).operations
    # Not the day of the payout; the invoice is younger than the settlement's line.
    assert payment.intent["date"] == "2026-11-18"


def test_an_invoice_that_comes_after_the_settlement_lets_go_of_nothing_unseen(shop: World) -> None:
    """Cycles that skip what has not changed see it: the part is held back as soon as an invoice is there."""
    billed(by_deposit(shop), "111-0000000-0000009", 2)
    book_payment(shop.cover("netsuite.links"), planned(shop, "invoice_unpaid")[0], "73001")
    assert blocked(shop) is None
    invoice(shop, "72021", "7002", "111-0000000-0000009", "7.00")
    assert "INV72021" in (blocked(shop) or "")


_SPLITS = st.lists(
    st.tuples(st.sampled_from(["none", "whole", "two parts", "two months", "another split"]), st.integers(2, 9000)),
    min_size=1,
    max_size=5,
)


def _rows(orders: Sequence[tuple[str, int]]) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Give order id, day, price and, with an order's first row, the amounts of its invoices."""
    for n, (kind, cents) in enumerate(orders, 1):
        order_id, whole = f"111-0000000-{n:07}", Decimal(cents) / 100
        some = (whole / 3).quantize(Decimal("0.01")) or Decimal("0.01")
        bills = {"none": (), "whole": (whole,)}.get(kind, (some, whole - some))
        shown = tuple(f"{b:.2f}" for b in bills)
        if kind in ("two months", "another split"):
            first, second = shown if kind == "two months" else reversed(shown)
            yield order_id, "2026-10-30", first, shown
            yield order_id, "2026-11-02", second, ()
        else:
            yield order_id, f"2026-1{n % 2}-07", f"{whole:.2f}", shown


@settings(max_examples=6, deadline=None)
@example([("another split", 1000), ("two months", 1000), ("none", 5)])
@given(_SPLITS)
def test_whatever_is_billed_each_sale_is_earned_once_and_nothing_is_owed_or_waits(
    orders: list[tuple[str, int]],
) -> None:
    world = by_deposit(books(ready_world()))
    try:
        rows = list(_rows(orders))
        for n, (order_id, _, _, amounts) in enumerate(rows):
            if amounts:
                billed(world, order_id, n, *amounts)
        pays(world, [r[:3] for r in rows], fee="-0.01")
        postings = settle_all(world)
        sold = sum((Decimal(r[2]) for r in rows), Decimal(0))
        fees = Decimal("0.01") * len({r[1][:7] for r in rows})
        assert {o.identity for o in postings} <= {OCTOBER, NOVEMBER}
        expected = {INCOME: -sold, CLEARING: sold - fees, "301": fees}
        assert ledger_of(world) == {a: amount for a, amount in expected.items() if amount}
        paid = [p["document_id"] for o in postings for p in o.intent.get("payments", ())]
        assert len(paid) == len(set(paid)) == sum(len(r[3]) for r in rows)
    finally:
        world.store.close()
