"""Someone buys something now: an order that the world did not have when it was built."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from sync.sandbox.world.build import CHANNELS
from sync.sandbox.world.model import Listing, SalesOrder, StatusChange, World
from sync.sandbox.world.names import german_buyer, us_buyer
from sync.sandbox.world.orders import new_order

__all__ = ["place_order"]


def place_order(
    world: World, now: datetime, *, channel: str, sku: str | None, quantity: int, fulfilled_by: str
) -> SalesOrder:
    """Put a new order into the world and return it; it is paid already, and nothing has been shipped.

    Without `sku` a listing that the fulfilment suits is drawn. The same world and the same orders before it give the
    same order.

    Raises:
        ValueError: if the channel, the SKU or the fulfilment is unknown, or the quantity is not positive.
    """
    if channel not in CHANNELS:
        raise ValueError(f"channel must be one of {', '.join(CHANNELS)}")
    if quantity < 1:
        raise ValueError("quantity must be 1 or more")
    number = len(world.all_orders())
    rng = random.Random(f"{world.seed}-placed-{number}")
    listing = _listing(world, rng, channel, sku, fulfilled_by)
    price, _ = world.price_of(channel, listing.sku, now)
    listing = replace(listing, price=price)
    make = german_buyer if channel == "amazon.DE" else us_buyer
    buyer = make(rng, 900_000 + number, CHANNELS[channel].relay_domain)
    placed = now.replace(microsecond=0)
    order = new_order(rng, CHANNELS[channel], buyer, [(listing, quantity)], placed, fulfilled_by=listing.fulfilled_by)
    order.timeline.append(StatusChange(placed, "open"))
    order.ship_by = placed + timedelta(days=2)
    world.add(order)
    return order


def _listing(world: World, rng: random.Random, channel: str, sku: str | None, fulfilled_by: str) -> Listing:
    if sku is not None:
        found = world.listing(channel, sku)
        if found is None:
            raise ValueError(f"{channel} has no listing {sku}")
        return found
    suitable = [x for x in world.listings if x.channel == channel and x.fulfilled_by == fulfilled_by]
    if not suitable:
        raise ValueError("fulfilled_by must be seller or channel")
    return rng.choice(suitable)
