from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from console.present.values import as_tsv, currency_of, written
from console.views.rows import Column, Kind, Row, Value

NOW = datetime(2026, 11, 21, 14, 2, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("money", None, "—"),
        ("money", "not a number", "not a number"),
        ("count", True, "yes"),
        ("age", "yesterday", "yesterday"),
        ("money", Decimal("-4.5"), "-4.50"),
        ("finance", Decimal("-4.5"), "(4.50)"),
        ("count", 1204, "1,204"),
        ("age", NOW - timedelta(hours=3), "3h"),
        ("time", NOW, "14:02:31"),
        ("date", date(2026, 11, 5), "2026-11-05"),
        ("score", Decimal("94.2"), "94 %"),
        ("text", "a\nb", "a⏎b"),
    ],
)
def test_a_value_is_written_as_its_column_wants_or_else_as_it_is(kind: Kind, value: Value, shown: str) -> None:
    assert written(value, Column("c", "C", 10, kind), NOW) == shown


def test_an_amount_takes_the_currency_beside_it_and_a_quantity_has_none() -> None:
    columns = (Column("total", "Total", 10, "money", currency="currency"), Column("currency", "", 3, hidden=True))
    yen = Row("k", (Decimal("1200.0000"), "JPY"))
    pieces = Row("k", (Decimal("-4.0000"), None))
    assert written(yen.values[0], columns[0], NOW, currency_of(columns[0], columns, yen)) == "1,200"
    assert written(pieces.values[0], columns[0], NOW, currency_of(columns[0], columns, pieces)) == "-4"


def test_copied_rows_have_exact_values_and_no_stray_tabs() -> None:
    columns = (Column("a", "A", 5), Column("b", "B", 5, "money"))
    assert as_tsv(columns, [Row("k", ("x\ty\nz", Decimal("1.5000"))), Row("l", (None, None))]) == (
        "A\tB\nx y⏎z\t1.5000\n\t"
    )
