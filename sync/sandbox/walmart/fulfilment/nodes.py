"""The places that the seller ships from, as the world holds them."""

from __future__ import annotations

from sync.sandbox.walmart.orders.book import CHANNEL
from sync.sandbox.world.model import World
from sync.sandbox.world.warehouses import Warehouse

__all__ = ["default_node", "seller_nodes"]


def seller_nodes(world: World) -> list[Warehouse]:
    """Return the seller's own nodes and those of its 3PL; Walmart's own fulfilment centres are not among them."""
    return [place for place in world.warehouses(CHANNEL) if place.kind != "channel"]


def default_node(world: World) -> str:
    """Return the id of the node that is meant where a call names none."""
    return seller_nodes(world)[0].warehouse_id
