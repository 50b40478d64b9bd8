"""Other currencies: converted documents balance to the cent, and what a payout gained or lost is derived."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconcile.settlement.conversion import in_base, payout_chain
from sync.money import round_to_minor

D = Decimal
CENTS = st.integers(1, 9_999_999).map(lambda n: D(n).scaleb(-2))
RATES = st.integers(1, 10**9).map(lambda n: D(n).scaleb(-6))


@pytest.mark.parametrize(("sides", "rate"), [([(D(1), D(0))], D(1)), ([(D(1), D(1))], D(0)), ([(D(1), D(1))], D(-1))])
def test_lines_that_do_not_balance_and_rates_that_are_none_are_refused(
    sides: list[tuple[Decimal, Decimal]], rate: Decimal
) -> None:
    with pytest.raises(ValueError, match="balanced lines"):
        in_base(sides, rate, "GBP")


ONE = D(1)


@pytest.mark.parametrize(
    ("settled", "banked", "problem"),
    [
        ((D(0), "MXN", ONE), (ONE, "USD", ONE), "needs an amount"),
        ((ONE, "MXN", D(0)), (ONE, "USD", ONE), "rates above zero"),
        ((ONE, "GBP", D(2)), (ONE, "USD", ONE), "its rate is 1"),
    ],
)
def test_a_chain_without_an_amount_or_a_rate_is_refused(
    settled: tuple[Decimal, str, Decimal], banked: tuple[Decimal, str, Decimal], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        payout_chain(settled, banked, "GBP")


@settings(max_examples=100, deadline=None)
@given(st.lists(CENTS, min_size=1, max_size=20), RATES, st.sampled_from(["GBP", "JPY", "KWD"]))
@example([D("5.99"), D("6.61"), D("879.63")], D("0.000108"), "KWD")
def test_a_converted_document_balances_and_no_line_is_off_by_one_unit(
    credits_: list[Decimal], rate: Decimal, currency: str
) -> None:
    sides = [(sum(credits_, D(0)), D(0)), *((D(0), c) for c in credits_)]
    converted = in_base(sides, rate, currency)
    assert sum((d for d, _ in converted), D(0)) == sum((c for _, c in converted), D(0))
    unit = round_to_minor(D(1), currency).scaleb(-{"GBP": 2, "JPY": 0, "KWD": 3}[currency])
    for (debit, credit), (was_debit, was_credit) in zip(converted, sides, strict=True):
        assert abs(debit - was_debit * rate) < unit
        assert abs(credit - was_credit * rate) < unit


def test_pesos_paid_in_dollars_in_books_of_pounds_show_how_the_difference_comes_about() -> None:
    chain = payout_chain((D("10000.00"), "MXN", D("0.0432")), (D("545.00"), "USD", D("0.79")), "GBP")
    assert (chain.owed, chain.arrived, chain.difference) == (D("432.00"), D("430.55"), D("-1.45"))
    assert chain.cross_rate == D("0.05450000")
    assert chain.entry() == (("bank", D("430.55")), ("clearing", D("-432.00")), ("fx", D("1.45")))
    assert chain.derivation() == (
        "545.00 USD x 0.79 = 430.55 GBP, less 10000.00 MXN x 0.0432 = 432.00 GBP: loss 1.45 GBP"
    )


@settings(max_examples=100, deadline=None)
@given(CENTS, RATES, CENTS, RATES)
def test_the_deposit_balances_whatever_the_rates(
    settled: Decimal, settled_rate: Decimal, banked: Decimal, bank_rate: Decimal
) -> None:
    chain = payout_chain((settled, "MXN", settled_rate), (banked, "USD", bank_rate), "GBP")
    assert sum((amount for _, amount in chain.entry()), D(0)) == 0
    assert all(amount == round_to_minor(amount, "GBP") and amount for _, amount in chain.entry())


@given(CENTS)
def test_one_currency_has_no_difference(amount: Decimal) -> None:
    assert payout_chain((amount, "GBP", D(1)), (amount, "GBP", D(1)), "GBP").difference == 0
