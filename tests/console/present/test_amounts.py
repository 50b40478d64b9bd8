from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.present.amounts import finance, in_minor_units, money, plain, totals
from console.present.text import width

amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=2)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("-1234.5", "USD", "-1,234.50"),
        ("0.005", "USD", "0.005"),
        ("-0.00", "USD", "0.00"),
        ("1234", "JPY", "1,234"),
        ("1.5", "KWD", "1.500"),
        ("12.3400", "USD", "12.34"),
        ("1E+3", "USD", "1,000.00"),
    ],
)
def test_the_currency_decides_the_decimals_and_no_digit_is_dropped(amount: str, currency: str, shown: str) -> None:
    assert money(Decimal(amount), currency) == shown


def test_what_is_no_number_is_shown_as_it_is() -> None:
    assert money(Decimal("NaN"), "USD") == "NaN"
    assert money(None, "USD") == "—"


@given(amounts)
def test_money_reads_back_to_the_same_amount(amount: Decimal) -> None:
    assert Decimal(money(amount, "USD").replace(",", "")) == amount


@given(amounts)
def test_finance_puts_negatives_in_parentheses_with_digits_below_digits(amount: Decimal) -> None:
    shown = finance(amount, "USD")
    assert shown.startswith("(") == (amount < 0)
    assert shown[-1] == (")" if amount < 0 else " ")
    assert Decimal(shown.strip(" ()").replace(",", "")) == abs(amount)


def test_an_absent_amount_keeps_the_column_aligned() -> None:
    assert finance(None) == "— "
    assert width(finance(Decimal("1"), "USD")) == width(finance(Decimal("-1"), "USD")) - 1


def test_currencies_are_never_added_up() -> None:
    assert totals([(Decimal("3912.4"), "USD"), (Decimal(80), "JPY")]) == "3,912.40 USD, 80 JPY"
    assert totals([]) == "0.00"


def test_geometry_gets_whole_minor_units() -> None:
    assert in_minor_units(Decimal("-14.50"), "USD") == -1450
    assert in_minor_units(Decimal(80), "JPY") == 80


def test_a_quantity_has_no_cents() -> None:
    assert [plain(Decimal("-4.0000")), plain(Decimal("1204.5"))] == ["-4", "1,204.5"]
