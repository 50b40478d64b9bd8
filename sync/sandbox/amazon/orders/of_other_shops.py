"""Shipping orders as Amazon's own orders: what is shipped for another shop has a number S01-… there, and no price.

The Orders APIs and the shipments report show them beside what was sold on Amazon, under the marketplace `Non-Amazon`
and with the seller's number of the shipping order.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime

from sync.sandbox.world.facts import ZERO
from sync.sandbox.world.model import Address, Buyer, SalesLine, SalesOrder, Shipment, StatusChange, World
from sync.sandbox.world.outbound import FulfillmentItem, FulfillmentOrder

__all__ = ["orders_of_other_shops", "shown_order", "standing_of_other_shops"]

_STATUS_OF = {
    "Complete": "shipped",
    "CompletePartialled": "partly_shipped",
    "Cancelled": "cancelled",
    "Unfulfillable": "unfulfillable",
    "Invalid": "unfulfillable",
}


def orders_of_other_shops(world: World, channel: str, now: datetime) -> list[SalesOrder]:
    """Return the channel's shipping orders as they stand at `now`, in the form of its own orders."""
    return [_as_order(world, o, now) for o in world.outbound.all() if o.channel == channel and o.received_at <= now]


def shown_order(world: World, channel: str, order_id: str, now: datetime) -> SalesOrder | None:
    """Return an order by Amazon's number, sold there or only shipped."""
    found = world.order(channel, order_id)
    if found is not None or not order_id.startswith("S01-"):
        return found
    return next((o for o in orders_of_other_shops(world, channel, now) if o.order_id == order_id), None)


def standing_of_other_shops(world: World, channels: tuple[str, ...], now: datetime) -> Hashable:
    """Return something that differs once one of the channels' shipping orders is another one."""
    return tuple((o.order_id, o.status(now), o.changed_at(now)) for o in world.outbound.all() if o.channel in channels)


def _as_order(world: World, order: FulfillmentOrder, now: datetime) -> SalesOrder:
    timeline = [StatusChange(order.received_at, "open")]
    word = _STATUS_OF.get(order.status(now))
    if word is not None:
        timeline.append(StatusChange(order.changed_at(now), word))
    service, units = str(order.raw["shippingSpeedCategory"]), {i.item_id: i.sent for i in order.items if i.sent}
    sent = [Shipment(f"D{order.package_number}", order.ships_at, order.carrier, service, order.tracking_number, units)]
    return SalesOrder(
        channel=order.channel,
        order_id=order.amazon_id,
        alternate_id=order.order_id,
        ordered_at=order.received_at,
        buyer=_addressee(order.raw["destinationAddress"]),
        currency=next(x.currency for x in world.listings if x.channel == order.channel),
        fulfilled_by="channel",
        service=service.upper(),
        ship_by=order.ships_at,
        deliver_by=order.arrives_at,
        lines=[_line(world, order, item, place) for place, item in enumerate(order.items, start=1)],
        timeline=timeline,
        shipments=sent if order.shipped_at is not None and units else [],
        order_type="multi_channel",
    )


def _line(world: World, order: FulfillmentOrder, item: FulfillmentItem, place: int) -> SalesLine:
    listing = world.listing(order.channel, item.sku)
    assert listing is not None, "what is not offered is not taken into a shipping order"
    return SalesLine(
        line_id=item.item_id,
        position=place,
        listing=listing,
        quantity=item.quantity,
        unit_price=ZERO,
        item_price=ZERO,
        quantity_cancelled=item.cancelled,
    )


def _addressee(said: Mapping[str, object]) -> Buyer:
    def text(name: str) -> str:
        return str(said.get(name) or "")

    line2 = text("addressLine2") or None
    address = Address(
        text("name"), text("addressLine1"), line2, text("city"), text("stateOrRegion"), text("postalCode"),
        text("countryCode"), text("phone"),
    )  # fmt: skip
    return Buyer("", address.name, "", None, address)
