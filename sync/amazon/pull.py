"""The streams of one Amazon seller account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sync.amazon.marketplaces import marketplace_of
from sync.amazon.order_stream import OrderStream
from sync.amazon.settlement_stream import SettlementStream
from sync.clock import Clock
from sync.errors import BadInput
from sync.streams import Stream
from sync.transport import VendorClient

__all__ = ["streams"]


def streams(client: VendorClient, channels: Sequence[str], *, clock: Clock, since: datetime) -> list[Stream]:
    """Return the order and settlement streams of `channels` (`amazon.US`, `amazon.DE`), orders first.

    One client serves the channels of one seller account in one region. `since` is the first moment that is read when
    a stream has no cursor.

    Raises:
        BadInput: for a channel that is not an Amazon marketplace.
    """
    marketplaces = []
    for channel in channels:
        vendor, _, country = channel.partition(".")
        if vendor != "amazon" or not country:
            raise BadInput("this is not an Amazon channel", value=channel, remedy="Name it amazon.US, amazon.DE …")
        marketplaces.append(marketplace_of(country))
    orders = [OrderStream(client, m, clock, since) for m in marketplaces]
    settlements = [SettlementStream(client, m, clock, since, configured=marketplaces) for m in marketplaces]
    return [*orders, *settlements]
