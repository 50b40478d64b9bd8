"""Catalog Items 2022-04-01: the catalogue pages of the world's products, by ASIN, identifier or keyword."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.gateway import Parts, Plans
from sync.sandbox.amazon.front.parameters import choice_list, texts, whole_number
from sync.sandbox.amazon.front.refusals import Refused, bad_input
from sync.sandbox.amazon.front.snapshots import Snapshots
from sync.sandbox.amazon.offers.listings_calls import marketplaces
from sync.sandbox.amazon.offers.listings_origin import BRAND, type_of
from sync.sandbox.amazon.offers.listings_shelf import CHANNELS
from sync.sandbox.faults import Fault
from sync.sandbox.world.model import Product
from sync.sandbox.world.sizes import first_sides

__all__ = ["PLANS", "CatalogItemsApi"]

PLANS: Plans = {"searchCatalogItems": (2.0, 2.0), "getCatalogItem": (2.0, 2.0)}
_ROOT = "/catalog/2022-04-01/items"
_INCLUDED = (
    "attributes",
    "classifications",
    "dimensions",
    "identifiers",
    "images",
    "productTypes",
    "relationships",
    "salesRanks",
    "summaries",
    "vendorDetails",
)
_KINDS = ("ASIN", "EAN", "GTIN", "ISBN", "JAN", "MINSAN", "SKU", "UPC")
_MOST = 20


class CatalogItemsApi:
    """The two operations."""

    def __init__(self, parts: Parts, snapshots: Snapshots) -> None:
        self._parts, self._snapshots = parts, snapshots

    def routes(self) -> list[Route]:
        """Return the routes of the API."""
        return [
            self._parts.op(_ROOT, "searchCatalogItems", self.search),
            self._parts.op(f"{_ROOT}/{{asin}}", "getCatalogItem", self.get),
        ]

    async def get(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer getCatalogItem.

        Raises:
            Refused: 404 for an ASIN that is not in the catalogue.
        """
        where = marketplaces(request)
        included = choice_list(request, "includedData", _INCLUDED) or ["summaries"]
        asin = request.path_params["asin"]
        product = next((p for p in self._parts.world.products if p.asin == asin), None)
        if product is None:
            text = f"Requested item '{asin}' not found in marketplace(s) '{', '.join(where)}'."
            raise Refused(404, "NOT_FOUND", text, "")
        return 200, show_product(product, where, included)

    async def search(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer searchCatalogItems.

        Raises:
            Refused: 400 for a parameter that breaks a rule, or a token that is wrong or older than 24 hours.
        """
        where = marketplaces(request, most=1)
        included = choice_list(request, "includedData", _INCLUDED) or ["summaries"]
        size = whole_number(request, "pageSize", 10, 1, _MOST)
        found = self._found(request, where[0])
        token = request.query_params.get("pageToken")
        if token:
            page = self._snapshots.follow(token, repeat=fault is not None and fault.name == "page_repeated")
        else:
            page = self._snapshots.first([p.asin for p in found], size)
        by_asin = {p.asin: p for p in self._parts.world.products}
        items = [show_product(by_asin[asin], where, included) for asin in page.keys if asin in by_asin]
        answer: dict[str, Any] = {"numberOfResults": page.total, "items": items}
        if pagination := page.pagination():
            answer["pagination"] = pagination
        if texts(request, "keywords"):
            answer["refinements"] = _refinements(found)
        return 200, answer

    def _found(self, request: Request, marketplace_id: str) -> list[Product]:
        identifiers, keywords = texts(request, "identifiers"), texts(request, "keywords")
        if bool(identifiers) == bool(keywords):
            raise bad_input("Exactly one of identifiers and keywords must be given.")
        if len(identifiers) > _MOST or len(keywords) > _MOST:
            raise bad_input(f"identifiers and keywords must hold at most {_MOST} values.")
        narrowing = [n for n in ("brandNames", "classificationIds", "keywordsLocale") if n in request.query_params]
        if identifiers:
            if narrowing:
                raise bad_input(f"{', '.join(narrowing)} cannot be combined with identifiers.")
            return self._identified(request, set(identifiers), marketplace_id)
        brands = [brand.lower() for brand in texts(request, "brandNames")]
        classes = texts(request, "classificationIds")
        words = [word.lower() for phrase in keywords for word in phrase.split()]
        return [
            p
            for p in self._parts.world.products
            if all(word in f"{p.title} {p.title_de} {p.category} {BRAND}".lower() for word in words)
            and (not brands or BRAND.lower() in brands)
            and (not classes or _class_id(p.category) in classes)
        ]

    def _identified(self, request: Request, wanted: set[str], marketplace_id: str) -> list[Product]:
        kinds = choice_list(request, "identifiersType", _KINDS)
        if not kinds:
            raise bad_input("identifiersType is required with identifiers.")
        if kinds[0] == "SKU":
            if request.query_params.get("sellerId") != self._parts.seller_id:
                raise bad_input("sellerId is required with identifiers of the type SKU.")
            channel = CHANNELS[marketplace_id]
            own = [x for x in self._parts.world.listings if x.channel == channel and x.sku in wanted]
            return list({x.product.asin: x.product for x in own}.values())
        codes: dict[str, Callable[[Product], str]] = {
            "ASIN": lambda p: p.asin,
            "UPC": lambda p: p.upc,
            "EAN": lambda p: "0" + p.upc,
            "GTIN": lambda p: "00" + p.upc,
        }
        code = codes.get(kinds[0])
        # The seller's products have no ISBN, JAN or MINSAN.
        return [] if code is None else [p for p in self._parts.world.products if code(p) in wanted]


def _class_id(category: str) -> str:
    """Return the number of the browse node of a category."""
    return str(1_055_000 + sum(map(ord, category)))


def _classification(product: Product) -> dict[str, Any]:
    return {
        "displayName": product.category,
        "classificationId": _class_id(product.category),
        "parent": {"displayName": "All Departments", "classificationId": "1055000"},
    }


def show_product(product: Product, where: Sequence[str], included: Sequence[str]) -> dict[str, Any]:
    """Return a product as Catalog Items 2022-04-01 shows it, with the data sets that were asked for."""
    sets: dict[str, Callable[[str], dict[str, Any]]] = {
        "classifications": lambda m: {"classifications": [_classification(product)]},
        "dimensions": lambda m: {"item": _dimensions(product), "package": _dimensions(product)},
        "identifiers": lambda m: {"identifiers": _identifiers(product)},
        "images": lambda m: {"images": _images(product)},
        "productTypes": lambda m: {"productType": type_of(product)},
        "relationships": lambda m: {"relationships": []},
        "salesRanks": lambda m: {"classificationRanks": [_rank(product)], "displayGroupRanks": []},
        "summaries": lambda m: _summary(product, _title(product, m)),
    }
    item: dict[str, Any] = {"asin": product.asin}
    for name in included:
        if name == "attributes":
            item[name] = {
                "item_name": [{"value": _title(product, m), "marketplace_id": m} for m in where],
                "brand": [{"value": BRAND, "marketplace_id": m} for m in where],
            }
        elif name in sets:
            item[name] = [{"marketplaceId": m, **sets[name](m)} for m in where]
    return item


def _title(product: Product, marketplace_id: str) -> str:
    return product.title_de if CHANNELS[marketplace_id] == "amazon.DE" else product.title


def _summary(product: Product, title: str) -> dict[str, Any]:
    return {
        "adultProduct": False,
        "autographed": False,
        "brand": BRAND,
        "browseClassification": {
            "displayName": product.category,
            "classificationId": _class_id(product.category),
        },
        "itemClassification": "PRODUCT_BUNDLE" if product.is_bundle else "BASE_PRODUCT",
        "itemName": title,
        "manufacturer": BRAND,
        "memorabilia": False,
        "modelNumber": product.number,
        "packageQuantity": 1,
        "partNumber": product.number,
        "tradeInEligible": False,
        "websiteDisplayGroup": f"{product.category.lower()}_display_on_website",
        "websiteDisplayGroupName": product.category,
    }


def _identifiers(product: Product) -> list[dict[str, str]]:
    return [
        {"identifierType": "EAN", "identifier": "0" + product.upc},
        {"identifierType": "GTIN", "identifier": "00" + product.upc},
        {"identifierType": "UPC", "identifier": product.upc},
    ]


def _dimensions(product: Product) -> dict[str, Any]:
    length, width, height = first_sides(product)
    return {
        "height": {"unit": "inches", "value": height},
        "length": {"unit": "inches", "value": length},
        "weight": {"unit": "pounds", "value": product.weight_lb},
        "width": {"unit": "inches", "value": width},
    }


def _images(product: Product) -> list[dict[str, Any]]:
    link = f"https://images.example/{product.asin}"
    return [
        {"variant": "MAIN", "link": f"{link}.jpg", "height": 500, "width": 500},
        {"variant": "MAIN", "link": f"{link}._SL75_.jpg", "height": 75, "width": 75},
    ]


def _rank(product: Product) -> dict[str, Any]:
    return {
        "classificationId": _class_id(product.category),
        "title": product.category,
        "rank": 1000 + product.product_id * 37,
    }


def _refinements(found: Sequence[Product]) -> dict[str, Any]:
    categories = Counter(p.category for p in found)
    return {
        "brands": [{"numberOfResults": len(found), "brandName": BRAND}] if found else [],
        "classifications": [
            {"numberOfResults": count, "displayName": name, "classificationId": _class_id(name)}
            for name, count in sorted(categories.items())
        ],
    }
