"""Amount lines of a V2 settlement file (24 columns; 23 and more are met): one amount a row."""

from __future__ import annotations

import re

from sync.amazon.settlements.text import Table
from sync.settlements import Note

__all__ = ["COLUMNS", "REQUIRED", "amount_rows", "repair_for"]

REQUIRED = (
    "settlement-id",
    "settlement-start-date",
    "settlement-end-date",
    "total-amount",
    "currency",
    "transaction-type",
    "amount-type",
    "amount-description",
    "amount",
)
COLUMNS = (
    *REQUIRED,
    "deposit-date",
    "order-id",
    "merchant-order-id",
    "adjustment-id",
    "shipment-id",
    "marketplace-name",
    "fulfillment-id",
    "posted-date",
    "posted-date-time",
    "order-item-code",
    "sku",
    "quantity-purchased",
    "promotion-id",
)
_AMOUNT = re.compile(r"\s*[+-]?[0-9]+([.,][0-9]+)?\s*")
_DATE = re.compile(r"\s*\d[\d./-]{5,9}.*")


def amount_rows(table: Table, notes: list[str]) -> Table:
    """Return the rows that have an amount; rows without one are counted in a note."""
    amounts = table.column("amount")
    blank = amounts.count("")
    if not blank:
        return table
    notes.append(Note(f"{blank} rows without an amount", table.file_line[amounts.index("")]))
    return table.where([bool(text) for text in amounts])


class Repair:
    """Mends rows whose amount columns slipped one to the right (an Amazon fault of 2022).

    Such a row has an empty amount-type, or a description that holds a type (`ItemPrice`); its amount cell is text
    and the cell after it a number. The cells behind the amount either slipped as well or were written over.
    """

    def __init__(self, header: list[str]) -> None:
        self._type, self._text, self._amount = (
            header.index(name) for name in ("amount-type", "amount-description", "amount")
        )
        self._posted = header.index("posted-date") if "posted-date" in header else None
        self._width = len(header)

    def __call__(self, cells: list[list[str]]) -> int:
        return sum(self._mend(row) for row in cells if len(row) > self._amount + 1 and self._slipped(row))

    def _slipped(self, row: list[str]) -> bool:
        if row[self._type].strip() and "Item" not in row[self._text]:
            return False
        amount = row[self._amount]
        return bool(amount.strip()) and not _AMOUNT.fullmatch(amount) and bool(_AMOUNT.fullmatch(row[self._amount + 1]))

    def _mend(self, row: list[str]) -> int:
        at = self._type
        if len(row) > self._width or self._tail_slipped(row):
            del row[at]
            row.extend([""] * (self._width - len(row)))
        else:
            row[at : self._amount + 1] = row[at + 1 : self._amount + 2]
            row[self._amount + 1] = ""
        return 1

    def _tail_slipped(self, row: list[str]) -> bool:
        """Whether the cell under posted-date is no date while the next one is."""
        if self._posted is None or len(row) <= self._posted + 1:
            return False
        here, after = row[self._posted], row[self._posted + 1]
        return not _DATE.fullmatch(here) and bool(_DATE.fullmatch(after))


def repair_for(header: list[str]) -> Repair | None:
    """Return the mender for a header whose three amount columns stand side by side, else None."""
    at = header.index("amount-type")
    side_by_side = header[at : at + 3] == ["amount-type", "amount-description", "amount"]
    return Repair(header) if side_by_side and len(header) > at + 3 else None
