"""The streams of one Walmart seller account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sync.clock import Clock
from sync.errors import BadInput
from sync.streams import Stream
from sync.transport import VendorClient
from sync.walmart.charges import ChargeBasis
from sync.walmart.order_stream import OrderStream
from sync.walmart.recon_stream import SettlementStream

__all__ = ["streams"]


def streams(
    client: VendorClient,
    channels: Sequence[str] = ("walmart.US",),
    *,
    clock: Clock,
    since: datetime,
    charge_basis: ChargeBasis = "line",
) -> list[Stream]:
    """Return the order and settlement streams of `channels`, orders first.

    `since` is the first moment that is read when a stream has no cursor.

    Raises:
        BadInput: for a channel other than `walmart.US`, the only market whose paths are known.
    """
    for channel in channels:
        if channel != "walmart.US":
            raise BadInput("this Walmart market cannot be pulled", value=channel, remedy="Use walmart.US.")
    orders = [OrderStream(client, c, clock, since, charge_basis=charge_basis) for c in channels]
    return [*orders, *(SettlementStream(client, c, clock, since) for c in channels)]
