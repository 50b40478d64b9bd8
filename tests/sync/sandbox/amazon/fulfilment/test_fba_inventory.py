"""FBA Inventory v1: the world's stock as Amazon counts it, pages that die quickly, and the sandbox-only operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from sync.sandbox.world.placing import place_order
from tests.sync.sandbox.amazon.catalog_shop import DE, US, CatalogShop, open_shop

SUMMARIES = "/fba/inventory/v1/summaries"
ITEMS = "/fba/inventory/v1/items"
OF_US = {"granularityType": "Marketplace", "granularityId": US, "marketplaceIds": US}


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        yield opened


def summaries(shop: CatalogShop, **query: Any) -> list[dict[str, Any]]:
    """Return the rows of every page."""
    found: list[dict[str, Any]] = []
    query = {**OF_US, **query}
    while True:
        answer = shop.get(SUMMARIES, **query).json()
        found += answer["payload"]["inventorySummaries"]
        token = answer.get("pagination", {}).get("nextToken")
        if token is None:
            return found
        query["nextToken"] = token


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"granularityType": "Country"}, "granularityType"),
        ({"granularityId": DE}, "granularityId"),
        ({"marketplaceIds": f"{US},{DE}"}, "at most 1"),
        ({"marketplaceIds": ""}, "marketplaceIds is required"),
        ({"details": "yes"}, "true or false"),
        ({"sellerSkus": ",".join(f"S{n}" for n in range(51))}, "at most 50"),
        ({"startDateTime": "2025-05-01T00:00:00Z"}, "18 months"),
        ({"startDateTime": "2026-05-01"}, "time zone"),
        ({"nextToken": "abc"}, "invalid"),
    ],
)
def test_a_call_that_breaks_a_rule_is_400(shop: CatalogShop, changes: dict[str, str], said: str) -> None:
    answer = shop.get(SUMMARIES, **{**OF_US, **changes})
    assert (answer.status_code, said in answer.text) == (400, True)


@pytest.mark.proves("A19")
@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (30, 200), (31, 400)])
def test_a_token_dies_after_30_seconds(shop: CatalogShop, seconds: float, status: int) -> None:
    token = shop.get(SUMMARIES, **OF_US).json()["pagination"]["nextToken"]
    shop.later(seconds)
    answer = shop.get(SUMMARIES, **OF_US, nextToken=token)
    assert (answer.status_code, "expired" in answer.text) == (status, status == 400)


@pytest.mark.proves("A19")
def test_a_fault_lets_a_token_die_at_once(shop: CatalogShop) -> None:
    shop.goes_wrong("A19")
    token = shop.get(SUMMARIES, **OF_US)
    assert token.status_code == 200
    shop.goes_wrong("A19")
    answer = shop.get(SUMMARIES, **OF_US, nextToken=token.json()["pagination"]["nextToken"])
    assert (answer.status_code, "expired" in answer.text) == (400, True)


@pytest.mark.parametrize(("where", "channel"), [(US, "amazon.US"), (DE, "amazon.DE")])
def test_the_units_are_those_of_the_world(shop: CatalogShop, where: str, channel: str) -> None:
    query = {"granularityId": where, "marketplaceIds": where, "details": "True"}
    rows = {row["sellerSku"]: row for row in summaries(shop, **query)}
    stock = shop.world.stock_at(channel, shop.clock.now())
    assert set(rows) == {s.sku for s in stock}
    for sku, row in rows.items():
        own = [s for s in stock if s.sku == sku]
        details = row["inventoryDetails"]
        assert details["fulfillableQuantity"] == sum(s.fulfillable for s in own)
        assert details["reservedQuantity"]["totalReservedQuantity"] == sum(s.reserved for s in own)
        assert details["inboundShippedQuantity"] == sum(s.inbound for s in own)
        broken = dict(details["unfulfillableQuantity"])
        assert broken.pop("totalUnfulfillableQuantity") == sum(s.unfulfillable for s in own) == sum(broken.values())
        assert row["totalQuantity"] == sum(
            s.fulfillable + s.reserved + s.inbound + s.unfulfillable + s.researching for s in own
        )


@pytest.mark.parametrize("word", ["true", "True", "TRUE"])
def test_details_come_when_asked_for_in_any_case(shop: CatalogShop, word: str) -> None:
    assert all("inventoryDetails" in row for row in summaries(shop, details=word))
    assert not any("inventoryDetails" in row for row in summaries(shop, details="False"))


def test_skus_narrow_the_list_and_a_start_makes_them_count_for_nothing(shop: CatalogShop) -> None:
    first, second = shop.amazons().sku, shop.amazons(skip=1).sku
    assert [r["sellerSku"] for r in summaries(shop, sellerSkus=f"{first},nothing")] == [first]
    assert [r["sellerSku"] for r in summaries(shop, sellerSku=second)] == [second]
    everything = summaries(shop, startDateTime="2026-06-01T00:00:00Z", sellerSkus=first)
    assert len(everything) > 1


def test_a_start_shows_what_has_moved_since(shop: CatalogShop) -> None:
    listing = shop.amazons(skip=2)
    since = shop.clock.now()
    assert summaries(shop, startDateTime=f"{since:%Y-%m-%dT%H:%M:%SZ}") == []
    shop.later(1)
    rows = [{"sellerSku": listing.sku, "marketplaceId": US, "quantity": 3}]
    assert shop.call("POST", f"{ITEMS}/inventory", {"inventoryItems": rows}, idempotency="moved").status_code == 200
    shop.later(1)
    moved = summaries(shop, startDateTime=f"{since:%Y-%m-%dT%H:%M:%SZ}")
    assert listing.sku in {row["sellerSku"] for row in moved}
    assert all(row["lastUpdatedTime"] > f"{since:%Y-%m-%dT%H:%M:%SZ}" for row in moved)


def test_an_order_holds_units_back(shop: CatalogShop) -> None:
    listing = next(
        x
        for x in shop.world.listings
        if x.channel == "amazon.US"
        and x.fulfilled_by == "channel"
        and sum(s.fulfillable for s in shop.world.stock_at("amazon.US", shop.clock.now()) if s.sku == x.sku) > 9
    )

    def details() -> dict[str, Any]:
        found: dict[str, Any] = summaries(shop, sellerSkus=listing.sku, details="true")[0]["inventoryDetails"]
        return found

    before = details()
    place_order(shop.world, shop.clock.now(), channel="amazon.US", sku=listing.sku, quantity=1, fulfilled_by="channel")
    after = details()
    assert after["reservedQuantity"]["totalReservedQuantity"] == before["reservedQuantity"]["totalReservedQuantity"] + 1
    assert after["fulfillableQuantity"] == before["fulfillableQuantity"] - 1


# -------------------------------------------------------------------- sandbox only


def test_an_item_is_made_filled_and_removed(shop: CatalogShop) -> None:
    made = {"sellerSku": "BOX/1", "marketplaceId": US, "productName": "Box"}
    assert shop.call("POST", ITEMS, made).status_code == 200
    assert shop.call("POST", ITEMS, made).status_code == 400
    assert summaries(shop, sellerSkus="BOX/1")[0]["totalQuantity"] == 0
    rows = {"inventoryItems": [{"sellerSku": "BOX/1", "marketplaceId": US, "quantity": 12}]}
    for token in ("one", "one", "two"):
        assert shop.call("POST", f"{ITEMS}/inventory", rows, idempotency=token).status_code == 200
    assert summaries(shop, sellerSkus="BOX/1")[0]["totalQuantity"] == 24
    path = f"{ITEMS}/{quote('BOX/1', safe='')}"
    assert shop.call("DELETE", path, marketplaceId=US).status_code == 200
    assert summaries(shop, sellerSkus="BOX/1") == []
    assert shop.call("DELETE", path, marketplaceId=US).status_code == 400


@pytest.mark.parametrize(
    ("rows", "token"),
    [
        ([{"sellerSku": "NO-SUCH", "marketplaceId": US, "quantity": 1}], "a"),
        ([{"sellerSku": "", "marketplaceId": US, "quantity": 1}], "b"),
        ([{"sellerSku": "X", "marketplaceId": "NOWHERE", "quantity": 1}], "c"),
        ([{"sellerSku": "X", "marketplaceId": US, "quantity": 0}], "d"),
        ([{"sellerSku": "X", "marketplaceId": US, "quantity": True}], "e"),
        ("X", "f"),
        ([], ""),
    ],
)
def test_units_that_cannot_be_added_are_refused_and_none_is(shop: CatalogShop, rows: Any, token: str) -> None:
    before = summaries(shop)
    good = [{"sellerSku": shop.amazons().sku, "marketplaceId": US, "quantity": 5}]
    body = {"inventoryItems": good + rows if isinstance(rows, list) else rows}
    assert shop.call("POST", f"{ITEMS}/inventory", body, idempotency=token).status_code == 400
    assert summaries(shop) == before
