"""What the world's listings look like as attributes, and what a new listing means for the world."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sync.sandbox.amazon.offers.product_types_attributes import PRODUCT_TYPES
from sync.sandbox.world.model import Listing, Product, World

__all__ = ["BRAND", "first_attributes", "new_listing", "type_of"]

BRAND = "Acme Goods"
_CURRENCY_OF = {"amazon.US": "USD", "amazon.DE": "EUR"}
_LANGUAGE_OF = {"amazon.US": "en_US", "amazon.DE": "de_DE"}
_FULFILMENT_CODE = {"amazon.US": "AMAZON_NA", "amazon.DE": "AMAZON_EU"}
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


def type_of(product: Product) -> str:
    """Return the product type of a product."""
    return next((name for name, spec in PRODUCT_TYPES.items() if product.category in spec.categories), "PRODUCT")


def first_attributes(listing: Listing, marketplace_id: str) -> dict[str, Any]:
    """Return the attributes of a listing that the world had from the beginning; quantity and price are placeholders."""
    product, language = listing.product, _LANGUAGE_OF[listing.channel]
    own = listing.fulfilled_by == "seller"
    price = {"schedule": [{"value_with_tax": listing.price}]}
    texts = {
        "item_name": listing.title[:200],
        "brand": BRAND,
        "manufacturer": BRAND,
        "product_description": f"{listing.title} by {BRAND}.",
        "bullet_point": listing.title,
        "color": "Natural",
        "material": "Mixed",
    }
    values: dict[str, Any] = {
        "merchant_suggested_asin": product.asin,
        "country_of_origin": "PT",
        "supplier_declared_dg_hz_regulation": "not_applicable",
        "number_of_items": 1,
        "condition_type": "new_new",
        "target_species": "cat" if "-CAT-" in product.number else "dog",
        "cpsia_cautionary_statement": "no_warning_applicable",
    }
    needs = PRODUCT_TYPES[type_of(product)].needs
    optional = {"color", "material", "number_of_items", "target_species", "cpsia_cautionary_statement"} - set(needs)
    rows: dict[str, list[dict[str, Any]]] = {
        **{name: [{"value": text, "language_tag": language}] for name, text in texts.items()},
        **{name: [{"value": value}] for name, value in values.items()},
        "externally_assigned_product_identifier": [{"type": "upc", "value": product.upc}],
        "item_package_weight": [{"value": product.weight_lb, "unit": "pounds"}],
        "main_product_image_locator": [{"media_location": f"https://images.example/{product.asin}.jpg"}],
        "fulfillment_availability": [
            {"fulfillment_channel_code": "DEFAULT", "quantity": 0, "lead_time_to_ship_max_days": 2}
            if own
            else {"fulfillment_channel_code": _FULFILMENT_CODE[listing.channel]}
        ],
        "purchasable_offer": [{"currency": listing.currency, "audience": "ALL", "our_price": [price]}],
    }
    if "manufacturer_minimum_age" in needs:
        rows["manufacturer_minimum_age"] = [{"value": 36, "unit": "months"}]
    return {
        name: [{**row, "marketplace_id": marketplace_id} for row in given]
        for name, given in rows.items()
        if name not in optional
    }


def new_listing(
    world: World, channel: str, sku: str, product_type: str, attributes: Mapping[str, Any]
) -> Listing | None:
    """Return the listing that a whole submission means, with a new product where the catalogue has none.

    Nothing is put into the world. None where the suggested ASIN is no product of the catalogue.
    """
    product = _product(world, sku, product_type, attributes)
    if product is None:
        return None
    codes = [row["fulfillment_channel_code"] for row in attributes.get("fulfillment_availability", ())]
    german = channel == "amazon.DE"
    return Listing(
        channel=channel,
        sku=sku,
        product=product,
        price=product.price_eur if german else product.price_usd,
        currency=_CURRENCY_OF[channel],
        title=_first(attributes, "item_name") or (product.title_de if german else product.title),
        fulfilled_by="channel" if any(code != "DEFAULT" for code in codes) else "seller",
        asin=product.asin,
    )


def _product(world: World, sku: str, product_type: str, attributes: Mapping[str, Any]) -> Product | None:
    asin = _first(attributes, "merchant_suggested_asin")
    identifiers = {row["value"] for row in attributes.get("externally_assigned_product_identifier", ())}
    for product in world.products:
        if product.asin == asin or (not asin and product.upc in {x.lstrip("0") for x in identifiers} | identifiers):
            return product
    if asin or not identifiers:
        return None
    drawn = hashlib.sha256(sku.encode()).digest()
    price = _offered(attributes)
    return Product(
        product_id=max(p.product_id for p in world.products) + 1,
        number=sku,
        title=_first(attributes, "item_name"),
        title_de=_first(attributes, "item_name"),
        price_usd=price,
        price_eur=price,
        asin="B0" + "".join(_LETTERS[byte % len(_LETTERS)] for byte in drawn[:8]),
        upc=sorted(identifiers)[0],
        weight_lb=Decimal(1),
        category=next(iter(PRODUCT_TYPES[product_type].categories), "Home"),
    )


def _first(attributes: Mapping[str, Any], name: str) -> str:
    rows = attributes.get(name, ())
    return str(rows[0]["value"]) if rows else ""


def _offered(attributes: Mapping[str, Any]) -> Decimal:
    offers = attributes.get("purchasable_offer", ())
    return Decimal(offers[0]["our_price"][0]["schedule"][0]["value_with_tax"]) if offers else Decimal(0)
