"""A payout that the bank confirms in another currency: blocked with a cause, posted whole, taken back, never twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from factories import World, account, journal_entry, period, sales_order, settled, transaction_line
from posting_world import judge, ledger_of, open_books, planned, post

from console.live.details.bank import read as read_payout
from reconcile.bank.decide import decide_booked, decide_match
from reconcile.plan import build_plan
from reconcile.reversal import plan_reversal
from sync.errors import BadInput
from sync.netsuite.intents import JournalIntent, read_intent
from sync.records import BankLine, ErpCurrency, Subsidiary

CONTROL = "payout_not_posted"
NAME = "AMZ-PAYOUT-700"
PAYOUT, BOOKING = "amazon.US/700", "Chase|B1"
POSTED = ("AMZ-SETTLE-700-202610", "AMZ-SETTLE-700-202611")


@pytest.fixture
def paid(world: World) -> World:
    """10,000 pesos of two months that arrived as 545 dollars, in books of pounds; the settlement is posted."""
    rates = (("USD", "1"), ("GBP", "1.25"), ("MXN", "0.05"))
    currencies = [
        ErpCurrency(str(n), code, code, code == "USD", Decimal(rate)) for n, (code, rate) in enumerate(rates, 1)
    ]
    open_books(world).put_each(
        account("100", "1000", "Chase USD"),
        account("800", "8000", "Exchange"),
        Subsidiary("1", "Acme Goods Ltd", "GBP", "GB", False),
        *currencies,
    )
    rows = ["2026-10-21 Order|ItemPrice|Principal 6000.00", "2026-11-01 Order|ItemPrice|Principal 4000.00"]
    record, lines = settled("700", rows, currency="MXN")
    world.put(record, *lines)
    booking(world, "B1", "545.00")
    world.decide("bank_match", BOOKING, payouts=[PAYOUT])
    world.decide("account", "default|bank:Chase", account_id="100").decide("account", "default|fx", account_id="800")
    for n, (operation, rate) in enumerate(
        zip(planned(world, "settlement_not_posted"), ("0.0432", "0.0428"), strict=True)
    ):
        post(world, operation, str(8100 + n), exchange_rate=Decimal(rate))
    return world


def booking(world: World, line: str, amount: str, **changes: Any) -> World:
    day = date(2026, 11, 6)
    values: dict[str, Any] = {"currency": "USD", "text": "AMAZON MX"} | changes
    return world.put(
        BankLine(
            "Chase", line, day, day, Decimal(amount), values["currency"], None, values["text"], None, "0", "b.csv", 2
        )
    )


def blocked(world: World) -> str:
    (found,) = judge(world, CONTROL)
    assert build_plan(world.store, [found["discrepancy_id"]]).operations == ()
    return str(found["blocked_by"])


def test_a_settlement_that_is_not_posted_blocks_its_payout(paid: World) -> None:
    post_reversal(paid, POSTED[1])
    assert blocked(paid) == "settlements of amazon.US are not posted yet"


def post_reversal(world: World, name: str, transaction_id: str = "8900") -> None:
    (operation,) = plan_reversal(world.store, name, reason="wrong", by="ann").plan.operations
    post(world, operation, transaction_id)


def test_an_account_that_only_ships_as_a_number_is_no_bank_account(paid: World) -> None:
    paid.store.decisions.undo("account", "default|bank:Chase", by="ann")
    assert blocked(paid) == "nobody has decided the ledger account of bank account Chase for amazon.US"
    paid.decide("account", "amazon.US|bank", account_id="100")
    paid.store.decisions.undo("account", "default|fx", by="ann")
    assert blocked(paid) == "nobody has decided the ledger account of exchange differences for amazon.US"


def test_a_closed_period_blocks_until_another_day_is_decided(paid: World) -> None:
    paid.put(period(11, closed=True))
    assert blocked(paid) == "period Nov 2026 is closed"
    paid.decide("posting_date", NAME, date="2026-12-01")
    assert {o.intent["date"] for o in planned(paid, CONTROL)} == {"2026-12-01"}


def test_a_deposit_that_somebody_else_keyed_waits_for_a_persons_word(paid: World) -> None:
    keyed = sales_order(
        "9100", transaction_type="Deposit", record_type="deposit", number="DEP9", transaction_date=date(2026, 11, 9)
    )
    main = transaction_line("9100", is_main=True, account_id="100", amount=Decimal("545"), debit=Decimal("430.55"))
    paid.put(keyed, main)
    assert blocked(paid) == "DEP9 of 2026-11-09 posts 545.00 USD to 1000 Chase USD already"
    with pytest.raises(BadInput, match="no such document"):
        decide_booked(paid.store, PAYOUT, "DEP77", by="ann")
    decide_booked(paid.store, PAYOUT, "DEP9", by="ann")
    assert judge(paid, CONTROL) == []
    decide_booked(paid.store, PAYOUT, None, by="ann")
    assert len(planned(paid, CONTROL)) == 3


def test_a_deposit_that_is_the_banks_only_witness_is_the_posting_as_well(paid: World) -> None:
    """No statement reaches its day: it says that the money came, and where it is booked."""
    paid.put(account("100", "1000", "Chase USD", account_type="Bank"))
    keyed = sales_order(
        "9100",
        transaction_type="Deposit",
        record_type="deposit",
        number="DEP9",
        transaction_date=date(2026, 11, 9),
        memo="Amazon Mexico",
    )
    paid.put(keyed, transaction_line("9100", is_main=True, account_id="100", amount=Decimal(545), debit=Decimal("430")))
    assert blocked(paid) == "DEP9 of 2026-11-09 posts 545.00 USD to 1000 Chase USD already"
    paid.decide("bank_match", BOOKING, payouts=[])
    assert judge(paid, CONTROL) == []
    decide_match(paid.store, "NetSuite 1000 Chase USD|DEP9", [PAYOUT], by="ann")
    assert judge(paid, CONTROL) == []
    assert read_payout(paid.store, PAYOUT, "match", None) is not None


def test_part_of_the_money_in_the_same_currency_is_no_exchange_loss(paid: World) -> None:
    booking(paid, "B1", "9900.00", currency="MXN")
    assert blocked(paid) == "the bank booked 9900.00 of 10000.00 MXN of payout 700"


def test_two_payouts_of_two_currencies_in_one_booking_are_left_to_a_person(paid: World) -> None:
    record, lines = settled("701", ["2026-11-01 Order|ItemPrice|Principal 10.00"], currency="GBP")
    paid.put(record, *lines).decide("bank_match", BOOKING, payouts=[PAYOUT, "amazon.US/701"])
    causes = {f["blocked_by"] for f in judge(paid, CONTROL)}
    assert causes == {f"payout {n}: one booking pays payouts of several currencies or signs" for n in (700, 701)}


def test_nothing_is_said_where_the_erp_was_not_read_or_no_booking_pays(paid: World) -> None:
    paid.store.decisions.withdraw("bank_match", BOOKING, by="ann")
    assert judge(paid, CONTROL) == []
    paid.decide("bank_match", BOOKING, payouts=[PAYOUT]).decide("policy", "settlements", payout="ignore")
    assert judge(paid, CONTROL) == []


def test_the_money_leaves_clearing_at_the_rates_at_which_it_came_and_enters_the_bank_in_its_own(paid: World) -> None:
    first, second, into = planned(paid, CONTROL)
    assert [o.identity for o in (first, second, into)] == [f"{NAME}-OUT", f"{NAME}-OUT-2", f"{NAME}-IN"]
    assert into.depends_on == (f"{NAME}-OUT", f"{NAME}-OUT-2")
    journals = [read_intent(JournalIntent, o.intent) for o in (first, second, into)]
    assert [(j.currency, j.exchange_rate) for j in journals] == [
        ("MXN", Decimal("0.0432")), ("MXN", Decimal("0.0428")), ("USD", None)
    ]  # fmt: skip
    shown = {d["field"]: d["then"] for d in into.diff}
    assert (shown["owed"], shown["gain"]) == ("430.40 GBP", "5.60 GBP")
    assert "5.60 GBP" in repr(read_payout(paid.store, PAYOUT, "match", None))
    post(paid, first, "8200", exchange_rate=Decimal("0.0432"))
    assert [(o.identity, o.depends_on) for o in planned(paid, CONTROL)] == [
        (f"{NAME}-OUT-2", ()), (f"{NAME}-IN", (f"{NAME}-OUT-2",))
    ]  # fmt: skip
    post(paid, second, "8201", exchange_rate=Decimal("0.0428"))
    post(paid, into, "8202", exchange_rate=Decimal("0.8"))
    assert judge(paid, CONTROL) == []
    assert ledger_of(paid) == {"304": Decimal(-10000), "100": Decimal(545), "800": Decimal(10000 - 545)}
    assert in_pounds(paid) == {"304": Decimal("-430.40"), "100": Decimal("436.00"), "800": Decimal("-5.60")}


def in_pounds(world: World) -> dict[str, Decimal]:
    """Return account id → debit less credit in the books, each line at its document's rate."""
    with world.store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT l.account_id, l.amount * t.exchange_rate FROM transaction_lines l JOIN transactions t"
            " ON t.transaction_id = l.transaction_id"
        ).fetchall()
    sums: dict[str, Decimal] = {}
    for account_id, amount in rows:
        sums[account_id] = sums.get(account_id, Decimal(0)) + amount
    return {a: amount.quantize(Decimal("0.01")) for a, amount in sums.items() if amount}


def test_a_leg_is_taken_back_and_due_again_and_another_rate_of_the_settlement_is_told(paid: World) -> None:
    for n, operation in enumerate(planned(paid, CONTROL)):
        post(paid, operation, str(8200 + n))
    with pytest.raises(BadInput, match="no such journal is posted"):
        plan_reversal(paid.store, f"{NAME}-OUT-9", reason="typo", by="ann")
    post_reversal(paid, f"{NAME}-IN")
    (again,) = planned(paid, CONTROL)
    assert (again.identity, again.depends_on) == (f"{NAME}-IN-v2", ())
    post(paid, again, "8210")
    head = journal_entry(POSTED[0], "8100", currency="MXN", exchange_rate=Decimal("0.05"), updated_at=paid.clock.now())
    line = transaction_line("8100", account_id="302", amount=Decimal("6000"))
    other = transaction_line("8100", line_id="2", account_id="304", amount=Decimal("-6000"))
    paid.put(head, line, other)
    assert blocked(paid).startswith(f"JE8200 ({NAME}-OUT) posts the payout otherwise")


def test_a_payout_in_the_books_currency_is_posted_where_the_policy_wants_all(world: World) -> None:
    open_books(world).put(account("100", "1000", "Chase USD"))
    world.put(Subsidiary("1", "Acme Goods Inc.", "USD", "US", False))
    record, lines = settled("700", ["2026-11-01 Order|ItemPrice|Principal 545.00"])
    booking(world.put(record, *lines), "B1", "545.00").decide("account", "default|bank:Chase", account_id="100")
    for n, operation in enumerate(planned(world, "settlement_not_posted")):
        post(world, operation, str(8100 + n))
    assert judge(world, CONTROL) == []
    world.decide("policy", "settlements", payout="all")
    (only,) = planned(world, CONTROL)
    assert only.identity == f"{NAME}-IN"
    post(world, only, "8200")
    assert (ledger_of(world), judge(world, CONTROL)) == ({"304": Decimal(-545), "100": Decimal(545)}, [])
