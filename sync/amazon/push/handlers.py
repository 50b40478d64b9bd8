"""Writes to Amazon: parcels of orders, stock, prices, listings. Payouts are not among them: people move money."""

from __future__ import annotations

from collections.abc import Mapping

from sync.amazon.login.shops import Shops
from sync.amazon.push.feeds import Feeds
from sync.amazon.push.listings import DeleteOffer, PutOffer
from sync.amazon.push.offers import price_handler, stock_handler
from sync.amazon.push.settling import Settling
from sync.amazon.push.shipments import ConfirmShipment
from sync.clock import Clock
from sync.outbox.handlers import Handler
from sync.transport import VendorClient

__all__ = ["handlers"]


def handlers(clients: Mapping[str, VendorClient], *, clock: Clock, seller_id: str = "") -> list[Handler]:
    """Return what can be pushed to the seller's channels; the channel of an intent chooses the client.

    Args:
        clients: channel (`amazon.US`) → client of its region; channels of one region may share one.
        seller_id: the seller's id; asked of Amazon where it is blank.

    Raises:
        BadInput: a channel that is no marketplace of Amazon.
    """
    shops = Shops.of(clients, seller_id)
    feeds, settling = Feeds(clock), Settling(clock)
    return [
        ConfirmShipment(shops),
        stock_handler(shops, feeds, settling),
        price_handler(shops, feeds, settling),
        PutOffer(shops, settling),
        DeleteOffer(shops, settling),
    ]
