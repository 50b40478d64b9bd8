"""Fulfillment Outbound 2020-07-01: an order of another shop, from its receipt to its parcel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from sync.sandbox.amazon.front.parameters import zulu
from sync.sandbox.amazon.orders.of_other_shops import shown_order
from sync.sandbox.amazon.orders.v0_view import show_v0_order
from sync.sandbox.amazon.reports.shipments import write_shipments
from sync.sandbox.amazon.reports.table import Span
from tests.sync.sandbox.amazon.catalog_shop import US, CatalogShop, load_judge, open_shop

SOLD = "/orders/2026-01-01/orders"
ORDERS = "/fba/outbound/2020-07-01/fulfillmentOrders"
TRACKING = "/fba/outbound/2020-07-01/tracking"
HOUR = 3600


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        opened.judge = load_judge("fulfillmentOutbound_2020-07-01.json")
        yield opened


def on_hand(shop: CatalogShop, sku: str) -> int:
    return sum(s.fulfillable for s in shop.world.stock_at("amazon.US", shop.clock.now()) if s.sku == sku)


def well_stocked(shop: CatalogShop) -> str:
    """Return the SKU of which the most units are there."""
    skus = [x.sku for x in shop.world.listings if x.channel == "amazon.US" and x.fulfilled_by == "channel"]
    return max(skus, key=lambda sku: on_hand(shop, sku))


def body(shop: CatalogShop, order_id: str, quantity: int = 2, **changes: Any) -> dict[str, Any]:
    return {
        "sellerFulfillmentOrderId": order_id,
        "displayableOrderId": order_id,
        "displayableOrderDate": "2026-11-20T08:00:00Z",
        "displayableOrderComment": "Thank you",
        "shippingSpeedCategory": "Standard",
        "destinationAddress": {
            "name": "Ada Park",
            "addressLine1": "1 Elm St",
            "city": "Austin",
            "stateOrRegion": "TX",
            "postalCode": "78701",
            "countryCode": "US",
        },
        "items": [{"sellerSku": well_stocked(shop), "sellerFulfillmentOrderItemId": "1", "quantity": quantity}],
        "marketplaceId": US,
    } | changes


def status(shop: CatalogShop, order_id: str) -> str:
    shown = shop.get(f"{ORDERS}/{order_id}").json()["payload"]["fulfillmentOrder"]
    return str(shown["fulfillmentOrderStatus"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sellerFulfillmentOrderId": "x" * 41}, "at most 40"),
        ({"displayableOrderComment": ""}, "displayableOrderComment"),
        ({"displayableOrderDate": "2026-11-20"}, "time zone"),
        ({"displayableOrderDate": "soon"}, "ISO 8601"),
        ({"shippingSpeedCategory": "Slow"}, "shippingSpeedCategory"),
        ({"fulfillmentPolicy": "FillSome"}, "fulfillmentPolicy"),
        ({"fulfillmentAction": "Wait"}, "fulfillmentAction"),
        ({"destinationAddress": {"name": "x"}}, "destinationAddress"),
        ({"marketplaceId": "A1F83G8C2ARO7P"}, "marketplaceId"),
        ({"marketplaceId": [US]}, "marketplaceId"),
        ({"items": []}, "items"),
        ({"items": [{"sellerSku": "NOPE", "sellerFulfillmentOrderItemId": "1", "quantity": 1}]}, "not in Amazon's"),
    ],
)
def test_an_order_that_cannot_be_is_400(shop: CatalogShop, changes: dict[str, Any], said: str) -> None:
    answer = shop.call("POST", ORDERS, body(shop, "BAD", **changes))
    assert (answer.status_code, said in answer.text) == (400, True)
    assert shop.get(f"{ORDERS}/BAD").status_code == 404


def test_fill_or_kill_is_refused_without_enough_stock_and_the_rest_is_filled(shop: CatalogShop) -> None:
    sku = well_stocked(shop)
    there = on_hand(shop, sku)
    assert shop.call("POST", ORDERS, body(shop, "KILL", there + 1)).status_code == 400
    some = body(shop, "SOME", there + 1, fulfillmentPolicy="FillAllAvailable")
    assert shop.call("POST", ORDERS, some).status_code == 200
    shop.later(21 * HOUR)
    assert status(shop, "SOME") == "CompletePartialled"
    line = shop.get(f"{ORDERS}/SOME").json()["payload"]["fulfillmentOrderItems"][0]
    assert line["unfulfillableQuantity"] >= 1


def test_an_order_goes_on_with_the_clock_and_its_units_leave_the_warehouse(shop: CatalogShop) -> None:
    order = body(shop, "WHOLE", 3)
    sku = order["items"][0]["sellerSku"]
    assert shop.call("POST", ORDERS, order).status_code == 200
    assert shop.call("POST", ORDERS, order).status_code == 400
    seen = [status(shop, "WHOLE")]
    for hours in (1, 2, 18):
        shop.later(hours * HOUR)
        seen.append(status(shop, "WHOLE"))
    assert seen == ["Received", "Planning", "Processing", "Complete"]
    moved = [m for m in shop.world.stock_room("amazon.US").movements(*_day(shop)) if m.reference == "WHOLE"]
    assert sum(m.quantity for m in moved) == -3
    assert {(m.sku, m.event) for m in moved} == {(sku, "shipment")}
    payload = shop.get(f"{ORDERS}/WHOLE").json()["payload"]
    package = payload["fulfillmentShipments"][0]["fulfillmentShipmentPackage"][0]
    number = package["packageNumber"]
    tracked = shop.get(TRACKING, packageNumber=number).json()["payload"]
    assert (tracked["trackingNumber"], tracked["currentStatus"]) == (package["trackingNumber"], "IN_TRANSIT")
    shop.later(6 * 24 * HOUR)
    assert shop.get(TRACKING, packageNumber=number).json()["payload"]["currentStatus"] == "DELIVERED"


def _day(shop: CatalogShop) -> tuple[Any, Any, Any]:

    now = shop.clock.now()
    return now - timedelta(days=2), now + timedelta(seconds=1), now


@contextmanager
def orders_api(shop: CatalogShop) -> Iterator[None]:
    """Let the models of the other APIs judge: those of the shipping orders stand in a file of their own."""
    outbound, shop.judge = shop.judge, load_judge()
    try:
        yield
    finally:
        shop.judge = outbound


def own_order(shop: CatalogShop, order_id: str) -> dict[str, Any]:
    """Return Amazon's own side of a shipping order, found by its change and asked for by its number."""
    since = {"lastUpdatedAfter": zulu(shop.clock.now() - timedelta(days=2)), "marketplaceIds": US}
    included = "FULFILLMENT,RECIPIENT,PROCEEDS"
    with orders_api(shop):
        listed = shop.get(SOLD, **since, includedData=included).json()["orders"]
        alias = [{"aliasId": order_id, "aliasType": "SELLER_ORDER_ID"}]
        (found,) = [o for o in listed if o.get("orderAliases") == alias]
        assert shop.get(f"{SOLD}/{found['orderId']}", includedData=included).json()["order"] == found
    return dict(found)


def test_amazon_shows_what_it_ships_for_others_among_its_own_orders_without_a_price(shop: CatalogShop) -> None:
    for order_id in ("OWN-1", "OWN-2"):
        assert shop.call("POST", ORDERS, body(shop, order_id)).status_code == 200
    shop.later(200)
    found = own_order(shop, "OWN-1")
    assert found["salesChannel"]["marketplaceName"] == "Non-Amazon"
    assert "proceeds" not in found
    assert found["recipient"]["deliveryAddress"]["city"] == "Austin"
    assert found["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"
    with orders_api(shop):
        assert shop.get(f"{SOLD}/S01-0000000-0000000").status_code == 404
    order = shown_order(shop.world, "amazon.US", found["orderId"], shop.clock.now())
    assert order is not None
    older = show_v0_order(order, shop.clock.now())
    assert (older["SalesChannel"], older["SellerOrderId"], older["OrderStatus"]) == ("Non-Amazon", "OWN-1", "Unshipped")
    assert shop.call("PUT", f"{ORDERS}/OWN-2/cancel").status_code == 200
    shop.later(21 * HOUR)
    gone, cancelled = own_order(shop, "OWN-1"), own_order(shop, "OWN-2")
    assert gone["orderId"] == found["orderId"]
    assert gone["fulfillment"]["fulfillmentStatus"] == "SHIPPED"
    assert [i["fulfillment"]["quantityFulfilled"] for i in gone["orderItems"]] == [2]
    assert cancelled["fulfillment"]["fulfillmentStatus"] == "CANCELLED"
    span = Span(shop.clock.now() - timedelta(days=2), shop.clock.now(), shop.clock.now())
    head, *rows = (write_shipments(shop.world, ["amazon.US"], span) or b"").decode().splitlines()
    (row,) = [dict(zip(head.split("\t"), r.split("\t"), strict=True)) for r in rows if r.startswith(gone["orderId"])]
    assert (row["merchant-order-id"], row["sales-channel"], row["item-price"]) == ("OWN-1", "Non-Amazon", "0.00")
    shipment = shop.get(f"{ORDERS}/OWN-1").json()["payload"]["fulfillmentShipments"][0]
    assert row["tracking-number"] == shipment["fulfillmentShipmentPackage"][0]["trackingNumber"]


def test_an_order_can_be_cancelled_until_it_is_processed(shop: CatalogShop) -> None:
    shop.call("POST", ORDERS, body(shop, "EARLY"))
    shop.call("POST", ORDERS, body(shop, "LATE"))
    assert shop.call("PUT", f"{ORDERS}/EARLY/cancel").status_code == 200
    shop.later(3 * HOUR)
    assert shop.call("PUT", f"{ORDERS}/LATE/cancel").status_code == 400
    shop.later(21 * HOUR)
    assert (status(shop, "EARLY"), status(shop, "LATE")) == ("Cancelled", "Complete")
    assert shop.get(f"{ORDERS}/EARLY").json()["payload"]["fulfillmentOrderItems"][0]["cancelledQuantity"] == 2


def test_an_order_on_hold_stays_new(shop: CatalogShop) -> None:
    shop.call("POST", ORDERS, body(shop, "HELD", fulfillmentAction="Hold"))
    shop.later(30 * HOUR)
    assert status(shop, "HELD") == "New"
    assert shop.call("PUT", f"{ORDERS}/HELD/cancel").status_code == 200


def test_the_sandbox_can_be_told_a_status(shop: CatalogShop) -> None:
    shop.call("POST", ORDERS, body(shop, "TOLD"))
    path = f"{ORDERS}/TOLD/status"
    assert shop.call("PUT", path, {"fulfillmentOrderStatus": "Sold"}).status_code == 400
    assert shop.call("PUT", path, {"fulfillmentOrderStatus": "Unfulfillable"}).status_code == 200
    shop.later(30 * HOUR)
    assert status(shop, "TOLD") == "Unfulfillable"


def test_the_list_holds_what_changed_lately_page_by_page(shop: CatalogShop) -> None:
    assert shop.call("POST", ORDERS, body(shop, "BEFORE", 1, fulfillmentAction="Hold")).status_code == 200
    shop.later(10 * 24 * HOUR)
    assert shop.get(ORDERS).json()["payload"]["fulfillmentOrders"] == []
    made = [f"L{n}" for n in range(53)]
    for order_id in made:
        assert shop.call("POST", ORDERS, body(shop, order_id, 1, fulfillmentAction="Hold")).status_code == 200
    first = shop.get(ORDERS).json()["payload"]
    second = shop.get(ORDERS, nextToken=first["nextToken"]).json()["payload"]
    found = [o["sellerFulfillmentOrderId"] for page in (first, second) for o in page["fulfillmentOrders"]]
    assert (found, "nextToken" in second) == (made, False)
    everything = shop.get(ORDERS, queryStartDate="2026-11-01T00:00:00Z").json()["payload"]
    assert "BEFORE" in {o["sellerFulfillmentOrderId"] for o in everything["fulfillmentOrders"]}
