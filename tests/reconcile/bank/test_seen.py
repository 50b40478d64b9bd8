"""Payouts and statements of the mirror: what has not arrived is found, and only where statements reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconcile.bank.decide import decide_match
from reconcile.bank.seen import see_bank
from reconcile.controls import Evidence, control_named
from reconcile.controls.settlements.ties import see_ties
from sync.clock import ManualClock
from sync.errors import BadInput
from sync.records import BankLine, ErpCurrency, Payout, Record, Settlement
from sync.store.store import Store
from sync.streams import Batch, Document
from tests.reconcile.factories import NOW, account, sales_order, settled, settlement, transaction_line

DUE = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return Store.in_memory(ManualClock(NOW))


def paid(number: str, total: str, **changes: Any) -> Settlement:
    return settlement(number, total=Decimal(total), deposit_at=DUE, **changes)


def line(number: str, amount: str, day: int, text: str = "AMAZON.COM SERVICES", currency: str = "USD") -> BankLine:
    return BankLine(
        "chase", number, date(2026, 11, day), None, Decimal(amount), currency, None, text, None, "hash", "bank.csv", 2
    )


def payout(settlement_id: str, state: str, trace: str | None = None) -> Payout:
    return Payout(
        "amazon.US", f"P{settlement_id}", settlement_id, state, state, "USD", Decimal("100.00"), None, "4711", trace,
        None, DUE,
    )  # fmt: skip


def fill(store: Store, *records: Record) -> None:
    store.mirror.commit("test", Batch(None, [Document(r) for r in records], {}), "run")


def missing(store: Store) -> tuple[list[str], int, str | None]:
    with store.database.reading() as cursor:
        judged = control_named("payout_not_in_bank").judge(Evidence(store, cursor, NOW))
    return [f.subject for f in judged.findings], judged.waiting, judged.waiting_for


def test_without_statements_every_payout_waits_and_none_is_missing(store: Store) -> None:
    fill(store, paid("1", "100.00"))
    assert missing(store) == ([], 1, "bank statements; none was imported yet")


def test_a_payout_is_missing_only_where_statements_reach_past_its_days(store: Store) -> None:
    fill(store, paid("1", "100.00"), line("a", "-5.00", 8, "RENT"))
    assert missing(store) == ([], 1, "bank statements, which end 2026-11-08 in USD")
    fill(store, line("b", "-5.00", 9, "RENT"))
    assert missing(store) == (["1"], 0, None)


def test_a_payout_that_arrived_is_no_difference(store: Store) -> None:
    fill(store, paid("1", "100.00"), line("a", "100.00", 4), line("b", "-5.00", 20, "RENT"))
    assert missing(store) == ([], 0, None)


def test_the_transfers_trace_number_finds_the_booking(store: Store) -> None:
    fill(
        store,
        paid("1", "100.00"),
        paid("2", "100.00"),
        payout("1", "paid", "TRACE0001"),
        line("a", "100.00", 4, "TRACE0001"),
    )
    with store.database.reading() as cursor:
        seen = see_bank(Evidence(store, cursor, NOW))
    assert [(m.payouts, m.how) for m in seen.matches.matched] == [(("amazon.US/1",), "reference")]


def test_a_payout_that_the_bank_took_back_is_missing_and_says_so(store: Store) -> None:
    fill(store, paid("1", "100.00"), line("a", "100.00", 4), line("b", "-100.00", 5), line("c", "-5.00", 20, "RENT"))
    with store.database.reading() as cursor:
        (finding,) = control_named("payout_not_in_bank").judge(Evidence(store, cursor, NOW)).findings
    assert finding.blocked_by == "the bank took chase|a back on 2026-11-05; ask the marketplace to pay it again"
    fill(store, line("d", "100.00", 9))
    assert missing(store)[0] == []


def test_a_transfer_that_failed_is_not_expected_in_the_bank(store: Store) -> None:
    fill(store, paid("1", "100.00"), payout("1", "failed"), line("b", "-5.00", 20, "RENT"))
    assert missing(store) == ([], 0, None)


@pytest.mark.parametrize(
    ("total", "taken_up", "expected"),
    [
        ("100.00", ["other-transaction|other-transaction|Transfer of funds unsuccessful: wrong account 100.00"], []),
        ("-30.00", ["other-transaction|other-transaction|Payable to Amazon -30.00"], []),
        (
            "-30.00",
            [
                "other-transaction|other-transaction|Payable to Amazon -30.00",
                "other-transaction|other-transaction|Successful charge 30.00",
            ],
            ["amazon.US/1"],
        ),
        ("100.00", ["other-transaction|other-transaction|Transfer of funds unsuccessful: x 99.00"], ["amazon.US/1"]),
    ],
    ids=["came back", "not charged", "charged", "another amount"],
)
def test_a_report_tells_that_the_money_of_the_one_before_did_not_move(
    store: Store, total: str, taken_up: list[str], expected: list[str]
) -> None:
    before = paid("1", total)
    after, lines = settled(
        "2",
        [f"2026-11-04 {row}" for row in taken_up] + ["2026-11-05 Order|ItemPrice|Principal 500.00"],
        period_start=before.period_end,
        period_end=before.period_end + timedelta(days=14),
    )
    store.mirror.commit("test", Batch(None, [Document(before), Document(after, tuple(lines))], {}), "run")
    with store.database.reading() as cursor:
        seen = see_bank(Evidence(store, cursor, NOW))
    assert sorted(seen.payouts) == [*expected, "amazon.US/2"]


def test_an_early_payout_is_expected_beside_the_rest_of_its_report(store: Store) -> None:
    rows = ["2026-10-22 Sale|Product Price|Purchase 100.00", "2026-10-25 Instant Transfer||Early payout -40.00"]
    record, lines = settled("20261103", rows, channel="walmart.US")
    store.mirror.commit("test", Batch(None, [Document(record, tuple(lines))], {}), "run")
    fill(store, line("b", "60.00", 6, "WALMART PAYONEER"))
    fill(store, replace(line("a", "40.00", 26, "WALMART PAYONEER"), booked_on=date(2026, 10, 26)))
    assert pairs(store) == [
        (("walmart.US/payout instant 20261103 line 4",), ("chase|a",), "amount"),
        (("walmart.US/20261103",), ("chase|b",), "amount"),
    ]


def test_a_transfer_that_was_made_again_is_expected_whatever_the_next_report_says(store: Store) -> None:
    before = paid("1", "100.00")
    after, lines = settled(
        "2",
        ["2026-11-04 other-transaction|other-transaction|Transfer of funds unsuccessful: x 100.00"],
        period_start=before.period_end,
        period_end=before.period_end + timedelta(days=14),
    )
    store.mirror.commit("test", Batch(None, [Document(before), Document(after, tuple(lines))], {}), "run")
    fill(store, payout("1", "paid", "TRACE0001"))
    with store.database.reading() as cursor:
        assert sorted(see_bank(Evidence(store, cursor, NOW)).payouts) == ["amazon.US/1", "amazon.US/2"]


def test_a_likely_booking_in_another_currency_is_named_and_waits(store: Store) -> None:
    fill(
        store,
        paid("1", "100.00", currency="EUR", channel="amazon.DE"),
        ErpCurrency("1", "USD", "Dollar", True, Decimal(1)),
        ErpCurrency("2", "EUR", "Euro", False, Decimal("1.1")),
        line("a", "108.90", 4),
        line("b", "-5.00", 20, "RENT"),
    )
    with store.database.reading() as cursor:
        (finding,) = control_named("payout_not_in_bank").judge(Evidence(store, cursor, NOW)).findings
    likely = "likely chase|a: converted at 1.089000, usual is 1.1"
    assert finding.blocked_by == f"{likely}; accept it in Bank, or `tieout bank match`"
    decide_match(store, "chase|a", ["amazon.DE/1"], by="ann")
    assert missing(store)[0] == []


def test_why_a_payout_is_not_in_the_bank_is_said_and_a_day_to_come_is_no_alarm(store: Store) -> None:
    fill(store, paid("1", "100.00"))
    said = []
    for booked in ([], [line("b", "-5.00", 4, "RENT")], [line("c", "-5.00", 30, "RENT")]):
        if booked:
            fill(store, *booked)
        with store.database.reading() as cursor:
            seen = see_bank(Evidence(store, cursor, NOW))
        (due,) = (p.due for p in seen.payouts.values())
        said.append(seen.unbooked("amazon.US/1").replace(str(due), "DUE"))
    assert said == [
        "no bank statement was imported",
        "due DUE, the statements end 2026-11-04",
        "due DUE, on no statement up to 2026-11-30",
    ]
    assert seen.unbooked("amazon.US/none") == "nothing is to arrive"


def deposited(number: str, amount: str, day: int, *, memo: str = "Amazon payout", **changes: Any) -> Document:
    """A deposit that somebody keyed in the ERP: the bank's side and the other one."""
    values = {"transaction_type": "Deposit", "record_type": "deposit", "customer_id": None, "memo": memo}
    head = sales_order(number, **values | {"number": f"DEP{number}", "transaction_date": date(2026, 11, day)} | changes)
    lines = (
        transaction_line(number, account_id="301", debit=Decimal(amount), is_main=True),
        transaction_line(number, line_id="2", account_id="302", credit=Decimal(amount)),
    )
    return Document(head, lines)


@pytest.fixture
def keyed(store: Store) -> Store:
    fill(
        store,
        paid("1", "100.00"),
        account("301", "1000", "Checking", account_type="Bank"),
        account("302", "1150", "Clearing", account_type="OthCurrAsset"),
    )
    return store


def pairs(store: Store) -> list[tuple[tuple[str, ...], tuple[str, ...], str]]:
    with store.database.reading() as cursor:
        return [(m.payouts, m.bookings, m.how) for m in see_bank(Evidence(store, cursor, NOW)).matches.matched]


def put(store: Store, *documents: Document) -> None:
    store.mirror.commit("test", Batch(None, list(documents), {}), "run")


@pytest.mark.parametrize(
    "document",
    [
        deposited("9", "100.00", 4, external_id="AMZ-SETTLE-1-202611"),
        deposited("9", "100.00", 4, external_id="AMZ-PAYOUT-1-IN"),
        deposited("9", "100.00", 4, transaction_type="Journal"),
        deposited("9", "99.99", 4),
        deposited("9", "100.00", 20),
    ],
    ids=["our settlement", "our payout", "no deposit", "a cent off", "long after"],
)
def test_a_document_that_is_no_deposit_of_somebody_elses_confirms_no_payout(keyed: Store, document: Document) -> None:
    put(keyed, document)
    assert pairs(keyed) == []


def test_a_deposit_keyed_in_the_erp_confirms_a_payout_where_no_statement_reaches(keyed: Store) -> None:
    put(keyed, deposited("9", "100.00", 4))
    assert pairs(keyed) == [(("amazon.US/1",), ("NetSuite 1000 Checking|DEP9",), "amount")]
    with keyed.database.reading() as cursor:
        (tie,) = see_ties(Evidence(keyed, cursor, NOW))
    assert (tie.of("bank").state, tie.of("bank").amount) == ("tied", Decimal(100))
    assert "NetSuite 1000 Checking|DEP9" in tie.of("bank").said


def entry(number: str, amount: str, memo: str, *, account_id: str = "301", day: int = 6) -> Document:
    """A journal that somebody keyed: it takes the amount from the bank's account."""
    values = {"transaction_type": "Journal", "record_type": "journalentry", "customer_id": None, "memo": memo}
    head = sales_order(number, **values | {"number": f"JE{number}", "transaction_date": date(2026, 11, day)})
    side = "credit" if Decimal(amount) > 0 else "debit"
    other = "debit" if side == "credit" else "credit"
    return Document(
        head,
        (
            transaction_line(number, account_id=account_id, is_main=True, **{side: abs(Decimal(amount))}),
            transaction_line(number, line_id="2", account_id="302", **{other: abs(Decimal(amount))}),
        ),
    )


@pytest.mark.parametrize(
    "journals",
    [
        [entry("20", "100.00", "Void of Deposit #DEP9")],
        [entry("20", "100.00", "Reverses DEP9"), entry("21", "-100.00", "JE20 was wrong: DEP9"),
         entry("22", "100.00", "DEP9 again", day=9)],
    ],
    ids=["taken back", "and put there again, and taken back again"],
)  # fmt: skip
def test_a_deposit_that_a_journal_takes_back_confirms_no_payout(keyed: Store, journals: list[Document]) -> None:
    put(keyed, deposited("9", "100.00", 4), *journals)
    assert pairs(keyed) == []


def test_a_deposit_that_was_voided_directly_confirms_no_payout(keyed: Store) -> None:
    put(keyed, deposited("9", "0.00", 4, memo="Amazon payout VOID"))
    assert pairs(keyed) == []


@pytest.mark.parametrize(
    ("journals", "doubt"),
    [
        ([entry("20", "100.00", "Void of Deposit #DEP9"), entry("21", "-100.00", "JE20 was wrong: DEP9")], ""),
        ([entry("20", "100.00", "Void of Deposit #DEP95")], "JE20"),
        ([entry("20", "100.00", "rent")], "JE20"),
        ([entry("20", "99.00", "Void of Deposit #DEP9")], ""),
        ([entry("20", "100.00", "Void of Deposit #DEP9", account_id="302")], ""),
        ([entry("20", "100.00", "rent", day=2)], ""),
    ],
    ids=["put there again", "another deposit", "no word", "a part", "another account", "before it"],
)
def test_a_deposit_that_no_journal_surely_takes_back_still_confirms_and_doubt_is_said(
    keyed: Store, journals: list[Document], doubt: str
) -> None:
    put(keyed, deposited("9", "100.00", 4), *journals)
    assert pairs(keyed) == [(("amazon.US/1",), ("NetSuite 1000 Checking|DEP9",), "amount")]
    with keyed.database.reading() as cursor:
        (tie,) = see_ties(Evidence(keyed, cursor, NOW))
    said = tie.of("bank").said
    assert ("may take it back" in said) is bool(doubt)
    assert doubt in said


def test_where_a_statement_reaches_the_day_it_is_the_witness_and_nothing_pays_twice(keyed: Store) -> None:
    put(keyed, deposited("9", "100.00", 4), deposited("8", "100.00", 5))
    fill(keyed, line("a", "-5.00", 3, "RENT"), line("b", "-5.00", 20, "RENT"))
    assert pairs(keyed) == []
    assert missing(keyed)[0] == ["1"]
    fill(keyed, line("c", "100.00", 4))
    assert pairs(keyed) == [(("amazon.US/1",), ("chase|c",), "amount")]


@pytest.mark.parametrize(
    ("booking", "payouts", "said"),
    [
        ("chase|zz", ["amazon.US/1"], "there is no such booking"),
        ("chase|a", ["amazon.US/9"], "there is no such payout"),
        ("chase|b", ["amazon.US/1"], "the payout is paid by chase.a already"),
        ("chase|c", ["amazon.US/2", "amazon.US/3"], "the payouts add to 50.0000 USD, the booking is 49.0000"),
        ("chase|d", ["amazon.US/2"], "its bookings would add to 1000.0000"),
    ],
)
def test_a_wrong_word_of_a_person_is_refused(store: Store, booking: str, payouts: list[str], said: str) -> None:
    fill(store, paid("1", "100.00"), paid("2", "20.00"), paid("3", "30.00"))
    fill(
        store,
        line("a", "100.00", 4),
        line("b", "7.00", 4, "X"),
        line("c", "49.00", 4, "X"),
        line("d", "1000.00", 4, "X"),
    )
    with pytest.raises(BadInput, match=said):
        decide_match(store, booking, payouts, by="ann")
    assert store.decisions.current("bank_match") == {}


def test_a_booking_that_a_person_set_aside_pays_nothing(store: Store) -> None:
    fill(store, paid("1", "100.00"), line("a", "100.00", 4), line("b", "-5.00", 20, "RENT"))
    decide_match(store, "chase|a", [], by="ann")
    assert missing(store)[0] == ["1"]
    store.decisions.withdraw("bank_match", "chase|a", by="ann")
    assert missing(store)[0] == []
