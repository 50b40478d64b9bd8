"""Stock by item and place: on hand, promised to orders, and the average cost (CONTRACT §3.1, §4 inventoryItem)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sync.money import round_to_minor
from sync.sandbox.netsuite.goods import order_status
from sync.sandbox.netsuite.ledger import currencies
from sync.sandbox.netsuite.records.stored import Line, Move, Stored

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books.company import NetSuiteBooks

__all__ = ["Stock", "components", "make_moves", "unit_cost"]

_ZERO = Decimal(0)
_ONE = Decimal(1)
_STOCKED = ("InvtPart", "Assembly")
_EXACT = Decimal("0.00000001")

Place = tuple[int, int | None]


@dataclass(slots=True)
class Stock:
    """Quantities by (item, location), and by item the quantity and value that give the average cost."""

    on_hand: dict[Place, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    owned: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    value: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    #: What open orders want, in all and by order.
    wanted: dict[Place, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    changed: dict[Place, datetime] = field(default_factory=dict)
    _demands: dict[int, dict[Place, Decimal]] = field(default_factory=dict)

    def apply(self, books: NetSuiteBooks, stored: Stored, at: datetime, *, back: bool = False) -> None:
        """Carry out a document's moves, or take them back."""
        sign = -_ONE if back else _ONE
        for move in stored.moves:
            place = (move.item, move.location)
            self.on_hand[place] += sign * move.quantity
            self.owned[move.item] += sign * move.quantity
            self.value[move.item] += sign * move.value
            self.changed[place] = at
            item = books.look("item", move.item)
            if item is None:
                continue
            average = self._average(move.item)
            if average is not None and (sign * move.quantity > 0 or back):
                item.fields["averageCost"] = average
            books.shelves.touch(item)

    def _average(self, item: int) -> Decimal | None:
        owned, value = self.owned[item], self.value[item]
        return (value / owned).quantize(_EXACT).normalize() if owned > 0 and value > 0 else None

    def demand_of(self, books: NetSuiteBooks, order: Stored) -> None:
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
        before = self._demands.pop(order.id, {})
        for place in before.keys() | fresh.keys():
            self.wanted[place] += fresh.get(place, _ZERO) - before.get(place, _ZERO)
            item = books.look("item", place[0])
            if item is not None and fresh.get(place, _ZERO) != before.get(place, _ZERO):
                books.shelves.touch(item)
        if fresh:
            self._demands[order.id] = dict(fresh)

    def at_place(self, item: int, location: int) -> dict[str, Decimal]:
        """Return on hand, committed, available and back-ordered of an item at a location."""
        hand, want = self.on_hand.get((item, location), _ZERO), self.wanted.get((item, location), _ZERO)
        committed = min(max(hand, _ZERO), want)
        return {
            "quantityOnHand": hand,
            "quantityCommitted": committed,
            "quantityAvailable": max(hand - committed, _ZERO),
            "quantityBackOrdered": want - committed,
        }

    def of_line(self, order: Stored, row: Line) -> Line:
        """Return committed, back-ordered and available of an order's line, of what is still to be shipped."""
        place = row.get("inventoryLocation") or row.get("location") or order.fields.get("location")
        item, whole, done = row.get("item"), row.get("quantity"), row.get("quantityFulfilled")
        if not (isinstance(item, int) and isinstance(place, int) and isinstance(whole, Decimal)):
            return {}
        open_ = order.fields.get("status") in ("B", "D", "E") and row.get("isClosed") is not True
        left = whole - (done if isinstance(done, Decimal) else _ZERO) if open_ else _ZERO
        here = self.at_place(item, place)
        committed = min(left, here["quantityCommitted"])
        return {
            "quantityCommitted": committed,
            "quantityBackOrdered": left - committed,
            "quantityAvailable": here["quantityAvailable"],
        }

    def rows(self, books: NetSuiteBooks, item: Stored) -> list[Line]:
        """Return the sublist `locations` of an item: one row a location of the company."""
        if item.kind.item_type not in _STOCKED:
            return []
        found: list[Line] = []
        for location in books.records("location"):
            row: Line = {"location": location.id, **self.at_place(item.id, location.id)}
            found.append(row | {"averageCostMli": unit_cost(books, item)})
        return found


def components(books: NetSuiteBooks, item_id: object) -> Iterator[tuple[Stored, Decimal]]:
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


def unit_cost(books: NetSuiteBooks, item: Stored) -> Decimal:
    """Return what one piece costs now: the average, else what was paid or estimated, in the base currency."""
    names = ("averageCost", "lastPurchasePrice", "cost")
    return next((cost for name in names if (cost := item.number(name))), _ZERO)


def make_moves(
    books: NetSuiteBooks,
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
