"""A bank's CSV export: header found by its names, marks and order of dates proved by the whole column.

Every row must be readable, and where the file states a balance, each balance must follow from the one before: a row
that is missing, changed or read wrongly shows there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sync.bank.cells import DayOrder, Mark, day_of, day_order, decimal_mark, money_of
from sync.bank.headings import fields_of
from sync.bank.statement import BankStatement, Booking, bank_lines
from sync.errors import BadInput
from sync.money import minor_digits, round_to_minor

__all__ = ["read_csv"]

_LOOK_FOR_HEADER = 30
_CREDIT_WORDS = {"cr", "c", "h", "haben", "credit", "bij", "in"}
_DEBIT_WORDS = {"dr", "d", "s", "soll", "debit", "af", "out"}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Rows below the header with their line numbers; cells are stripped."""

    file: str
    places: dict[str, int]
    rows: list[tuple[int, list[str]]]

    def cell(self, row: Sequence[str], field: str) -> str:
        place = self.places.get(field)
        return row[place] if place is not None and place < len(row) else ""

    def column(self, *fields: str) -> list[str]:
        return [c for _, row in self.rows for f in fields if (c := self.cell(row, f))]


def read_csv(
    text: str,
    *,
    account: str,
    currency: str | None,
    date_order: DayOrder | None,
    document_hash: str,
    document_name: str,
) -> BankStatement:
    """Return the statement of a CSV text.

    `currency` is the account's, for files that do not say; `date_order` decides where no date of the file proves it.

    Raises:
        BadInput: no header, a cell that cannot be read, an undecided format, or balances that do not follow.
    """
    sheet = _sheet(text, document_name)
    mark = _mark(sheet)
    order = _order(sheet, date_order)
    bookings = [_booking(sheet, line, row, mark, order, currency) for line, row in sheet.rows]
    closing = _follow_balances(sheet, bookings, mark)
    numbers = {n for n in sheet.column("account_number") if n}
    notes = [] if closing is not None else ["the file states no balances; that it is whole cannot be proved"]
    return BankStatement(
        account,
        "csv",
        document_hash,
        document_name,
        bank_lines(bookings, account=account, document_hash=document_hash, document_name=document_name),
        numbers.pop() if len(numbers) == 1 else None,
        closing,
        notes,
    )


def _rows(reader: Any, file: str) -> Iterator[list[str]]:
    """Yield the rows; one cell that is longer than any of a bank's is no cell."""
    try:
        yield from reader
    except csv.Error as broken:
        raise BadInput(
            f"the CSV is broken: {broken}",
            remedy="Export it again from the bank; nothing was taken",
            file=file,
            line=reader.line_num + 1,
        ) from None


def _sheet(text: str, file: str) -> _Sheet:
    lines = text.splitlines()
    delimiter = max(";,\t|", key=lambda d: sum(line.count(d) for line in lines[:_LOOK_FOR_HEADER]))
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=False)
    places: dict[str, int] | None = None
    rows: list[tuple[int, list[str]]] = []
    width = 0
    for row in _rows(reader, file):
        cells = [c.replace("\x00", "").strip() for c in row]
        if not any(cells):
            continue
        if places is None:
            found = fields_of(cells)
            if "booked_on" in found and ("amount" in found or "credit" in found):
                places, width = found, len(cells)
            elif reader.line_num > _LOOK_FOR_HEADER:
                break
        elif len([c for c in cells if c]) > 1:
            _check_width(cells, width, file, reader.line_num)
            rows.append((reader.line_num, cells))
    if places is None:
        raise BadInput(
            "no row names a date and an amount, so this is no bank statement that can be read",
            remedy="Export it again as CSV with its header row, or as OFX",
            file=file,
            line=1,
        )
    return _Sheet(file, places, rows)


def _check_width(cells: Sequence[str], width: int, file: str, line: int) -> None:
    if len(cells) < width - 1:
        raise BadInput(
            f"the row has {len(cells)} cells where the header has {width}; the file is cut or edited",
            remedy="Export the statement again",
            file=file,
            line=line,
        )


def _mark(sheet: _Sheet) -> Mark:
    mark = decimal_mark(sheet.column("amount", "credit", "debit", "balance"))
    if mark is None:
        raise BadInput(
            "amounts of the file end in a comma here and in a point there",
            remedy="Export the statement again; two exports may have been put together",
            file=sheet.file,
            column="amount",
        )
    return mark


def _order(sheet: _Sheet, asked: DayOrder | None) -> DayOrder:
    days = sheet.column("booked_on", "value_on")
    order = day_order(days) or asked
    if order is None and days:
        raise BadInput(
            "no date of the file tells day from month",
            remedy="Say which comes first with --date-order dmy or mdy",
            file=sheet.file,
            column="date",
            value=days[0],
        )
    return order or "ymd"


def _booking(
    sheet: _Sheet, line: int, row: Sequence[str], mark: Mark, order: DayOrder, currency: str | None
) -> Booking:
    booked = day_of(sheet.cell(row, "booked_on"), order)
    if booked is None:
        raise _unreadable(sheet, line, "booked_on", row, "this is no date")
    value_on = sheet.cell(row, "value_on")
    code = (sheet.cell(row, "currency") or currency or "").upper()
    if len(code) != 3 or not code.isalpha():
        raise BadInput(
            "the currency of the booking is not known",
            remedy="Name the account's with --currency USD",
            file=sheet.file,
            line=line,
            column="currency",
            value=code or None,
        )
    amount = _amount(sheet, line, row, mark)
    _require_minor(sheet, line, row, amount, code)
    return Booking(
        booked,
        _value_day(sheet, line, row, value_on, order),
        amount,
        code,
        sheet.cell(row, "counterparty") or None,
        " ".join(sheet.cell(row, "text").split()),
        sheet.cell(row, "reference") or None,
        sheet.cell(row, "number") or None,
        line,
    )


def _require_minor(sheet: _Sheet, line: int, row: Sequence[str], amount: Decimal, currency: str) -> None:
    """Refuse decimals beyond the currency's; three may as well be thousands (2.188 of a file without cents)."""
    written = -int(amount.as_tuple().exponent)
    if written > minor_digits(currency) and (written == 3 or amount != round_to_minor(amount, currency)):
        field = "amount" if sheet.cell(row, "amount") else "credit" if sheet.cell(row, "credit") else "debit"
        problem = f"the amount has {written} decimals, {currency} has {minor_digits(currency)}"
        raise _unreadable(sheet, line, field, row, problem)


def _value_day(sheet: _Sheet, line: int, row: Sequence[str], cell: str, order: DayOrder) -> date | None:
    day = day_of(cell, order) if cell else None
    if cell and day is None:
        raise _unreadable(sheet, line, "value_on", row, "this is no date")
    return day


def _amount(sheet: _Sheet, line: int, row: Sequence[str], mark: Mark) -> Decimal:
    if sheet.cell(row, "amount"):
        amount = money_of(sheet.cell(row, "amount"), mark)
        if amount is None:
            raise _unreadable(sheet, line, "amount", row, "this is no amount")
        side = sheet.cell(row, "side").casefold()
        if side in _DEBIT_WORDS:
            return -abs(amount)
        return abs(amount) if side in _CREDIT_WORDS else amount
    given = {f: money_of(c, mark) for f in ("credit", "debit") if (c := sheet.cell(row, f))}
    if not given or None in given.values():
        raise _unreadable(sheet, line, "credit" if "credit" in sheet.places else "amount", row, "this is no amount")
    amounts = cast("dict[str, Decimal]", given)
    return amounts.get("credit", Decimal(0)) - abs(amounts.get("debit", Decimal(0)))


def _unreadable(sheet: _Sheet, line: int, field: str, row: Sequence[str], problem: str) -> BadInput:
    return BadInput(
        problem,
        remedy="Correct the export; nothing of the file was taken",
        file=sheet.file,
        line=line,
        column=field,
        value=sheet.cell(row, field),
    )


def _follow_balances(sheet: _Sheet, bookings: Sequence[Booking], mark: Mark) -> Decimal | None:
    """Return the newest balance after checking that each follows; None where the file has no balance in every row."""
    balances = [money_of(sheet.cell(row, "balance"), mark) for _, row in sheet.rows]
    if not balances or None in balances:
        return None
    stated = cast("list[Decimal]", balances)
    breaks = {newest_first: _breaks(stated, bookings, newest_first=newest_first) for newest_first in (False, True)}
    # Where neither direction holds, the dates say in which one the file was meant.
    seems_newest_first = bookings[0].booked_on > bookings[-1].booked_on
    newest_first = min((seems_newest_first, not seems_newest_first), key=lambda n: len(breaks[n]))
    broken = breaks[newest_first]
    if broken:
        at = broken[0]
        raise BadInput(
            f"the balance {stated[at]} does not follow from the bookings around it: a row is missing or was changed",
            remedy="Export the statement again",
            file=sheet.file,
            line=sheet.rows[at][0],
            column="balance",
            value=str(stated[at]),
        )
    return stated[0] if newest_first else stated[-1]


def _breaks(stated: Sequence[Decimal], bookings: Sequence[Booking], *, newest_first: bool) -> list[int]:
    """Return the places whose balance is not the earlier neighbour's plus their own amount."""
    found = []
    for at in range(1, len(stated)):
        earlier, later = (at, at - 1) if newest_first else (at - 1, at)
        if stated[earlier] + bookings[later].amount != stated[later]:
            found.append(later)
    return found
