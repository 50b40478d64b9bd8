"""confirmShipment: the parcel becomes part of the order, can be edited, and nothing else gets through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sync.sandbox.world.placing import place_order

if TYPE_CHECKING:
    from sync.sandbox.world.model import SalesOrder
    from tests.sync.sandbox.amazon.conftest import Seller

US = "ATVPDKIKX0DER"
FINANCES = "/finances/2024-06-19/transactions"


def open_order(seller: Seller, units: int = 1) -> SalesOrder:
    now = seller.clock.now()
    return place_order(seller.world, now, channel="amazon.US", sku=None, quantity=units, fulfilled_by="seller")


def order_in(seller: Seller, status: str, fulfilled_by: str) -> SalesOrder:
    now = seller.clock.now()
    orders = seller.world.orders("amazon.US", now)
    return next(o for o in orders if o.status_at(now) == status and o.fulfilled_by == fulfilled_by)


def package(order: SalesOrder, **changes: Any) -> dict[str, Any]:
    detail = {
        "packageReferenceId": "1",
        "carrierCode": "UPS",
        "trackingNumber": "1Z999AA10123456784",
        "shipDate": "2026-11-20T08:00:00Z",
        "orderItems": [{"orderItemId": x.line_id, "quantity": x.quantity} for x in order.lines],
    }
    return {"marketplaceId": US, "packageDetail": detail | changes}


def confirm(seller: Seller, order_id: str, body: Any) -> int:
    return seller.post(f"/orders/v0/orders/{order_id}/shipmentConfirmation", body).status_code


def shown(seller: Seller, order_id: str) -> dict[str, Any]:
    answer = seller.get(f"/orders/2026-01-01/orders/{order_id}", includedData="FULFILLMENT,PACKAGES")
    return dict(answer.json()["order"])


def test_an_unknown_order_is_404(own_seller: Seller) -> None:
    assert confirm(own_seller, "113-0000000-0000000", package(open_order(own_seller))) == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"orderItems": []},
        {"orderItems": [{"orderItemId": "1", "quantity": 1}]},
        {"orderItems": [{"quantity": 1}]},
        {"orderItems": "all"},
        {"trackingNumber": ""},
        {"carrierCode": None},
        {"carrierCode": "Other"},
        {"packageReferenceId": "A"},
        {"shipDate": "today"},
        {"shipDate": "2026-12-20T08:00:00Z"},
    ],
)
def test_a_parcel_with_a_wrong_field_is_400_and_changes_nothing(own_seller: Seller, changes: dict[str, Any]) -> None:
    order = open_order(own_seller)
    assert confirm(own_seller, order.order_id, package(order, **changes)) == 400
    assert shown(own_seller, order.order_id)["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"


@pytest.mark.parametrize("quantity", [0, -1, 99, "1", True])
def test_a_wrong_quantity_is_400(own_seller: Seller, quantity: Any) -> None:
    order = open_order(own_seller)
    items = [{"orderItemId": order.lines[0].line_id, "quantity": quantity}]
    assert confirm(own_seller, order.order_id, package(order, orderItems=items)) == 400


def test_another_marketplace_a_body_that_is_none_and_orders_that_cannot_be_shipped_are_400(own_seller: Seller) -> None:
    seller, order = own_seller, open_order(own_seller)
    assert confirm(seller, order.order_id, package(order) | {"marketplaceId": "A1PA6795UKMFR9"}) == 400
    assert confirm(seller, order.order_id, [1]) == 400
    assert confirm(seller, order.order_id, {"marketplaceId": US}) == 400
    for status, who in (("cancelled", "seller"), ("delivered", "channel")):
        other = order_in(seller, status, who)
        assert confirm(seller, other.order_id, package(other)) == 400


def test_a_confirmed_parcel_is_in_the_order_and_its_sale_in_the_ledger(own_seller: Seller) -> None:
    seller, order = own_seller, open_order(own_seller)
    before = seller.world.open_period("amazon.US", seller.clock.now()).total
    answer = seller.post(f"/orders/v0/orders/{order.order_id}/shipmentConfirmation", package(order))
    assert (answer.status_code, answer.content) == (204, b"")
    now = shown(seller, order.order_id)
    assert now["fulfillment"]["fulfillmentStatus"] == "SHIPPED"
    assert [p["trackingNumber"] for p in now["packages"]] == ["1Z999AA10123456784"]
    assert now["lastUpdatedTime"] == "2026-11-20T09:00:00Z"
    assert seller.world.open_period("amazon.US", seller.clock.now()).total > before
    seller.clock.advance(150)
    changed = seller.get("/orders/2026-01-01/orders", lastUpdatedAfter="2026-11-20T09:00:00Z").json()["orders"]
    assert order.order_id in {o["orderId"] for o in changed}
    seller.clock.advance(2 * 86400)
    seller.log_in()
    query = {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": order.order_id}
    (sale,) = seller.get(FINANCES, **query).json()["payload"]["transactions"]
    assert (sale["transactionType"], sale["transactionStatus"]) == ("Shipment", "DEFERRED")


def test_the_same_reference_again_edits_the_parcel(own_seller: Seller) -> None:
    seller, order = own_seller, open_order(own_seller)
    assert confirm(seller, order.order_id, package(order)) == 204
    edited = package(order, trackingNumber="1ZNEW", carrierCode="Other", carrierName="Acme Couriers")
    assert confirm(seller, order.order_id, edited) == 204
    assert [(p["carrier"], p["trackingNumber"]) for p in shown(seller, order.order_id)["packages"]] == [
        ("Acme Couriers", "1ZNEW")
    ]


def test_two_parcels_ship_an_order_in_parts_and_no_more_than_it_has(own_seller: Seller) -> None:
    seller, order = own_seller, open_order(own_seller, units=2)
    first = [{"orderItemId": order.lines[0].line_id, "quantity": 1}]
    assert confirm(seller, order.order_id, package(order, orderItems=first)) == 204
    assert shown(seller, order.order_id)["fulfillment"]["fulfillmentStatus"] == "PARTIALLY_SHIPPED"
    assert confirm(seller, order.order_id, package(order, packageReferenceId="2")) == 400
    rest = [
        {"orderItemId": x.line_id, "quantity": x.quantity - (n == 0)}
        for n, x in enumerate(order.lines)
        if x.quantity - (n == 0)
    ]
    assert confirm(seller, order.order_id, package(order, packageReferenceId="2", orderItems=rest)) == 204
    assert shown(seller, order.order_id)["fulfillment"]["fulfillmentStatus"] == "SHIPPED"
