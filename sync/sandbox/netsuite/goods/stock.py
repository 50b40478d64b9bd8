"""What documents do to stock: moves, what orders want, the average cost (CONTRACT §3.1, §4 inventoryItem)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.netsuite.goods import order_status
from sync.sandbox.netsuite.ledger import currencies
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.on_hand import Place
from sync.sandbox.netsuite.records.stored import Line, Move, Stored

__all__ = ["apply_moves", "components", "make_moves", "note_demand", "places_of", "unit_cost"]

_ZERO = Decimal(0)
_ONE = Decimal(1)
_STOCKED = ("InvtPart", "Assembly")


def apply_moves(books: Books, stored: Stored, at: datetime, *, back: bool = False) -> None:
    """Carry out a document's moves, or take them back."""
    kept, sign = books.stock, -_ONE if back else _ONE
    for move in stored.moves:
        place = (move.item, move.location)
        kept.on_hand[place] += sign * move.quantity
        kept.owned[move.item] += sign * move.quantity
        kept.value[move.item] += sign * move.value
        kept.changed[place] = at
        item = books.look("item", move.item)
        if item is None:
            continue
        average = kept.average(move.item)
        if average is not None and (sign * move.quantity > 0 or back):
            item.fields["averageCost"] = average
        books.shelves.touch(item)


def note_demand(books: Books, order: Stored) -> None:
    """Note what an order still wants from stock; a closed, cancelled or removed one wants nothing."""
    if order.kind.name not in ("salesOrder", "transferOrder"):
        return
    fresh: dict[Place, Decimal] = defaultdict(Decimal)
    waits = order.fields.get("status") in ("B", "D", "E")
    if waits and books.look(order.kind.name, order.id) is not None:
        left = order_status.remaining(books, order, "moved")
        for row in order.rows("item"):
            where = row.get("inventoryLocation") or row.get("location") or order.fields.get("location")
            count = left[order_status.line_number(row)]
            for part, each in components(books, row.get("item")):
                fresh[part.id, where if isinstance(where, int) else None] += count * each
    before = books.stock.demands.pop(order.id, {})
    for place in before.keys() | fresh.keys():
        books.stock.wanted[place] += fresh.get(place, _ZERO) - before.get(place, _ZERO)
        item = books.look("item", place[0])
        if item is not None and fresh.get(place, _ZERO) != before.get(place, _ZERO):
            books.shelves.touch(item)
    if fresh:
        books.stock.demands[order.id] = dict(fresh)


def places_of(books: Books, item: Stored) -> list[Line]:
    """Return the sublist `locations` of an item: one row a location of the company."""
    if item.kind.item_type not in _STOCKED:
        return []
    found: list[Line] = []
    for location in books.records("location"):
        row: Line = {"location": location.id, **books.stock.at_place(item.id, location.id)}
        found.append(row | {"averageCostMli": unit_cost(books, item)})
    return found


def components(books: Books, item_id: object) -> Iterator[tuple[Stored, Decimal]]:
    """Yield the stocked items behind an item with the quantity in one of it: itself, or a kit's members."""
    item = books.look("item", item_id)
    if item is None:
        return
    if item.kind.item_type in _STOCKED:
        yield item, _ONE
    elif item.kind.item_type == "Kit":
        for row in item.lines.get("member", ()):
            each = row.get("quantity")
            for part, count in components(books, row.get("item")):
                yield part, count * (each if isinstance(each, Decimal) else _ONE)


def unit_cost(books: Books, item: Stored) -> Decimal:
    """Return what one piece costs now: the average, else what was paid or estimated, in the base currency."""
    names = ("averageCost", "lastPurchasePrice", "cost")
    return next((cost for name in names if (cost := item.number(name))), _ZERO)


def make_moves(
    books: Books,
    stored: Stored,
    lines: list[Line],
    *,
    sign: int,
    place: int | None,
    cost_of: Stored | None = None,
) -> list[Move]:
    """Return the moves of a document's lines; `sign` is -1 for goods that leave, `place` the header's location.

    A line that was there before keeps its cost. Goods that come back from `cost_of` come back at the cost they left at.
    """
    code = currencies.home_code(books, stored)
    known = {(m.line, m.item): m.value / m.quantity for m in stored.moves if m.quantity}
    moves: list[Move] = []
    for row in lines:
        quantity, line = row.get("quantity"), row.get("line")
        if not isinstance(quantity, Decimal) or not isinstance(line, int):
            continue
        at = row.get("inventoryLocation") or row.get("location") or place
        for item, each in components(books, row.get("item")):
            count = sign * quantity * each
            cost = known.get((line, item.id))
            if cost is None:
                cost = _left_at(cost_of, item.id)
            if cost is None:
                cost = unit_cost(books, item)
            if count:
                value = round_to_minor(count * cost, code)
                moves.append(Move(line, item.id, at if isinstance(at, int) else None, count, value))
    return moves


def _left_at(source: Stored | None, item: int) -> Decimal | None:
    if source is None:
        return None
    moved = [m for m in source.moves if m.item == item]
    quantity = sum((m.quantity for m in moved), _ZERO)
    return sum((m.value for m in moved), _ZERO) / quantity if quantity else None
