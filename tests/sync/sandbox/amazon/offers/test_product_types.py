"""Product type definitions: the schema that is served is the one by which listings are judged."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.sandbox.amazon.front.exact_json import exact_json
from sync.sandbox.amazon.offers.listings_origin import first_attributes, type_of
from sync.sandbox.amazon.offers.product_types_attributes import ATTRIBUTES, PRODUCT_TYPES, REQUIREMENTS
from sync.sandbox.amazon.offers.product_types_check import product_schema, violations
from tests.sync.sandbox.amazon.catalog_shop import DE, US, CatalogShop, open_shop

ROOT = "/definitions/2020-09-01/productTypes"


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        (ROOT, {}, 400),
        (ROOT, {"marketplaceIds": US, "keywords": "a", "itemName": "b"}, 400),
        (f"{ROOT}/KITCHEN", {"marketplaceIds": f"{US},{DE}"}, 400),
        (f"{ROOT}/KITCHEN", {"marketplaceIds": US, "requirements": "EVERYTHING"}, 400),
        (f"{ROOT}/KITCHEN", {"marketplaceIds": US, "productTypeVersion": "1999"}, 404),
        (f"{ROOT}/SUBMARINE", {"marketplaceIds": US}, 404),
    ],
)
def test_a_call_that_breaks_a_rule_is_refused(shop: CatalogShop, path: str, query: dict[str, str], status: int) -> None:
    assert shop.get(path, **query).status_code == status


def test_a_search_finds_by_keyword_or_by_the_name_of_an_item(shop: CatalogShop) -> None:
    def names(**query: str) -> set[str]:
        return {t["name"] for t in shop.get(ROOT, marketplaceIds=US, **query).json()["productTypes"]}

    assert names() == set(PRODUCT_TYPES)
    assert names(keywords="pet,toys") == {"PET_SUPPLIES", "TOYS_AND_GAMES"}
    assert names(itemName="Reflective Leash") >= {"PRODUCT", "PET_SUPPLIES"}
    assert "KITCHEN" not in names(itemName="Reflective Leash")


def test_names_are_in_the_language_of_the_marketplace(shop: CatalogShop) -> None:
    shown = shop.get(f"{ROOT}/KITCHEN", marketplaceIds=DE).json()
    assert (shown["displayName"], shown["locale"]) == ("Küche", "de_DE")
    assert shop.get(f"{ROOT}/KITCHEN", marketplaceIds=DE, locale="en_US").json()["displayName"] == "Kitchen"


@pytest.mark.parametrize("requirements", REQUIREMENTS)
def test_the_schema_behind_the_link_has_the_checksum_and_is_json_schema(shop: CatalogShop, requirements: str) -> None:
    shown = shop.get(f"{ROOT}/TOYS_AND_GAMES", marketplaceIds=US, requirements=requirements).json()
    for part in ("schema", "metaSchema"):
        body = shop.http.get(shown[part]["link"]["resource"])
        assert body.status_code == 200
        assert base64.b64encode(hashlib.md5(body.content).digest()).decode() == shown[part]["checksum"]
    schema = shop.http.get(shown["schema"]["link"]["resource"]).json()
    jsonschema.Draft201909Validator.check_schema(schema)
    assert ("merchant_suggested_asin" in schema["required"]) is (requirements == "LISTING_OFFER_ONLY")
    assert ("cpsia_cautionary_statement" in schema["required"]) is (requirements != "LISTING_OFFER_ONLY")
    grouped = [name for group in shown["propertyGroups"].values() for name in group["propertyNames"]]
    assert sorted(grouped) == sorted(schema["properties"])


def test_without_enforcement_nothing_is_required(shop: CatalogShop) -> None:
    shown = shop.get(f"{ROOT}/HOME", marketplaceIds=US, requirementsEnforced="NOT_ENFORCED").json()
    assert shop.http.get(shown["schema"]["link"]["resource"]).json()["required"] == []


def test_a_version_that_was_served_can_be_asked_for(shop: CatalogShop) -> None:
    version = shop.get(f"{ROOT}/HOME", marketplaceIds=US).json()["productTypeVersion"]["version"]
    assert shop.get(f"{ROOT}/HOME", marketplaceIds=US, productTypeVersion=version).status_code == 200


def test_the_link_is_dead_after_seven_days(shop: CatalogShop) -> None:
    link = shop.get(f"{ROOT}/HOME", marketplaceIds=US).json()["schema"]["link"]["resource"]
    shop.later(604_799)
    assert shop.http.get(link).status_code == 200
    shop.later(1)
    assert (shop.http.get(link).status_code, "Request has expired" in shop.http.get(link).text) == (403, True)


def test_every_listing_of_the_world_keeps_its_own_schema(shop: CatalogShop) -> None:
    for listing in shop.world.listings:
        if listing.channel.startswith("amazon"):
            where = US if listing.channel == "amazon.US" else DE
            schema = product_schema(type_of(listing.product), "LISTING", (where,))
            found = violations(first_attributes(listing, where), schema)
            assert found == [], listing.sku


# -------------------------------------------------------------------- our judge against another one

SCHEMA = product_schema("KITCHEN", "LISTING_OFFER_ONLY", (US,))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.decimals(-2, 5, places=1).filter(lambda d: d != d.to_integral_value()),
    st.sampled_from(["", "USD", "DEFAULT", "new_new", "B012345678", US, "x" * 41, "en_US"]),
)
NAMES = sorted(ATTRIBUTES)
PROPERTIES = [
    "value",
    "currency",
    "quantity",
    "fulfillment_channel_code",
    "our_price",
    "language_tag",
    "unit",
    "marketplace_id",
    "audience",
    "type",
    "wrong",
]
PRICE = st.lists(
    st.fixed_dictionaries({"schedule": st.lists(st.fixed_dictionaries({"value_with_tax": SCALARS}), max_size=2)}),
    max_size=2,
)
ITEMS = st.one_of(SCALARS, st.dictionaries(st.sampled_from(PROPERTIES), st.one_of(SCALARS, PRICE), max_size=4))
DOCUMENTS = st.dictionaries(
    st.sampled_from([*NAMES, "fake"]), st.one_of(SCALARS, st.lists(ITEMS, max_size=3)), max_size=4
)


VALIDATOR = jsonschema.Draft201909Validator(json.loads(exact_json(SCHEMA)))


@settings(max_examples=200, deadline=None)
@given(document=DOCUMENTS)
def test_the_judge_agrees_with_an_independent_validator(document: dict[str, Any]) -> None:
    theirs = VALIDATOR.is_valid(_plain(document))
    assert (violations(document, SCHEMA) == []) is theirs


def _plain(value: Any) -> Any:
    """Return the document as a JSON reader without Decimal would have it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value
