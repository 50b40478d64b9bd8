"""How many units of a line or an order are where, and the status that follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sync.walmart.orders.shapes import LineShape

__all__ = ["Quantities", "QuantityUnclear", "delivered_at", "quantities_of", "status_of", "whole"]


class QuantityUnclear(ValueError):
    """A quantity that no record can hold; the text is for a person."""


@dataclass(frozen=True, slots=True)
class Quantities:
    """Units by status. `shipped` counts everything that left: shipped, delivered and refunded."""

    created: int = 0
    acknowledged: int = 0
    shipped: int = 0
    delivered: int = 0
    refunded: int = 0
    cancelled: int = 0
    #: In a status that is new to us.
    unknown: int = 0

    def __add__(self, other: Quantities) -> Quantities:
        return Quantities(
            self.created + other.created,
            self.acknowledged + other.acknowledged,
            self.shipped + other.shipped,
            self.delivered + other.delivered,
            self.refunded + other.refunded,
            self.cancelled + other.cancelled,
            self.unknown + other.unknown,
        )

    @property
    def waiting(self) -> int:
        """Return the units that still have to leave."""
        return self.created + self.acknowledged


def whole(amount: Decimal, line_number: str) -> int:
    """Return a quantity as whole units.

    Raises:
        QuantityUnclear: for a negative or broken number of units.
    """
    if amount < 0 or amount != int(amount):
        raise QuantityUnclear(f"line {line_number}: the quantity {amount} is no number of units")
    return int(amount)


def quantities_of(line: LineShape) -> Quantities:
    """Return the units of one line by status.

    Raises:
        QuantityUnclear: for a negative or broken number of units.
    """
    total = Quantities()
    for entry in line.order_line_statuses.order_line_status:
        total += _in_status(entry.status, whole(entry.status_quantity.amount, line.line_number))
    return total


def delivered_at(line: LineShape) -> datetime | None:
    """Return when the line's goods had arrived: its newest change, where nothing but the delivery can be that.

    Walmart has one date a line (`statusDate`): with a part in another status, or a refund, it may tell of those.
    """
    statuses = {entry.status for entry in line.order_line_statuses.order_line_status}
    return line.status_date if statuses == {"Delivered"} and line.refund is None else None


def _in_status(status: str, units: int) -> Quantities:
    match status:
        case "Created":
            return Quantities(created=units)
        case "Acknowledged":
            return Quantities(acknowledged=units)
        case "Shipped":
            return Quantities(shipped=units)
        case "Delivered":
            return Quantities(shipped=units, delivered=units)
        case "Refund":
            return Quantities(shipped=units, refunded=units)
        case "Cancelled":
            return Quantities(cancelled=units)
        case _:
            return Quantities(unknown=units)


def status_of(units: Quantities) -> str:
    """Return open, partly_shipped, shipped, delivered, cancelled, refunded or unknown (also for no units at all)."""
    if units.unknown or units == Quantities():
        return "unknown"
    if units.waiting:
        return "partly_shipped" if units.shipped else "open"
    if not units.shipped:
        return "cancelled"
    if units.refunded == units.shipped:
        return "refunded"
    return "delivered" if units.delivered + units.refunded == units.shipped else "shipped"
