"""Lines held by column behave as a sequence of records."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sync.errors import BadInput
from sync.records import SettlementLine
from sync.settlements import Amounts, LateColumn, SettlementLines, check_footing, column_of

SAME = ("channel", "settlement_id", "currency")
NAMES = [name for name in SettlementLine.__slots__ if name not in SAME]


def held(columns: dict[str, object]) -> SettlementLines:
    values = {name: [None, None] for name in NAMES} | columns
    return SettlementLines(channel="amazon.US", settlement_id="700", currency="USD", columns=values)  # type: ignore[arg-type]


def test_a_missing_column_and_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="sku"):
        SettlementLines(channel="a", settlement_id="7", currency="USD", columns={n: [] for n in NAMES if n != "sku"})
    with pytest.raises(ValueError, match="different lengths"):
        held({"sku": ["A"]})


def test_an_index_beyond_the_end_is_an_error_and_a_negative_one_counts_from_it() -> None:
    lines = held({"ordinal": [1, 2]})
    assert [line.ordinal for line in (lines[0], lines[-1])] == [1, 2]
    with pytest.raises(IndexError):
        lines[2]


def test_lines_read_one_by_one_sliced_or_by_column_are_the_same() -> None:
    lines = held({"ordinal": [1, 2], "posted_date": [date(2026, 1, 1)] * 2, "sku": ["A", None]})
    assert len(lines) == 2
    assert list(lines) == lines[:] == [lines[0], lines[1]]
    assert list(column_of(lines, "sku")) == list(column_of(list(lines), "sku")) == ["A", None]
    assert list(column_of(lines, "channel")) == ["amazon.US"] * 2
    with pytest.raises(KeyError):
        lines.column("colour")


def test_a_late_column_is_made_once_when_it_is_read() -> None:
    made: list[int] = []

    def make() -> list[str]:
        made.append(1)
        return ["A", "B"]

    column = LateColumn(2, make)
    assert len(column) == 2
    assert made == []
    assert (column[1], column[:1], list(column)) == ("B", ["A"], ["A", "B"])
    assert made == [1]


def test_footing_names_the_residual_with_its_sign() -> None:
    with pytest.raises(BadInput, match=r"residual -0\.01 USD"):
        check_footing(Decimal("1.00"), [Decimal("1.01")], file="f", currency="USD", lines=1)
    check_footing(Decimal("1.0"), [Decimal("0.40"), Decimal("0.6")], file="f", currency="USD", lines=2)


@pytest.mark.parametrize(
    ("currency", "text", "amount"),
    [
        ("USD", "1.5", "1.5"),
        ("USD", "1.5000", "1.5000"),
        ("JPY", "120", "120"),
        ("JPY", "120.0", "120.0"),
        ("KWD", "1.234", "1.234"),
    ],
)
def test_an_amount_may_be_as_fine_as_its_currency(currency: str, text: str, amount: str) -> None:
    amounts = Amounts("f", currency)
    assert amounts.learn([text], column="amount") == []
    assert amounts.of([text, text]) == [Decimal(amount)] * 2


@pytest.mark.parametrize(("currency", "text"), [("JPY", "3,000"), ("JPY", "3.000"), ("USD", "1.500"), ("EUR", "1,000")])
def test_an_amount_that_may_be_thousands_is_not_taken_as_decimals(currency: str, text: str) -> None:
    amounts = Amounts("f", currency)
    assert amounts.learn([text], column="amount") == [text]
    assert "thousands" in amounts.problem(text)[0]


@pytest.mark.parametrize(("currency", "text"), [("USD", "1.505"), ("JPY", "1.5"), ("KWD", "1.2345")])
def test_an_amount_finer_than_its_currency_is_not_taken(currency: str, text: str) -> None:
    assert Amounts("f", currency).learn([text], column="amount") == [text]
