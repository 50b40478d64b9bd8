"""Each cash sale is taken along once, whole; income is booked once, and clearing ends at what is paid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from factories import World, line, order, ready_world, sales_order, settled, transaction_line, usd
from hypothesis import given, settings
from hypothesis import strategies as st
from posting_world import judge, ledger_of, open_books, planned, post, send

from reconcile.plan import build_plan
from reconcile.reversal import plan_reversal
from reconcile.settlement.paid_in_parts import payers, shares
from sync.netsuite.intents import DepositIntent, read_intent
from sync.outbox.operations import PlannedOperation
from sync.records import Deletion, DocumentLink

CONTROL = "settlement_not_posted"
A, B = "113-0000000-0000001", "113-0000000-0000002"
CLEARING, SALES, FEES, UNDEPOSITED = "302", "304", "301", "311"
PRINCIPAL, COMMISSION = "Order|ItemPrice|Principal", "Order|ItemFees|Commission"
#: Day, order, kind of line, amount, units.
Row = tuple[str, str | None, str, str, int | None]


@pytest.fixture
def books(world: World) -> World:
    return deposits(world)


def deposits(world: World) -> World:
    return open_books(world).cover("netsuite.links").decide("policy", "settlements", model="deposit")


def sold(world: World, order_id: str, total: str, number: str = "7100", **changes: Any) -> World:
    """Book an order as a cash sale of ours that waits in undeposited funds."""
    head = sales_order(
        number, transaction_type="CashSale", record_type="cashSale", number=f"CS{number}", status="B",
        external_id=f"AMZ-{order_id}", other_reference=order_id, total=usd(total),
    )  # fmt: skip
    main = transaction_line(number, is_main=True, account_id=UNDEPOSITED, debit=usd(total))
    income = transaction_line(number, line_id="2", position=2, account_id=SALES, credit=usd(total))
    return world.put(replace(head, **changes), main, income)


def settle(world: World, number: str, *rows: Row, **changes: Any) -> World:
    record, lines = settled(number, [f"{day} {kind} {amount}" for day, _, kind, amount, _ in rows], **changes)
    own = [replace(x, order_id=r[1], quantity=r[4]) for x, r in zip(lines, rows, strict=True)]
    return world.put(record, *own)


def by_hand(world: World, sale: str = "7100", account_id: str = "350", **changes: Any) -> World:
    """Deposit a sale as a person does, to another account."""
    head = sales_order("7900", transaction_type="Deposit", record_type="deposit", number="D9", status="Y")
    main = transaction_line("7900", is_main=True, account_id=account_id, debit=usd("30.00"))
    taken = transaction_line("7900", line_id="2", position=2, account_id=UNDEPOSITED, credit=usd("30.00"))
    return world.put(replace(head, **changes), main, taken).put(DocumentLink(sale, "7900", "DepAppl"))


def obstacle(world: World) -> str:
    plan = build_plan(world.store, [f["discrepancy_id"] for f in judge(world, CONTROL)])
    assert plan.operations == ()
    return plan.obstacles[0].cause


def taken(operations: Sequence[PlannedOperation]) -> list[tuple[str, list[str]]]:
    return [(o.identity, [p["document_id"] for p in o.intent.get("payments", ())]) for o in operations]


def post_all(world: World, operations: Sequence[PlannedOperation], first: int = 8100) -> World:
    for n, operation in enumerate(operations):
        send(world, operation, str(first + n))
    return world


def nothing_is_due(world: World) -> bool:
    return judge(world, CONTROL) == judge(world, "journal_differs") == []


# ---------------------------------------------------------------- somebody else has deposited it


def test_a_sale_that_a_person_has_deposited_is_not_earned_once_more_until_it_is_let_go(books: World) -> None:
    by_hand(settle(books, "700", ("2026-11-01", A, PRINCIPAL, "30.00", 1)), account_id=FEES)
    said = f"cash sale CS7100 of order {A} was deposited by D9 to 6110 Referral fees: its money would be earned twice"
    assert obstacle(sold(books, A, "29.99")) == obstacle(sold(books, A, "30.00")) == said
    by_hand(books, status="V")
    assert taken(planned(books, CONTROL)) == [("AMZ-SETTLE-700-202611", ["7100"])]
    by_hand(books)
    assert "was deposited by D9" in obstacle(books)
    books.put(Deletion("transactions", "7900", "deposit", books.clock.now()))
    assert taken(planned(books, CONTROL)) == [("AMZ-SETTLE-700-202611", ["7100"])]


def test_a_fee_alone_is_no_matter_of_who_deposited_the_sale(books: World) -> None:
    rows = [("2026-11-01", A, COMMISSION, "-3.75", None), ("2026-11-01", B, PRINCIPAL, "9.00", 1)]
    by_hand(settle(sold(books, A, "30.00"), "700", *rows))
    assert taken(planned(books, CONTROL)) == [("AMZ-SETTLE-700-202611", [])]


def test_sales_that_were_paid_to_another_account_stop_a_deposit(books: World) -> None:
    sold(books, A, "30.00")
    books.put(
        sales_order("7100", transaction_type="CashSale", number="CS7100", external_id=f"AMZ-{A}", other_reference=A),
        transaction_line("7100", is_main=True, account_id="310", debit=usd("30.00")),
    )
    (found,) = judge(settle(books, "700", ("2026-11-01", A, PRINCIPAL, "30.00", 1)), CONTROL)
    where = "1170 Deferred marketplace proceeds"
    assert found["blocked_by"] == (
        f"1 cash sale (such as CS7100) of amazon.US would be sold twice: their money waits on {where}"
    )
    books.decide("account", "amazon.US|sales", number="1170")
    assert judge(books, CONTROL)[0]["blocked_by"] is None


# ---------------------------------------------------------------- below zero


def test_a_part_below_zero_takes_its_sales_along_in_one_deposit(books: World) -> None:
    sold(books, A, "30.00")
    rows = [
        ("2026-11-01", A, PRINCIPAL, "30.00", 1),
        ("2026-11-02", None, "Fee|x|Cost of Advertising", "-100.00", None),
    ]
    books.decide("line_type", "amazon|Fee|x|Cost of Advertising", category="advertising", account_key="advertising")
    (operation,) = planned(settle(books, "700", *rows), CONTROL)
    deposit = read_intent(DepositIntent, operation.intent)
    # NetSuite takes no total below zero: what came in is the total, what was kept leaves clearing by a line.
    assert (deposit.account_id, deposit.total) == (CLEARING, Decimal("30.00"))
    assert [(p.document_id, p.amount) for p in deposit.payments] == [("7100", Decimal("30.00"))]
    assert [(o.account_id, o.amount) for o in deposit.others] == [(CLEARING, Decimal("100.00"))]
    assert [(k.account_id, k.amount) for k in deposit.cash_back] == [("308", Decimal("100.00"))]
    send(books, operation, "8100")
    assert ledger_of(books) == {CLEARING: usd("-70"), SALES: usd("-30"), "308": usd("100")}
    assert nothing_is_due(books)
    (back,) = plan_reversal(books.store, operation.identity, reason="too early", by="ann").plan.operations
    post(books, back, "8101")
    assert ledger_of(books) == {UNDEPOSITED: usd("30"), SALES: usd("-30")}
    (again,) = planned(books, CONTROL)
    assert taken([again]) == [("AMZ-SETTLE-700-202611-v2", [])]
    send(books, again, "8102")
    assert ledger_of(books) == {CLEARING: usd("-70"), SALES: usd("-30"), "308": usd("100")}
    assert nothing_is_due(books)


# ---------------------------------------------------------------- paid in parts


def test_an_order_paid_in_two_months_is_taken_along_by_the_first_in_any_order_of_posting(books: World) -> None:
    sold(books, A, "30.00")
    settle(books, "700", ("2026-10-31", A, PRINCIPAL, "10.00", 1), ("2026-11-01", A, PRINCIPAL, "20.00", 2))
    october, november = planned(books, CONTROL)
    assert taken([october, november]) == [("AMZ-SETTLE-700-202610", ["7100"]), ("AMZ-SETTLE-700-202611", [])]
    assert {d["field"]: d["then"] for d in october.diff}["cash back 1"] == (
        f"1120 Undeposited funds, Order {A}, CS7100: paid by others: 20.00"
    )
    send(books, november, "8101")
    assert planned(books, CONTROL) == (october,)
    send(books, october, "8100")
    assert ledger_of(books) == {CLEARING: usd("30"), SALES: usd("-30")}
    assert nothing_is_due(books)


def test_units_that_are_still_to_be_paid_leave_their_money_in_undeposited_funds(books: World) -> None:
    sold(books, A, "30.00").put(order(A), line(A, quantity=3))
    settle(books, "700", ("2026-11-01", A, PRINCIPAL, "10.00", 1))
    post_all(books, planned(books, CONTROL))
    assert ledger_of(books) == {CLEARING: usd("10"), SALES: usd("-30"), UNDEPOSITED: usd("20")}
    assert nothing_is_due(books)
    (second,) = planned(settle(books, "701", ("2026-11-09", A, PRINCIPAL, "20.00", 2)), CONTROL)
    assert taken([second]) == [("AMZ-SETTLE-701-202611", [])]
    send(books, second, "8101")
    assert ledger_of(books) == {CLEARING: usd("30"), SALES: usd("-30")}
    assert nothing_is_due(books)
    # What comes when the sale is paid is money of its own.
    (third,) = planned(settle(books, "702", ("2026-11-12", A, PRINCIPAL, "2.00", None)), CONTROL)
    assert [o["account_id"] for o in third.intent["others"]] == [SALES]


def test_less_than_the_sale_for_all_of_its_units_is_another_amount(books: World) -> None:
    sold(books, A, "30.00").put(order(A), line(A, quantity=3))
    settle(books, "700", ("2026-10-31", A, PRINCIPAL, "10.00", 1), ("2026-11-01", A, PRINCIPAL, "19.99", 2))
    assert obstacle(books) == f"cash sale CS7100 of order {A} is 30.00, 2 parts of settlements pay 29.99"


def test_a_part_that_was_booked_as_a_journal_has_earned_its_share_already(books: World) -> None:
    settle(books, "700", ("2026-10-31", A, PRINCIPAL, "10.00", 1), ("2026-11-01", A, PRINCIPAL, "20.00", 2))
    october, _ = planned(books, CONTROL)
    post(books, october, "8100", transaction_type="Journal")
    sold(books, A, "30.00")
    booked = "JE8100 (AMZ-SETTLE-700-202610, a Journal) books one of them as income"
    assert obstacle(books) == f"order {A} (CS7100) is paid in parts, and {booked}"


def test_a_part_from_before_go_live_was_booked_by_people(books: World) -> None:
    sold(books, A, "30.00").decide("go_live", "amazon.US", **{"from": "2026-10-30"})
    settle(books, "700", ("2026-10-20", A, PRINCIPAL, "10.00", 1), period_end=datetime(2026, 10, 21, tzinfo=UTC))
    settle(books, "701", ("2026-11-01", A, PRINCIPAL, "20.00", 2))
    said = "settlement 700 is from before 2026-10-30, when people booked by hand"
    assert obstacle(books) == f"order {A} (CS7100) is paid in parts, and {said}"


def test_pieces_of_a_long_month_take_the_sale_along_once(books: World) -> None:
    sold(books, A, "30.00").decide("policy", "settlements|amazon.US", line_limit=2, model="deposit")
    rows = [("2026-11-01", A, PRINCIPAL, "25.00", 1), ("2026-11-01", A, "Order|ItemPrice|Shipping", "5.00", None)]
    operations = planned(settle(books, "700", *rows, ("2026-11-01", A, COMMISSION, "-3.75", None)), CONTROL)
    assert sorted(len(t) for _, t in taken(operations)) == [0, 0, 1]
    send(books, operations[0], "8100")
    assert planned(books, CONTROL) == operations[1:]
    post_all(books, operations[1:], 8101)
    assert ledger_of(books) == {CLEARING: usd("26.25"), SALES: usd("-30"), FEES: usd("3.75")}
    assert nothing_is_due(books)


def test_an_order_that_was_sold_in_two_documents_takes_both_along(books: World) -> None:
    sold(sold(books, A, "12.00"), A, "18.00", "7101", external_id=None)
    rows = [("2026-11-01", A, PRINCIPAL, "35.00", 2), ("2026-11-01", A, "Order|Promotion|Principal", "-5.00", None)]
    books.decide("account", "amazon.US|promotions", number="4000")
    (operation,) = planned(settle(books, "700", *rows), CONTROL)
    assert taken([operation]) == [("AMZ-SETTLE-700-202611", ["7100", "7101"])]
    assert operation.intent["others"] == operation.intent["cash_back"] == []
    send(books, operation, "8100")
    assert ledger_of(books) == {CLEARING: usd("30"), SALES: usd("-30")}
    assert nothing_is_due(settle(books, "701", ("2026-11-10", A, COMMISSION, "0.00", None)))


# ---------------------------------------------------------------- whatever the split

CENTS = st.integers(1, 5000)
PARTS = [("700", "2026-10-30"), ("700", "2026-11-01"), ("701", "2026-11-14"), ("702", "2026-11-16")]


@settings(max_examples=3, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from(PARTS), CENTS, min_size=1), min_size=1, max_size=3),
    st.dictionaries(st.sampled_from(PARTS), CENTS),
    st.randoms(use_true_random=False),
)
def test_any_split_takes_each_sale_once_and_clearing_ends_at_the_payouts(
    splits: list[dict[tuple[str, str], int]], fees: dict[tuple[str, str], int], chance: Any
) -> None:
    world = deposits(ready_world())
    rows: dict[str, list[Row]] = {}
    for n, split in enumerate(splits):
        name = f"113-0000000-000001{n}"
        sold(world, name, str(Decimal(sum(split.values())).scaleb(-2)), f"71{n:02d}")
        for (number, day), cents in split.items():
            rows.setdefault(number, []).append((day, name, PRINCIPAL, str(Decimal(cents).scaleb(-2)), 1))
    for (number, day), cents in fees.items():
        rows.setdefault(number, []).append((day, None, COMMISSION, str(Decimal(-cents).scaleb(-2)), None))
    for number, own in sorted(rows.items()):
        settle(world, number, *own)
    operations = list(planned(world, CONTROL))
    chance.shuffle(operations)
    for n, operation in enumerate(operations):
        send(world, operation, str(8100 + n))
        if n == len(operations) // 2:
            # Derived anew half-way, the very same operations are left.
            left = {o.identity: o for o in planned(world, CONTROL)}
            assert left == {o.identity: o for o in operations[n + 1 :]}
    assert sorted(t for _, own in taken(operations) for t in own) == [f"71{n:02d}" for n in range(len(splits))]
    paid, kept = sum(sum(s.values()) for s in splits), sum(fees.values())
    due = {SALES: -paid, FEES: kept, CLEARING: paid - kept}
    assert ledger_of(world) == {k: Decimal(v).scaleb(-2) for k, v in due.items() if v}
    assert nothing_is_due(world)


AMOUNTS = st.lists(st.integers(1, 9), max_size=6).map(lambda cents: list(enumerate(map(Decimal, cents))))


@settings(max_examples=100, deadline=None)
@given(AMOUNTS, st.integers(1, 20).map(Decimal), st.booleans())
def test_payers_pay_the_total_or_less_while_units_are_open(
    paid: list[tuple[int, Decimal]], total: Decimal, is_open: bool
) -> None:
    found = payers(paid, total, is_open=is_open)
    sums = dict(paid)
    added = sum((sums[k] for k in found or ()), Decimal(0))
    assert found is None or list(found) == sorted(set(found)) != []
    assert found is None or added == total or (is_open and added < total and len(found) == len(paid))
    if found is None:
        assert total not in sums.values()
        assert total not in [sum(list(sums.values())[:n], Decimal(0)) for n in range(1, len(paid) + 1)]
    # What is paid once stays so when more comes.
    if found is not None and added == total and total in sums.values():
        assert payers([*paid, (99, Decimal(1))], total, is_open=is_open) == found


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.integers(0, 5), st.integers(-9, 30).map(Decimal), min_size=1), st.data())
def test_documents_share_a_payment_to_the_cent(sums: dict[int, Decimal], data: st.DataObject) -> None:
    whole = sum(sums.values())
    if whole < 3:
        with pytest.raises(ValueError, match="not the same money"):
            shares(sums, [Decimal(1), whole, Decimal(1)])
        return
    first = data.draw(st.integers(1, int(whole) - 2).map(Decimal))
    second = data.draw(st.integers(1, int(whole - first) - 1).map(Decimal))
    totals = [first, second, whole - first - second]
    found = shares(sums, totals)
    assert [sum(own.values()) for own in found] == totals
    assert {k: sum(own.get(k, Decimal(0)) for own in found) for k in sums} == sums
