"""A settlement document as a fault says: other columns, marks, dates and lines. The lines still add to the total."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sync.sandbox.amazon.settlements.document import COLUMNS, Style, settlement_rows, style_of
from sync.sandbox.amazon.settlements.meanings import MEANINGS
from sync.sandbox.amazon.settlements.v1_document import write_v1
from sync.sandbox.faults import Fault
from sync.sandbox.world.model import Settlement

__all__ = ["vary_settlement"]

_Rows = list[list[str]]
_TYPE, _DESCRIPTION, _AMOUNT = (COLUMNS.index(name) for name in ("amount-type", "amount-description", "amount"))
_POSTED, _PROMOTION, _CURRENCY = (COLUMNS.index(name) for name in ("posted-date", "promotion-id", "currency"))
#: Faults that serve the V1 form.
_V1_FAULTS = ("quantity_only_lines", "two_amounts")


def vary_settlement(settlement: Settlement, fault: Fault | None, *, columns: int) -> str:
    """Return the document's text: in the marketplace's style with so many columns, or as the fault says."""
    name = fault.name if fault else ""
    if name in MEANINGS:
        settlement = MEANINGS[name](settlement)
    wanted = int(fault.options.get("columns", "25")) if fault and name == "other_columns" else columns
    if name in _V1_FAULTS or wanted in (33, 36):
        return write_v1(settlement, columns=wanted if wanted in (33, 36) else 36)
    style = style_of(settlement.currency)
    if name in _STYLES:
        style = _STYLES[name](style)
    rows = settlement_rows(settlement, style)
    if name in _ROWS:
        rows = _ROWS[name](rows)
    rows = [row[:wanted] + ["x"] * (wanted - len(row)) for row in rows] if rows else rows
    if wanted > len(COLUMNS):
        rows[0][len(COLUMNS) :] = ["deferral-status"] * (wanted - len(COLUMNS))
    text = "".join("\t".join(row) + "\n" for row in rows)
    return _TEXTS[name](text) if name in _TEXTS else text


def _comma(style: Style) -> Style:
    return replace(style, date="%d.%m.%Y", posted="%d.%m.%Y", mark=",")


def _day_first(style: Style) -> Style:
    """Return the style of a US project's file: 09/06/25 beside 2025-06-09 05:23:19 UTC."""
    return replace(style, posted="%d/%m/%y")


_STYLES: dict[str, Callable[[Style], Style]] = {"decimal_comma": _comma, "day_before_month": _day_first}


def _lines(change: Callable[[int, list[str]], list[str]]) -> Callable[[_Rows], _Rows]:
    """Return a change of the lines behind the header and the summary."""
    return lambda rows: [*rows[:2], *(change(number, row) for number, row in enumerate(rows[2:]))]


def _with(row: list[str], column: int, text: str) -> list[str]:
    return [*row[:column], text, *row[column + 1 :]]


def _mixed(number: int, row: list[str]) -> list[str]:
    return _with(row, _AMOUNT, row[_AMOUNT].replace(",", ".") if number % 2 else row[_AMOUNT].replace(".", ","))


def _shifted(number: int, row: list[str]) -> list[str]:
    """Move amount-type, description and amount one to the right on every seventh line; amount-type is blank then."""
    if number % 7 != 3:
        return row
    return [*row[:_TYPE], "", row[_TYPE], row[_DESCRIPTION], row[_AMOUNT], *row[_AMOUNT + 2 :]]


def _with_currency(rows: _Rows) -> _Rows:
    currency = rows[1][_CURRENCY]
    return _lines(lambda number, row: _with(row, _CURRENCY, currency) if number % 3 == 0 else row)(rows)


def _header_again(rows: _Rows) -> _Rows:
    middle = len(rows) // 2
    return [*rows[:middle], list(rows[0]), *rows[middle:]]


def _quotes(number: int, row: list[str]) -> list[str]:
    return _with(row, _PROMOTION, '"Save 10% on 12" pans' if number % 11 == 5 else row[_PROMOTION])


_ROWS: dict[str, Callable[[_Rows], _Rows]] = {
    "currency_on_some_lines": _with_currency,
    "header_repeated": _header_again,
    "shifted_columns": _lines(_shifted),
    "mixed_marks": _lines(_mixed),
    "posted_date_empty": _lines(lambda number, row: _with(row, _POSTED, "")),
    "quotes_in_text": _lines(_quotes),
}
_TEXTS: dict[str, Callable[[str], str]] = {
    "blank_lines_first": lambda text: "\n\n" + text,
    "trailing_blanks": lambda text: text.rstrip("\n").rstrip("\t") + "    \n\n",
}
