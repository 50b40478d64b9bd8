"""How a part is posted: pieces under the line limit, dimensions, other currencies, deposits and cash sales."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from factories import World, account, period, sales_order, transaction_line, usd
from posting_world import NOVEMBER, NUMBER, OCTOBER, judge, ledger_of, open_books, planned, post, sells, settle

from reconcile.controls.control import Evidence
from reconcile.cycle import run_cycle
from reconcile.explain import explain_journal, explain_up, lines_of
from reconcile.mapping.posting import next_open_period
from reconcile.plan import build_plan
from sync.errors import BadInput
from sync.netsuite.intents import CashRefundIntent, CashSaleIntent, DepositIntent, JournalIntent, read_intent
from sync.records import ErpCurrency, Subsidiary

MANY = (
    "2026-11-01 Order|ItemPrice|Principal 25.00",
    "2026-11-01 Order|ItemPrice|Shipping 5.00",
    "2026-11-01 Order|ItemFees|Commission -3.75",
    "2026-11-01 ServiceFee|Cost of Advertising|TransactionTotalAmount -9.00",
    "2026-11-02 Refund|ItemPrice|Principal -4.00",
)
PIECES = [NOVEMBER, f"{NOVEMBER}-2", f"{NOVEMBER}-3"]
CONTROL = "settlement_not_posted"


@pytest.fixture
def books(world: World) -> World:
    return open_books(world)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"line_limit": 1}, "line_limit is a whole number from 2"),
        ({"line_limit": "10"}, "line_limit is a whole number from 2"),
        ({"model": "cheque"}, "model is journal or deposit or cash_sale"),
        ({"memo": "{label}"}, "memo may name {channel}, {document}, {period}, {settlement} only"),
        ({"line_memo": "{label.__class__}"}, "line_memo may name"),
        ({"line_memo": "{label!r:>99}"}, "line_memo may name"),
        ({"memo": "{"}, "memo is no pattern"),
        ({"colour": "red"}, "colour is unknown"),
    ],
)
def test_a_policy_that_cannot_be_used_says_why(books: World, value: dict[str, object], problem: str) -> None:
    settle(books).decide("policy", "settlements", **value)
    with pytest.raises(BadInput) as caught:
        run_cycle(books.store, controls=[CONTROL])
    assert problem in str(caught.value)


def test_a_part_above_the_line_limit_is_posted_in_pieces_that_tie_out_together(books: World) -> None:
    settle(books, *MANY).decide("policy", "settlements|amazon.US", line_limit=3)
    pieces = planned(books, CONTROL)
    assert [o.identity for o in pieces] == PIECES
    assert all(len(read_intent(JournalIntent, o.intent).lines) <= 3 for o in pieces)
    found = books.findings(CONTROL)
    assert sum(f["channel_amount"] for f in found) == usd("13.25")
    explained = [explain_journal(books.store, name) for name in PIECES]
    assert [e.total for e in explained if e] == [f["channel_amount"] for f in found]
    behind = [line.ordinal for name in PIECES for line in lines_of(books.store, name, 1) or []]
    assert sorted(behind) == [1, 2, 3, 4, 5]
    (up,) = explain_up(books.store, f"amazon.US/{NUMBER}:7")
    assert up.journal in PIECES
    post(books, pieces[0], "8100")
    assert [f["subject"] for f in judge(books, CONTROL)] == PIECES[1:]
    for n, operation in enumerate(pieces[1:]):
        post(books, operation, str(8101 + n))
    assert judge(books, CONTROL) == judge(books, "journal_differs") == []
    whole = {"302": "13.25", "304": "-25", "305": "-5", "301": "3.75", "308": "9", "306": "4"}
    assert ledger_of(books) == {k: Decimal(v) for k, v in whole.items()}


def test_a_limit_that_comes_after_the_posting_never_posts_a_line_twice(books: World) -> None:
    (whole,) = planned(settle(books, *MANY), CONTROL)
    post(books, whole, "8100").decide("policy", "settlements|amazon.US", line_limit=3)
    # It says what the pieces say together: nothing is due, and nothing would be better another way.
    assert judge(books, CONTROL) == judge(books, "journal_differs") == []
    # As soon as it says something else, its lines are not posted a second time in pieces.
    books.put(account("399", "6999", "Fees of Amazon")).decide("account", "amazon.US|referral_fees", number="6999")
    found = judge(books, CONTROL)
    assert [f["subject"] for f in found] == PIECES[1:]
    assert {f["blocked_by"] for f in found} == {"JE8100 posts this month in another cut"}
    assert [f["subject"] for f in judge(books, "journal_differs")] == [NOVEMBER]


def test_pieces_that_are_posted_stay_when_the_limit_is_lifted(books: World) -> None:
    settle(books, *MANY).decide("policy", "settlements|amazon.US", line_limit=3)
    for n, operation in enumerate(planned(books, CONTROL)):
        post(books, operation, str(8100 + n))
    books.decide("policy", "settlements|amazon.US", line_limit=1000)
    assert judge(books, CONTROL) == judge(books, "journal_differs") == []


def test_lines_carry_the_channels_dimensions_under_the_accounts_own(books: World) -> None:
    books.decide(
        "routing",
        "amazon.US",
        subsidiary_id="1",
        location_id="11",
        channel_location_id="12",
        department_id="5",
        class_id="6",
        customer_id="77",
        tax_policy="facilitator",
    )
    books.decide("account", "amazon.US|referral_fees", number="6110", department_id="50", entity_id="99")
    books.decide(
        "policy",
        "settlements",
        location="channel",
        entity="customer",
        memo="{settlement} of {period}",
        line_memo="{label} {settlement}",
    )
    october, _ = planned(settle(books), CONTROL)
    by_account = {line["account_id"]: line for line in october.intent["lines"]}
    assert october.intent["memo"] == f"{NUMBER} of 2026-10"
    assert by_account["301"]["memo"] == f"Referral fees {NUMBER}"
    names = ("department_id", "class_id", "location_id", "entity_id")
    assert [by_account["301"][n] for n in names] == ["50", "6", "11", "99"]
    assert [by_account["304"][n] for n in names] == ["5", "6", "11", "77"]
    assert october.intent["subsidiary_id"] == "1"


def test_a_closed_month_is_posted_on_the_offered_date_by_one_decision(books: World) -> None:
    settle(books.put(period(10, closed=True)))
    blocked = {f["subject"]: f for f in judge(books, CONTROL)}[OCTOBER]
    assert blocked["blocked_by"] == "period Oct 2026 is closed"
    assert build_plan(books.store, [blocked["discrepancy_id"]]).operations == ()
    with books.store.database.reading() as cursor:
        following = next_open_period(Evidence(books.store, cursor, books.clock.now()), date(2026, 10, 31))
    assert following is not None
    books.decide("posting_date", OCTOBER, date=following.start_date.isoformat())
    october, november = planned(books, CONTROL)
    assert (october.intent["date"], october.period) == ("2026-11-01", "2026-11")
    post(books, october, "8100")
    post(books, november, "8101")
    assert judge(books, CONTROL) == judge(books, "journal_differs") == []


def test_a_settlement_in_another_currency_keeps_it_and_shows_its_worth_in_the_books(books: World) -> None:
    books.put(Subsidiary("1", "Acme Goods Ltd", "GBP", "GB", False))
    for n, (code, rate) in enumerate([("USD", "1"), ("GBP", "1.25"), ("MXN", "0.05")]):
        books.put(ErpCurrency(str(n + 1), code, code, code == "USD", Decimal(rate)))
    settle(books, currency="MXN")
    october, _ = planned(books, CONTROL)
    assert (october.intent["currency"], "exchange_rate" in october.intent) == ("MXN", False)
    shown = {d["field"]: d["then"] for d in october.diff}
    assert shown["rate"] == "1 MXN = 0.04 GBP, NetSuite's of the mirror"
    assert shown["line 2"] == "4000 Sales, Sales: credit 25.00 (1.00 GBP)"
    books.decide("policy", "settlements", rate="mirror")
    october, _ = planned(books, CONTROL)
    assert read_intent(JournalIntent, october.intent).exchange_rate == Decimal("0.04")


def undeposited_sale(world: World, total: str, *, links: bool = True) -> World:
    sale = sales_order(
        "7100",
        transaction_type="CashSale",
        record_type="cashSale",
        number="CS1",
        other_reference="113-7702233-1180001",
        total=usd(total),
    )
    if links:
        world.cover("netsuite.links")
    return world.put(sale, transaction_line("7100", is_main=True, account_id="311", debit=usd(total)))


def test_a_deposit_takes_up_undeposited_sales_and_keeps_fees_back(books: World) -> None:
    undeposited_sale(books, "30.00").decide("policy", "settlements", model="deposit")
    (operation,) = planned(settle(books, *MANY), CONTROL)
    assert operation.kind == "deposit.create"
    deposit = read_intent(DepositIntent, operation.intent)
    assert (deposit.total, deposit.account_id) == (Decimal("13.25"), "302")
    assert [(p.document_id, p.amount) for p in deposit.payments] == [("7100", Decimal("30.00"))]
    assert deposit.others == ()
    kept = {line.account_id: line.amount for line in deposit.cash_back}
    assert kept == {"301": Decimal("3.75"), "306": Decimal("4.00"), "308": Decimal("9.00")}


def test_without_the_links_of_documents_no_sale_is_taken_up(books: World) -> None:
    undeposited_sale(books, "30.00", links=False).decide("policy", "settlements", model="deposit")
    (found,) = judge(settle(books, *MANY), CONTROL)
    plan = build_plan(books.store, [found["discrepancy_id"]])
    assert plan.operations == ()
    assert plan.obstacles[0].cause == "which cash sales are deposited is not known: netsuite.links was never read"


def test_a_sale_of_another_amount_blocks_the_deposit(books: World) -> None:
    undeposited_sale(books, "29.99").decide("policy", "settlements", model="deposit")
    (found,) = judge(settle(books, *MANY), CONTROL)
    plan = build_plan(books.store, [found["discrepancy_id"]])
    assert plan.operations == ()
    said = "cash sale CS1 of order 113-7702233-1180001 is 29.99, the settlement pays 30.00"
    assert plan.obstacles[0].cause == said


def test_a_part_with_only_a_fee_of_an_order_leaves_its_sale_to_the_part_that_pays_it(books: World) -> None:
    undeposited_sale(books, "30.00").decide("policy", "settlements", model="deposit")
    rows = ("2026-11-01 Order|ItemFees|Commission -3.75", "2026-11-02 Adjustment|other|Reimbursement 9.00")
    books.decide("line_type", "amazon|Adjustment|other|Reimbursement", category="sales", account_key="sales")
    (operation,) = planned(settle(books, *rows), CONTROL)
    assert (operation.kind, operation.intent["payments"]) == ("deposit.create", [])


def test_a_part_below_zero_is_no_deposit_but_a_journal_and_a_cash_refund(books: World) -> None:
    books.decide("policy", "settlements", model="deposit")
    settle(books, "2026-11-01 Order|ItemFees|Commission -3.75")
    assert [o.kind for o in planned(books, CONTROL)] == ["journal_entry.create"]
    sells(books)
    (operation,) = planned(books, CONTROL)
    assert operation.kind == "cash_refund.create"
    refund = read_intent(CashRefundIntent, operation.intent)
    assert [(line.item_id, line.amount) for line in refund.lines] == [("6601", Decimal("3.75"))]


def test_cash_sales_need_a_customer_and_an_item_for_each_account(books: World) -> None:
    settle(books).decide("policy", "settlements", model="cash_sale")
    causes = {f["cause"] for f in judge(books, CONTROL)}
    assert causes == {"amazon.US has no customer of its own for cash sales"}
    sells(books).put(account("301", "6110", "Referral fees"))
    books.store.decisions.undo("account", "amazon.US|referral_fees", by="ann")
    causes = {f["subject"]: f["blocked_by"] for f in judge(books, CONTROL)}
    assert causes[OCTOBER] == "account 6110 Referral fees of amazon.US has no item that a cash sale could sell"


def test_a_cash_sale_on_the_marketplaces_customer_sums_the_part(books: World) -> None:
    october, _ = planned(sells(settle(books)), CONTROL)
    sale = read_intent(CashSaleIntent, october.intent)
    assert (sale.customer.id if sale.customer else None, sale.account_id) == ("77", "302")
    assert [(x.item_id, x.amount) for x in sale.lines] == [("6600", Decimal("25.00")), ("6601", Decimal("-3.75"))]
