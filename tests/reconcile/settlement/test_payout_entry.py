"""The journals of a payout: all three currencies balance, clearing ends at zero, the gain or loss is what is left."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.settlement.accounts import LedgerAccount
from reconcile.settlement.payout_entry import Banked, Cleared, PayoutLeg, payout_legs
from sync.money import round_to_minor, total_of

D = Decimal
CLEARING, EXCHANGE = LedgerAccount("1150", "Clearing", "302"), LedgerAccount("8000", "Exchange", "800")
BANK = LedgerAccount("1000", "Bank", "100")
CENTS = st.integers(-9_999_999, 9_999_999).filter(bool).map(lambda n: D(n).scaleb(-2))
RATES = st.integers(1, 10**9).map(lambda n: D(n).scaleb(-6))


def legs(
    cleared: list[tuple[str, str]], currency: str, banked: list[str], bank_currency: str, home: str
) -> tuple[PayoutLeg, ...]:
    return payout_legs(
        "AMZ-PAYOUT-700",
        (currency, [Cleared(f"JE{n}", D(a), D(r)) for n, (a, r) in enumerate(cleared)]),
        (bank_currency, [Banked(BANK, D(a), f"B{n}") for n, a in enumerate(banked)]),
        home,
        (CLEARING, EXCHANGE),
    )


def test_another_amount_of_the_same_currency_is_no_exchange_difference() -> None:
    with pytest.raises(ValueError, match="different amounts of one currency"):
        legs([("100.00", "1.09")], "EUR", ["97.00"], "EUR", "USD")


def test_one_currency_throughout_is_one_journal_from_clearing_into_the_bank() -> None:
    (only,) = legs([("60.00", "1"), ("40.00", "1")], "USD", ["100.00"], "USD", "USD")
    assert (only.external_id, only.rate, only.sums()) == ("AMZ-PAYOUT-700-IN", None, {"100": D(100), "302": D(-100)})


def test_pesos_paid_in_dollars_in_books_of_pounds_leave_the_loss_on_exchange() -> None:
    out, into = legs([("10000.00", "0.0432")], "MXN", ["545.00"], "USD", "GBP")
    assert (out.currency, out.rate, out.sums()) == ("MXN", D("0.0432"), {"302": D(-10000), "800": D(10000)})
    assert (into.currency, into.rate, into.sums()) == ("USD", None, {"100": D(545), "800": D(-545)})
    assert out.in_books(D("0.0432"), "GBP") == (D("432.00"), D("-432.00"))
    assert into.in_books(D("0.79"), "GBP") == (D("430.55"), D("-430.55"))


def test_months_that_were_posted_at_two_rates_leave_clearing_at_both() -> None:
    found = legs([("60.00", "1.10"), ("40.00", "1.08"), ("5.00", "1.10")], "EUR", ["105.00"], "EUR", "USD")
    assert [(leg.external_id[-5:], leg.rate, leg.debits) for leg in found] == [
        ("0-OUT", D("1.10"), D("65.00")),
        ("OUT-2", D("1.08"), D("40.00")),
        ("00-IN", None, D("105.00")),
    ]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(CENTS, RATES), min_size=1, max_size=4),
    st.lists(CENTS, min_size=1, max_size=3),
    RATES,
    st.sampled_from(["GBP", "JPY", "KWD", "USD"]),
)
def test_all_three_currencies_balance_and_clearing_ends_at_zero(
    settled: list[tuple[Decimal, Decimal]], banked: list[Decimal], bank_rate: Decimal, home: str
) -> None:
    if home == "USD":
        bank_rate = D(1)
    cleared = [Cleared(f"JE{n}", amount, rate) for n, (amount, rate) in enumerate(settled)]
    bookings = [Banked(BANK, amount, f"B{n}") for n, amount in enumerate(banked)]
    found = payout_legs("AMZ-PAYOUT-700", ("MXN", cleared), ("USD", bookings), home, (CLEARING, EXCHANGE))
    held = {"MXN": total_of(a for a, _ in settled), home: total_of(round_to_minor(a * r, home) for a, r in settled)}
    gain = D(0)
    for leg in found:
        in_books = leg.in_books(leg.rate or bank_rate, home)
        assert total_of(line.amount for line in leg.lines) == total_of(in_books) == 0
        for line, amount in zip(leg.lines, in_books, strict=True):
            if line.account is CLEARING:
                held = {"MXN": held["MXN"] + line.amount, home: held[home] + amount}
            gain -= amount if line.account is EXCHANGE else 0
    assert held == {"MXN": 0, home: 0}
    owed = total_of(round_to_minor(a * r, home) for a, r in settled)
    assert gain == total_of(round_to_minor(b * bank_rate, home) for b in banked) - owed
