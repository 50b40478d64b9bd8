"""Feeds 2021-06-30: a document is uploaded, a feed waits, is worked on, takes effect, and reports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.sync.sandbox.amazon.catalog_shop import (
    DE,
    FEEDS,
    SELLER,
    US,
    CatalogShop,
    open_shop,
    patching,
    set_price,
    set_quantity,
)

ENDED = 61
MATTER = "application/json; charset=UTF-8"


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        yield opened


def status(shop: CatalogShop, feed_id: str) -> str:
    return str(shop.get(f"{FEEDS}/feeds/{feed_id}").json()["processingStatus"])


def create(shop: CatalogShop, **changes: Any) -> Any:
    body = {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [US], "inputFeedDocumentId": "x"} | changes
    return shop.call("POST", f"{FEEDS}/feeds", body)


# -------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"feedType": "POST_HOPES"}, "not supported"),
        ({"feedType": 7}, "not supported"),
        ({"marketplaceIds": []}, "marketplaceIds"),
        ({"marketplaceIds": ["A1F83G8C2ARO7P"]}, "marketplaceIds"),
        ({"inputFeedDocumentId": "amzn1.tortuga.never"}, "inputFeedDocumentId"),
        ({"inputFeedDocumentId": None}, "inputFeedDocumentId"),
    ],
)
def test_a_feed_that_cannot_be_is_400(shop: CatalogShop, changes: dict[str, Any], said: str) -> None:
    answer = create(shop, **changes)
    assert (answer.status_code, said in answer.text) == (400, True)


@pytest.mark.parametrize("path", [f"{FEEDS}/feeds/1", f"{FEEDS}/documents/amzn1.tortuga.never"])
def test_what_there_is_not_is_404(shop: CatalogShop, path: str) -> None:
    assert (shop.get(path).status_code, shop.get(path).json()["errors"][0]["code"]) == (404, "NotFound")


def test_a_document_needs_a_content_type(shop: CatalogShop) -> None:
    assert shop.call("POST", f"{FEEDS}/documents", {"contentType": " "}).status_code == 400


# -------------------------------------------------------------------- the course of a feed


def test_a_feed_waits_is_worked_on_and_ends_with_the_clock(shop: CatalogShop) -> None:
    sku = shop.sellers_own().sku
    before = shop.quantity(sku)
    feed_id = shop.submit(shop.messages(patching(sku, set_quantity(64))))
    seen = [status(shop, feed_id)]
    for seconds in (14, 1, 44, 1):
        shop.later(seconds)
        seen.append(status(shop, feed_id))
        if seen[-1] != "DONE":
            assert shop.quantity(sku) == before
    assert seen == ["IN_QUEUE", "IN_QUEUE", "IN_PROGRESS", "IN_PROGRESS", "DONE"]
    assert shop.quantity(sku) == before
    shop.later(20)
    assert shop.quantity(sku) == 64


def test_a_feed_takes_effect_when_it_ends_however_late_anybody_looks(shop: CatalogShop) -> None:
    sku = shop.sellers_own(skip=1).sku
    created = shop.clock.now()
    shop.submit(shop.messages(patching(sku, set_quantity(21))))
    shop.later(86_400)
    summary = shop.item(sku).json()["summaries"][0]
    assert shop.quantity(sku) == 21
    assert summary["lastUpdatedDate"] < f"{created:%Y-%m-%dT%H}:59:59Z"


def test_a_feed_can_be_cancelled_while_it_waits(shop: CatalogShop) -> None:
    sku = shop.sellers_own(skip=2).sku
    before = shop.quantity(sku)
    first, second = (shop.submit(shop.messages(patching(sku, set_quantity(n)))) for n in (101, 102))
    cancelled = shop.call("DELETE", f"{FEEDS}/feeds/{first}")
    assert (cancelled.status_code, cancelled.content) == (200, b"")
    shop.later(16)
    assert shop.call("DELETE", f"{FEEDS}/feeds/{second}").status_code == 400
    shop.later(100)
    assert (status(shop, first), status(shop, second)) == ("CANCELLED", "DONE")
    assert shop.quantity(sku) == 102 != before


@pytest.mark.proves("A34")
@pytest.mark.parametrize(
    "kind",
    [
        "POST_INVENTORY_AVAILABILITY_DATA",
        "POST_PRODUCT_PRICING_DATA",
        "POST_PRODUCT_DATA",
        "POST_FLAT_FILE_LISTINGS_DATA",
        "POST_FLAT_FILE_INVLOADER_DATA",
    ],
)
def test_a_legacy_feed_ends_fatal_and_changes_nothing(shop: CatalogShop, kind: str) -> None:
    sku = shop.sellers_own(skip=3).sku
    before = shop.quantity(sku)
    feed_id = shop.submit(b"sku\tquantity\n" + sku.encode() + b"\t1\n", kind=kind)
    shop.later(ENDED + 60)
    feed = shop.get(f"{FEEDS}/feeds/{feed_id}").json()
    assert (feed["processingStatus"], "resultFeedDocumentId" in feed) == ("FATAL", False)
    assert shop.quantity(sku) == before


@pytest.mark.proves("A34")
def test_a_fault_ends_a_good_feed_fatal(shop: CatalogShop) -> None:
    sku = shop.sellers_own(skip=3).sku
    before = shop.quantity(sku)
    shop.goes_wrong("A34")
    feed_id = shop.submit(shop.messages(patching(sku, set_quantity(1))))
    shop.later(ENDED + 60)
    assert (status(shop, feed_id), shop.quantity(sku)) == ("FATAL", before)


def _document(**changes: Any) -> bytes:
    message = patching("X", set_quantity(1)) | {"messageId": 1}
    header = {"sellerId": SELLER, "version": "2.0"}
    return json.dumps({"header": header, "messages": [message]} | changes).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),
        ('{"ä": 1}'.encode("cp1252"), "not valid JSON"),
        ("{}".encode("utf-16"), "not valid JSON"),
        (b"[]", "'header' is required"),
        (_document(header={"sellerId": SELLER, "version": "1.0"}), "version"),
        (_document(header={"sellerId": "A2OTHER", "version": "2.0"}), "sellerId"),
        (_document(header={"sellerId": SELLER, "version": "2.0", "report": {}}), "includedData"),
        (_document(messages=[]), "1 to 25000"),
        (_document(messages={"messageId": 1}), "1 to 25000"),
        (_document(messages=[{"messageId": n + 1} for n in range(25_001)]), "1 to 25000"),
        (_document(messages=[{"sku": "X"}]), "no messageId"),
        (_document(messages=[{"messageId": 0}]), "no messageId"),
        (_document(messages=[{"messageId": 3}, {"messageId": 3}]), "3 is not unique"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_document_that_is_no_feed_is_fatal_and_says_why(shop: CatalogShop, content: bytes, said: str) -> None:
    feed_id = shop.submit(content)
    shop.later(ENDED)
    assert status(shop, feed_id) == "FATAL"
    report = shop.report(feed_id)
    assert said in report["issues"][0]["message"]
    assert "messageId" not in report["issues"][0]
    assert report["summary"]["messagesProcessed"] == 0


# -------------------------------------------------------------------- messages


@pytest.mark.proves("A36")
def test_a_feed_that_is_done_can_hold_invalid_messages(shop: CatalogShop, shared: Path) -> None:
    good, bad = shop.sellers_own(skip=4), shop.sellers_own(skip=5)
    before = shop.quantity(bad.sku)
    content = shop.messages(
        patching(good.sku, set_quantity(31)),
        patching(bad.sku, set_quantity(-5)),
        patching("NO-SUCH-SKU", set_quantity(1)),
        {"sku": good.sku, "operationType": "REPLACE"},
        {"operationType": "DELETE"},
        {"sku": good.sku, "operationType": "PATCH", "productType": "PRODUCT"},
        {"sku": good.sku, "operationType": "DELETE", "attributes": {"a": []}},
        {"sku": good.sku, "operationType": "UPDATE", "productType": 5, "attributes": {"a": []}},
        {"sku": good.sku, "operationType": "PARTIAL_UPDATE", "productType": "PRODUCT", "attributes": {}},
        patching(good.sku, {"op": "test", "path": "/attributes/brand"}),
    )
    feed_id = shop.submit(content)
    shop.later(ENDED + 20)
    assert status(shop, feed_id) == "DONE"
    report = shop.report(feed_id)
    schema = shared / "vendors/amazon/models/schemas_feeds/listings-feed-processing-report-schema-v2.json"
    jsonschema.Draft7Validator(json.loads(schema.read_text())).validate(report)
    assert report["summary"] == {
        "errors": 9,
        "warnings": 0,
        "messagesProcessed": 10,
        "messagesAccepted": 1,
        "messagesInvalid": 9,
    }
    assert [issue["messageId"] for issue in report["issues"]] == list(range(2, 11))
    assert (shop.quantity(good.sku), shop.quantity(bad.sku)) == (31, before)


@pytest.mark.proves("A36")
def test_a_fault_makes_the_first_message_invalid(shop: CatalogShop) -> None:
    first, second = shop.sellers_own(skip=6).sku, shop.sellers_own(skip=7).sku
    before = shop.quantity(first)
    shop.goes_wrong("A36")
    feed_id = shop.submit(shop.messages(patching(first, set_quantity(71)), patching(second, set_quantity(72))))
    shop.later(ENDED + 20)
    assert status(shop, feed_id) == "DONE"
    assert [issue["messageId"] for issue in shop.report(feed_id)["issues"]] == [1]
    assert (shop.quantity(first), shop.quantity(second)) == (before, 72)


def test_each_operation_does_what_the_call_of_its_name_does(shop: CatalogShop) -> None:
    product = shop.world.products[8]
    offer = {
        "merchant_suggested_asin": [{"value": product.asin}],
        "condition_type": [{"value": "new_new"}],
        "fulfillment_availability": [{"fulfillment_channel_code": "DEFAULT", "quantity": 4}],
        "purchasable_offer": set_price(19.5)["value"],
    }
    new = {"sku": "FED/1", "productType": "PRODUCT", "requirements": "LISTING_OFFER_ONLY"}
    first = shop.submit(
        shop.messages(
            {**new, "operationType": "UPDATE", "attributes": offer},
            {**new, "sku": "FED/2", "operationType": "UPDATE", "attributes": offer},
        )
    )
    shop.later(ENDED + 20)
    assert shop.report(first)["summary"]["messagesAccepted"] == 2
    partial = {"purchasable_offer": set_price(17.25)["value"]}
    second = shop.submit(
        shop.messages(
            {"sku": "FED/1", "operationType": "PARTIAL_UPDATE", "productType": "PRODUCT", "attributes": partial},
            {"sku": "FED/2", "operationType": "DELETE"},
        )
    )
    shop.later(ENDED + 20)
    assert shop.report(second)["summary"]["messagesInvalid"] == 0
    assert (shop.price("FED/1"), shop.quantity("FED/1")) == ("17.25", 4)
    assert shop.item("FED/2").status_code == 404


def test_messages_of_one_sku_are_carried_out_in_their_order(shop: CatalogShop) -> None:
    listing = shop.sellers_own(skip=8)
    content = shop.messages(
        patching(listing.sku, set_quantity(1)),
        patching(listing.sku, set_price(float(listing.price) + 1)),
        patching(listing.sku, set_quantity(2)),
    )
    shop.submit(content)
    shop.later(ENDED + 20)
    assert (shop.quantity(listing.sku), shop.price(listing.sku)) == (2, f"{listing.price + 1:.2f}")


def test_a_feed_of_another_marketplace_changes_that_one(shop: CatalogShop) -> None:
    listing = shop.sellers_own("amazon.DE")
    shop.submit(shop.messages(patching(listing.sku, set_price(44.4, "EUR"))), where=DE)
    shop.later(ENDED + 20)
    assert shop.price(listing.sku, DE) == "44.40"


def test_the_report_shows_the_listings_that_were_asked_for(shop: CatalogShop) -> None:
    listing = shop.sellers_own(skip=9)
    wanted = {"includedData": ["offers", "issues"], "apiVersion": "2021-08-01"}
    content = shop.messages(patching(listing.sku, set_price(float(listing.price) + 3)), report=wanted)
    feed_id = shop.submit(content)
    shop.later(ENDED)
    report = shop.report(feed_id)
    assert report["header"]["report"] == wanted
    assert report["summary"]["itemSummary"] == {"items": 1, "errors": 0, "warnings": 0}
    assert report["items"][0]["offers"][0]["price"]["amount"] == f"{listing.price + 3:.2f}"
