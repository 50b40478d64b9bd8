"""The attributes that a listing may have, as fragments of JSON Schema, and which of them each product type needs.

The names are Amazon's; titles, descriptions and limits are the sandbox's own. An attribute is a list of objects, one
for each combination of its selectors (marketplace, language, currency …).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

__all__ = ["ATTRIBUTES", "PRODUCT_TYPES", "REQUIREMENTS", "Attribute", "ProductTypeSpec", "required_attributes"]

Schema = dict[str, Any]
_CENT = Decimal("0.01")

REQUIREMENTS = ("LISTING", "LISTING_PRODUCT_ONLY", "LISTING_OFFER_ONLY")
CONDITIONS = (
    "new_new",
    "new_open_box",
    "new_oem",
    "refurbished_refurbished",
    "used_like_new",
    "used_very_good",
    "used_good",
    "used_acceptable",
    "collectible_like_new",
    "collectible_very_good",
    "collectible_good",
    "collectible_acceptable",
    "club_club",
)
CHANNEL_CODES = ("DEFAULT", "AMAZON_NA", "AMAZON_EU")
_CURRENCIES = ("USD", "EUR", "GBP", "CAD", "SEK", "PLN", "JPY")
_COUNTRIES = ("US", "DE", "CN", "VN", "IN", "PT", "TR", "MX", "GB", "FR", "IT", "ES", "PL", "JP")


def _text(longest: int, shortest: int = 1) -> Schema:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


def _choice(values: Sequence[str]) -> Schema:
    return {"type": "string", "enum": list(values)}


def _whole(low: int, high: int) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


def _number(high: int, low: Decimal | int = 0) -> Schema:
    return {"type": "number", "minimum": low, "maximum": high}


def _item(required: Sequence[str], **properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


def _list(item: Schema, longest: int = 1) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": longest, "items": item}


def _price(price: str = "value_with_tax", *, dated: bool = False) -> Schema:
    """Return a price: a list of one schedule, itself a list of amounts."""
    moments: dict[str, Schema] = {"start_at": _text(40), "end_at": _text(40)} if dated else {}
    amounts = _item([price], **{price: _number(10_000_000, _CENT)}, **moments)
    return _list(_item(["schedule"], schedule=_list(amounts)))


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: `item` is the schema of one of its objects, without the marketplace that all of them take."""

    title: str
    description: str
    group: str
    item: Schema
    selectors: tuple[str, ...] = ("marketplace_id",)
    longest: int = 1


def _valued(title: str, text: str, group: str, value: Schema, longest: int = 1, *, language: bool = False) -> Attribute:
    """Return an attribute whose objects hold one `value`, in a language where people read it."""
    if not language:
        return Attribute(title, text, group, _item(["value"], value=value), longest=longest)
    item = _item(["value"], value=value, language_tag=_text(5, 5))
    return Attribute(title, text, group, item, ("marketplace_id", "language_tag"), longest)


_IDENTITY, _DETAILS, _OFFER = "product_identity", "product_details", "offer"
_SHIPPING, _SAFETY, _IMAGES = "shipping", "safety_and_compliance", "images"

ATTRIBUTES: dict[str, Attribute] = {
    "item_name": _valued("Item name", "The title that shoppers see.", _IDENTITY, _text(200), language=True),
    "brand": _valued("Brand", "The brand on the product.", _IDENTITY, _text(100), language=True),
    "manufacturer": _valued("Manufacturer", "Who makes it.", _IDENTITY, _text(100), language=True),
    "model_number": _valued("Model number", "The maker's number.", _IDENTITY, _text(40), language=True),
    "externally_assigned_product_identifier": Attribute(
        "External product id",
        "A GTIN that GS1 gave out.",
        _IDENTITY,
        _item(["type", "value"], type=_choice(("ean", "gtin", "upc")), value=_text(14, 12)),
        ("marketplace_id", "type"),
        3,
    ),
    "merchant_suggested_asin": _valued("ASIN", "The catalogue page to sell on.", _IDENTITY, _text(10, 10)),
    "product_description": _valued("Description", "A paragraph of text.", _DETAILS, _text(2000), language=True),
    "bullet_point": _valued("Bullet point", "One selling point.", _DETAILS, _text(500), 10, language=True),
    "color": _valued("Color", "The colour, in words.", _DETAILS, _text(60), language=True),
    "size": _valued("Size", "The size, in words.", _DETAILS, _text(60), language=True),
    "material": _valued("Material", "What it is made of.", _DETAILS, _text(60), 5, language=True),
    "number_of_items": _valued("Number of items", "How many are in the box.", _DETAILS, _whole(1, 10_000)),
    "target_species": _valued("Species", "Which animal it is for.", _DETAILS, _choice(("cat", "dog", "bird", "fish"))),
    "capacity": Attribute(
        "Capacity",
        "How much it holds.",
        _DETAILS,
        _item(["value", "unit"], value=_number(100_000), unit=_choice(("liters", "milliliters", "fluid_ounces"))),
    ),
    "condition_type": _valued("Condition", "The condition of what is sold.", _OFFER, _choice(CONDITIONS)),
    "condition_note": _valued("Condition note", "More about the condition.", _OFFER, _text(1000), language=True),
    "merchant_shipping_group": _valued("Shipping group", "The seller's shipping template.", _OFFER, _text(100)),
    "max_order_quantity": _valued("Order limit", "Units that one order may hold.", _OFFER, _whole(1, 1000)),
    "product_tax_code": _valued("Tax code", "The tax code of the product.", _OFFER, _text(40)),
    "list_price": Attribute(
        "List price",
        "The price that the maker recommends.",
        _OFFER,
        _item(["currency", "value"], currency=_choice(_CURRENCIES), value=_number(10_000_000)),
        ("marketplace_id", "currency"),
    ),
    "fulfillment_availability": Attribute(
        "Availability",
        "Who sends it, and how many the seller has for this shop.",
        _OFFER,
        _item(
            ["fulfillment_channel_code"],
            fulfillment_channel_code=_choice(CHANNEL_CODES),
            quantity=_whole(0, 10_000_000),
            lead_time_to_ship_max_days=_whole(0, 30),
            restock_date=_text(40),
        ),
        ("fulfillment_channel_code",),
        2,
    ),
    "purchasable_offer": Attribute(
        "Offer",
        "The price, and the bounds that a repricer has to keep.",
        _OFFER,
        _item(
            ["currency", "our_price"],
            currency=_choice(_CURRENCIES),
            audience=_choice(("ALL", "B2B")),
            our_price=_price(),
            minimum_seller_allowed_price=_price(),
            maximum_seller_allowed_price=_price(),
            discounted_price=_price(dated=True),
        ),
        ("marketplace_id", "currency", "audience"),
        2,
    ),
    "item_package_weight": Attribute(
        "Package weight",
        "The weight with its packing.",
        _SHIPPING,
        _item(["value", "unit"], value=_number(100_000), unit=_choice(("pounds", "kilograms", "ounces", "grams"))),
    ),
    "country_of_origin": _valued("Country of origin", "Where it was made.", _SAFETY, _choice(_COUNTRIES)),
    "supplier_declared_dg_hz_regulation": _valued(
        "Dangerous goods",
        "Which rule applies.",
        _SAFETY,
        _choice(("not_applicable", "ghs", "storage", "transportation")),
    ),
    "batteries_required": _valued("Batteries required", "Whether it needs batteries.", _SAFETY, {"type": "boolean"}),
    "cpsia_cautionary_statement": _valued(
        "Toy warning",
        "The warning that a toy must carry.",
        _SAFETY,
        _choice(("no_warning_applicable", "choking_hazard_small_parts", "choking_hazard_balloon")),
        4,
    ),
    "manufacturer_minimum_age": Attribute(
        "Minimum age",
        "The youngest age it suits.",
        _SAFETY,
        _item(["value", "unit"], value=_whole(0, 1200), unit=_choice(("months", "years"))),
    ),
    "main_product_image_locator": Attribute(
        "Main image",
        "Where the main picture is to be fetched.",
        _IMAGES,
        _item(["media_location"], media_location=_text(1000)),
    ),
}

_OFFER_NEEDS = ("condition_type", "purchasable_offer", "fulfillment_availability")
_PRODUCT_NEEDS = (
    "item_name",
    "brand",
    "externally_assigned_product_identifier",
    "product_description",
    "bullet_point",
    "country_of_origin",
    "supplier_declared_dg_hz_regulation",
)


@dataclass(frozen=True, slots=True)
class ProductTypeSpec:
    """A product type: its name in two languages and what it needs beside what every product needs."""

    display_name: str
    display_name_de: str
    needs: tuple[str, ...]
    categories: tuple[str, ...] = ()


#: The categories are the world's; every category belongs to one type, and PRODUCT suits them all.
PRODUCT_TYPES: dict[str, ProductTypeSpec] = {
    "PRODUCT": ProductTypeSpec("Product", "Produkt", ()),
    "KITCHEN": ProductTypeSpec("Kitchen", "Küche", ("material",), ("Kitchen",)),
    "HOME": ProductTypeSpec("Home", "Wohnen", ("color",), ("Home",)),
    "SPORTING_GOODS": ProductTypeSpec("Sporting Goods", "Sportartikel", ("color", "material"), ("Sports",)),
    "OUTDOOR_LIVING": ProductTypeSpec("Outdoor Living", "Outdoor", ("material",), ("Outdoors",)),
    "LAWN_AND_GARDEN": ProductTypeSpec("Lawn and Garden", "Garten", ("number_of_items",), ("Garden",)),
    "OFFICE_PRODUCTS": ProductTypeSpec("Office Products", "Bürobedarf", ("number_of_items",), ("Office",)),
    "PET_SUPPLIES": ProductTypeSpec("Pet Supplies", "Haustierbedarf", ("target_species",), ("Pets",)),
    "TOYS_AND_GAMES": ProductTypeSpec(
        "Toys and Games", "Spielwaren", ("cpsia_cautionary_statement", "manufacturer_minimum_age"), ("Toys",)
    ),
}


def required_attributes(product_type: str, requirements: str) -> tuple[str, ...]:
    """Return the names that a whole submission must hold; LISTING is product and offer, without a suggested ASIN."""
    product = _PRODUCT_NEEDS + PRODUCT_TYPES[product_type].needs
    if requirements == "LISTING_OFFER_ONLY":
        return ("merchant_suggested_asin", *_OFFER_NEEDS)
    return product if requirements == "LISTING_PRODUCT_ONLY" else product + _OFFER_NEEDS
