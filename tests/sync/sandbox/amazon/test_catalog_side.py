"""What all operations of the catalogue side have in common: token, plan, limit, and news of what they changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sync.sandbox.amazon.catalog_side import PLANS
from tests.sync.sandbox.amazon.catalog_shop import (
    CREDENTIALS,
    FEEDS,
    ITEMS,
    US,
    CatalogShop,
    open_shop,
    set_quantity,
)

#: operation -> (method, path): as the models name them.
OPERATIONS = {
    "getFeeds": ("GET", f"{FEEDS}/feeds"),
    "createFeed": ("POST", f"{FEEDS}/feeds"),
    "getFeed": ("GET", f"{FEEDS}/feeds/1"),
    "cancelFeed": ("DELETE", f"{FEEDS}/feeds/1"),
    "createFeedDocument": ("POST", f"{FEEDS}/documents"),
    "getFeedDocument": ("GET", f"{FEEDS}/documents/1"),
    "searchListingsItems": ("GET", ITEMS),
    "getListingsItem": ("GET", f"{ITEMS}/A%2FB"),
    "putListingsItem": ("PUT", f"{ITEMS}/A%2FB"),
    "patchListingsItem": ("PATCH", f"{ITEMS}/A%2FB"),
    "deleteListingsItem": ("DELETE", f"{ITEMS}/A%2FB"),
    "searchDefinitionsProductTypes": ("GET", "/definitions/2020-09-01/productTypes"),
    "getDefinitionsProductType": ("GET", "/definitions/2020-09-01/productTypes/HOME"),
    "searchCatalogItems": ("GET", "/catalog/2022-04-01/items"),
    "getCatalogItem": ("GET", "/catalog/2022-04-01/items/B000000000"),
    "getInventorySummaries": ("GET", "/fba/inventory/v1/summaries"),
    "createInventoryItem": ("POST", "/fba/inventory/v1/items"),
    "deleteInventoryItem": ("DELETE", "/fba/inventory/v1/items/A%2FB"),
    "listAllFulfillmentOrders": ("GET", "/fba/outbound/2020-07-01/fulfillmentOrders"),
    "createFulfillmentOrder": ("POST", "/fba/outbound/2020-07-01/fulfillmentOrders"),
    "getFulfillmentOrder": ("GET", "/fba/outbound/2020-07-01/fulfillmentOrders/1"),
    "cancelFulfillmentOrder": ("PUT", "/fba/outbound/2020-07-01/fulfillmentOrders/1/cancel"),
    "submitFulfillmentOrderStatusUpdate": ("PUT", "/fba/outbound/2020-07-01/fulfillmentOrders/1/status"),
    "getPackageTrackingDetails": ("GET", "/fba/outbound/2020-07-01/tracking"),
    "addInventory": ("POST", "/fba/inventory/v1/items/inventory"),
}


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        yield opened


def test_the_list_of_operations_is_whole() -> None:
    assert set(OPERATIONS) == set(PLANS)


@pytest.mark.proves("A11")
@pytest.mark.parametrize("name", OPERATIONS)
def test_without_a_token_every_operation_is_403_without_a_rate(shop: CatalogShop, name: str) -> None:
    method, path = OPERATIONS[name]
    answer = shop.http.request(method, shop.url + path)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "Unauthorized")
    assert "x-amzn-ratelimit-limit" not in answer.headers


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"listAllFulfillmentOrders"}))
def test_an_empty_call_is_refused_in_the_envelope_with_the_rate_of_the_plan(shop: CatalogShop, name: str) -> None:
    method, path = OPERATIONS[name]
    answer = shop.http.request(method, shop.url + path, headers={"x-amz-access-token": shop.token})
    assert answer.status_code in (400, 404)
    assert answer.json()["errors"][0]["code"] in ("InvalidInput", "NotFound", "NOT_FOUND")
    assert answer.headers["x-amzn-ratelimit-limit"] == f"{PLANS[name][0]:g}"


@pytest.mark.proves("A16", "A17")
def test_each_operation_has_its_own_bucket_burst_first(shop: CatalogShop) -> None:
    shop.limits.enabled = True
    try:
        seen = [shop.get("/fba/inventory/v1/summaries").status_code for _ in range(3)]
        other = shop.get("/catalog/2022-04-01/items").status_code
        shop.later(0.5)
        seen.append(shop.get("/fba/inventory/v1/summaries").status_code)
    finally:
        shop.limits.enabled = False
    assert (seen, other) == ([400, 400, 429, 400], 400)


# -------------------------------------------------------------------- what was changed is news elsewhere


SQS = {"sqs": {"arn": "arn:aws:sqs:us-east-1:123456789012:tests"}}
EVENT_BRIDGE = {"eventBridge": {"region": "us-east-1", "accountId": "123456789012"}}


def _subscribe(shop: CatalogShop, kind: str, resource: dict[str, Any]) -> str:
    """Return the id of a destination that gets notifications of a type."""
    form = {**CREDENTIALS, "grant_type": "client_credentials", "scope": "sellingpartnerapi::notifications"}
    grantless = shop.http.post(f"{shop.auth_url}/auth/o2/token", data=form).json()["access_token"]
    answer = shop.http.post(
        f"{shop.url}/notifications/v1/destinations",
        json={"name": "tests", "resourceSpecification": resource},
        headers={"x-amz-access-token": grantless},
    )
    destination = str(answer.json()["payload"]["destinationId"])
    body = {"payloadVersion": "1.0", "destinationId": destination}
    assert shop.call("POST", f"/notifications/v1/subscriptions/{kind}", body).status_code == 200
    return destination


def _received(shop: CatalogShop, destination: str) -> list[dict[str, Any]]:
    messages = shop.http.get(f"{shop.url}/queue/{destination}").json()["messages"]
    return [json.loads(message["body"]) for message in messages]


def test_the_end_of_a_feed_and_a_new_quantity_are_notified(shop: CatalogShop) -> None:
    ends = _subscribe(shop, "FEED_PROCESSING_FINISHED", SQS)
    quantities = _subscribe(shop, "LISTINGS_ITEM_MFN_QUANTITY_CHANGE", EVENT_BRIDGE)
    sku = shop.sellers_own().sku
    message = {"sku": sku, "operationType": "PATCH", "productType": "PRODUCT", "patches": [set_quantity(314)]}
    feed_id = shop.submit(shop.messages(message))
    shop.later(120)
    finished = [m["payload"]["feedProcessingFinishedNotification"] for m in _received(shop, ends)]
    assert [(f["feedId"], f["processingStatus"]) for f in finished] == [(feed_id, "DONE")]
    assert finished[0]["resultFeedDocumentId"] == shop.get(f"{FEEDS}/feeds/{feed_id}").json()["resultFeedDocumentId"]
    changed = [m["Payload"] for m in _received(shop, quantities)]
    assert [(c["Sku"], c["Quantity"], c["FulfillmentChannelCode"]) for c in changed] == [(sku, 314, "DEFAULT")]


def test_a_report_knows_what_a_feed_did_even_if_nobody_asked_for_the_feed(shop: CatalogShop) -> None:
    sku = shop.sellers_own(skip=1).sku
    message = {"sku": sku, "operationType": "PATCH", "productType": "PRODUCT", "patches": [set_quantity(272)]}
    shop.submit(shop.messages(message))
    shop.later(120)
    body = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [US]}
    report_id = shop.call("POST", "/reports/2021-06-30/reports", body).json()["reportId"]
    shop.later(120)
    report = shop.get(f"/reports/2021-06-30/reports/{report_id}").json()
    url = shop.get(f"/reports/2021-06-30/documents/{report['reportDocumentId']}").json()["url"]
    lines = [line.split("\t") for line in shop.http.get(url).content.decode("cp1252").splitlines()]
    quantity = {line[lines[0].index("seller-sku")]: line[lines[0].index("quantity")] for line in lines[1:]}
    assert quantity[sku] == "272"


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_an_answer_that_is_lost_has_taken_effect(shop: CatalogShop, method: str) -> None:
    sku = shop.sellers_own(skip=2).sku
    if method == "PATCH":
        shop.goes_wrong("lost_answer", method="PATCH")
        with pytest.raises(httpx.TransportError):
            shop.patch(sku, set_quantity(91))
        shop.later(21)
        assert shop.quantity(sku) == 91
        return
    message = {"sku": sku, "operationType": "PATCH", "productType": "PRODUCT", "patches": [set_quantity(92)]}
    shop.goes_wrong("lost_answer", method="POST", match="/feeds/2021-06-30/feeds")
    with pytest.raises(httpx.TransportError):
        shop.submit(shop.messages(message))
    newest = shop.get(f"{FEEDS}/feeds", feedTypes="JSON_LISTINGS_FEED").json()["feeds"][0]
    assert newest["processingStatus"] == "IN_QUEUE"
    shop.later(81)
    assert shop.quantity(sku) == 92
