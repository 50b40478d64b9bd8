"""Catalog Items 2022-04-01: pages of the catalogue by ASIN, identifier and keyword."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sync.sandbox.amazon.catalog_shop import DE, SELLER, US, CatalogShop, open_shop

ROOT = "/catalog/2022-04-01/items"
EVERYTHING = "attributes,classifications,dimensions,identifiers,images,productTypes,relationships,salesRanks,summaries"


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "Exactly one"),
        ({"identifiers": "A", "keywords": "b"}, "Exactly one"),
        ({"identifiers": "A"}, "identifiersType is required"),
        ({"identifiers": "A", "identifiersType": "NAME"}, "invalid value"),
        ({"identifiers": "A", "identifiersType": "SKU"}, "sellerId is required"),
        ({"identifiers": "A", "identifiersType": "ASIN", "brandNames": "x"}, "cannot be combined"),
        ({"identifiers": ",".join(f"A{n}" for n in range(21)), "identifiersType": "ASIN"}, "at most 20"),
        ({"keywords": "mug", "pageSize": 21}, "between 1 and 20"),
        ({"keywords": "mug", "includedData": "prices"}, "invalid value"),
        ({"keywords": "mug", "pageToken": "abc"}, "invalid"),
        ({"keywords": "mug", "marketplaceIds": f"{US},{DE}"}, "at most 1"),
    ],
)
def test_a_search_that_breaks_a_rule_is_400(shop: CatalogShop, query: dict[str, Any], said: str) -> None:
    answer = shop.get(ROOT, **{"marketplaceIds": US, **query})
    assert (answer.status_code, said in answer.text) == (400, True)


def test_an_unknown_asin_is_404(shop: CatalogShop) -> None:
    assert shop.get(f"{ROOT}/B000000000", marketplaceIds=US).status_code == 404


def test_a_page_of_the_catalogue_shows_every_data_set(shop: CatalogShop) -> None:
    product = shop.world.products[0]
    shown = shop.get(f"{ROOT}/{product.asin}", marketplaceIds=f"{US},{DE}", includedData=EVERYTHING).json()
    assert set(shown) == {"asin", *EVERYTHING.split(",")}
    assert [s["itemName"] for s in shown["summaries"]] == [product.title, product.title_de]
    weight = shown["dimensions"][0]["item"]["weight"]
    assert f"{weight['value']:.2f}" == f"{product.weight_lb:.2f}"


@pytest.mark.parametrize("kind", ["ASIN", "UPC", "EAN", "GTIN"])
def test_an_identifier_finds_its_product(shop: CatalogShop, kind: str) -> None:
    product = shop.world.products[4]
    code = {"ASIN": product.asin, "UPC": product.upc, "EAN": "0" + product.upc, "GTIN": "00" + product.upc}[kind]
    found = shop.get(ROOT, marketplaceIds=US, identifiers=f"{code},no", identifiersType=kind).json()
    assert ([i["asin"] for i in found["items"]], found["numberOfResults"]) == ([product.asin], 1)


def test_a_sku_finds_the_page_that_it_is_sold_on(shop: CatalogShop) -> None:
    listing = shop.sellers_own(skip=2)
    query = {"identifiers": listing.sku, "identifiersType": "SKU", "sellerId": SELLER}
    found = shop.get(ROOT, marketplaceIds=US, **query).json()["items"]
    assert [i["asin"] for i in found] == [listing.asin]


def test_an_isbn_finds_nothing(shop: CatalogShop) -> None:
    found = shop.get(ROOT, marketplaceIds=US, identifiers="188864544X", identifiersType="ISBN").json()
    assert (found["items"], found["numberOfResults"]) == ([], 0)


def test_keywords_must_all_fit_and_come_with_refinements(shop: CatalogShop) -> None:
    found = shop.get(ROOT, marketplaceIds=US, keywords="yoga,pair", includedData="summaries").json()
    assert [i["summaries"][0]["itemName"] for i in found["items"]] == ["Yoga Blocks, Pair"]
    assert found["refinements"]["classifications"][0]["displayName"] == "Sports"
    node = found["refinements"]["classifications"][0]["classificationId"]
    everything = shop.get(ROOT, marketplaceIds=US, keywords="acme", classificationIds=node).json()
    sports = [p for p in shop.world.products if p.category == "Sports"]
    assert everything["numberOfResults"] == len(sports)
    assert shop.get(ROOT, marketplaceIds=US, keywords="acme", brandNames="Other").json()["items"] == []
