"""What the seller offers: quantity and price of each listing as the channel shows them, with when they changed."""

from __future__ import annotations

import random
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sync.sandbox.world.facts import Listing, SalesOrder
from sync.sandbox.world.warehouses import Warehouse

__all__ = ["PriceChange", "QuantityChange", "Shelf"]


@dataclass(frozen=True, slots=True, order=True)
class QuantityChange:
    """From `at` on the seller offers `quantity` units from a warehouse."""

    at: datetime
    number: int
    sku: str
    warehouse_id: str
    quantity: int


@dataclass(frozen=True, slots=True, order=True)
class PriceChange:
    """From `at` on a unit costs `price` (with VAT in Germany)."""

    at: datetime
    number: int
    sku: str
    price: Decimal


class Shelf:
    """The offers of one channel."""

    def __init__(
        self,
        seed: int,
        channel: str,
        now: datetime,
        warehouses: Sequence[Warehouse],
        find: Callable[[str], Listing | None],
        orders: Callable[[datetime], list[SalesOrder]],
    ) -> None:
        self._seed, self._channel, self._made_at, self._find, self._orders = seed, channel, now, find, orders
        self._warehouses = [w.warehouse_id for w in warehouses if w.kind != "channel"]
        self._quantities: list[QuantityChange] = []
        self._prices: list[PriceChange] = []

    def listed(self, sku: str, warehouse_id: str | None, now: datetime) -> int:
        """Return the units on offer: what the seller said last, less what was ordered from there since.

        Orders take from the default warehouse, the first one. The channel's own goods are not on the seller's shelf: 0.

        Raises:
            ValueError: if the channel has no such listing, or the seller no such warehouse.
        """
        listing, warehouse = self._listing(sku), self._warehouse(warehouse_id)
        if listing.fulfilled_by == "channel":
            return 0
        said = [c for c in self._quantities if (c.sku, c.warehouse_id) == (sku, warehouse) and c.at <= now]
        since = said[-1].at if said else self._made_at
        quantity = said[-1].quantity if said else self._first(sku, warehouse)
        if warehouse != self._warehouses[0]:
            return quantity
        return max(0, quantity - self._ordered(sku, since, now))

    def list_quantity(self, sku: str, quantity: int, at: datetime, warehouse_id: str | None) -> None:
        """Offer so many units from `at` on.

        Raises:
            ValueError: if the listing is the channel's own, or unknown, or the quantity is negative.
        """
        listing, warehouse = self._listing(sku), self._warehouse(warehouse_id)
        if listing.fulfilled_by == "channel":
            raise ValueError(f"{sku} lies in the channel's warehouses: the channel counts it")
        if quantity < 0:
            raise ValueError("quantity must be 0 or more")
        insort(self._quantities, QuantityChange(at, len(self._quantities), sku, warehouse, quantity))

    def price_of(self, sku: str, now: datetime) -> tuple[Decimal, str]:
        """Return the price of one unit and its currency.

        Raises:
            ValueError: if the channel has no such listing.
        """
        listing = self._listing(sku)
        said = [c.price for c in self._prices if c.sku == sku and c.at <= now]
        return (said[-1] if said else listing.price), listing.currency

    def set_price(self, sku: str, price: Decimal, currency: str, at: datetime) -> None:
        """Ask this price from `at` on.

        Raises:
            ValueError: if the listing is unknown, the currency another, or the price not above zero.
        """
        listing = self._listing(sku)
        if currency != listing.currency:
            raise ValueError(f"{sku} is sold in {listing.currency}, not in {currency}")
        if not price.is_finite() or price <= 0:
            raise ValueError("price must be above 0")
        insort(self._prices, PriceChange(at, len(self._prices), sku, price))

    def quantity_changes(self, after: datetime, before: datetime) -> list[QuantityChange]:
        """Return what the seller's tools said in [after, before), oldest first."""
        return [c for c in self._quantities if after <= c.at < before]

    def price_changes(self, after: datetime, before: datetime) -> list[PriceChange]:
        """Return the price changes in [after, before), oldest first."""
        return [c for c in self._prices if after <= c.at < before]

    def _listing(self, sku: str) -> Listing:
        listing = self._find(sku)
        if listing is None:
            raise ValueError(f"{self._channel} has no listing {sku}")
        return listing

    def _warehouse(self, warehouse_id: str | None) -> str:
        if warehouse_id is None:
            return self._warehouses[0]
        if warehouse_id not in self._warehouses:
            raise ValueError(f"warehouse must be one of {', '.join(self._warehouses)}")
        return warehouse_id

    def _first(self, sku: str, warehouse: str) -> int:
        rng = random.Random(f"{self._seed}-{self._channel}-listed-{sku}-{warehouse}")
        return rng.choice([0, rng.randint(1, 9), rng.randint(10, 60), rng.randint(10, 60), rng.randint(60, 240)])

    def _ordered(self, sku: str, since: datetime, now: datetime) -> int:
        placed = self._orders(now)
        first = bisect_left(placed, since, key=lambda o: o.ordered_at)
        return sum(
            line.quantity - line.quantity_cancelled
            for order in placed[first:]
            if order.ordered_at > since and order.fulfilled_by == "seller" and order.status_at(now) != "cancelled"
            for line in order.lines
            if line.sku == sku
        )
