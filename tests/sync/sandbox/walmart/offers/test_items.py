"""Items: a walk with one cursor for all pages, one item by many names, counts, retirement; prices and promotions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PROMOTION = {
    "currentPriceType": "REDUCED",
    "currentPrice": {"currency": "USD", "amount": 8},
    "comparisonPriceType": "BASE",
    "comparisonPrice": {"currency": "USD", "amount": 10},
    "effectiveDate": "2026-11-20T09:00:00Z",
    "expirationDate": "2026-11-27T09:00:00Z",
}


def price(amount: float, **more: Any) -> dict[str, Any]:
    return {"currentPriceType": "BASE", "currentPrice": {"currency": "USD", "amount": amount}} | more


def shown(seller: Any, sku: str) -> float:
    return float(seller.get(f"/v3/items/{sku}").json()["ItemResponse"][0]["price"]["amount"])


def walk(seller: Any, limit: int) -> list[str]:
    found: list[str] = []
    cursor = "*"
    while True:
        page = seller.get(f"/v3/items?nextCursor={cursor}&limit={limit}")
        if page.status_code == 404:
            return found
        cursor = page.json()["nextCursor"]
        found += [item["sku"] for item in page.json()["ItemResponse"]]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 1000))
def test_any_page_size_gives_every_item_once(trader: Any, limit: int) -> None:
    skus = [x.sku for x in trader.world.listings if x.channel == "walmart.US"]
    assert walk(trader, limit) == skus
    pages = [trader.get(f"/v3/items?limit={limit}&offset={start}") for start in range(0, len(skus), limit)]
    assert [item["sku"] for page in pages for item in page.json()["ItemResponse"]] == skus


def test_the_cursor_stays_the_same_and_dies_after_two_minutes(trader: Any) -> None:
    first = trader.get("/v3/items?nextCursor=*&limit=3").json()
    url = f"/v3/items?nextCursor={first['nextCursor']}&limit=3"
    second = trader.get(url).json()
    assert second["nextCursor"] == first["nextCursor"]
    assert second["ItemResponse"] != first["ItemResponse"]
    trader.clock.advance(121)
    reply = trader.get(url)
    assert (reply.status_code, reply.json()["description"]) == (400, "Invalid Cursor")


@pytest.mark.parametrize("query", ["limit=1001", "limit=0", "offset=10001", "lifecycleStatus=GONE", "nextCursor=x"])
def test_wrong_questions_are_refused(seller: Any, query: str) -> None:
    assert seller.get(f"/v3/items?{query}").status_code == 400


@pytest.mark.proves("W07")
def test_no_items_are_404(seller: Any) -> None:
    assert seller.code(seller.get("/v3/items?sku=NOTHING")) == (404, "CONTENT_NOT_FOUND")
    seller.fault("W07")
    assert seller.code(seller.get("/v3/items")) == (404, "CONTENT_NOT_FOUND")


def test_one_item_is_found_by_sku_and_by_gtin(seller: Any) -> None:
    for path in ("MUG", "00833305180005?productIdType=GTIN", "833305180005?productIdType=UPC"):
        reply = seller.get(f"/v3/items/{path}")
        assert reply.json()["ItemResponse"][0]["sku"] == "MUG", path
    assert seller.get("/v3/items/MUG?productIdType=ASIN").status_code == 400
    assert seller.code(seller.get("/v3/items/NOTHING")) == (404, "CONTENT_NOT_FOUND")


def test_counts_and_retirement(seller: Any) -> None:
    assert seller.get("/v3/items/count").json() == {"All": 3}
    assert seller.send("DELETE", "/v3/items/PEN").json()["sku"] == "PEN"
    assert seller.get("/v3/items/count?status=PUBLISHED").json() == {"PUBLISHED": 3}
    seller.wait(timedelta(hours=24))
    assert seller.get("/v3/items/count?status=PUBLISHED").json() == {"PUBLISHED": 2}
    assert seller.get("/v3/items?lifecycleStatus=RETIRED").json()["ItemResponse"][0]["sku"] == "PEN"
    assert seller.send("DELETE", "/v3/items/NOTHING").status_code == 404
    assert seller.get("/v3/items/count?status=LOST").status_code == 400


def test_filters_have_a_smaller_bucket(seller: Any) -> None:
    assert seller.get("/v3/items").headers["x-current-token-count"] == "299"
    assert seller.get("/v3/items?sku=MUG").headers["x-current-token-count"] == "59"
    assert seller.get("/v3/items/MUG").headers["x-current-token-count"] == "899"


@pytest.mark.parametrize(
    "body",
    [
        {"sku": "MUG"},
        {"sku": "NOTHING", "pricing": [price(5)]},
        {"sku": "MUG", "pricing": []},
        {"sku": "MUG", "pricing": [price(9.999)]},
        {"sku": "MUG", "pricing": [price(0)]},
        {"sku": "MUG", "pricing": [price(5, currentPriceType="CHEAP")]},
        {"sku": "MUG", "pricing": [{"currentPrice": {"currency": "EUR", "amount": 5}}]},
        {"sku": "MUG", "pricing": [price(5), PROMOTION | {"expirationDate": "2026-11-01T00:00:00Z"}]},
        {"sku": "MUG", "pricing": [price(5), PROMOTION | {"processMode": "SOMETIMES"}]},
    ],
)
def test_a_wrong_price_changes_nothing(seller: Any, body: dict[str, Any]) -> None:
    assert seller.code(seller.send("PUT", "/v3/price", body)) == (400, "INVALID_REQUEST_CONTENT")
    assert shown(seller, "MUG") == 10
    assert seller.get("/v3/promo/sku/MUG").json()["payload"]["pricingList"]["pricing"] == []


def test_a_price_holds_for_the_item_and_the_next_order(seller: Any) -> None:
    reply = seller.send("PUT", "/v3/price", {"sku": "MUG", "pricing": [price(12.5)]})
    assert reply.json()["ItemPriceResponse"]["sku"] == "MUG"
    assert shown(seller, "MUG") == 12.5
    seller.headers["WM_SANDBOX"] = "v2"
    line = {"item": {"sku": "MUG"}, "orderLineQuantity": {"unitOfMeasurement": "EACH", "amount": "2"}}
    po = seller.post("/v1/simulations/orders", {"orderLines": {"orderLine": [line]}}).json()["purchaseOrderId"]
    charge = seller.order(po)["orderLines"]["orderLine"][0]["charges"]["charge"][0]
    assert charge["chargeAmount"]["amount"] == 25


def test_a_hundred_prices_an_hour(seller: Any) -> None:
    body = {"sku": "MUG", "pricing": [price(11)]}
    replies = [seller.send("PUT", "/v3/price", body) for _ in range(101)]
    assert [r.status_code for r in replies] == [200] * 100 + [429]
    assert replies[-1].headers["retry-after"] == "36"


def test_promotions_come_and_go(seller: Any) -> None:
    url = "/v3/promo/sku/MUG"
    assert seller.send("PUT", "/v3/price?promo=true", {"sku": "MUG", "pricing": [price(5)]}).status_code == 400
    assert seller.send("PUT", "/v3/price?promo=true", {"sku": "MUG", "pricing": [PROMOTION]}).status_code == 200
    found = seller.get(url).json()["payload"]["pricingList"]["pricing"]
    assert [(p["currentPrice"]["value"]["amount"], p["savingsAmount"]) for p in found] == [(8, 2)]
    assert shown(seller, "MUG") == 10
    gone = PROMOTION | {"processMode": "DELETE"}
    assert seller.send("PUT", "/v3/price?promo=true", {"sku": "MUG", "pricing": [gone]}).status_code == 200
    assert seller.get(url).json()["payload"]["pricingList"]["pricing"] == []
    seller.send("PUT", "/v3/price?promo=true", {"sku": "MUG", "pricing": [PROMOTION]})
    seller.wait(timedelta(days=8))
    assert seller.get(url).json()["payload"]["pricingList"]["pricing"] == []
    assert seller.get("/v3/promo/sku/NOTHING").status_code == 404


def test_the_newer_price_call_answers_like_a_feed(seller: Any) -> None:
    header = {"businessUnit": "WALMART_US", "locale": "en", "version": "1.0"}
    body = {"MPItemFeedHeader": header, "MPItem": [{"Price": {"sku": s, "price": 7}} for s in ("MUG", "NOTHING")]}
    assert seller.post("/v3/price", body).json()["errors"]["error"][0]["field"] == "WM_MARKET"
    headers = seller.headers | {"WM_MARKET": "us", "WM_GLOBAL_VERSION": "3.1"}
    reply = seller.http.post("/v3/price", json=body, headers=headers).json()
    assert (reply["itemsSucceeded"], reply["itemsFailed"]) == (1, 1)
    assert shown(seller, "MUG") == 7


def test_simulated_items_are_items(seller: Any) -> None:
    seller.headers["WM_SANDBOX"] = "v2"
    made = {"sku": "NEW", "productName": "Lamp", "productType": "Home", "price": {"amount": 9.5, "currency": "USD"}}
    assert seller.post("/v1/simulations/items", {"items": [made | {"price": {}}]}).status_code == 400
    assert seller.post("/v1/simulations/items", {"items": [made]}).json() == [made | {"condition": "NEW"}]
    changed = seller.send("PUT", "/v1/simulations/items/NEW", {"productName": "Lamp II", "condition": "USED"})
    assert (changed.json()["productName"], changed.json()["condition"]) == ("Lamp II", "USED")
    assert len(seller.get("/v1/simulations/items").json()) == 4
    assert seller.get("/v1/simulations/items/NOTHING").status_code == 404
    assert seller.get("/v3/items/NEW").json()["ItemResponse"][0]["productName"] == "Lamp II"
