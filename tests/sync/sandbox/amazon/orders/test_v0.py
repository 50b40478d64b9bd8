"""The deprecated reads of orders v0 and the restricted data tokens that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sync.sandbox.amazon.conftest import Seller

ROOT = "/orders/v0/orders"
TOKENS = "/tokens/2021-03-01/restrictedDataToken"
US = "ATVPDKIKX0DER"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"restrictedResources": []},
        {"restrictedResources": [{"method": "GET", "path": ROOT}] * 51},
        {"restrictedResources": [{"method": "PATCH", "path": ROOT}]},
        {"restrictedResources": [{"method": "GET"}]},
        {"restrictedResources": ["orders"]},
        {"restrictedResources": [{"method": "GET", "path": ROOT, "dataElements": ["shoeSize"]}]},
    ],
)
def test_a_wrong_request_for_a_restricted_token_is_400(seller: Seller, body: Any) -> None:
    assert seller.post(TOKENS, body).status_code == 400


@pytest.mark.proves("A12")
def test_a_restricted_token_opens_its_own_resource_and_nothing_else(seller: Seller) -> None:
    first, second = seller.world.orders("amazon.US")[:2]
    one = seller.restricted(f"{ROOT}/{first.order_id}/address")
    assert seller.call("GET", f"{ROOT}/{first.order_id}/address", token=one).status_code == 200
    assert seller.call("GET", f"{ROOT}/{second.order_id}/address", token=one).status_code == 403
    assert seller.call("GET", f"{ROOT}/{first.order_id}", token=one).status_code == 403
    assert seller.call("GET", "/sellers/v1/marketplaceParticipations", token=one).status_code == 403
    every = seller.restricted(f"{ROOT}/{{orderId}}/address")
    assert seller.call("GET", f"{ROOT}/{second.order_id}/address", token=every).status_code == 200
    seller.clock.advance(3600)
    assert seller.call("GET", f"{ROOT}/{second.order_id}/address", token=every).status_code == 403


@pytest.mark.parametrize("end", ["", "/buyerInfo", "/address", "/orderItems", "/orderItems/buyerInfo"])
def test_a_read_without_a_restricted_token_is_403(seller: Seller, end: str) -> None:
    order = seller.world.orders("amazon.US")[0]
    assert seller.get(f"{ROOT}/{order.order_id}{end}").status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        {"CreatedAfter": "2026-11-01T00:00:00Z"},
        {"MarketplaceIds": US},
        {"MarketplaceIds": "X", "CreatedAfter": "2026-11-01T00:00:00Z"},
        {"MarketplaceIds": US, "CreatedAfter": "2026-11-01T00:00:00Z", "LastUpdatedAfter": "2026-11-01T00:00:00Z"},
        {"MarketplaceIds": US, "CreatedAfter": "2026-11-01T00:00:00Z", "CreatedBefore": "2026-11-20T08:59:00Z"},
        {"MarketplaceIds": US, "CreatedAfter": "2026-11-01T00:00:00Z", "OrderStatuses": "Lost"},
    ],
)
def test_a_search_that_breaks_a_rule_is_400(seller: Seller, query: dict[str, str]) -> None:
    assert seller.call("GET", ROOT, token=seller.restricted(ROOT), **query).status_code == 400


def test_the_pages_of_both_versions_hold_the_same_orders(seller: Seller) -> None:
    seller.limits.enabled = False
    token, query = seller.restricted(ROOT), {"MarketplaceIds": US, "CreatedAfter": "2026-10-01T00:00:00Z"}
    payload = seller.call("GET", ROOT, token=token, MaxResultsPerPage=40, **query).json()["payload"]
    found = list(payload["Orders"])
    while "NextToken" in payload:
        payload = seller.call("GET", ROOT, token=token, NextToken=payload["NextToken"], MarketplaceIds=US).json()[
            "payload"
        ]
        found += payload["Orders"]
    new = seller.get("/orders/2026-01-01/orders", createdAfter="2026-10-01T00:00:00Z", marketplaceIds=US).json()
    assert len(found) > 100
    assert [o["AmazonOrderId"] for o in found[:100]] == [o["orderId"] for o in new["orders"]]
    assert len({o["AmazonOrderId"] for o in found}) == len(found)


def test_the_items_of_an_order_carry_its_money_as_strings(seller: Seller) -> None:
    order = next(o for o in seller.world.orders("amazon.US") if o.status_at(seller.clock.now()) == "delivered")
    token = seller.restricted(f"{ROOT}/{{orderId}}/orderItems", f"{ROOT}/{{orderId}}")
    items = seller.call("GET", f"{ROOT}/{order.order_id}/orderItems", token=token).json()["payload"]["OrderItems"]
    assert [i["ItemPrice"]["Amount"] for i in items] == [f"{x.item_price:.2f}" for x in order.lines]
    whole = seller.call("GET", f"{ROOT}/{order.order_id}", token=token).json()["payload"]
    assert (whole["OrderStatus"], whole["OrderTotal"]["Amount"]) == ("Shipped", f"{order.total:.2f}")
