"""The seller's own id, which the listings calls have in their path."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from sync.amazon.marketplaces import Marketplace
from sync.amazon.money.calls import balances_call
from sync.amazon.pages import rows_of
from sync.errors import BadInput
from sync.transport import VendorClient

__all__ = ["SellerId"]


@dataclass(slots=True)
class SellerId:
    """The id that the settings name, else the one that Amazon's balances name; asked for once."""

    client: VendorClient
    marketplace: Marketplace
    configured: str = ""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def value(self) -> str:
        """Return the seller id.

        Raises:
            BadInput: neither the settings nor Amazon say it.
            VendorError: Amazon could not be asked.
        """
        async with self._lock:
            if not self.configured:
                self.configured = await self._ask()
        return self.configured

    async def _ask(self) -> str:
        reply = await self.client.send(balances_call(self.marketplace.marketplace_id))
        for row in rows_of(reply, "balances"):
            held = row.get("partnerMetadata") if isinstance(row, Mapping) else None
            found = held.get("partnerId") if isinstance(held, Mapping) else None
            if isinstance(found, str) and found:
                return found
        raise BadInput(
            "the seller id is not known", column="seller_id", remedy="Write seller_id under [amazon] in secrets.toml."
        )
