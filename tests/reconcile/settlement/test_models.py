"""Journal, deposit and cash sale say the same per account; accrual and reversal add to nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from drawn_settlements import POLICIES, RULES, settlement, some_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.settlement import Classified, Journal, JournalPolicy, classify, journals, load_accounts, load_rules
from reconcile.settlement.classify import Placement
from reconcile.settlement.conversion import in_base
from reconcile.settlement.deferred import LedgerGroup, accrual, accrual_name, opposite
from reconcile.settlement.models import DepositPosting, PaidSale, SalePosting, deposit_of, sale_of
from sync.money import total_of
from sync.records import SettlementLine

ACCOUNTS = load_accounts()
CLEARING = ACCOUNTS.account("amazon.US", "clearing")
UNDEPOSITED = ACCOUNTS.account("amazon.US", "undeposited")


def of_journal(journal: Journal) -> dict[str, Decimal]:
    """Account → debit less credit, sums of zero left out."""
    return _sums((line.account.label, line.debit - line.credit) for line in journal.lines)


def of_deposit(deposit: DepositPosting) -> dict[str, Decimal]:
    return _sums(
        [
            (deposit.account.label, deposit.total),
            *((UNDEPOSITED.label, -sale.amount) for sale in deposit.payments),
            *((o.account.label, -o.amount) for o in deposit.others),
            *((k.account.label, k.amount) for k in deposit.cash_back),
        ]
    )


def of_sale(sale: SalePosting) -> dict[str, Decimal]:
    sign = -1 if sale.is_refund else 1
    return _sums([(sale.account.label, sign * sale.total), *((p.account.label, -sign * p.amount) for p in sale.parts)])


def _sums(rows: object) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for label, amount in rows:  # type: ignore[attr-defined]
        sums[label] += amount
    return {label: amount for label, amount in sums.items() if amount}


@settings(max_examples=150, deadline=None)
@given(some_lines(), RULES, POLICIES, st.data())
def test_all_models_say_the_same_total_per_account(
    lines: list[SettlementLine], rules: object, policy: JournalPolicy, data: st.DataObject
) -> None:
    made = journals(settlement(lines), classify(lines, rules), ACCOUNTS, policy)  # type: ignore[arg-type]
    for journal in made:
        sale = sale_of(journal, CLEARING)
        assert of_sale(sale) == of_journal(journal)
        assert sale.total == total_of(p.amount for p in sale.parts) >= 0
        paid, booked = _some_sale(journal, data)
        deposit = deposit_of(journal, CLEARING, paid)
        clearing = total_of(line.debit - line.credit for line in journal.lines if not line.groups)
        if deposit is None:
            assert not paid
            assert clearing < 0 or not any(line.credit for line in journal.lines if line.groups) or not clearing
            continue
        came = total_of(s.amount for s in deposit.payments) + total_of(o.amount for o in deposit.others)
        assert deposit.total == came - total_of(k.amount for k in deposit.cash_back) >= 0
        assert deposit.total == clearing or (clearing < 0 and paid)
        together = _sums([*of_deposit(deposit).items(), *booked.items()])
        assert together == of_journal(journal)


def _some_sale(journal: Journal, data: st.DataObject) -> tuple[list[PaidSale], Mapping[str, Decimal]]:
    """Book a cash sale of a part of one credited line, as the order's own document would."""
    credited = [line for line in journal.lines if line.groups and line.credit]
    if not credited or not data.draw(st.booleans()):
        return [], {}
    line = data.draw(st.sampled_from(credited))
    amount = data.draw(st.integers(1, int(line.credit * 100)).map(lambda n: Decimal(n).scaleb(-2)))
    parts, whole = (
        {line.groups[0]: amount},
        amount + data.draw(st.integers(0, 500).map(lambda n: Decimal(n).scaleb(-2))),
    )
    waits = PaidSale("7100", "CS1", "113-1", whole, parts, rest=None if whole == amount else UNDEPOSITED)
    sale = data.draw(st.sampled_from([waits, replace(waits, amount=amount, rest=None, released=UNDEPOSITED)]))
    return [sale], {UNDEPOSITED.label: amount, line.account.label: -amount}


def test_a_sale_of_another_amount_needs_an_account_for_its_rest() -> None:
    journal = Journal("X", "2026-11", settlement([]).period_end.date(), "USD", "", ())
    with pytest.raises(ValueError, match="CS1 is 2, and the part pays 0 of it"):
        deposit_of(journal, CLEARING, [PaidSale("1", "CS1", "113-1", Decimal(2), {})])


def test_a_sale_that_stands_for_what_the_part_does_not_hold_is_refused() -> None:
    strange = PaidSale("1", "CS1", "113-1", Decimal(1), {("a", "b", "c", None, "2026-11"): Decimal(1)})
    with pytest.raises(ValueError, match="does not hold"):
        deposit_of(Journal("X", "2026-11", settlement([]).period_end.date(), "USD", "", ()), CLEARING, [strange])


@settings(max_examples=100, deadline=None)
@given(some_lines(), RULES, POLICIES, st.integers(2, 6))
def test_pieces_say_what_the_whole_says_under_any_policy(
    lines: list[SettlementLine], rules: object, policy: JournalPolicy, limit: int
) -> None:
    classified: Classified = classify(lines, rules)  # type: ignore[arg-type]
    head = settlement(lines)
    cut = JournalPolicy(policy.facilitator_tax, policy.suspense_key, line_limit=limit)
    pieces, whole = journals(head, classified, ACCOUNTS, cut), journals(head, classified, ACCOUNTS, policy)
    assert all(p.balanced and len(p.lines) <= limit for p in pieces)
    assert len({p.external_id for p in pieces}) == len(pieces)
    for journal in whole:
        mine = [p for p in pieces if p.period == journal.period]
        assert _sums([row for p in mine for row in of_journal(p).items()]) == of_journal(journal)
        placed = [key for p in mine for line in p.lines for key in line.groups]
        assert sorted(map(str, placed)) == sorted(str(key) for line in journal.lines for key in line.groups)


@settings(max_examples=60, deadline=None)
@given(some_lines(), RULES, st.integers(1, 10**7).map(lambda n: Decimal(n).scaleb(-5)))
def test_a_journal_balances_in_the_books_currency_too(
    lines: list[SettlementLine], rules: object, rate: Decimal
) -> None:
    for journal in journals(settlement(lines), classify(lines, rules), ACCOUNTS):  # type: ignore[arg-type]
        home = in_base([(line.debit, line.credit) for line in journal.lines], rate, "GBP")
        assert total_of(d for d, _ in home) == total_of(c for _, c in home)


PATHS = st.sampled_from(["Sales/ItemPrice/Principal", "Expenses/AmazonFees/Commission", "Sales/Tax/Tax", "Odd/Path"])
PLACES = st.sampled_from(
    [
        Placement("sales", "sales", "type"),
        Placement("tax", "tax_collected", "type"),
        Placement("referral_fees", "referral_fees", "type"),
        Placement("unmapped", "unmapped", "none"),
        Placement("sales", "no such key", "type"),
    ]
)
HELD = st.lists(
    st.tuples(
        st.builds(
            LedgerGroup,
            st.sampled_from(["Shipment", "Refund"]),
            PATHS,
            st.integers(-99_999, 99_999).map(lambda n: Decimal(n).scaleb(-2)),
            st.integers(1, 9),
        ),
        PLACES,
    ),
    max_size=12,
    unique_by=lambda held: (held[0].transaction_type, held[0].path),
)


@settings(max_examples=150, deadline=None)
@given(HELD, POLICIES, st.integers(1, 12))
def test_an_accrual_balances_holds_every_sum_once_and_is_undone_to_zero(
    held: list[tuple[LedgerGroup, Placement]], policy: JournalPolicy, month: int
) -> None:
    made = accrual("amazon.US", "USD", f"2026-{month:02d}", held, ACCOUNTS, policy)
    total = total_of(g.amount for g, _ in held)
    if made is None:
        assert total == 0
        return
    back = opposite(made)
    assert made.balanced
    assert back.balanced
    assert made.external_id == accrual_name("amazon.US", "USD", f"2026-{month:02d}")
    assert (back.date - made.date).days == 1
    assert back.date.day == 1
    assert _sums([*of_journal(made).items(), *of_journal(back).items()]) == {}
    assert total_of(line.debit - line.credit for line in made.lines if not line.groups) == total
    keys = [key for line in made.lines for key in line.groups]
    assert len(keys) == len(set(keys))


def test_reserves_roll_forward_on_an_account_of_their_own() -> None:
    rules = load_rules()
    reserve = ACCOUNTS.account("amazon.US", "reserve").label
    held = Decimal(0)
    rows = [("-4.00", "0"), ("-7.50", "4.00"), ("0", "7.50")]
    for current, previous in rows:
        lines = [
            _reserve_line(1, "Current Reserve Amount", current),
            _reserve_line(2, "Previous Reserve Amount Balance", previous),
        ]
        for journal in journals(settlement(lines), classify(lines, rules), ACCOUNTS):
            assert journal.balanced
            held += of_journal(journal).get(reserve, Decimal(0))
        assert held == -Decimal(current)


def _reserve_line(number: int, text: str, amount: str) -> SettlementLine:
    values = dict.fromkeys(SettlementLine.__slots__)
    values |= {"channel": "amazon.US", "settlement_id": "700", "ordinal": number, "currency": "USD"}
    values |= {"transaction_type": "other-transaction", "amount_type": "other-transaction", "amount_description": text}
    values |= {"amount": Decimal(amount), "posted_date": settlement([]).period_end.date()}
    return SettlementLine(**values)  # type: ignore[arg-type]
