"""The listings as the shop has them: versions of their attributes in time over the world's quantity and price.

A version becomes visible a while after it was accepted. Quantity and price live in the world, so that whoever else
changes them there is seen here.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sync.sandbox.amazon.offers.listings_issues import offer_price
from sync.sandbox.amazon.offers.listings_origin import first_attributes, type_of
from sync.sandbox.amazon.orders.view import MARKETPLACES
from sync.sandbox.world.model import Listing, World

__all__ = ["CHANNELS", "CatalogSettings", "Entry", "ListingShelf", "Version", "availability"]

#: marketplace id -> channel
CHANNELS = {marketplace_id: channel for channel, (marketplace_id, _) in MARKETPLACES.items()}
_OPENED = datetime(2024, 1, 15, 10, tzinfo=UTC)


@dataclass(slots=True)
class CatalogSettings:
    """How slow the shop is, and how long its pages are."""

    #: An accepted change is visible after this time.
    visible_after: timedelta = timedelta(seconds=20)
    #: The shop's own issues with a listing appear so long after it is visible.
    issues_after: timedelta = timedelta(minutes=2)
    #: A feed waits, and is then worked on, for so long.
    feed_queued: timedelta = timedelta(seconds=15)
    feed_working: timedelta = timedelta(seconds=45)
    #: Rows of a page of FBA inventory (the vendor has no parameter for it).
    inventory_page: int = 20


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """The attributes that a listing has from `visible_at` on; None where it is deleted."""

    visible_at: datetime
    number: int
    product_type: str = field(compare=False)
    attributes: dict[str, Any] | None = field(compare=False)


@dataclass(slots=True)
class Entry:
    """One SKU in one marketplace."""

    listing: Listing
    #: When the SKU was first visible.
    created_at: datetime
    versions: list[Version]

    def at(self, moment: datetime) -> Version | None:
        """Return the version that is visible at a moment; None before the first one and after a deletion."""
        seen = [v for v in self.versions if v.visible_at <= moment]
        return seen[-1] if seen and seen[-1].attributes is not None else None


def availability(attributes: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the element of the seller's own fulfilment, or None where there is none."""
    rows = attributes.get("fulfillment_availability", ())
    return next((row for row in rows if row["fulfillment_channel_code"] == "DEFAULT"), None)


class ListingShelf:
    """All listings of the seller."""

    def __init__(self, world: World, settings: CatalogSettings) -> None:
        self.world, self.settings = world, settings
        self._entries: dict[tuple[str, str], Entry] = {}
        self._number = 0

    def entry(self, channel: str, sku: str) -> Entry | None:
        """Return what is known of a SKU in a channel, deleted ones as well."""
        if (channel, sku) not in self._entries:
            listing = self.world.listing(channel, sku)
            if listing is None:
                return None
            self._adopt(listing)
        return self._entries[channel, sku]

    def entries(self, channel: str) -> Iterable[Entry]:
        """Return all that were ever listed in a channel, by SKU."""
        for listing in self.world.listings:
            if listing.channel == channel and (channel, listing.sku) not in self._entries:
                self._adopt(listing)
        return [entry for (where, _), entry in sorted(self._entries.items()) if where == channel]

    def attributes(self, entry: Entry, moment: datetime) -> dict[str, Any] | None:
        """Return a listing's attributes at a moment, with the world's quantity and price in them."""
        version = entry.at(moment)
        if version is None or version.attributes is None:
            return None
        shown = dict(version.attributes)
        listing = entry.listing
        if (own := availability(shown)) is not None and "quantity" in own:
            quantity = self.world.listed(listing.channel, listing.sku, None, moment)
            rows = shown["fulfillment_availability"]
            shown["fulfillment_availability"] = [{**r, "quantity": quantity} if r is own else r for r in rows]
        if offer_price(shown) is not None:
            price, _ = self.world.price_of(listing.channel, listing.sku, moment)
            shown["purchasable_offer"] = [_priced(offer, price) for offer in shown["purchasable_offer"]]
        return shown

    def list_new(self, listing: Listing, product_type: str, attributes: dict[str, Any], at: datetime) -> None:
        """Put a SKU on the shelf that the channel did not have, or had deleted; visible like any change."""
        self.world.offer(listing)
        known = self._entries.get((listing.channel, listing.sku))
        if known is None:
            made = Entry(listing, at + self.settings.visible_after, [])
            self._entries[listing.channel, listing.sku] = made
        else:
            known.listing = listing
        self.change(self._entries[listing.channel, listing.sku], product_type, attributes, at)

    def change(self, entry: Entry, product_type: str, attributes: dict[str, Any], at: datetime) -> None:
        """Accept new attributes at a moment: they, quantity and price are visible a while later."""
        visible = at + self.settings.visible_after
        self._append(entry, Version(visible, self._next(), product_type, attributes), at)
        listing = entry.listing
        if listing.fulfilled_by == "seller":
            quantity = int((availability(attributes) or {}).get("quantity", 0))
            if quantity != self.world.listed(listing.channel, listing.sku, None, visible):
                self.world.list_quantity(listing.channel, listing.sku, quantity, visible)
        price = offer_price(attributes)
        if price is not None and price != self.world.price_of(listing.channel, listing.sku, visible)[0]:
            self.world.set_price(listing.channel, listing.sku, price, listing.currency, visible)

    def delete(self, entry: Entry, at: datetime) -> None:
        """Take a SKU off the shelf; it is gone a while later."""
        last = entry.versions[-1]
        visible = at + self.settings.visible_after
        self._append(entry, Version(visible, self._next(), last.product_type, None), at)
        self.world.withdraw(entry.listing)

    def _adopt(self, listing: Listing) -> None:
        marketplace_id = MARKETPLACES[listing.channel][0]
        opened = _OPENED + timedelta(days=listing.product.product_id, seconds=len(listing.sku))
        first = Version(opened, self._next(), type_of(listing.product), first_attributes(listing, marketplace_id))
        self._entries[listing.channel, listing.sku] = Entry(listing, opened, [first])

    def _append(self, entry: Entry, version: Version, at: datetime) -> None:
        insort(entry.versions, version)
        # Time only moves forward: what nobody can see any more is forgotten.
        seen = sum(v.visible_at <= at for v in entry.versions)
        del entry.versions[: max(0, seen - 1)]

    def _next(self) -> int:
        self._number += 1
        return self._number


def _priced(offer: dict[str, Any], price: Decimal) -> dict[str, Any]:
    """Return the offer with the price that the world has; only the one to everyone is the world's."""
    if offer.get("audience", "ALL") != "ALL" or "our_price" not in offer:
        return offer
    first = offer["our_price"][0]["schedule"][0]
    return {**offer, "our_price": [{"schedule": [{**first, "value_with_tax": price}]}]}
