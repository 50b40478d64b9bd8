"""Refunds that a settlement books and that somebody else's document credits as well: named, not judged."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from factories import ORDER_ID, World, account, line, order, sales_order, transaction_line
from posting_world import judge, open_books, settle

from reconcile.controls import Evidence
from reconcile.controls.credits_beside import CreditsBeside, credits_beside
from sync.streams import Document

REFUNDED = (
    "2026-11-01 Order|ItemPrice|Principal 25.00",
    "2026-11-02 Refund|ItemPrice|Principal -4.00",
    "2026-11-02 Refund|ItemPrice|Tax -0.40",
)


def beside(world: World) -> CreditsBeside | None:
    with world.store.database.reading() as cursor:
        return credits_beside(Evidence(world.store, cursor, world.clock.now()), "amazon.US")


def cash_refund(world: World, total: str, *, paid_from: str = "350", number: str = "7300", **changes: object) -> World:
    """A cash refund that somebody keyed for the order; its money leaves an account."""
    head = sales_order(
        number, transaction_type="CashRfnd", record_type="cashRefund", external_id=None, other_reference=ORDER_ID,
        number=f"CR{number}", status="Y", total=Decimal(total),
    )  # fmt: skip
    main = transaction_line(number, is_main=True, account_id=paid_from, credit=Decimal(total))
    sold = transaction_line(number, line_id="2", position=2, account_id="304", debit=Decimal(total))
    return world.put(replace(head, **changes), main, sold)


@pytest.fixture
def refunded(world: World) -> World:
    """An order, its settlement with a refund of 4.00 and 0.40 of tax, and an account of undeposited funds."""
    world.put_all(Document(order(), [line()]))
    open_books(world).put(account("350", "1190", "Undeposited funds"))
    return settle(world, *REFUNDED)


@pytest.mark.parametrize(
    ("total", "changes"),
    [
        ("3.99", {}),
        ("4.00", {"status": "V"}),
        ("4.00", {"other_reference": "112-0000000-0000000"}),
        ("4.00", {"external_id": f"AMZ-RFD-{ORDER_ID}-1"}),
    ],
    ids=["another amount", "voided", "another order", "ours, which the accounts that must agree are about"],
)
def test_what_is_not_the_same_money_is_not_named(refunded: World, total: str, changes: dict[str, object]) -> None:
    assert beside(cash_refund(refunded, total, **changes)) is None


def test_nothing_is_named_where_the_settlement_books_refunds_on_the_account_that_pays_them(refunded: World) -> None:
    refunded.decide("account", "amazon.US|refunds", number="1190")
    assert beside(cash_refund(refunded, "4.00")) is None


@pytest.mark.parametrize("total", ["4.00", "4.40"])
def test_a_credit_of_the_same_money_is_named_with_order_document_and_account(refunded: World, total: str) -> None:
    found = beside(cash_refund(refunded, total))
    assert found is not None
    assert [(c.order_id, c.number, c.total, c.paid_from) for c in found.credits] == [
        (ORDER_ID, "CR7300", Decimal(total), "1190 Undeposited funds")
    ]
    said = f"1 refund of amazon.US ({total} USD) that settlements book on 4100 Sales refunds was credited in NetSuite"
    assert found.text.startswith(said)
    # It holds nothing back: a company may have cleared these in its own way for years.
    assert [f["blocked_by"] for f in judge(refunded, "settlement_not_posted")] == [None]


def test_credits_that_together_are_the_refund_and_one_that_is_not_paid_out_are_named(refunded: World) -> None:
    cash_refund(refunded, "3.00")
    head = sales_order(
        "7301", transaction_type="CustCred", record_type="creditMemo", external_id=None, other_reference=ORDER_ID,
        number="CM7301", status="A", total=Decimal("-1.00"),
    )  # fmt: skip
    refunded.put(head, transaction_line("7301", is_main=True, account_id="303", credit=Decimal("1.00")))
    found = beside(refunded)
    assert found is not None
    assert [(c.number, c.total, c.paid_from) for c in found.credits] == [
        ("CM7301", Decimal("1.00"), None),
        ("CR7300", Decimal("3.00"), "1190 Undeposited funds"),
    ]
    assert "CM7301 of 111-1111111-1111111, not paid out" in found.text.replace(ORDER_ID, "111-1111111-1111111")
