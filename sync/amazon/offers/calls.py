"""Calls of listings 2021-08-01, FBA inventory v1, catalog 2022-04-01 and product type definitions 2020-09-01."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sync.amazon.calls import wire_time
from sync.transport import Call, path_segment

__all__ = [
    "LISTING_DATA",
    "catalog_item_call",
    "catalog_search_call",
    "delete_listing_call",
    "inventory_call",
    "listing_call",
    "patch_listing_call",
    "product_type_call",
    "product_types_call",
    "put_listing_call",
    "search_listings_call",
]

#: What is asked for with a listing.
LISTING_DATA = ("summaries", "attributes", "issues", "offers", "fulfillmentAvailability")
_PREVIEW = [("mode", "VALIDATION_PREVIEW")]
_CATALOG_DATA = ("attributes", "identifiers", "productTypes", "relationships", "summaries")
_DEFINITIONS = "/definitions/2020-09-01/productTypes"


def _item(seller_id: str, sku: str) -> str:
    return f"/listings/2021-08-01/items/{path_segment(seller_id)}/{path_segment(sku)}"


def search_listings_call(
    seller_id: str,
    marketplace_id: str,
    *,
    skus: Sequence[str] = (),
    updated_from: datetime | None = None,
    token: str | None = None,
    page_size: int = 20,
    included: Sequence[str] = LISTING_DATA,
) -> Call:
    """Return searchListingsItems, oldest change first; `skus` (at most 20, none with a comma) asks for just those."""
    query = [
        ("marketplaceIds", marketplace_id),
        ("includedData", ",".join(included)),
        ("pageSize", str(page_size)),
    ]
    if skus:
        query += [("identifiersType", "SKU"), ("identifiers", ",".join(skus))]
    else:
        query += [("sortBy", "lastUpdatedDate"), ("sortOrder", "ASC")]
    if updated_from is not None:
        query.append(("lastUpdatedAfter", wire_time(updated_from)))
    if token:
        query.append(("pageToken", token))
    return Call("searchListingsItems", "GET", f"/listings/2021-08-01/items/{path_segment(seller_id)}", query=query)


def listing_call(seller_id: str, sku: str, marketplace_id: str, *, included: Sequence[str] = LISTING_DATA) -> Call:
    """Return getListingsItem; the SKU may hold any character."""
    query = [("marketplaceIds", marketplace_id), ("includedData", ",".join(included))]
    return Call("getListingsItem", "GET", _item(seller_id, sku), query=query)


def patch_listing_call(
    seller_id: str,
    sku: str,
    marketplace_id: str,
    *,
    product_type: str,
    patches: Sequence[Mapping[str, object]],
    preview: bool = False,
) -> Call:
    """Return patchListingsItem. It names target values, so that a repeat changes nothing more."""
    query = [("marketplaceIds", marketplace_id), *(_PREVIEW if preview else [])]
    body = {"productType": product_type, "patches": list(patches)}
    return Call("patchListingsItem", "PATCH", _item(seller_id, sku), query=query, json=body)


def put_listing_call(
    seller_id: str,
    sku: str,
    marketplace_id: str,
    *,
    product_type: str,
    requirements: str,
    attributes: Mapping[str, object],
    preview: bool = False,
) -> Call:
    """Return putListingsItem: the whole listing, made or replaced."""
    query = [("marketplaceIds", marketplace_id), *(_PREVIEW if preview else [])]
    body = {"productType": product_type, "requirements": requirements, "attributes": dict(attributes)}
    return Call("putListingsItem", "PUT", _item(seller_id, sku), query=query, json=body)


def delete_listing_call(seller_id: str, sku: str, marketplace_id: str) -> Call:
    """Return deleteListingsItem."""
    query = [("marketplaceIds", marketplace_id)]
    return Call("deleteListingsItem", "DELETE", _item(seller_id, sku), query=query)


def inventory_call(
    marketplace_id: str, *, changed_from: datetime | None = None, token: str | None = None, details: bool = True
) -> Call:
    """Return getInventorySummaries; a token lives 30 seconds, `changed_from` lies at most 18 months back."""
    query = [
        ("details", "true" if details else "false"),
        ("granularityType", "Marketplace"),
        ("granularityId", marketplace_id),
        ("marketplaceIds", marketplace_id),
    ]
    if changed_from is not None:
        query.append(("startDateTime", wire_time(changed_from)))
    if token:
        query.append(("nextToken", token))
    return Call("getInventorySummaries", "GET", "/fba/inventory/v1/summaries", query=query)


def catalog_item_call(asin: str, marketplace_id: str, *, included: Sequence[str] = _CATALOG_DATA) -> Call:
    """Return getCatalogItem."""
    query = [("marketplaceIds", marketplace_id), ("includedData", ",".join(included))]
    return Call("getCatalogItem", "GET", f"/catalog/2022-04-01/items/{path_segment(asin)}", query=query)


def catalog_search_call(
    marketplace_id: str,
    *,
    identifiers: Sequence[str] = (),
    identifiers_type: str = "EAN",
    keywords: Sequence[str] = (),
    token: str | None = None,
    included: Sequence[str] = _CATALOG_DATA,
) -> Call:
    """Return searchCatalogItems by identifiers (at most 20 of one type) or by keywords."""
    query = [("marketplaceIds", marketplace_id), ("includedData", ",".join(included)), ("pageSize", "20")]
    if identifiers:
        query += [("identifiers", ",".join(identifiers)), ("identifiersType", identifiers_type)]
    else:
        query.append(("keywords", ",".join(keywords)))
    if token:
        query.append(("pageToken", token))
    return Call("searchCatalogItems", "GET", "/catalog/2022-04-01/items", query=query)


def product_types_call(marketplace_id: str, *, keywords: Sequence[str] = ()) -> Call:
    """Return searchDefinitionsProductTypes; without keywords all product types."""
    words = [("keywords", ",".join(keywords))] if keywords else []
    query = [("marketplaceIds", marketplace_id), *words]
    return Call("searchDefinitionsProductTypes", "GET", _DEFINITIONS, query=query)


def product_type_call(
    product_type: str, marketplace_id: str, *, seller_id: str = "", requirements: str = "LISTING"
) -> Call:
    """Return getDefinitionsProductType; its answer links to the JSON schema of the product type."""
    seller = [("sellerId", seller_id)] if seller_id else []
    query = [("marketplaceIds", marketplace_id), ("requirements", requirements), *seller]
    return Call("getDefinitionsProductType", "GET", f"{_DEFINITIONS}/{path_segment(product_type)}", query=query)
