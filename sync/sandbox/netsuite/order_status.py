"""How far an order is: what was fulfilled and billed of each line, and the status letter that follows from it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sync.sandbox.netsuite.stored import Line, Stored

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books import NetSuiteBooks

__all__ = ["line_number", "refresh_order", "remaining"]

_ZERO = Decimal(0)


def line_number(row: Line) -> int:
    """Return the number of an order's line."""
    number = row.get("line")
    if not isinstance(number, int):
        raise TypeError("an order's line has a number")
    return number


def remaining(books: NetSuiteBooks, order: Stored, what: str) -> dict[int, Decimal]:
    """Return per line number what is not yet `fulfilled` or `billed`; closed lines have nothing left."""
    done = _done(books, order)[what]
    left: dict[int, Decimal] = {}
    for row in order.rows("item"):
        quantity = row.get("quantity")
        whole = quantity if isinstance(quantity, Decimal) and row.get("isClosed") is not True else _ZERO
        left[line_number(row)] = max(whole - done.get(line_number(row), _ZERO), _ZERO)
    return left


def _done(books: NetSuiteBooks, order: Stored) -> dict[str, dict[int, Decimal]]:
    done: dict[str, dict[int, Decimal]] = {"fulfilled": {}, "billed": {}}
    for follower in books.followers(order.id):
        shipped = follower.kind.name == "itemFulfillment"
        sums = done["fulfilled" if shipped else "billed"]
        if shipped and follower.fields.get("shipStatus") != "C":
            continue  # picked and packed goods have not left
        for number, quantity in _claims(order, follower):
            sums[number] = sums.get(number, _ZERO) + quantity
    return done


def _claims(order: Stored, follower: Stored) -> list[tuple[int, Decimal]]:
    """Return (order line, quantity) of each line of a follower; without a line number the item decides."""
    claims: list[tuple[int, Decimal]] = []
    unclaimed = [(line_number(row), row.get("item")) for row in order.rows("item")]
    for row in follower.rows("item"):
        number = row.get("orderLine", row.get("_orderLine"))
        if not isinstance(number, int):
            number = next((n for n, item in unclaimed if item == row.get("item")), None)
        quantity = row.get("quantity")
        if isinstance(number, int) and isinstance(quantity, Decimal):
            unclaimed = [pair for pair in unclaimed if pair[0] != number]
            claims.append((number, quantity))
    return claims


def refresh_order(books: NetSuiteBooks, order: Stored) -> None:
    """Recompute an order's quantities and its status letter from what was made from it."""
    done = _done(books, order) if order.id else {"fulfilled": {}, "billed": {}}
    for row in order.rows("item"):
        row["quantityFulfilled"] = done["fulfilled"].get(line_number(row), _ZERO)
        row["quantityBilled"] = done["billed"].get(line_number(row), _ZERO)
    order.fields["status"] = _order_status(order)


def _order_status(order: Stored) -> str:
    said = str(order.fields.get("orderStatus"))
    if said not in ("A", "B"):
        return said  # closed or cancelled by a person, or keyed with the state it had
    rows = [row for row in order.rows("item") if row.get("isClosed") is not True]
    if not rows:
        return "H"
    shipped = [_part(row, "quantityFulfilled") for row in rows]
    billed = [_part(row, "quantityBilled") for row in rows]
    if all(part >= 1 for part in billed):
        return "G"
    if all(part >= 1 for part in shipped):
        return "F"
    if any(part > 0 for part in shipped):
        return "E" if _unbilled_shipment(rows) else "D"
    return said


def _part(row: Line, name: str) -> Decimal:
    done, whole = row.get(name), row.get("quantity")
    if not isinstance(done, Decimal) or not isinstance(whole, Decimal) or whole == 0:
        return Decimal(1)
    return done / whole


def _unbilled_shipment(rows: list[Line]) -> bool:
    return any(_part(row, "quantityFulfilled") > _part(row, "quantityBilled") for row in rows)
