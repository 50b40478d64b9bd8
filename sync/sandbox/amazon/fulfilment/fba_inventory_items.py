"""The SKUs that Amazon's warehouses keep: the world's, and those that the sandbox-only operations make."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sync.sandbox.amazon.front.refusals import bad_input
from sync.sandbox.world.build import CHANNELS
from sync.sandbox.world.model import Listing, Product, World
from sync.sandbox.world.stock import SELLABLE, StockMovement

__all__ = ["InventoryItems"]

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


class InventoryItems:
    """Makes, receives and removes them; every change is one of the world's."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._received: set[str] = set()

    def listings(self, channel: str) -> list[Listing]:
        """Return what the channel keeps in its own warehouses."""
        return [x for x in self._world.listings if x.channel == channel and x.fulfilled_by == "channel"]

    def create(self, channel: str, sku: str, title: str) -> None:
        """Make a SKU.

        Raises:
            Refused: 400 when the channel has it already.
        """
        if any(x.channel == channel and x.sku == sku for x in self._world.listings):
            raise bad_input(f"The SKU '{sku}' exists already.")
        drawn = hashlib.sha256(f"{channel}/{sku}".encode()).digest()
        product = Product(
            product_id=max(p.product_id for p in self._world.products) + 1,
            number=sku,
            title=title,
            title_de=title,
            price_usd=Decimal("9.99"),
            price_eur=Decimal("9.99"),
            asin="B0" + "".join(_LETTERS[byte % len(_LETTERS)] for byte in drawn[:8]),
            upc="8" + "".join(str(byte % 10) for byte in drawn[:11]),
            weight_lb=Decimal(1),
            category="Home",
        )
        currency = CHANNELS[channel].currency
        self._world.offer(Listing(channel, sku, product, product.price_usd, currency, title, "channel", product.asin))

    def delete(self, channel: str, sku: str) -> None:
        """Take a SKU out of the inventory.

        Raises:
            Refused: 400 when it is not there.
        """
        self._world.withdraw(self._find(channel, sku))

    def receive(self, token: str, rows: Sequence[tuple[str, str, int]], now: datetime) -> None:
        """Receive units of (channel, SKU, quantity) in the first warehouse; the same token again does nothing.

        Raises:
            Refused: 400 when one of the SKUs is not there; nothing is received then.
        """
        if token in self._received:
            return
        for channel, sku, _ in rows:
            self._find(channel, sku)
        for channel, sku, quantity in rows:
            room = self._world.stock_room(channel)
            number = room.next_number()
            where = next(w.warehouse_id for w in self._world.warehouses(channel) if w.kind == "channel")
            room.move(
                StockMovement(
                    f"A{number}", now, channel, sku, where, "receipt", quantity, SELLABLE, "", f"ADD-{number}"
                )
            )
        self._received.add(token)

    def _find(self, channel: str, sku: str) -> Listing:
        found = next((x for x in self.listings(channel) if x.sku == sku), None)
        if found is None:
            raise bad_input(f"The SKU '{sku}' is not in the inventory.")
        return found
