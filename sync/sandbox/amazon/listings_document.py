"""The listings report GET_MERCHANT_LISTINGS_ALL_DATA: 27 columns, tab-separated, served as Cp1252."""

from __future__ import annotations

from collections.abc import Iterable

from sync.sandbox.world.model import Listing

__all__ = ["write_listings"]

_COLUMNS = (
    "item-name item-description listing-id seller-sku price quantity open-date image-url item-is-marketplace "
    "product-id-type zshop-shipping-fee item-note item-condition zshop-category1 zshop-browse-path "
    "zshop-storefront-feature asin1 asin2 asin3 will-ship-internationally expedited-shipping zshop-boldface "
    "product-id bid-for-featured-placement add-delete pending-quantity fulfillment-channel"
).split()


def write_listings(listings: Iterable[Listing]) -> bytes:
    """Return the report's bytes; quantity is blank where the channel fulfils, what Cp1252 lacks becomes '?'."""
    lines = ["\t".join(_COLUMNS)]
    for number, listing in enumerate(listings):
        filled = {
            "item-name": listing.title,
            "listing-id": f"1120X{number:06d}",
            "seller-sku": listing.sku,
            "price": f"{listing.price:.2f}",
            "quantity": "" if listing.fulfilled_by == "channel" else str(10 + listing.product.product_id % 70),
            "open-date": "2024-01-15 10:00:00 UTC",
            "item-is-marketplace": "y",
            "product-id-type": "1",
            "item-condition": "11",
            "asin1": listing.asin or "",
            "product-id": listing.asin or "",
            "pending-quantity": "0",
            "fulfillment-channel": "DEFAULT" if listing.fulfilled_by == "seller" else "AMAZON_NA",
        }
        lines.append("\t".join(filled.get(column, "") for column in _COLUMNS))
    return ("\n".join(lines) + "\n").encode("cp1252", "replace")
