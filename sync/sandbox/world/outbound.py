"""Orders of other shops that Amazon ships from the seller's stock: what they are, and how they go on with the clock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sync.sandbox.world.amazon_ledger import fba_fee
from sync.sandbox.world.facts import LedgerLine, Listing
from sync.sandbox.world.ledger import Ledger
from sync.sandbox.world.stock import SELLABLE, Stock, StockMovement, StockRoom

__all__ = ["FINAL", "FulfillmentBook", "FulfillmentItem", "FulfillmentOrder"]

FINAL = ("Cancelled", "Complete", "CompletePartialled", "Unfulfillable", "Invalid")
#: How long after it was received an order has which status.
_PLANNING, _PROCESSING, _SHIPPED = timedelta(minutes=30), timedelta(hours=2), timedelta(hours=20)
_DAYS = {"Standard": 5, "Expedited": 3, "Priority": 2, "ScheduledDelivery": 4}


@dataclass(slots=True)
class FulfillmentItem:
    """One line; `sent` is set when the order is shipped."""

    item_id: str
    sku: str
    quantity: int
    raw: Mapping[str, Any]
    sent: int = 0
    cancelled: int = 0
    missing: int = 0


@dataclass(slots=True)
class FulfillmentOrder:
    """One order; `forced` is a status that the sandbox-only operation set."""

    order_id: str
    channel: str
    received_at: datetime
    raw: Mapping[str, Any]
    items: list[FulfillmentItem]
    held: bool = False
    cancelled_at: datetime | None = None
    shipped_at: datetime | None = None
    forced: str | None = None
    forced_at: datetime | None = None

    def status(self, now: datetime) -> str:
        """Return the status at a moment."""
        if self.cancelled_at is not None:
            return "Cancelled"
        if self.forced is not None:
            return self.forced
        if self.shipped_at is not None:
            sent, wanted = sum(i.sent for i in self.items), sum(i.quantity for i in self.items)
            return "Complete" if sent == wanted else "CompletePartialled" if sent else "Unfulfillable"
        if self.held:
            return "New"
        age = now - self.received_at
        return "Received" if age < _PLANNING else "Planning" if age < _PROCESSING else "Processing"

    def changed_at(self, now: datetime) -> datetime:
        """Return when the status became what it is."""
        fixed = self.cancelled_at or self.forced_at or self.shipped_at
        if fixed is not None:
            return fixed
        steps = {"Planning": _PLANNING, "Processing": _PROCESSING}
        return self.received_at + steps.get(self.status(now), timedelta(0))

    @property
    def ships_at(self) -> datetime:
        """Return when it leaves, if nothing comes between."""
        return self.received_at + _SHIPPED

    @property
    def arrives_at(self) -> datetime:
        """Return when it is to arrive."""
        return self.ships_at + timedelta(days=_DAYS[str(self.raw["shippingSpeedCategory"])])

    @property
    def is_without_own_carrier(self) -> bool:
        """Say whether the seller has asked for any carrier but Amazon's own."""
        asked = self.raw.get("featureConstraints") or []
        return any(
            f.get("featureName") == "BLOCK_AMZL" and f.get("featureFulfillmentPolicy") == "Required" for f in asked
        )

    @property
    def carrier(self) -> str:
        """Return who carries its one package."""
        return "UPS" if self.is_without_own_carrier else "Amazon Logistics"

    @property
    def tracking_number(self) -> str:
        """Return the number of its one package."""
        number = self.package_number
        return f"1Z999AA2{number:010d}" if self.is_without_own_carrier else f"TBA{number:012d}"

    @property
    def package_number(self) -> int:
        """Return the number of its one package."""
        return int.from_bytes(hashlib.sha256(self.order_id.encode()).digest()[:3], "big") + 1

    @property
    def amazon_id(self) -> str:
        """Return the number that Amazon gives it among its own orders."""
        digits = f"{self.package_number:014d}"
        return f"S01-{digits[:7]}-{digits[7:]}"


class Warehouses(Protocol):
    """What a shipping order moves: stock, and the ledger that its fee is posted to."""

    def listing(self, channel: str, sku: str) -> Listing | None:
        """Return what a channel's SKU stands for."""

    def stock_at(self, channel: str, now: datetime) -> list[Stock]:
        """Return what lies in the channel's own warehouses."""

    def stock_room(self, channel: str) -> StockRoom:
        """Return what keeps that stock."""

    def ledger(self, channel: str) -> Ledger:
        """Return the channel's ledger."""


class FulfillmentBook:
    """All of them, in the order in which they came."""

    def __init__(self, world: Warehouses) -> None:
        self._world = world
        self._orders: dict[str, FulfillmentOrder] = {}

    def add(self, order: FulfillmentOrder) -> None:
        """Take an order in."""
        self._orders[order.order_id] = order

    def find(self, order_id: str) -> FulfillmentOrder | None:
        """Return an order by the seller's id."""
        return self._orders.get(order_id)

    def all(self) -> Iterable[FulfillmentOrder]:
        """Return all orders, oldest first."""
        return list(self._orders.values())

    def settle(self, now: datetime) -> None:
        """Ship what is due: the units leave the warehouses then, as far as they are there."""
        for order in self._orders.values():
            open_still = order.shipped_at is None and order.cancelled_at is None and order.forced is None
            if open_still and not order.held and order.ships_at <= now:
                self._ship(order)

    def on_hand(self, channel: str, sku: str, at: datetime) -> dict[str, int]:
        """Return the units that can be shipped, by warehouse."""
        rows = self._world.stock_at(channel, at)
        return {row.warehouse_id: row.fulfillable for row in rows if row.sku == sku and row.fulfillable > 0}

    def fits(self, order: FulfillmentOrder, at: datetime) -> bool:
        """Say whether every line can be shipped whole."""
        wanted: dict[str, int] = {}
        for item in order.items:
            wanted[item.sku] = wanted.get(item.sku, 0) + item.quantity
        return all(sum(self.on_hand(order.channel, s, at).values()) >= units for s, units in wanted.items())

    def _ship(self, order: FulfillmentOrder) -> None:
        at, whole = order.ships_at, self.fits(order, order.ships_at)
        some = str(order.raw.get("fulfillmentPolicy", "FillOrKill")) == "FillAllAvailable"
        order.shipped_at = at
        for item in order.items:
            left = item.quantity if whole or some else 0
            for warehouse_id, there in self.on_hand(order.channel, item.sku, at).items():
                units = min(left, there)
                if units:
                    self._take(order, item, warehouse_id, units)
                left -= units
            item.missing = item.quantity - item.sent
            if item.sent:
                self._charge(order, item)

    def _charge(self, order: FulfillmentOrder, item: FulfillmentItem) -> None:
        """Book what Amazon takes for shipping another shop's units; their sale is none of its business."""
        listing = self._world.listing(order.channel, item.sku)
        if listing is None:
            return
        line = LedgerLine(
            transaction_type="Order",
            amount_type="ItemFees",
            description="FBAPerUnitFulfillmentFee",
            amount=-fba_fee(listing, item.sent, listing.currency, order.ships_at),
            posted_at=order.ships_at.replace(microsecond=0),
            order_id=order.amazon_id,
            merchant_order_id=order.order_id,
            shipment_id=f"D{order.package_number}",
            marketplace="Non-Amazon",
            fulfilled_by="channel",
            line_id=item.item_id,
            sku=item.sku,
            quantity=item.sent,
        )
        self._world.ledger(order.channel).post(line)

    def _take(self, order: FulfillmentOrder, item: FulfillmentItem, warehouse_id: str, units: int) -> None:
        room = self._world.stock_room(order.channel)
        movement = StockMovement(
            movement_id=f"F{room.next_number()}",
            at=order.ships_at,
            channel=order.channel,
            sku=item.sku,
            warehouse_id=warehouse_id,
            event="shipment",
            quantity=-units,
            disposition=SELLABLE,
            reason="",
            reference=order.order_id,
        )
        room.move(movement)
        item.sent += units
