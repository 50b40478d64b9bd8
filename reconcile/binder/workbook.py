"""A binder's workbook: for reading, never for calculating; what came from outside is text and stays text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from reconcile.binder.originals import Original
from reconcile.binder.tables import Cell, Column, Table
from sync.ops.closes import Close

__all__ = ["WORKBOOK", "write_workbook"]

#: Its name in a binder.
WORKBOOK = "binder.xlsx"

#: Sheet → the tables it shows, one under the other.
_SHEETS = {
    "Settlements": ("settlements", "parts"),
    "Journals": ("journals", "erp_documents"),
    "Journal lines": ("journal_lines",),
    "Breakdown": ("breakdown",),
    "Bridge": ("bridge",),
    "Bank": ("payouts", "bank_lines"),
    "Decisions": ("decisions",),
    "Checks": ("checks", "coverage"),
}
_LONGEST_CELL, _WIDEST = 32_767, 60
_MOST_ROWS = 1_000_000


def write_workbook(path: Path, close: Close, tables: Mapping[str, Table], documents: Sequence[Original]) -> None:
    """Write the workbook: amounts are numbers, and under each the exact total of each currency as text.

    Raises:
        OSError: it cannot be written.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), {**options, "default_date_format": "yyyy-mm-dd"})
    try:
        book.set_properties({"title": f"Close of {close.period}", "created": close.closed_at.replace(tzinfo=None)})
        sheets = _Sheets(book)
        sheets.summary(close, tables)
        for name, shown in _SHEETS.items():
            sheets.add(name, [tables[t] for t in shown])
        sheets.add("Documents", [_documents(documents)])
    finally:
        book.close()


def _documents(documents: Sequence[Original]) -> Table:
    names = ["channel", "settlement_id", "document_name", "format", "file", "document_hash"]
    rows = [[str(getattr(d, n)) for n in names] for d in documents]
    if any(d.notes for d in documents):
        # Only where there are some: a binder that was written before has no such column.
        names.append("read_with")
        rows = [[*row, "; ".join(d.notes)] for row, d in zip(rows, documents, strict=True)]
    return Table("documents", tuple(Column(n, "text") for n in names), tuple(map(tuple, rows)), 2)


class _Sheets:
    """Writes tables to sheets of one workbook."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._amount = book.add_format({"num_format": "#,##0.00##"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def summary(self, close: Close, tables: Mapping[str, Table]) -> None:
        """Write what was closed, and the exact totals of every sheet."""
        facts = {
            "period": close.period,
            "version": str(close.version),
            "as of": close.as_of.isoformat(),
            "closed at": close.closed_at.isoformat(),
            "closed by": close.closed_by,
            "closed with the reason": close.reason or "—",
            "digest": close.digest,
            "digest of the close before": close.previous_digest or "—",
        }
        columns = tuple(Column(n, "text") for n in ("what", "value", "currency", "exact total"))
        rows: list[tuple[Cell, ...]] = [(name, value, None, None) for name, value in facts.items()]
        for table in tables.values():
            rows.append((table.name, f"{len(table.rows)} rows", None, None))
            for place, column in enumerate(table.columns):
                if column.kind == "amount":
                    totals = _totals(table, place)
                    rows += [(f"{table.name}: {column.name}", None, c, t) for c, t in totals.items()]
        self.add("Summary", [Table("summary", columns, tuple(rows), 1)])

    def add(self, name: str, tables: Sequence[Table]) -> None:
        """Write tables one under the other; the header of the first stays in sight."""
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        widths: dict[int, int] = {}
        row = 0
        for table in tables:
            row = self._write(sheet, table, row, widths) + 1
        for place, width in widths.items():
            sheet.set_column(place, place, min(width + 2, _WIDEST))

    def _write(self, sheet: Any, table: Table, row: int, widths: dict[int, int]) -> int:
        for place, column in enumerate(table.columns):
            name = column.name.replace("_", " ")
            sheet.write_string(row, place, f"{name} (UTC)" if column.kind == "time" else name, self._bold)
            widths[place] = max(widths.get(place, 0), len(column.name))
        for values in table.rows[:_MOST_ROWS]:
            row += 1
            for place, value in enumerate(values):
                self._cell(sheet, row, place, value)
                widths[place] = max(widths.get(place, 0), min(len(str(value)), _WIDEST))
        if len(table.rows) > _MOST_ROWS:
            row += 1
            sheet.write_string(row, 0, f"{len(table.rows) - _MOST_ROWS} more rows are in {table.name}.parquet")
        return self._control_totals(sheet, table, row)

    def _control_totals(self, sheet: Any, table: Table, row: int) -> int:
        amounts = {n: _totals(table, n) for n, c in enumerate(table.columns) if c.kind == "amount"}
        for currency in sorted({c for totals in amounts.values() for c in totals}):
            row += 1
            sheet.write_string(row, 0, f"Control total {currency}".strip(), self._bold)
            for place, totals in amounts.items():
                if currency in totals:
                    sheet.write_string(row, place, totals[currency], self._bold)
        return row + 1

    def _cell(self, sheet: Any, row: int, place: int, value: Cell) -> None:
        if value is None:
            return
        if isinstance(value, Decimal):
            sheet.write_number(row, place, value, self._amount)
        elif isinstance(value, bool):
            sheet.write_boolean(row, place, value)
        elif isinstance(value, int):
            sheet.write_number(row, place, value)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, place, value.astimezone(UTC).replace(tzinfo=None), self._time)
        elif isinstance(value, date):
            sheet.write_datetime(row, place, value, self._day)
        else:
            # A lone surrogate has no UTF-8; a cell holds no more than this.
            text = str(value).encode("utf-8", "replace").decode()
            sheet.write_string(row, place, text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…")


def _totals(table: Table, place: int) -> dict[str, str]:
    """Return currency → exact total of an amount column, as text; without a currency column, one for all."""
    by_currency: dict[str, Decimal] = {}
    names = [c.name for c in table.columns]
    money = names.index("currency") if "currency" in names else None
    for row in table.rows:
        value = row[place]
        if isinstance(value, Decimal):
            currency = str(row[money] or "") if money is not None else ""
            by_currency[currency] = by_currency.get(currency, Decimal(0)) + value
    return {currency: format(total, "f") for currency, total in sorted(by_currency.items())}
