"""searchListingsItems: filters, order and pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sync.sandbox.amazon.catalog_shop import (
    DE,
    FEEDS,
    ITEMS,
    US,
    CatalogShop,
    open_shop,
    set_price,
    set_quantity,
)

LONG_AGO = "2024-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        yield opened


def search(shop: CatalogShop, where: str = US, **query: Any) -> list[dict[str, Any]]:
    """Return the items of every page."""
    found: list[dict[str, Any]] = []
    query = {"pageSize": 20, **query}
    while True:
        answer = shop.get(ITEMS, marketplaceIds=where, **query).json()
        found += answer["items"]
        token = answer.get("pagination", {}).get("nextToken")
        if token is None:
            assert len(found) == answer["numberOfResults"]
            return found
        query["pageToken"] = token


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"pageSize": 21}, "between 1 and 20"),
        ({"pageSize": 0}, "between 1 and 20"),
        ({"identifiers": "A"}, "given together"),
        ({"identifiersType": "SKU"}, "given together"),
        ({"identifiers": ",".join(str(n) for n in range(21)), "identifiersType": "SKU"}, "at most 20"),
        ({"identifiers": "A", "identifiersType": "SKU", "variationParentSku": "B"}, "exclude each other"),
        ({"variationParentSku": "A", "packageHierarchySku": "B"}, "exclude each other"),
        ({"sortBy": "price"}, "invalid value"),
        ({"sortOrder": "UP"}, "invalid value"),
        ({"withStatus": "SOLD"}, "invalid value"),
        ({"createdAfter": "2026-01-02T00:00:00Z", "createdBefore": "2026-01-01T00:00:00Z"}, "must not be earlier"),
        ({"lastUpdatedAfter": "yesterday"}, "ISO 8601"),
        ({"pageToken": "abc"}, "invalid"),
    ],
)
def test_a_search_that_breaks_a_rule_is_400(shop: CatalogShop, query: dict[str, Any], said: str) -> None:
    answer = shop.get(ITEMS, marketplaceIds=US, **query)
    assert (answer.status_code, said in answer.text) == (400, True)


def test_a_token_of_another_operation_is_400(shop: CatalogShop) -> None:
    token = shop.get(ITEMS, marketplaceIds=US, pageSize=1).json()["pagination"]["nextToken"]
    assert shop.get(f"{FEEDS}/feeds", nextToken=token).status_code == 400


def test_a_search_without_filters_holds_every_listing_of_the_marketplace(shop: CatalogShop) -> None:
    for where, channel in ((US, "amazon.US"), (DE, "amazon.DE")):
        expected = {x.sku for x in shop.world.listings if x.channel == channel}
        assert {item["sku"] for item in search(shop, where)} == expected


def test_a_sku_in_two_marketplaces_is_one_item_with_two_summaries(shop: CatalogShop) -> None:
    items = search(shop, f"{US},{DE}")
    assert len(items) == len({x.sku for x in shop.world.listings if x.channel.startswith("amazon")})
    assert max(len(item["summaries"]) for item in items) == 2


@pytest.mark.parametrize("kind", ["SKU", "ASIN", "UPC", "EAN", "GTIN"])
def test_identifiers_find_a_listing(shop: CatalogShop, kind: str) -> None:
    listing = shop.sellers_own(skip=3)
    codes = {
        "SKU": listing.sku,
        "ASIN": listing.product.asin,
        "UPC": listing.product.upc,
        "EAN": "0" + listing.product.upc,
        "GTIN": "00" + listing.product.upc,
    }
    found = search(shop, identifiers=f"{codes[kind]},nothing", identifiersType=kind)
    assert listing.sku in {item["sku"] for item in found}
    assert {item["summaries"][0]["asin"] for item in found} == {listing.product.asin}


def test_a_label_finds_what_amazon_fulfils(shop: CatalogShop) -> None:
    sku = shop.amazons().sku
    label = shop.item(sku).json()["summaries"][0]["fnSku"]
    assert [i["sku"] for i in search(shop, identifiers=label, identifiersType="FNSKU")] == [sku]


def test_variations_that_there_are_not_find_nothing(shop: CatalogShop) -> None:
    assert search(shop, variationParentSku=shop.sellers_own().sku) == []


def test_the_order_is_the_one_that_was_asked_for(shop: CatalogShop) -> None:
    skus = [item["sku"] for item in search(shop, sortBy="sku", sortOrder="ASC")]
    assert skus == sorted(skus)
    made = [item["summaries"][0]["createdDate"] for item in search(shop, sortBy="createdDate")]
    assert made == sorted(made, reverse=True)


def test_what_changed_comes_first_and_is_found_by_its_time(shop: CatalogShop) -> None:
    sku = shop.sellers_own(skip=5).sku
    before = shop.clock.now()
    shop.patch(sku, set_quantity(17))
    shop.later(21)
    assert search(shop)[0]["sku"] == sku
    changed = search(shop, lastUpdatedAfter=f"{before:%Y-%m-%dT%H:%M:%SZ}")
    assert [item["sku"] for item in changed] == [sku]
    assert sku not in {i["sku"] for i in search(shop, lastUpdatedBefore=f"{before:%Y-%m-%dT%H:%M:%SZ}")}
    assert search(shop, createdBefore=LONG_AGO) == []


def test_states_and_issues_narrow_a_search(shop: CatalogShop) -> None:
    listing = shop.sellers_own(skip=6)
    shop.patch(listing.sku, set_quantity(5), set_price(float(listing.price) * 9))
    shop.later(200)
    wrong = search(shop, withIssueSeverity="ERROR", includedData="issues")
    assert [item["sku"] for item in wrong] == [listing.sku]
    buyable = {item["sku"] for item in search(shop, withStatus="BUYABLE")}
    rest = {item["sku"] for item in search(shop, withoutStatus="BUYABLE")}
    assert listing.sku in rest
    assert buyable
    assert not buyable & rest
    assert len(buyable | rest) == len(search(shop))


def test_the_page_before_can_be_fetched_again(shop: CatalogShop) -> None:
    first = shop.get(ITEMS, marketplaceIds=US, pageSize=3, sortBy="sku").json()
    second = shop.get(ITEMS, marketplaceIds=US, pageToken=first["pagination"]["nextToken"]).json()
    back = shop.get(ITEMS, marketplaceIds=US, pageToken=second["pagination"]["previousToken"]).json()
    assert back["items"] == first["items"]
    assert "previousToken" not in first["pagination"]


def test_a_token_is_dead_after_a_day(shop: CatalogShop) -> None:
    token = shop.get(ITEMS, marketplaceIds=US, pageSize=1).json()["pagination"]["nextToken"]
    shop.later(24 * 3600 + 1)
    answer = shop.get(ITEMS, marketplaceIds=US, pageToken=token)
    assert (answer.status_code, "expired" in answer.text) == (400, True)
