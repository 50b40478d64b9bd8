"""What Amazon's warehouses measure of a product, and what shipping one unit of that size costs.

The tariff is the world's own: a base by weight, and more for each tier above the standard size. Every product is of
standard size until somebody measures it anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sync.sandbox.world.facts import Measure, Product

__all__ = ["TIERS", "Tier", "first_sides", "measure_at", "tier_of", "unit_fee"]


@dataclass(frozen=True, slots=True)
class Tier:
    """A size tier: sides in inches and pounds up to its limits (None: without), and what it costs above the base."""

    name: str
    limits: tuple[Decimal, Decimal, Decimal, Decimal] | None
    extra: Decimal


def _limits(*numbers: int) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    longest, median, shortest, pounds = map(Decimal, numbers)
    return longest, median, shortest, pounds


TIERS = (
    Tier("Large standard-size", _limits(18, 14, 12, 20), Decimal(0)),
    Tier("Large bulky", _limits(59, 33, 33, 50), Decimal("4.35")),
    Tier("Extra-large", None, Decimal("17.80")),
)
_BASE, _PER_POUND, _MOST = Decimal("3.22"), Decimal("0.61"), Decimal("9.00")


def first_sides(product: Product) -> tuple[Decimal, Decimal, Decimal]:
    """Return the sides of the packed product in inches, the longest first."""
    side = Decimal(4 + product.product_id % 9)
    return side + 3, side + 1, side


def measure_at(product: Product, channel: str, at: datetime, *, shown: bool = False) -> Measure:
    """Return the measure that holds at a moment; `shown`: the one that the seller is shown."""
    held = [m for m in product.measures.get(channel, ()) if m.since <= at and (m.is_shown or not shown)]
    return (
        held[-1] if held else Measure(datetime.min.replace(tzinfo=at.tzinfo), first_sides(product), product.weight_lb)
    )


def tier_of(measure: Measure) -> Tier:
    """Return the first tier that the measure fits."""
    sizes = (*measure.sides, measure.pounds)
    return next(t for t in TIERS if t.limits is None or all(s <= x for s, x in zip(sizes, t.limits, strict=True)))


def unit_fee(measure: Measure) -> Decimal:
    """Return the fulfilment fee of one unit, positive, not rounded."""
    return _BASE + min(_MOST, measure.pounds * _PER_POUND) + tier_of(measure).extra
