"""Stock as it is kept, by item and place: on hand, promised to orders, and what the pieces have cost."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sync.sandbox.netsuite.records.stored import Line, Stored

__all__ = ["Place", "Stock"]

_ZERO = Decimal(0)
_EXACT = Decimal("0.00000001")

#: An item at a location, or at none.
Place = tuple[int, int | None]


@dataclass(slots=True)
class Stock:
    """Quantities by (item, location), and by item the quantity and value that give the average cost."""

    on_hand: dict[Place, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    owned: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    value: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    #: What open orders want, in all and by order (`demands`).
    wanted: dict[Place, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    changed: dict[Place, datetime] = field(default_factory=dict)
    demands: dict[int, dict[Place, Decimal]] = field(default_factory=dict)

    def average(self, item: int) -> Decimal | None:
        """Return what one piece has cost on average, None where nothing is owned."""
        owned, value = self.owned[item], self.value[item]
        return (value / owned).quantize(_EXACT).normalize() if owned > 0 and value > 0 else None

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
