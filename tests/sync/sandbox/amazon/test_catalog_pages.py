"""Pages of every list on the catalogue side: each thing that is there throughout is shown exactly once.

Whatever the size of a page, and whatever is changed, added, removed or ends between two pages.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync.sandbox.amazon.catalog_shop import FEEDS, ITEMS, US, CatalogShop, open_shop, set_quantity

INVENTORY = "/fba/inventory/v1"
OF_US = {"granularityType": "Marketplace", "granularityId": US, "marketplaceIds": US}


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        opened.judge = None  # other tests judge these answers
        for _ in range(13):
            opened.submit(b"x", kind="POST_PRODUCT_DATA")
            opened.later(7)
        yield opened


def walk(
    ask: Callable[[dict[str, Any]], dict[str, Any]],
    rows: Callable[[dict[str, Any]], list[str]],
    token: str,
    meddle: Any,
) -> list[str]:
    """Return the keys of all pages; `meddle` is called between them."""
    answer = ask({})
    seen = rows(answer)
    while (following := (answer.get("pagination") or answer).get("nextToken")) is not None:
        meddle()
        answer = ask({token: following})
        seen += rows(answer)
        assert len(seen) < 1000, "the pages do not end"
    return seen


@settings(max_examples=8, deadline=None)
@given(size=st.integers(1, 20), seed=st.integers(0, 99), order=st.sampled_from(["sku", "lastUpdatedDate"]))
def test_listings_that_stay_are_shown_once_while_others_change(
    shop: CatalogShop, size: int, seed: int, order: str
) -> None:
    draw = random.Random(seed)
    here = {x.sku for x in shop.world.listings if x.channel == "amazon.US"}
    own = sorted(x.sku for x in shop.world.listings if x.channel == "amazon.US" and x.fulfilled_by == "seller")
    removed: set[str] = set()

    def meddle() -> None:
        if draw.random() < 0.3:
            shop.patch(draw.choice(own), set_quantity(draw.randint(0, 50)))
            shop.later(21)
        if draw.random() < 0.1:
            sku = draw.choice(own)
            removed.add(sku)
            shop.call("DELETE", f"{ITEMS}/{sku}", marketplaceIds=US)
            shop.later(21)

    query = {"marketplaceIds": US, "pageSize": size, "sortBy": order}
    seen = walk(
        lambda more: dict(shop.get(ITEMS, **query, **more).json()),
        lambda answer: [item["sku"] for item in answer["items"]],
        "pageToken",
        meddle,
    )
    assert len(seen) == len(set(seen))
    assert here - removed <= set(seen) <= here
    for sku in removed:
        put_back(shop, sku)


def put_back(shop: CatalogShop, sku: str) -> None:
    """List a SKU again that a test removed."""
    listing = shop.world.listing("amazon.US", sku)
    assert listing is not None
    price = [{"schedule": [{"value_with_tax": 20}]}]
    body = {
        "productType": "PRODUCT",
        "requirements": "LISTING_OFFER_ONLY",
        "attributes": {
            "merchant_suggested_asin": [{"value": listing.product.asin}],
            "condition_type": [{"value": "new_new"}],
            "fulfillment_availability": [{"fulfillment_channel_code": "DEFAULT", "quantity": 1}],
            "purchasable_offer": [{"currency": "USD", "our_price": price}],
        },
    }
    answer = shop.call("PUT", f"{ITEMS}/{sku}", body, marketplaceIds=US).json()
    assert answer["status"] == "ACCEPTED", answer
    shop.later(21)


@settings(max_examples=8, deadline=None)
@given(size=st.integers(1, 15), status=st.sampled_from(["", "IN_QUEUE,IN_PROGRESS,FATAL"]), waits=st.integers(0, 40))
def test_feeds_are_shown_once_while_others_come_and_end(shop: CatalogShop, size: int, status: str, waits: int) -> None:
    query = {"feedTypes": "POST_PRODUCT_DATA", "pageSize": size} | ({"processingStatuses": status} if status else {})
    here = {
        feed["feedId"]
        for feed in shop.get(f"{FEEDS}/feeds", feedTypes="POST_PRODUCT_DATA", pageSize=100).json()["feeds"]
    }
    left = [2]

    def meddle() -> None:
        shop.later(waits)
        if left[0]:
            left[0] -= 1
            shop.submit(b"x", kind="POST_PRODUCT_DATA")

    seen = walk(
        lambda more: dict(shop.get(f"{FEEDS}/feeds", **(more or query)).json()),
        lambda answer: [feed["feedId"] for feed in answer["feeds"]],
        "nextToken",
        meddle,
    )
    assert len(seen) == len(set(seen))
    assert set(seen) == here


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 99))
def test_inventory_is_shown_once_while_units_come_and_items_are_made(shop: CatalogShop, seed: int) -> None:
    draw = random.Random(seed)
    here = {x.sku for x in shop.world.listings if x.channel == "amazon.US" and x.fulfilled_by == "channel"}

    def meddle() -> None:
        sku = draw.choice(sorted(here))
        number = f"{len(shop.world.listings)}-{draw.random()}"
        rows = [{"sellerSku": sku, "marketplaceId": US, "quantity": 1}]
        shop.call("POST", f"{INVENTORY}/items/inventory", {"inventoryItems": rows}, idempotency=number)
        made = {"sellerSku": f"A{number}", "marketplaceId": US, "productName": "Late"}
        assert shop.call("POST", f"{INVENTORY}/items", made).status_code == 200
        shop.later(20)

    seen = walk(
        lambda more: dict(shop.get(f"{INVENTORY}/summaries", **OF_US, **more).json()),
        lambda answer: [row["sellerSku"] for row in answer["payload"]["inventorySummaries"]],
        "nextToken",
        meddle,
    )
    assert len(seen) == len(set(seen))
    assert set(seen) == here


@settings(max_examples=5, deadline=None)
@given(size=st.integers(1, 20))
def test_the_catalogue_is_shown_once_while_products_are_added(shop: CatalogShop, size: int) -> None:
    here = {p.asin for p in shop.world.products if "acme" in f"{p.title} acme goods"}

    def meddle() -> None:
        made = {"sellerSku": f"C{len(shop.world.products)}", "marketplaceId": US, "productName": "Acme Thing"}
        if len(shop.world.products) < 90:
            assert shop.call("POST", f"{INVENTORY}/items", made).status_code == 200

    query = {"marketplaceIds": US, "keywords": "acme", "pageSize": size}
    seen = walk(
        lambda more: dict(shop.get("/catalog/2022-04-01/items", **query, **more).json()),
        lambda answer: [item["asin"] for item in answer["items"]],
        "pageToken",
        meddle,
    )
    assert len(seen) == len(set(seen))
    assert set(seen) == here


@pytest.mark.parametrize(
    ("path", "query", "token"),
    [
        (ITEMS, {"marketplaceIds": US, "pageSize": 5, "sortBy": "sku"}, "pageToken"),
        ("/catalog/2022-04-01/items", {"marketplaceIds": US, "keywords": "acme", "pageSize": 5}, "pageToken"),
        (f"{INVENTORY}/summaries", OF_US, "nextToken"),
        (f"{FEEDS}/feeds", {"feedTypes": "POST_PRODUCT_DATA", "pageSize": 3}, "nextToken"),
    ],
)
def test_a_page_that_is_served_twice_loses_nothing(
    shop: CatalogShop, path: str, query: dict[str, Any], token: str
) -> None:
    def page(following: str | None) -> dict[str, Any]:
        alone = path.endswith("/feeds") and following
        answer: dict[str, Any] = shop.get(
            path, **({} if alone else query), **({token: following} if following else {})
        ).json()
        return answer

    def following(answer: dict[str, Any]) -> str:
        return str((answer.get("pagination") or answer)["nextToken"])

    first = page(None)
    shop.goes_wrong("page_repeated")
    again = page(following(first))
    part = next(k for k in ("items", "feeds", "payload") if k in first)
    assert again[part] == first[part]
    assert page(following(again))[part] != first[part]
