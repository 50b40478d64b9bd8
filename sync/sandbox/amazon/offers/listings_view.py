"""One listing as the Listings Items API 2021-08-01 shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sync.sandbox.amazon.front.parameters import zulu
from sync.sandbox.amazon.offers.listings_issues import Issue, late_issues, offer_price
from sync.sandbox.amazon.offers.listings_shelf import CHANNELS, Entry, ListingShelf, availability
from sync.sandbox.amazon.offers.product_ids import fnsku_of

__all__ = ["INCLUDED_DATA", "ListingView"]

_BEGINNING = datetime.min.replace(tzinfo=UTC)
INCLUDED_DATA = (
    "summaries",
    "attributes",
    "issues",
    "offers",
    "fulfillmentAvailability",
    "procurement",
    "relationships",
    "productTypes",
)


class ListingView:
    """A SKU in the marketplaces where it is listed, as it stands at one moment."""

    def __init__(self, shelf: ListingShelf, now: datetime) -> None:
        self._shelf, self._now = shelf, now
        self._touched: dict[str, dict[str, datetime]] = {}
        self._units: dict[str, dict[str, int]] = {}

    def listed(self, sku: str, marketplace_ids: Sequence[str]) -> dict[str, Entry]:
        """Return the entries by marketplace, of those where the SKU is to be seen."""
        entries = {where: self._shelf.entry(CHANNELS[where], sku) for where in marketplace_ids}
        return {where: e for where, e in entries.items() if e is not None and e.at(self._now) is not None}

    def show(self, sku: str, entries: dict[str, Entry], included: Sequence[str]) -> dict[str, Any]:
        """Return the item with the data sets that were asked for."""
        parts: dict[str, Callable[[str, Entry], list[Any]]] = {
            "summaries": lambda where, entry: [self.summary(where, entry)],
            "issues": lambda where, entry: [issue.show() for issue in self.issues(where, entry)],
            "offers": self._offers,
            "fulfillmentAvailability": self._availability,
            "relationships": lambda where, entry: [{"marketplaceId": where, "relationships": []}],
            "productTypes": lambda where, entry: [{"marketplaceId": where, "productType": self._type(entry)}],
        }
        item: dict[str, Any] = {"sku": sku}
        for name in included:
            if name == "attributes":
                item[name] = self._attributes(entries)
            elif name in parts:
                item[name] = [row for where, entry in entries.items() for row in parts[name](where, entry)]
        return item

    def issues(self, marketplace_id: str, entry: Entry) -> list[Issue]:
        """Return the issues that the shop shows by now."""
        version = entry.at(self._now)
        attributes = self._shelf.attributes(entry, self._now)
        if version is None or attributes is None:
            return []
        if self._now < version.visible_at + self._shelf.settings.issues_after:
            return []
        return late_issues(attributes, entry.listing.price, marketplace_id)

    def updated_at(self, entry: Entry) -> datetime:
        """Return when what is visible became so: attributes, quantity or price."""
        listing, version = entry.listing, entry.at(self._now)
        if listing.channel not in self._touched:
            self._touched[listing.channel] = self._changes(listing.channel)
        shown = entry.created_at if version is None else version.visible_at
        return max(shown, self._touched[listing.channel].get(listing.sku, shown))

    def statuses(self, marketplace_id: str, entry: Entry) -> list[str]:
        """Return BUYABLE where it can be bought now, DISCOVERABLE where it can be found."""
        listing, attributes = entry.listing, self._shelf.attributes(entry, self._now) or {}
        actions = {action for issue in self.issues(marketplace_id, entry) for action in issue.actions}
        if listing.fulfilled_by == "channel":
            units = self._fulfillable(listing.channel).get(listing.sku, 0)
        else:
            units = int((availability(attributes) or {}).get("quantity", 0))
        found = []
        if offer_price(attributes) is not None and units > 0 and "LISTING_SUPPRESSED" not in actions:
            found.append("BUYABLE")
        if "SEARCH_SUPPRESSED" not in actions:
            found.append("DISCOVERABLE")
        return found

    def summary(self, marketplace_id: str, entry: Entry) -> dict[str, Any]:
        """Return the summary of one marketplace."""
        listing, attributes = entry.listing, self._shelf.attributes(entry, self._now) or {}
        shown: dict[str, Any] = {"marketplaceId": marketplace_id, "productType": self._type(entry)}
        if listing.asin:
            shown["asin"] = listing.asin
        if condition := attributes.get("condition_type"):
            shown["conditionType"] = condition[0]["value"]
        shown["status"] = self.statuses(marketplace_id, entry)
        if listing.fulfilled_by == "channel":
            shown["fnSku"] = fnsku_of(listing)
        shown["itemName"] = attributes["item_name"][0]["value"] if "item_name" in attributes else listing.title
        shown["createdDate"] = zulu(entry.created_at)
        shown["lastUpdatedDate"] = zulu(self.updated_at(entry))
        if image := attributes.get("main_product_image_locator"):
            shown["mainImage"] = {"link": image[0]["media_location"], "height": 500, "width": 500}
        return shown

    def _fulfillable(self, channel: str) -> dict[str, int]:
        """Return the units in the marketplace's own warehouses that are ready to be sold, by SKU."""
        if channel not in self._units:
            units = self._units.setdefault(channel, {})
            for stock in self._shelf.world.stock_at(channel, self._now):
                units[stock.sku] = units.get(stock.sku, 0) + stock.fulfillable
        return self._units[channel]

    def _changes(self, channel: str) -> dict[str, datetime]:
        """Return when quantity or price of each SKU last changed, by whatever hand."""
        offers, soon = self._shelf.world.shelf(channel), self._now + timedelta(microseconds=1)
        changes = [(c.sku, c.at) for c in offers.quantity_changes(_BEGINNING, soon)]
        changes += [(c.sku, c.at) for c in offers.price_changes(_BEGINNING, soon)]
        # Sorted by time, the last one of a SKU stays.
        return dict(sorted(changes, key=lambda change: change[1]))

    def _type(self, entry: Entry) -> str:
        version = entry.at(self._now)
        return version.product_type if version is not None else "PRODUCT"

    def _attributes(self, entries: dict[str, Entry]) -> dict[str, Any]:
        joined: dict[str, list[Any]] = {}
        for entry in entries.values():
            for name, rows in (self._shelf.attributes(entry, self._now) or {}).items():
                joined.setdefault(name, []).extend(rows)
        return joined

    def _offers(self, marketplace_id: str, entry: Entry) -> list[dict[str, Any]]:
        price = offer_price(self._shelf.attributes(entry, self._now) or {})
        if price is None:
            return []
        money = {"currencyCode": entry.listing.currency, "amount": f"{price:.2f}"}
        audience = {"value": "ALL", "displayName": "Sell on Amazon"}
        return [{"marketplaceId": marketplace_id, "offerType": "B2C", "price": money, "audience": audience}]

    def _availability(self, marketplace_id: str, entry: Entry) -> list[dict[str, Any]]:
        shown = []
        for row in (self._shelf.attributes(entry, self._now) or {}).get("fulfillment_availability", ()):
            part: dict[str, Any] = {"fulfillmentChannelCode": row["fulfillment_channel_code"]}
            if "quantity" in row:
                part["quantity"] = int(row["quantity"])
            shown.append(part)
        return shown
