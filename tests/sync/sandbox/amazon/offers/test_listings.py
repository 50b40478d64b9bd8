"""Listings Items 2021-08-01: what a submission changes, when it is seen, and how it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sync.sandbox.amazon.catalog_shop import (
    DE,
    ITEMS,
    US,
    CatalogShop,
    offer_only,
    open_shop,
    put,
    set_price,
    set_quantity,
)


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        yield opened


# -------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "marketplaceIds is required"),
        ({"marketplaceIds": "A1F83G8C2ARO7P"}, "not one of the seller's"),
        ({"marketplaceIds": US, "includedData": "money"}, "invalid value"),
    ],
)
def test_a_call_that_breaks_a_rule_is_400(shop: CatalogShop, query: dict[str, str], said: str) -> None:
    answer = shop.get(f"{ITEMS}/{shop.sellers_own().sku}", **query)
    assert (answer.status_code, said in answer.text) == (400, True)


def test_somebody_else_s_listings_are_403(shop: CatalogShop) -> None:
    answer = shop.get("/listings/2021-08-01/items/A2OTHERSELLER/X", marketplaceIds=US)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "Unauthorized")


def test_an_unknown_sku_is_404_when_it_is_read(shop: CatalogShop) -> None:
    assert shop.item("NO-SUCH-SKU").status_code == 404


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({"op": "test", "path": "/attributes/item_name", "value": []}, "op must be one of"),
        ({"op": "replace", "path": "/item_name", "value": []}, "path must be"),
        ({"op": "replace", "path": "/attributes/purchasable_offer/0", "value": []}, "path must be"),
        ({"op": "replace", "path": "/attributes/item_name", "value": "x"}, "list of objects"),
        ({"op": "add", "path": "/attributes/item_name"}, "value is required"),
    ],
)
def test_a_patch_that_is_none_is_400(shop: CatalogShop, patch: dict[str, Any], said: str) -> None:
    answer = shop.patch(shop.sellers_own().sku, patch)
    assert (answer.status_code, said in answer.text) == (400, True)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"productType": NaN}', b"\xff", b"[" * 20_000])
def test_a_body_that_is_no_object_is_400(shop: CatalogShop, raw: bytes) -> None:
    path = f"{ITEMS}/{shop.sellers_own().sku}"
    assert shop.call("PATCH", path, raw=raw, marketplaceIds=US).status_code == 400


def test_a_body_that_says_it_is_a_form_is_415(shop: CatalogShop) -> None:
    headers = {"x-amz-access-token": shop.token, "content-type": "application/x-www-form-urlencoded"}
    path = f"{shop.url}{ITEMS}/X?marketplaceIds={US}"
    assert shop.http.patch(path, content=b"a=b", headers=headers).status_code == 415


# -------------------------------------------------------------------- INVALID comes with 200


@pytest.mark.proves("A37")
@pytest.mark.parametrize(
    ("patch", "code", "attribute"),
    [
        (set_quantity(-1), "90244", "fulfillment_availability.quantity"),
        (set_price(0), "90244", "purchasable_offer.our_price.schedule.value_with_tax"),
        (set_price(9.99, "EUR"), "90057", "purchasable_offer.currency"),
        ({"op": "add", "path": "/attributes/fake", "value": [{"value": 1}]}, "90000900", "fake"),
        ({"op": "replace", "path": "/attributes/condition_type", "value": [{}]}, "90220", "condition_type.value"),
        ({"op": "delete", "path": "/attributes/condition_type"}, "90220", "condition_type"),
        (
            {"op": "replace", "path": "/attributes/purchasable_offer", "value": [{"currency": "USD", "our_price": []}]},
            "99022",
            "purchasable_offer.our_price",
        ),
    ],
)
def test_a_bad_patch_is_invalid_with_200_and_changes_nothing(
    shop: CatalogShop, patch: dict[str, Any], code: str, attribute: str
) -> None:
    sku = shop.sellers_own(skip=1).sku
    before = shop.attributes(sku)
    answer = shop.patch(sku, patch)
    assert (answer.status_code, answer.json()["status"]) == (200, "INVALID")
    issue = answer.json()["issues"][0]
    assert (issue["code"], issue["severity"], issue["attributeNames"]) == (code, "ERROR", [attribute])
    shop.later(30)
    assert shop.attributes(sku) == before


@pytest.mark.proves("A37")
def test_a_fault_makes_a_good_patch_invalid_with_200(shop: CatalogShop) -> None:
    listing = shop.sellers_own(skip=1)
    before = shop.quantity(listing.sku)
    shop.goes_wrong("A37")
    answer = shop.patch(listing.sku, set_quantity(77))
    assert (answer.status_code, answer.json()["status"]) == (200, "INVALID")
    shop.later(30)
    assert shop.quantity(listing.sku) == before


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_change_of_an_unknown_sku_is_invalid(shop: CatalogShop, method: str) -> None:
    body = {"productType": "PRODUCT", "patches": [set_quantity(1)]} if method == "PATCH" else None
    answer = shop.call(method, f"{ITEMS}/NO-SUCH-SKU", body, marketplaceIds=US).json()
    assert (answer["status"], answer["issues"][0]["code"]) == ("INVALID", "13013")


def test_the_quantity_of_what_amazon_fulfils_is_not_the_seller_s_to_set(shop: CatalogShop) -> None:
    answer = shop.patch(shop.amazons().sku, set_quantity(5)).json()
    assert answer["status"] == "INVALID"
    assert shop.quantity(shop.amazons().sku) is None


def test_a_price_outside_the_seller_s_own_bounds_is_invalid(shop: CatalogShop) -> None:
    bounds = {"minimum_seller_allowed_price": [{"schedule": [{"value_with_tax": 30}]}]}
    answer = shop.patch(shop.sellers_own().sku, set_price(29.99, **bounds)).json()
    assert answer["status"] == "INVALID"


def test_one_bad_marketplace_stops_the_others(shop: CatalogShop) -> None:
    german = {x.sku for x in shop.world.listings if x.channel == "amazon.DE"}
    sku = next(x.sku for x in shop.world.listings if x.channel == "amazon.US" and x.sku not in german)
    before = shop.price(sku)
    answer = shop.patch(sku, set_price(33), where=f"{US},{DE}").json()
    assert (answer["status"], answer["issues"][0]["marketplaceIds"]) == ("INVALID", [DE])
    shop.later(30)
    assert shop.price(sku) == before


# -------------------------------------------------------------------- what is changed, and when it is seen


def test_a_change_is_seen_a_short_while_after_it_was_accepted(shop: CatalogShop) -> None:
    sku = shop.sellers_own(skip=2).sku
    before = shop.quantity(sku)
    assert shop.patch(sku, set_quantity(41)).json()["status"] == "ACCEPTED"
    assert shop.quantity(sku) == before != 41
    shop.later(21)
    assert shop.quantity(sku) == 41
    assert shop.world.listed("amazon.US", sku, None, shop.clock.now()) == 41


@pytest.mark.proves("A39")
def test_a_price_patch_leaves_the_quantity_alone(shop: CatalogShop) -> None:
    listing = shop.sellers_own(skip=3)
    shop.patch(listing.sku, set_quantity(12))
    shop.later(21)
    shop.patch(listing.sku, set_price(float(listing.price) + 1))
    shop.later(21)
    assert shop.quantity(listing.sku) == 12
    assert shop.price(listing.sku) == f"{listing.price + 1:.2f}"
    assert shop.world.price_of("amazon.US", listing.sku, shop.clock.now())[0] == listing.price + 1


@pytest.mark.proves("A39")
def test_a_whole_submission_without_a_quantity_empties_the_shelf(shop: CatalogShop) -> None:
    assert put(shop, "PUT-AGAIN", offer_only(shop, 20, 9)).json()["status"] == "ACCEPTED"
    shop.later(21)
    assert shop.quantity("PUT-AGAIN") == 9
    put(shop, "PUT-AGAIN", offer_only(shop, 21, None))
    shop.later(21)
    assert (shop.quantity("PUT-AGAIN"), shop.price("PUT-AGAIN")) == (None, "21.00")
    assert shop.world.listed("amazon.US", "PUT-AGAIN", None, shop.clock.now()) == 0


@pytest.mark.proves("A39")
def test_a_fault_lets_a_price_patch_take_the_quantity(shop: CatalogShop) -> None:
    listing = shop.sellers_own(skip=4)
    shop.patch(listing.sku, set_quantity(8))
    shop.later(21)
    shop.goes_wrong("A39")
    assert shop.patch(listing.sku, set_price(float(listing.price))).json()["status"] == "ACCEPTED"
    shop.later(21)
    assert shop.quantity(listing.sku) == 0


def test_a_merge_changes_the_quantity_alone_and_a_replace_all_of_the_attribute(shop: CatalogShop) -> None:
    sku = shop.sellers_own(skip=5).sku

    def lead_time() -> Any:
        return shop.attributes(sku)["fulfillment_availability"][0].get("lead_time_to_ship_max_days")

    assert lead_time() == 2
    shop.patch(sku, set_quantity(3, "merge"))
    shop.later(21)
    assert (shop.quantity(sku), lead_time()) == (3, 2)
    shop.patch(sku, set_quantity(4, "replace"))
    shop.later(21)
    assert (shop.quantity(sku), lead_time()) == (4, None)


def test_a_second_patch_builds_on_a_first_that_nobody_sees_yet(shop: CatalogShop) -> None:
    listing = shop.sellers_own(skip=6)
    shop.patch(listing.sku, set_quantity(30))
    shop.patch(listing.sku, set_price(float(listing.price) + 2))
    shop.later(21)
    assert (shop.quantity(listing.sku), shop.price(listing.sku)) == (30, f"{listing.price + 2:.2f}")


def test_what_another_tool_changes_in_the_world_is_shown(shop: CatalogShop) -> None:
    listing = shop.sellers_own(skip=7)
    now = shop.clock.now()
    shop.world.list_quantity("amazon.US", listing.sku, 55, now)
    shop.world.set_price("amazon.US", listing.sku, Decimal("18.40"), "USD", now)
    assert (shop.quantity(listing.sku), shop.price(listing.sku)) == (55, "18.40")
    summary = shop.item(listing.sku).json()["summaries"][0]
    assert summary["lastUpdatedDate"] == f"{now:%Y-%m-%dT%H:%M:%SZ}"


def test_a_preview_answers_valid_or_invalid_and_changes_nothing(shop: CatalogShop) -> None:
    sku = shop.sellers_own(skip=8).sku
    before = shop.attributes(sku)
    query = {"mode": "VALIDATION_PREVIEW", "includedData": "identifiers,issues"}
    good = shop.patch(sku, set_quantity(1), **query).json()
    bad = shop.patch(sku, set_quantity(-1), **query).json()
    new = put(shop, "ONLY-LOOKED-AT", offer_only(shop), **query).json()
    assert [x["status"] for x in (good, bad, new)] == ["VALID", "INVALID", "VALID"]
    assert good["identifiers"] == [{"marketplaceId": US, "asin": shop.sellers_own(skip=8).asin}]
    shop.later(60)
    assert shop.attributes(sku) == before
    assert shop.item("ONLY-LOOKED-AT").status_code == 404


def test_a_whole_submission_needs_what_its_requirements_name(shop: CatalogShop) -> None:
    body = offer_only(shop)
    del body["attributes"]["condition_type"]
    answer = put(shop, "NEEDS-CONDITION", body).json()
    assert (answer["status"], answer["issues"][0]["message"]) == (
        "INVALID",
        "'condition_type' is required but not supplied.",
    )
    assert put(shop, "NEEDS-MORE", offer_only(shop) | {"requirements": "LISTING"}).json()["status"] == "INVALID"


def test_an_asin_that_is_in_no_catalogue_is_invalid(shop: CatalogShop) -> None:
    body = offer_only(shop, merchant_suggested_asin=[{"value": "B000000000"}])
    assert put(shop, "NO-ASIN", body).json()["issues"][0]["code"] == "13013"


def test_a_new_product_gets_an_asin_and_can_be_sold(shop: CatalogShop) -> None:
    german = offer_only(shop, 20, 5)["attributes"]
    del german["merchant_suggested_asin"]
    product = {
        "item_name": [{"value": "Teak Tray", "language_tag": "en_US"}],
        "brand": [{"value": "Acme Goods"}],
        "externally_assigned_product_identifier": [{"type": "upc", "value": "850000000017"}],
        "product_description": [{"value": "A tray."}],
        "bullet_point": [{"value": "Teak"}, {"value": "Oiled"}],
        "country_of_origin": [{"value": "IN"}],
        "supplier_declared_dg_hz_regulation": [{"value": "not_applicable"}],
        "material": [{"value": "Teak"}],
    }
    body = {"productType": "KITCHEN", "requirements": "LISTING", "attributes": {**german, **product}}
    too_many = {**body["attributes"], "bullet_point": [{"value": str(n)} for n in range(11)]}
    assert put(shop, "TRAY", body | {"attributes": too_many}).json()["status"] == "INVALID"
    made = put(shop, "TRAY", body, includedData="identifiers").json()
    assert made["status"] == "ACCEPTED"
    shop.later(21)
    summary = shop.item("TRAY").json()["summaries"][0]
    assert (summary["productType"], summary["itemName"]) == ("KITCHEN", "Teak Tray")
    assert summary["asin"] == made["identifiers"][0]["asin"]
    assert shop.world.listing("amazon.US", "TRAY") in shop.world.listings


def test_a_deleted_listing_is_gone_a_short_while_later_and_can_come_back(shop: CatalogShop) -> None:
    put(shop, "COMES-AND-GOES", offer_only(shop, 20, 6))
    shop.later(21)
    answer = shop.call("DELETE", f"{ITEMS}/COMES-AND-GOES", marketplaceIds=US).json()
    assert (answer["status"], shop.item("COMES-AND-GOES").status_code) == ("ACCEPTED", 200)
    shop.later(21)
    assert shop.item("COMES-AND-GOES").status_code == 404
    assert shop.patch("COMES-AND-GOES", set_quantity(1)).json()["status"] == "INVALID"
    put(shop, "COMES-AND-GOES", offer_only(shop, 20, 2))
    shop.later(21)
    assert shop.quantity("COMES-AND-GOES") == 2


def test_the_shop_s_own_issues_appear_later_and_take_the_offer_down(shop: CatalogShop) -> None:
    listing = shop.sellers_own(skip=9)
    shop.patch(listing.sku, set_quantity(5), set_price(float(listing.price) * 4))
    shop.later(21)
    shown = shop.item(listing.sku).json()
    assert (shown["issues"], "BUYABLE" in shown["summaries"][0]["status"]) == ([], True)
    shop.later(120)
    shown = shop.item(listing.sku).json()
    assert [i["categories"] for i in shown["issues"]] == [["INVALID_PRICE"]]
    assert shown["summaries"][0]["status"] == ["DISCOVERABLE"]


def test_nothing_to_sell_means_not_buyable(shop: CatalogShop) -> None:
    sku = shop.sellers_own(skip=10).sku
    for quantity, buyable in ((0, False), (1, True)):
        shop.patch(sku, set_quantity(quantity))
        shop.later(21)
        assert ("BUYABLE" in shop.item(sku).json()["summaries"][0]["status"]) is buyable


def test_every_data_set_can_be_asked_for(shop: CatalogShop) -> None:
    everything = "summaries,attributes,issues,offers,fulfillmentAvailability,procurement,relationships,productTypes"
    german = next(x for x in shop.world.listings if x.channel == "amazon.DE" and x.fulfilled_by == "channel")
    shown = shop.item(german.sku, DE, everything).json()
    assert set(shown) == {"sku", *everything.split(",")} - {"procurement"}
    assert shown["fulfillmentAvailability"] == [{"fulfillmentChannelCode": "AMAZON_EU"}]
    assert shown["offers"][0]["price"]["currencyCode"] == "EUR"


def test_a_listing_that_is_changed_often_keeps_its_first_day(shop: CatalogShop) -> None:
    sku = shop.sellers_own(skip=11).sku
    created = shop.item(sku).json()["summaries"][0]["createdDate"]
    for quantity in range(5):
        shop.patch(sku, set_quantity(quantity))
        shop.later(7)
    assert shop.quantity(sku) == 2
    shop.later(21)
    summary = shop.item(sku).json()["summaries"][0]
    assert (summary["createdDate"], shop.quantity(sku)) == (created, 4)
