"""Feeds, listings, product types, catalog, FBA inventory and outbound: plans and routes over one shelf of listings."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import partial

from starlette.routing import Route

from sync.sandbox.amazon.feeds import api as feeds
from sync.sandbox.amazon.feeds.api import FeedsApi
from sync.sandbox.amazon.front.gateway import Parts, Plans
from sync.sandbox.amazon.front.snapshots import Snapshots
from sync.sandbox.amazon.fulfilment import fba_inventory
from sync.sandbox.amazon.fulfilment import outbound as fulfillment_outbound
from sync.sandbox.amazon.fulfilment.fba_inventory import FbaInventoryApi
from sync.sandbox.amazon.fulfilment.fba_inventory_items import InventoryItems
from sync.sandbox.amazon.fulfilment.outbound import FulfillmentOutboundApi
from sync.sandbox.amazon.offers import catalog_items, listings, product_types
from sync.sandbox.amazon.offers.catalog_items import CatalogItemsApi
from sync.sandbox.amazon.offers.catalog_storage import Storage
from sync.sandbox.amazon.offers.listings import ListingsApi
from sync.sandbox.amazon.offers.listings_events import quantity_changes
from sync.sandbox.amazon.offers.listings_search import ListingsSearch
from sync.sandbox.amazon.offers.listings_shelf import CatalogSettings, ListingShelf
from sync.sandbox.amazon.offers.listings_submissions import Submissions
from sync.sandbox.amazon.offers.product_types import ProductTypesApi

__all__ = ["PLANS", "routes"]

PLANS: Plans = (
    feeds.PLANS
    | listings.PLANS
    | product_types.PLANS
    | catalog_items.PLANS
    | fba_inventory.PLANS
    | fulfillment_outbound.PLANS
)
_DAY = timedelta(hours=24)


def routes(parts: Parts, settings: CatalogSettings | None = None) -> list[Route]:
    """Return the routes of the catalogue side."""
    chosen = settings or CatalogSettings()
    shelf = ListingShelf(parts.world, chosen)
    submissions, storage = Submissions(shelf), Storage(parts.clock, secrets.token_bytes(32))

    def pages(operation: str, life: timedelta = _DAY) -> Snapshots:
        return Snapshots(parts.clock, parts.cursors, operation, life)

    feeds_api = FeedsApi(parts, storage, shelf, submissions, pages("getFeeds"))
    parts.due.append(feeds_api.settle)
    parts.finders["FEED_PROCESSING_FINISHED"] = feeds_api.finished
    parts.finders["LISTINGS_ITEM_MFN_QUANTITY_CHANGE"] = partial(quantity_changes, parts.world, parts.seller_id)
    search = ListingsSearch(shelf, parts.clock, pages("searchListingsItems"))
    inventory = pages("getInventorySummaries", fba_inventory.TOKEN_LIFE)
    return [
        *feeds_api.routes(),
        *ListingsApi(parts, shelf, submissions, search).routes(),
        *ProductTypesApi(parts, storage).routes(),
        *CatalogItemsApi(parts, pages("searchCatalogItems")).routes(),
        *FbaInventoryApi(parts, InventoryItems(parts.world), inventory, chosen.inventory_page).routes(),
        *FulfillmentOutboundApi(parts, pages("listAllFulfillmentOrders")).routes(),
        storage.route(),
    ]
