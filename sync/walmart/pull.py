"""The streams of one Walmart seller account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sync.clock import Clock
from sync.errors import BadInput
from sync.streams import Stream
from sync.transport import VendorClient
from sync.walmart.fulfilment.locations import LocationStream
from sync.walmart.fulfilment.parcels import ParcelStream
from sync.walmart.fulfilment.return_stream import ReturnStream
from sync.walmart.fulfilment.stock import StockStream
from sync.walmart.fulfilment.wfs_stock import WfsStockStream
from sync.walmart.offers.feeds import FeedStream
from sync.walmart.offers.listings import ListingStream
from sync.walmart.offers.promotions import PromotionStream
from sync.walmart.orders.charges import ChargeBasis
from sync.walmart.orders.stream import OrderStream
from sync.walmart.settlements.statement import StatementStream
from sync.walmart.settlements.stream import SettlementStream

__all__ = ["streams"]


def streams(
    client: VendorClient,
    channels: Sequence[str] = ("walmart.US",),
    *,
    clock: Clock,
    since: datetime,
    charge_basis: ChargeBasis = "line",
) -> list[Stream]:
    """Return the streams of `channels`: orders first, then settlements, then the rest.

    `since` is the first moment that is read when a stream has no cursor.

    Raises:
        BadInput: for a channel other than `walmart.US`, the only market whose paths are known.
    """
    for channel in channels:
        if channel != "walmart.US":
            raise BadInput("this Walmart market cannot be pulled", value=channel, remedy="Use walmart.US.")
    found: list[Stream] = [OrderStream(client, c, clock, since, charge_basis=charge_basis) for c in channels]
    found += [SettlementStream(client, c, clock, since) for c in channels]
    for c in channels:
        found += [
            ReturnStream(client, c, clock, since),
            ParcelStream(client, c, clock, since, charge_basis=charge_basis),
            StatementStream(client, c, clock),
            LocationStream(client, c, clock),
            ListingStream(client, c, clock),
            StockStream(client, c, clock),
            WfsStockStream(client, c, clock),
            PromotionStream(client, c, clock),
            FeedStream(client, c, clock, since),
        ]
    return found
