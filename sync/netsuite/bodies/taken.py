"""Lines that a transform takes over from its source (contract §2.5): every line is named, those left out as well.

Line numbers of a source have gaps (fault 35): the source's sublist is read first, and what nobody named is left out
explicitly, because NetSuite takes over in full whatever a body does not mention (assumed, contract §2.5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from sync.netsuite.bodies.fields import Body, present, ref
from sync.netsuite.intents import BilledLine, CreditLine, ReceiptLine, SourceLine

__all__ = ["LineProblem", "SourceRow", "read_rows", "taken_lines"]


class LineProblem(ValueError):
    """A named line is not on the source, or has less left than is to be taken."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One line of the source as NetSuite has it now; `left` is what is still to be taken, None where not shown."""

    line: str
    item_id: str | None
    quantity: Decimal | None
    left: Decimal | None
    is_closed: bool = False

    @property
    def is_open(self) -> bool:
        """Return whether a transform offers the line at all."""
        return not self.is_closed and (self.left is None or self.left != 0)


def read_rows(sublist: Sequence[Mapping[str, object]], taken_field: str) -> list[SourceRow]:
    """Return the lines of an `item` sublist; `taken_field` counts what was taken before (`quantityFulfilled`).

    Raises:
        LineProblem: a line has no number, so that it cannot be named.
    """
    rows = []
    for entry in sublist:
        number = entry.get("line", entry.get("orderLine"))
        if not isinstance(number, int | str):
            raise LineProblem("a line of the source document has no line number")
        quantity, taken = _number(entry.get("quantity")), _number(entry.get(taken_field))
        left = None if quantity is None else quantity - (taken or Decimal(0))
        item = entry.get("item")
        item_id = str(item["id"]) if isinstance(item, Mapping) and "id" in item else None
        rows.append(SourceRow(str(number), item_id, quantity, left, entry.get("isClosed") is True))
    return rows


def taken_lines(
    named: Sequence[SourceLine],
    rows: Sequence[SourceRow] | None,
    *,
    leave: Literal["itemReceive", "quantity"],
    cap: bool = False,
) -> list[Body]:
    """Return the lines of a transform's body; without `rows` (nothing was read yet) only those that are named.

    Args:
        leave: how a line is left out: `itemReceive` false (goods), or a quantity of 0 (assumed for money documents).
        cap: take what is left where more was asked for, instead of refusing.

    Raises:
        LineProblem: a named line is not there, or has less left than asked for.
    """
    if rows is None:
        return [_taken(line, line.line_id, line.quantity, leave) for line in named]
    claimed: dict[str, Body] = {}
    for line in named:
        row = _row_of(line, rows, claimed)
        claimed[row.line] = _taken(line, row.line, _quantity(line, row, cap), leave)
    out = {"itemReceive": False} if leave == "itemReceive" else {"quantity": 0}
    return [
        claimed.get(row.line) or {"orderLine": _line_number(row.line), **out}
        for row in rows
        if row.line in claimed or row.is_open
    ]


def _row_of(line: SourceLine, rows: Sequence[SourceRow], claimed: Mapping[str, Body]) -> SourceRow:
    fitting = [
        row
        for row in rows
        if row.line not in claimed
        and (line.line_id is None or row.line == line.line_id)
        and (line.item_id is None or row.item_id in (None, line.item_id))
        and (line.line_id is not None or row.is_open)
    ]
    if not fitting:
        raise LineProblem(f"{_name(line)} is not on the source document (any more)")
    wanted = line.quantity or Decimal(0)
    return next((row for row in fitting if row.left is None or row.left >= wanted), fitting[0])


def _quantity(line: SourceLine, row: SourceRow, cap: bool) -> Decimal | None:
    if row.left is None:
        return line.quantity
    if line.quantity is None or (line.quantity > row.left and cap):
        if row.left <= 0:
            raise LineProblem(f"nothing is left of {_name(line)}")
        return row.left
    if line.quantity > row.left:
        raise LineProblem(f"{line.quantity} of {_name(line)} are to be taken, {row.left} of {row.quantity} are left")
    return line.quantity


def _taken(line: SourceLine, number: str | None, quantity: Decimal | None, leave: str) -> Body:
    body = present(
        {
            "orderLine": None if number is None else _line_number(number),
            "item": ref(line.item_id) if number is None else None,
            "quantity": quantity,
            "itemReceive": True if leave == "itemReceive" else None,
            "location": ref(line.location_id),
        }
    )
    if isinstance(line, ReceiptLine) and line.restock is not None:
        body["restock"] = line.restock
    if isinstance(line, CreditLine):
        body |= present({"rate": line.rate, "amount": line.amount, "description": line.description})
    if isinstance(line, BilledLine):
        body |= present({"amount": line.amount})
    return body


def _line_number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _name(line: SourceLine) -> str:
    parts = [f"line {line.line_id}" if line.line_id else "", f"item {line.item_id}" if line.item_id else ""]
    return ", ".join(p for p in parts if p)


def _number(value: object) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise LineProblem(f"a quantity of the source document is {value!r}") from None
