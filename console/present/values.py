"""A row's value as the text of its column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from console.present.amounts import finance, money, plain
from console.present.text import ABSENT, cell
from console.present.times import age, count, moment
from console.views.rows import Column, Row, Value

__all__ = ["as_tsv", "currency_of", "written"]


def written(value: Value, column: Column, now: datetime, currency: str | None = None) -> str:
    """Return the value as its column shows it; a value of another type than the column's is shown as it is."""
    if value is None:
        return ABSENT if column.kind != "finance" else ABSENT + " "
    if isinstance(value, Decimal) and column.currency is not None and currency is None:
        return plain(value)
    if isinstance(value, Decimal) and column.kind in ("money", "finance"):
        return finance(value, currency) if column.kind == "finance" else money(value, currency)
    if isinstance(value, datetime) and column.kind in ("age", "time"):
        return age(value, now) if column.kind == "age" else moment(value, now)
    if isinstance(value, date) and column.kind == "date":
        return f"{value:%Y-%m-%d}"
    if isinstance(value, int) and not isinstance(value, bool) and column.kind == "count":
        return count(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and column.kind == "score":
        return f"{value:.0f} %"
    return cell(value)


def currency_of(column: Column, columns: Sequence[Column], row: Row) -> str | None:
    """Return the currency that stands in the row beside a money column, None where there is none."""
    if column.currency is None:
        return None
    for index, other in enumerate(columns):
        if other.name == column.currency:
            value = row.values[index]
            return value if isinstance(value, str) else None
    return None


def as_tsv(columns: Sequence[Column], rows: Sequence[Row], *, header: bool = True) -> str:
    """Return rows as tab-separated text with exact values, for the clipboard."""
    out = ["\t".join(column.title or column.name for column in columns)] if header else []
    out += ["\t".join("" if v is None else cell(v).replace("\t", " ") for v in row.values) for row in rows]
    return "\n".join(out)
