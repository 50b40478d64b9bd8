"""Orders that a marketplace ships for another shop: where they were sold, and what of their parcels is fulfilled."""

from __future__ import annotations

from reconcile.multichannel.decided import multichannel_problem
from reconcile.multichannel.goods import ShippedElsewhere, read_shipped_elsewhere
from reconcile.multichannel.links import SoldOrder, link_sold_orders

__all__ = [
    "ShippedElsewhere",
    "SoldOrder",
    "link_sold_orders",
    "multichannel_problem",
    "read_shipped_elsewhere",
]
