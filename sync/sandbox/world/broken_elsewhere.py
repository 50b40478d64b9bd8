"""What Amazon has shipped for another shop, and nobody has told NetSuite: multi-channel fulfilment."""

from __future__ import annotations

from datetime import timedelta

from sync.sandbox.world.broken import note_orders
from sync.sandbox.world.model import SalesOrder, World
from sync.sandbox.world.placing import place_order
from sync.sandbox.world.scenario import Scenario
from sync.sandbox.world.shipped_for_others import ship_for_another_shop

__all__ = ["ship_elsewhere"]

_SHOP, _SHIPPER = "walmart.US", "amazon.US"
#: The first order is of so long ago; Amazon is told of it two hours later and takes most of a day.
_FIRST, _TOLD = timedelta(hours=44), timedelta(hours=2)


def ship_elsewhere(world: World, scenario: Scenario) -> None:
    """Let Walmart sell what lies in Amazon's warehouses; the last shipping order is for a shop that nobody mirrors.

    The second goes with Amazon's own carrier, which Walmart does not allow.
    """
    kept = {x.product.number for x in world.listings if x.channel == _SHIPPER and x.fulfilled_by == "channel"}
    offers = [x.sku for x in world.listings if x.channel == _SHOP and x.fulfilled_by == "seller"]
    sku = next((s for s in offers if s in kept), None)
    sold: list[SalesOrder] = []
    for place in range(scenario.shipped_elsewhere if sku else 0):
        at = world.now - _FIRST + timedelta(minutes=50 * place)
        if place and place == scenario.shipped_elsewhere - 1:
            ship_for_another_shop(
                world, at + _TOLD, sold[0], channel=_SHIPPER, order_id="WEB-10423", display_id="#10423"
            )
            world.truth.note("shipped_for_unknown_shops", f"{_SHIPPER}/WEB-10423")
            continue
        order = place_order(world, at, channel=_SHOP, sku=sku, quantity=1 + place % 2, fulfilled_by="seller")
        ship_for_another_shop(
            world, at + _TOLD, order, channel=_SHIPPER, order_id=f"MCF-{order.order_id}", own_carrier=place == 1
        )
        sold.append(order)
    note_orders(world, "shipped_elsewhere", sold)
