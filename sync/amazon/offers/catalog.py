"""Amazon's catalog (2022-04-01) and the rules of its product types (definitions 2020-09-01), as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.amazon.marketplaces import Marketplace
from sync.amazon.offers.calls import (
    catalog_item_call,
    catalog_search_call,
    product_type_call,
    product_types_call,
)
from sync.amazon.offers.listing_shapes import objects_of
from sync.amazon.pages import rows_of, token_of
from sync.amazon.reports.documents import unpacked
from sync.errors import ContractBroken
from sync.transport import Call, Reply, VendorClient, read_json

__all__ = ["CatalogItem", "ProductType", "catalog_item", "product_type", "product_types", "search_catalog"]

_MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """One product page of Amazon in one marketplace."""

    asin: str
    title: str | None
    brand: str | None
    product_type: str | None
    #: (EAN, 4012345678901) …
    identifiers: tuple[tuple[str, str], ...]
    attributes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ProductType:
    """The rules of a product type: its attributes by name as JSON schema, and which of them a listing must have."""

    name: str
    version: str
    requirements: str
    required: tuple[str, ...]
    attributes: Mapping[str, object]
    #: Group of attributes (title) → names.
    groups: Mapping[str, tuple[str, ...]]


async def catalog_item(client: VendorClient, marketplace: Marketplace, asin: str) -> CatalogItem:
    """Return one catalog item (getCatalogItem).

    Raises:
        VendorError: Rejected for an unknown ASIN; ContractBroken where the answer is no item.
    """
    reply = await client.send(catalog_item_call(asin, marketplace.marketplace_id))
    return _item(reply.json(), marketplace, reply)


async def search_catalog(
    client: VendorClient,
    marketplace: Marketplace,
    *,
    identifiers: Sequence[str] = (),
    identifiers_type: str = "EAN",
    keywords: Sequence[str] = (),
) -> list[CatalogItem]:
    """Return the catalog items with these identifiers (at most 20), or by keywords.

    Raises:
        VendorError: Amazon could not be asked; ContractBroken where pages repeat without end.
    """
    found: list[CatalogItem] = []
    token: str | None = None
    seen: set[str] = set()
    while True:
        call = catalog_search_call(
            marketplace.marketplace_id,
            identifiers=identifiers,
            identifiers_type=identifiers_type,
            keywords=keywords,
            token=token,
        )
        reply = await client.send(call)
        found += [_item(row, marketplace, reply) for row in rows_of(reply, "items")]
        token = token_of(reply, "pagination", "nextToken")
        if token is None:
            return found
        if token in seen or len(seen) >= _MOST_PAGES:
            raise ContractBroken(reply.seen(detail="the catalog's pages have no end"))
        seen.add(token)


async def product_types(client: VendorClient, marketplace: Marketplace, keywords: Sequence[str] = ()) -> list[str]:
    """Return the names of the product types that keywords find, all without keywords.

    Raises:
        VendorError: Amazon could not be asked.
    """
    reply = await client.send(product_types_call(marketplace.marketplace_id, keywords=keywords))
    return [str(row["name"]) for row in objects_of(rows_of(reply, "productTypes")) if row.get("name")]


async def product_type(
    client: VendorClient,
    marketplace: Marketplace,
    name: str,
    *,
    seller_id: str = "",
    requirements: str = "LISTING",
) -> ProductType:
    """Return the rules of a product type; its schema is fetched from the presigned address that the answer names.

    Raises:
        VendorError: Rejected for an unknown product type; ContractBroken where there is no schema.
    """
    call = product_type_call(name, marketplace.marketplace_id, seller_id=seller_id, requirements=requirements)
    reply = await client.send(call)
    body = reply.json()
    if not isinstance(body, Mapping):
        raise ContractBroken(reply.seen(detail="the answer is no definition"))
    schema = await _schema(client, reply, body)
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, Mapping) or not isinstance(required, list):
        raise ContractBroken(reply.seen(detail="the schema of the product type has no properties"))
    version, groups = body.get("productTypeVersion"), body.get("propertyGroups")
    return ProductType(
        name=str(body.get("productType") or name),
        version=str(version.get("version") or "") if isinstance(version, Mapping) else "",
        requirements=str(body.get("requirements") or requirements),
        required=tuple(str(r) for r in required),
        attributes=properties,
        groups={
            str(group.get("title") or key): tuple(str(n) for n in names)
            for key, group in (groups.items() if isinstance(groups, Mapping) else ())
            if isinstance(group, Mapping) and isinstance(names := group.get("propertyNames"), list)
        },
    )


async def _schema(client: VendorClient, reply: Reply, body: Mapping[str, object]) -> Mapping[str, object]:
    link = body.get("schema")
    link = link.get("link") if isinstance(link, Mapping) else None
    url = link.get("resource") if isinstance(link, Mapping) else None
    if not isinstance(url, str) or not url:
        raise ContractBroken(reply.seen(detail="the definition names no schema"))
    fetched = await client.send(Call("downloadDocument", "GET", url, accept="*/*", auth=False))
    try:
        schema = read_json(unpacked(fetched.body))
    except (ValueError, RecursionError):
        schema = None
    if not isinstance(schema, Mapping):
        raise ContractBroken(fetched.seen(detail="the schema of the product type is not JSON"))
    return schema


def _item(raw: object, marketplace: Marketplace, reply: Reply) -> CatalogItem:
    asin = raw.get("asin") if isinstance(raw, Mapping) else None
    if not isinstance(raw, Mapping) or not isinstance(asin, str) or not asin:
        raise ContractBroken(reply.seen(detail="a catalog item has no asin"))
    summary = _of_shop(raw.get("summaries"), marketplace)
    kinds = _of_shop(raw.get("productTypes"), marketplace)
    numbers = objects_of(_of_shop(raw.get("identifiers"), marketplace).get("identifiers"))
    attributes = raw.get("attributes")
    return CatalogItem(
        asin=asin,
        title=str(summary["itemName"]) if summary.get("itemName") else None,
        brand=str(summary["brand"]) if summary.get("brand") else None,
        product_type=str(kinds["productType"]) if kinds.get("productType") else None,
        identifiers=tuple((str(n.get("identifierType")), str(n.get("identifier"))) for n in numbers),
        attributes=attributes if isinstance(attributes, Mapping) else {},
    )


def _of_shop(held: object, marketplace: Marketplace) -> Mapping[str, object]:
    shop = marketplace.marketplace_id
    return next((entry for entry in objects_of(held) if entry.get("marketplaceId", shop) == shop), {})
