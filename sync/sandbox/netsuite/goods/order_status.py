"""How far an order is: what was shipped, received and billed of each line, and the status letter that follows.

The same machine drives sales orders (fulfilled, billed), return authorizations (received, refunded) and transfer
orders (fulfilled, received): CONTRACT §3.2, letters A to H.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Line, Stored
from sync.sandbox.netsuite.wire.refusals import user_error

__all__ = ["ORDERS", "check_done", "is_goods", "line_number", "refresh_order", "remaining"]

_ZERO = Decimal(0)
#: Order → (records that move its goods, records that bill or close it).
ORDERS = {
    "salesOrder": (("itemFulfillment",), ("invoice", "cashSale")),
    "returnAuthorization": (("itemReceipt",), ("creditMemo", "cashRefund")),
    "transferOrder": (("itemFulfillment",), ("itemReceipt",)),
}
#: Item types that nobody ships.
_NOT_SHIPPED = ("OthCharge", "Discount", "Payment", "ShipItem", "Service")


@dataclass(slots=True)
class _Done:
    """Per line number: taken by a fulfilment however far it is, moved, and billed (or received at the other end)."""

    taken: dict[int, Decimal] = field(default_factory=dict)
    moved: dict[int, Decimal] = field(default_factory=dict)
    billed: dict[int, Decimal] = field(default_factory=dict)


def line_number(row: Line) -> int:
    """Return the number of an order's line."""
    number = row.get("line")
    if not isinstance(number, int):
        raise TypeError("an order's line has a number")
    return number


def is_goods(books: Books, row: Line) -> bool:
    """Say whether a line holds something to ship."""
    item = books.look("item", row.get("item"))
    if item is None or "isFulfillable" in item.fields:
        return item is None or item.fields["isFulfillable"] is True
    return item.kind.item_type not in _NOT_SHIPPED


def remaining(books: Books, order: Stored, what: str, *, without: int = 0) -> dict[int, Decimal]:
    """Return per line what is not yet `moved` or `billed`; closed lines have nothing left.

    A transfer can be received as far as it was sent. `without` leaves one follower out: the one that is being changed.
    """
    done = _done(books, order, without)
    left: dict[int, Decimal] = {}
    for row in order.rows("item"):
        number, quantity = line_number(row), row.get("quantity")
        whole = quantity if isinstance(quantity, Decimal) and row.get("isClosed") is not True else _ZERO
        if what == "moved" and not is_goods(books, row):
            whole = _ZERO
        if order.kind.name == "transferOrder" and what == "billed":
            whole = done.moved.get(number, _ZERO)
        gone = done.taken if what == "moved" else done.billed
        left[number] = max(whole - gone.get(number, _ZERO), _ZERO)
    return left


def _done(books: Books, order: Stored, without: int = 0) -> _Done:
    done = _Done()
    moving, billing = ORDERS[order.kind.name]
    for follower in books.followers(order.id) if order.id else []:
        if follower.id == without:
            continue
        moves = follower.kind.name in moving
        if not moves and follower.kind.name not in billing:
            continue
        for number, quantity in _claims(order, follower):
            if not moves:
                done.billed[number] = done.billed.get(number, _ZERO) + quantity
                continue
            done.taken[number] = done.taken.get(number, _ZERO) + quantity
            if follower.fields.get("shipStatus", "C") == "C":  # picked and packed goods have not left
                done.moved[number] = done.moved.get(number, _ZERO) + quantity
    return done


def _claims(order: Stored, follower: Stored) -> list[tuple[int, Decimal]]:
    """Return (order line, quantity) of each line of a follower; without a line number the item decides."""
    claims: list[tuple[int, Decimal]] = []
    unclaimed = [(line_number(row), row.get("item")) for row in order.rows("item")]
    for row in follower.rows("item"):
        number = row.get("orderLine")
        if not isinstance(number, int):
            number = next((n for n, item in unclaimed if item == row.get("item")), None)
        quantity = row.get("quantity")
        if isinstance(number, int) and isinstance(quantity, Decimal):
            unclaimed = [pair for pair in unclaimed if pair[0] != number]
            claims.append((number, quantity))
    return claims


def check_done(books: Books, order: Stored) -> None:
    """Refuse a change that leaves less on a line than was shipped or billed, or takes such a line away."""
    done = _done(books, order)
    whole = {line_number(row): row.get("quantity") for row in order.rows("item")}
    for number, quantity in (*done.taken.items(), *done.billed.items()):
        ordered = whole.get(number)
        if quantity > (ordered if isinstance(ordered, Decimal) else _ZERO):
            raise user_error("The quantity of a line cannot be less than what was already fulfilled or billed.")


def refresh_order(books: Books, order: Stored) -> None:
    """Recompute an order's quantities and its status letter from what was made from it."""
    done = _done(books, order)
    moved = "quantityreceived" if order.kind.name == "returnAuthorization" else "quantityFulfilled"
    billed = "quantityreceived" if order.kind.name == "transferOrder" else "quantityBilled"
    for row in order.rows("item"):
        row[moved] = done.moved.get(line_number(row), _ZERO)
        row[billed] = done.billed.get(line_number(row), _ZERO)
    order.fields["status"] = _letter(books, order, moved, billed)


def _letter(books: Books, order: Stored, moved: str, billed: str) -> str:
    said = str(order.fields.get("orderStatus"))
    if said not in ("A", "B"):
        return said  # closed or cancelled by a person, or keyed with the state it had
    rows = [row for row in order.rows("item") if row.get("isClosed") is not True]
    if not rows:
        return "H"
    if all(_part(row, billed) >= 1 for row in rows):
        return "G"
    goods = [row for row in rows if is_goods(books, row)]
    if said == "B" and all(_part(row, moved) >= 1 for row in goods):
        return "F"
    if any(_part(row, moved) > 0 for row in goods):
        return "E" if any(_part(row, moved) > _part(row, billed) for row in goods) else "D"
    return said


def _part(row: Line, name: str) -> Decimal:
    done, whole = row.get(name), row.get("quantity")
    if not isinstance(done, Decimal) or not isinstance(whole, Decimal) or whole == 0:
        return Decimal(1)
    return done / whole
