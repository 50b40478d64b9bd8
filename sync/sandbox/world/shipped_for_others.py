"""A shipping order for what another channel sold, entered as an order tool does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync.sandbox.world.facts import SalesOrder
from sync.sandbox.world.model import World
from sync.sandbox.world.outbound import FulfillmentItem, FulfillmentOrder

__all__ = ["ship_for_another_shop"]


def ship_for_another_shop(
    world: World,
    at: datetime,
    sold: SalesOrder,
    *,
    channel: str,
    order_id: str,
    display_id: str | None = None,
    own_carrier: bool = False,
    policy: str = "FillAllAvailable",
    units: Mapping[str, int] | None = None,
) -> FulfillmentOrder:
    """Enter a shipping order for an order that another channel sold, as an order tool does; it ships in its own time.

    Args:
        order_id: the seller's number of the shipping order.
        display_id: what stands on the packing slip, else the number of the order that was sold.
        own_carrier: whether Amazon may use its own carrier and boxes.
        units: units by line of the order that was sold, else all of them.

    Raises:
        ValueError: a product is not in the channel's warehouses, or the number has been used.
    """
    if world.outbound.find(order_id) is not None:
        raise ValueError(f"{channel} has shipping order {order_id} already")
    items = _kept_items(world, channel, sold, units)
    raw = _asked_for(sold, display_id or sold.order_id, policy, own_carrier=own_carrier)
    order = FulfillmentOrder(order_id, channel, at.replace(microsecond=0), raw, items)
    world.outbound.add(order)
    return order


def _kept_items(world: World, channel: str, sold: SalesOrder, units: Mapping[str, int] | None) -> list[FulfillmentItem]:
    offers = [x for x in world.listings if x.channel == channel and x.fulfilled_by == "channel"]
    items = []
    for line in sold.lines:
        count = line.quantity if units is None else units.get(line.line_id, 0)
        if not count:
            continue
        kept = next((x for x in offers if x.product.number == line.listing.product.number), None)
        if kept is None:
            raise ValueError(f"{line.sku} is not in the warehouses of {channel}")
        items.append(FulfillmentItem(line.line_id, kept.sku, count, {}))
    if not items:
        raise ValueError("a shipping order needs at least one unit")
    return items


def _asked_for(sold: SalesOrder, display_id: str, policy: str, *, own_carrier: bool) -> dict[str, Any]:
    """Return what an order tool sends with createFulfillmentOrder."""
    address = sold.buyer.address
    features = [{"featureName": name, "featureFulfillmentPolicy": "Required"} for name in ("BLANK_BOX", "BLOCK_AMZL")]
    return {
        "displayableOrderId": display_id,
        "displayableOrderDate": sold.ordered_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "displayableOrderComment": "Thank you for your order",
        "shippingSpeedCategory": "Expedited",
        "fulfillmentPolicy": policy,
        "destinationAddress": {
            "name": address.name,
            "addressLine1": address.line1,
            "city": address.city,
            "stateOrRegion": address.region,
            "postalCode": address.postal_code,
            "countryCode": address.country,
        },
    } | ({} if own_carrier else {"featureConstraints": features})
