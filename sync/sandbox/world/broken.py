"""What is broken, as sets of keys: what the choosers fill and the people who key the books obey."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sync.sandbox.world.catalog import unmapped_skus
from sync.sandbox.world.model import Buyer, SalesOrder, Shipment, World

__all__ = ["Breakage", "Key", "in_turn", "is_mapped", "key_of", "note_orders", "opened_at", "unmapped_in", "vendor_of"]

#: (channel, order id)
Key = tuple[str, str]


@dataclass(slots=True)
class Breakage:
    """Sets of orders by what is wrong with them; an order is in at most one, but the missing ones can be blocked."""

    missing: set[Key] = field(default_factory=set)
    total_differs: set[Key] = field(default_factory=set)
    cancelled_open: set[Key] = field(default_factory=set)
    twice: set[Key] = field(default_factory=set)
    by_other_reference: set[Key] = field(default_factory=set)
    by_number: set[Key] = field(default_factory=set)
    #: E-mail of a buyer who is in the books twice → how the second record differs (`erp_customers`).
    duplicates: dict[str, int] = field(default_factory=dict)
    #: Parcels that the company's warehouse sent and the channel does not know.
    unconfirmed: dict[Key, list[Shipment]] = field(default_factory=dict)
    unacknowledged: set[Key] = field(default_factory=set)
    #: Buyer and ship-by time as they were when the order was keyed.
    keyed_as: dict[Key, tuple[Buyer, datetime]] = field(default_factory=dict)
    tracking_differs: set[Key] = field(default_factory=set)
    #: Marketplace-fulfilled orders keyed as sales orders, and those of them without a fulfilment.
    as_sales_order: set[Key] = field(default_factory=set)
    unfulfilled: set[Key] = field(default_factory=set)
    unbilled: set[Key] = field(default_factory=set)
    #: Credited without a word of the channel.
    only_credited: set[Key] = field(default_factory=set)
    #: (channel, return id) and (channel, refund id).
    returns: set[Key] = field(default_factory=set)
    refunds: set[Key] = field(default_factory=set)


def key_of(order: SalesOrder) -> Key:
    """Return what an order is known by."""
    return order.channel, order.order_id


def vendor_of(channel: str) -> str:
    """Return `amazon` or `walmart`."""
    return channel.partition(".")[0]


def opened_at(order: SalesOrder) -> datetime:
    """Return from when on an order was for the seller to send; its time of order where it never was."""
    return next((c.at for c in order.timeline if c.status == "open"), order.ordered_at)


def unmapped_in(world: World) -> set[Key]:
    """Return (channel, SKU) of what no item answers to."""
    return {(channel, sku) for channel in world.channels() for sku in unmapped_skus(channel)}


def is_mapped(order: SalesOrder, unmapped: set[Key]) -> bool:
    """Say whether every SKU of the order is an item's name to the letter."""
    return all(
        (order.channel, line.sku) not in unmapped and line.sku == line.listing.product.number for line in order.lines
    )


def in_turn(orders: Iterable[SalesOrder]) -> list[SalesOrder]:
    """Return the orders so that the marketplaces take turns, each in the order that was given."""
    waiting: dict[str, list[SalesOrder]] = {"amazon": [], "walmart": []}
    for order in orders:
        waiting[vendor_of(order.channel)].append(order)
    found: list[SalesOrder] = []
    while any(waiting.values()):
        found += [rows.pop(0) for rows in waiting.values() if rows]
    return found


def note_orders(world: World, case: str, orders: Iterable[SalesOrder]) -> set[Key]:
    """Write orders into the truth under a name and return their keys."""
    keys = [key_of(order) for order in orders]
    for key in keys:
        world.truth.note(case, "/".join(key))
    return set(keys)
