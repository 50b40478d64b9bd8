"""Builds the world: the same seed, size and `now` give the same world, to the cent and the second."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from sync.sandbox.world.amazon_settlements import amazon_settlements
from sync.sandbox.world.catalog import build_listings, build_products
from sync.sandbox.world.model import Listing, SalesOrder, Settlement, Truth, World
from sync.sandbox.world.orders import Channel, build_orders
from sync.sandbox.world.walmart_settlements import walmart_settlements

__all__ = ["CHANNELS", "DEFAULT_SIZE", "build_world"]

DEFAULT_SIZE = 2200
_SETTLEMENTS = 8
CHANNELS = {
    "amazon.US": Channel("amazon.US", "USD", "marketplace.amazon.com", 0.55, 0.5),
    "amazon.DE": Channel("amazon.DE", "EUR", "marketplace.amazon.de", 0.5, 0.23),
    "walmart.US": Channel("walmart.US", "USD", "relay.walmart.com", 0.35, 0.27),
}
#: How many days before `now` the newest settlement of a channel closed.
_CLOSED_DAYS_AGO = {"amazon.US": 3, "amazon.DE": 5, "walmart.US": 4}


def build_world(*, seed: int, now: datetime, size: int = DEFAULT_SIZE) -> World:
    """Return a world of about `size` orders over the 118 days up to `now`.

    Raises:
        ValueError: if `now` is naive or `size` is below 100 (settlements need orders to be made of).
    """
    if now.tzinfo is None:
        raise ValueError("the world needs an aware `now`")
    if size < 100:
        raise ValueError("a world needs at least 100 orders")
    now = now.astimezone(UTC).replace(microsecond=0)
    products = build_products(random.Random(f"{seed}-products"))
    listings = build_listings(products)
    orders: list[SalesOrder] = []
    settlements: list[Settlement] = []
    for name, channel in CHANNELS.items():
        own = [x for x in listings if x.channel == name]
        rng = random.Random(f"{seed}-{name}")
        end = _last_end(name, now)
        start = end - timedelta(days=14 * _SETTLEMENTS)
        placed = build_orders(rng, channel, own, round(size * channel.share), start, now)
        orders += placed
        settlements += _settlements(rng, name, placed, own, end)
    return World(
        seed=seed,
        now=now,
        products=products,
        listings=listings,
        orders=orders,
        settlements=settlements,
        truth=Truth(),
    )


def _last_end(channel: str, now: datetime) -> datetime:
    """Return when the newest settlement closed, at a fixed hour of the day."""
    hour = {"amazon.US": 17, "amazon.DE": 7, "walmart.US": 0}[channel]
    return (now - timedelta(days=_CLOSED_DAYS_AGO[channel])).replace(hour=hour, minute=0, second=0)


def _settlements(
    rng: random.Random, channel: str, orders: list[SalesOrder], listings: list[Listing], end: datetime
) -> list[Settlement]:
    if channel == "walmart.US":
        return walmart_settlements(rng, orders, listings, end, _SETTLEMENTS)
    german = channel == "amazon.DE"
    return amazon_settlements(
        rng,
        channel,
        orders,
        listings,
        end,
        _SETTLEMENTS,
        negative_at=3 if german else None,
        unknown_fee_at=None if german else _SETTLEMENTS - 1,
    )
