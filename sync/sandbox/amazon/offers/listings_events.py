"""What listings have news of: quantities of the seller's own listings that changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sync.sandbox.amazon.notifications.events import Event
from sync.sandbox.amazon.orders.view import MARKETPLACES
from sync.sandbox.world.model import World

__all__ = ["quantity_changes"]

_TICK = timedelta(microseconds=1)


def quantity_changes(world: World, seller_id: str, after: datetime, until: datetime) -> Iterator[Event]:
    """Yield LISTINGS_ITEM_MFN_QUANTITY_CHANGE for what was set in (after, until], by whatever hand."""
    for channel in MARKETPLACES:
        for change in world.shelf(channel).quantity_changes(after + _TICK, until + _TICK):
            payload = {
                "SellerId": seller_id,
                "FulfillmentChannelCode": "DEFAULT",
                "Sku": change.sku,
                "Quantity": change.quantity,
            }
            key = f"{channel}/{change.sku}/{change.number}"
            yield Event("LISTINGS_ITEM_MFN_QUANTITY_CHANGE", change.at, key, payload)
