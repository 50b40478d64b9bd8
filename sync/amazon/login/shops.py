"""Which client and which seller id serve a channel: a handler may write to several regions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync.amazon.login.seller import SellerId
from sync.amazon.marketplaces import Marketplace, marketplace_of
from sync.errors import Rejected, VendorReply
from sync.transport import VendorClient

__all__ = ["Shop", "Shops"]


@dataclass(frozen=True, slots=True)
class Shop:
    """One channel that can be written to."""

    channel: str
    marketplace: Marketplace
    client: VendorClient
    seller: SellerId


@dataclass(frozen=True, slots=True)
class Shops:
    """The channels that can be written to, by name."""

    by_channel: Mapping[str, Shop]

    @classmethod
    def of(cls, clients: Mapping[str, VendorClient], seller_id: str) -> Shops:
        """Return the shops of these channels; clients of one region may be the same."""
        shops = {}
        for channel, client in clients.items():
            marketplace = marketplace_of(channel.partition(".")[2])
            shops[channel] = Shop(channel, marketplace, client, SellerId(client, marketplace, seller_id))
        return cls(shops)

    def at(self, channel: str) -> Shop:
        """Return the shop of a channel.

        Raises:
            Rejected: it is not configured; nothing has been sent.
        """
        shop = self.by_channel.get(channel)
        if shop is None:
            known = ", ".join(sorted(self.by_channel)) or "none"
            seen = VendorReply("amazon", "push", detail=f"the channel {channel} is not configured")
            raise Rejected(seen, f"Configured: {known}")
        return shop
