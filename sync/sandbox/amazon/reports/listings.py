"""The listings report GET_MERCHANT_LISTINGS_ALL_DATA: 27 columns, tab-separated, served as Cp1252."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sync.sandbox.world.model import World

__all__ = ["write_listings"]

_COLUMNS = (
    "item-name item-description listing-id seller-sku price quantity open-date image-url item-is-marketplace "
    "product-id-type zshop-shipping-fee item-note item-condition zshop-category1 zshop-browse-path "
    "zshop-storefront-feature asin1 asin2 asin3 will-ship-internationally expedited-shipping zshop-boldface "
    "product-id bid-for-featured-placement add-delete pending-quantity fulfillment-channel"
).split()


def write_listings(world: World, channels: Sequence[str], now: datetime) -> bytes:
    """Return the report's bytes; quantity is blank where the channel fulfils, what Cp1252 lacks becomes '?'."""
    lines = ["\t".join(_COLUMNS)]
    for number, listing in enumerate(x for x in world.listings if x.channel in channels):
        own = listing.fulfilled_by == "seller"
        filled = {
            "item-name": listing.title,
            "listing-id": f"1120X{number:06d}",
            "seller-sku": listing.sku,
            "price": f"{world.price_of(listing.channel, listing.sku, now)[0]:.2f}",
            "quantity": str(world.listed(listing.channel, listing.sku, None, now)) if own else "",
            "open-date": "2024-01-15 10:00:00 UTC",
            "item-is-marketplace": "y",
            "product-id-type": "1",
            "item-condition": "11",
            "asin1": listing.asin or "",
            "product-id": listing.asin or "",
            "pending-quantity": "0",
            "fulfillment-channel": "DEFAULT" if own else "AMAZON_EU" if listing.currency == "EUR" else "AMAZON_NA",
        }
        lines.append("\t".join(filled.get(column, "") for column in _COLUMNS))
    return ("\n".join(lines) + "\n").encode("cp1252", "replace")
