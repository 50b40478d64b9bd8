"""searchOrders and getOrder: the rules of the parameters, paging, and what an order shows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sync.sandbox.world.model import StatusChange
from sync.sandbox.world.placing import place_order

if TYPE_CHECKING:
    from tests.sync.sandbox.amazon.conftest import Seller

ORDERS = "/orders/2026-01-01/orders"
EVERYTHING = "BUYER,RECIPIENT,PROCEEDS,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX"
LONG_AGO = "2026-07-01T00:00:00Z"


def pages(seller: Seller, **query: Any) -> list[list[dict[str, Any]]]:
    """Return every page of a search, following the tokens."""
    seller.limits.enabled = False
    found, answer = [], seller.get(ORDERS, **query).json()
    while True:
        found.append(answer["orders"])
        token = answer.get("pagination", {}).get("nextToken")
        if token is None:
            return found
        answer = seller.get(ORDERS, paginationToken=token, includedData=query.get("includedData", "")).json()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "Exactly one"),
        ({"createdAfter": LONG_AGO, "lastUpdatedAfter": LONG_AGO}, "Exactly one"),
        ({"createdAfter": LONG_AGO, "lastUpdatedBefore": "2026-08-01T00:00:00Z"}, "cannot be combined"),
        ({"createdAfter": LONG_AGO, "createdBefore": "2026-11-20T08:58:01Z"}, "two minutes"),
        ({"createdAfter": "2026-11-20T08:59:00Z"}, "must not be later"),
        ({"createdAfter": "yesterday"}, "ISO 8601"),
        ({"createdAfter": "2026-11-01T00:00:00"}, "time zone"),
        ({"createdAfter": LONG_AGO, "maxResultsPerPage": "101"}, "between 1 and 100"),
        ({"createdAfter": LONG_AGO, "maxResultsPerPage": "0"}, "between 1 and 100"),
        ({"createdAfter": LONG_AGO, "fulfillmentStatuses": "Shipped"}, "invalid value"),
        ({"createdAfter": LONG_AGO, "includedData": "MONEY"}, "invalid value"),
        ({"createdAfter": LONG_AGO, "marketplaceIds": "A1F83G8C2ARO7P"}, "not one of the seller's"),
        ({"paginationToken": "abc"}, "invalid"),
        ({"paginationToken": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, "invalid"),
    ],
)
def test_a_search_that_breaks_a_rule_is_400(seller: Seller, query: dict[str, str], said: str) -> None:
    answer = seller.get(ORDERS, **query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "InvalidInput"
    assert said in answer.json()["errors"][0]["message"]
    assert answer.headers["x-amzn-ratelimit-limit"] == "0.0056"


def test_an_unknown_order_is_404(seller: Seller) -> None:
    answer = seller.get(f"{ORDERS}/111-1111111-1111111")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "NotFound")


@pytest.mark.proves("A21")
def test_a_page_token_is_dead_after_a_day(seller: Seller) -> None:
    first = seller.get(ORDERS, createdAfter=LONG_AGO, maxResultsPerPage="5").json()
    token = first["pagination"]["nextToken"]
    seller.clock.advance(24 * 3600 + 1)
    seller.log_in()
    answer = seller.get(ORDERS, paginationToken=token)
    assert (answer.status_code, "expired" in answer.text) == (400, True)


def test_pages_hold_every_order_once_oldest_first(seller: Seller) -> None:
    found = pages(seller, createdAfter=LONG_AGO, maxResultsPerPage="50")
    assert {len(page) for page in found[:-1]} == {50}
    orders = [order for page in found for order in page]
    expected = [o.order_id for c in ("amazon.US", "amazon.DE") for o in seller.world.orders(c)]
    assert sorted(o["orderId"] for o in orders) == sorted(expected)
    assert [o["createdTime"] for o in orders] == sorted(o["createdTime"] for o in orders)


def test_updates_are_searched_by_the_time_of_the_last_change(seller: Seller) -> None:
    after = "2026-11-19T00:00:00Z"
    orders = [o for page in pages(seller, lastUpdatedAfter=after) for o in page]
    assert orders
    assert all(o["lastUpdatedTime"] >= after for o in orders)
    assert any(o["createdTime"] < after for o in orders)


def test_filters_narrow_a_search(seller: Seller) -> None:
    query = {"createdAfter": LONG_AGO, "includedData": "FULFILLMENT", "marketplaceIds": "A1PA6795UKMFR9"}
    german = [o for p in pages(seller, **query, fulfilledBy="MERCHANT", fulfillmentStatuses="CANCELLED") for o in p]
    assert german
    assert {o["salesChannel"]["marketplaceName"] for o in german} == {"Amazon.de"}
    assert {(o["fulfillment"]["fulfilledBy"], o["fulfillment"]["fulfillmentStatus"]) for o in german} == {
        ("MERCHANT", "CANCELLED")
    }


def test_a_repeated_page_loses_no_order(seller: Seller) -> None:
    seller.limits.enabled = False
    first = seller.get(ORDERS, createdAfter=LONG_AGO, maxResultsPerPage="10").json()
    seller.goes_wrong("page_repeated")
    again = seller.get(ORDERS, paginationToken=first["pagination"]["nextToken"]).json()
    assert again["orders"] == first["orders"]
    second = seller.get(ORDERS, paginationToken=again["pagination"]["nextToken"]).json()
    assert not {o["orderId"] for o in second["orders"]} & {o["orderId"] for o in first["orders"]}


def test_a_pending_order_has_no_price_buyer_or_address(seller: Seller) -> None:
    placed_at = seller.clock.now() - timedelta(hours=1)
    order = place_order(seller.world, placed_at, channel="amazon.US", sku=None, quantity=1, fulfilled_by="seller")
    order.timeline = [StatusChange(placed_at, "pending")]
    pending = seller.get(f"{ORDERS}/{order.order_id}", includedData=EVERYTHING).json()["order"]
    assert pending["fulfillment"]["fulfillmentStatus"] == "PENDING"
    assert not {"buyer", "recipient", "proceeds", "packages"} & set(pending)
    assert all("price" not in i["product"] and "proceeds" not in i for i in pending["orderItems"])


def test_an_order_s_money_adds_up(seller: Seller) -> None:
    orders = [o for page in pages(seller, createdAfter=LONG_AGO, includedData=EVERYTHING) for o in page]
    seen = set()
    for order in orders:
        if "proceeds" not in order:
            continue
        grand = Decimal(order["proceeds"]["grandTotal"]["amount"])
        assert sum(Decimal(b["subtotal"]["amount"]) for b in order["proceeds"]["breakdowns"]) == grand
        assert sum(Decimal(i["proceeds"]["proceedsTotal"]["amount"]) for i in order["orderItems"]) == grand
        for item in order["orderItems"]:
            parts = item["proceeds"]["breakdowns"]
            total = Decimal(item["proceeds"]["proceedsTotal"]["amount"])
            assert sum(Decimal(b["subtotal"]["amount"]) for b in parts) == total
            for part in parts:
                detail = [Decimal(d["value"]["amount"]) for d in part.get("detailedBreakdowns", ())]
                assert not detail or sum(detail) == Decimal(part["subtotal"]["amount"])
            seen |= {b["type"] for b in parts}
    assert seen == {"ITEM", "SHIPPING", "GIFT_WRAP", "DISCOUNT", "TAX"}


def test_data_that_is_not_asked_for_is_not_shown(seller: Seller) -> None:
    order = next(o for o in seller.world.orders("amazon.US") if o.shipments)
    bare = seller.get(f"{ORDERS}/{order.order_id}").json()["order"]
    assert not {"buyer", "recipient", "proceeds", "packages", "fulfillment"} & set(bare)
    full = seller.get(f"{ORDERS}/{order.order_id}", includedData=EVERYTHING).json()["order"]
    assert full["buyer"]["buyerName"] == order.buyer.name
    assert full["recipient"]["deliveryAddress"]["city"] == order.buyer.address.city


def test_packages_are_shown_for_what_the_seller_sends_only(seller: Seller) -> None:
    def packages(fulfilled_by: str) -> Any:
        orders = seller.world.orders("amazon.US")
        order = next(o for o in orders if o.shipments and o.fulfilled_by == fulfilled_by)
        shown = seller.get(f"{ORDERS}/{order.order_id}", includedData="PACKAGES").json()["order"]
        return shown.get("packages")

    assert packages("channel") is None
    assert packages("seller")[0]["trackingNumber"]


def test_what_amazon_ships_goes_on_as_the_clock_moves(seller: Seller) -> None:
    now = seller.clock.now()
    order = next(
        o
        for o in reversed(seller.world.orders("amazon.US"))
        if o.fulfilled_by == "channel" and o.shipments and o.shipments[0].at > now
    )

    def status() -> str:
        shown = seller.get(f"{ORDERS}/{order.order_id}", includedData="FULFILLMENT").json()["order"]
        return str(shown["fulfillment"]["fulfillmentStatus"])

    assert status() in ("PENDING", "UNSHIPPED")
    seller.clock.advance((order.shipments[-1].at - now + timedelta(seconds=1)).total_seconds())
    seller.log_in()
    assert status() == "SHIPPED"
