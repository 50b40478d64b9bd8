"""Acknowledge, ship, cancel and refund over HTTP: what is refused, then what happens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest


def description(reply: Any) -> str:
    assert reply.status_code == 400, reply.text
    text: str = reply.json()["errors"]["error"][0]["description"]
    return text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"carrierName": {"carrier": "Pony Express"}}, "carrier"),
        ({"carrierName": {"otherCarrier": "Pony Express"}, "trackingURL": None}, "trackingURL"),
        ({"carrierName": {}}, "carrierName"),
        ({"carrierName": {"carrier": "UPS", "otherCarrier": "x"}}, "carrierName"),
        ({"shipDateTime": 1795165200}, "shipDateTime"),
        ({"shipDateTime": "1795165200000"}, "shipDateTime"),
        ({"methodCode": "Ground"}, "methodCode"),
        ({"trackingNumber": " "}, "trackingNumber"),
        ({"sellerOrderId": "S" * 31}, "sellerOrderId"),
        ({"lineNumber": 1}, "lineNumber"),
    ],
)
def test_a_parcel_is_read_strictly(seller: Any, bodies: Any, changes: dict[str, Any], field: str) -> None:
    reply = seller.post("/v3/orders/1003/shipping", bodies.parcel(**changes))
    assert reply.status_code == 400
    error = reply.json()["errors"]["error"][0]
    assert (error["code"], error["field"]) == ("INVALID_REQUEST_CONTENT.GMP_ORDER_API", field)
    assert seller.statuses("1003") == [("Created", "2")]


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "", "x", "٣"])
def test_a_quantity_is_a_whole_number_as_text(seller: Any, bodies: Any, quantity: str) -> None:
    assert "whole number" in description(seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity=quantity)))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"orderShipment":[]}', b'{"orderShipment":{"orderLines":{}}}'])
def test_a_body_of_another_shape_is_refused(seller: Any, body: bytes) -> None:
    headers = seller.headers | {"Content-Type": "application/json"}
    assert seller.http.post("/v3/orders/1003/shipping", content=body, headers=headers).status_code == 400


def test_too_many_units_and_unknown_lines_are_refused(seller: Any, bodies: Any) -> None:
    assert "Qty OverShipped" in description(seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity="3")))
    assert "does not exist" in description(seller.post("/v3/orders/1003/shipping", bodies.parcel(line="7")))


def test_a_second_parcel_with_the_same_units_is_refused(seller: Any, bodies: Any) -> None:
    assert seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity="2")).status_code == 200
    text = description(seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity="2")))
    assert text == "Line: 1 of PO 1003 is in SHIPPED status"


def test_one_bad_line_refuses_the_whole_parcel(seller: Any, bodies: Any) -> None:
    body = bodies.parcel(line="1", quantity="3")
    body["orderShipment"]["orderLines"]["orderLine"] += bodies.parcel(line="2", quantity="2")["orderShipment"][
        "orderLines"
    ]["orderLine"]
    assert "Line: 2" in description(seller.post("/v3/orders/1002/shipping", body)).replace("for line", "Line")
    assert seller.statuses("1002", 1) == [("Created", "3")]
    assert seller.order("1002")["orderLines"]["orderLine"][0]["sellerOrderId"] is None


@pytest.mark.parametrize("action", ["acknowledge", "shipping", "cancel", "refund"])
def test_orders_of_wfs_cannot_be_changed(seller: Any, bodies: Any, action: str) -> None:
    body = {
        "acknowledge": None,
        "shipping": bodies.parcel(),
        "cancel": bodies.cancellation(),
        "refund": bodies.refund("1005"),
    }[action]
    assert "WFS" in description(seller.post(f"/v3/orders/1005/{action}", body))


def test_an_order_that_does_not_exist_is_not_found(seller: Any) -> None:
    for reply in (seller.get("/v3/orders/77"), seller.post("/v3/orders/77/acknowledge")):
        assert reply.status_code == 404
        assert reply.json()["errors"]["error"][0]["code"] == "CONTENT_NOT_FOUND.GMP_ORDER_API"


def test_acknowledging_after_shipping_is_refused(seller: Any, bodies: Any) -> None:
    seller.post("/v3/orders/1003/shipping", bodies.parcel())
    assert "Some or all qty in higher status" in description(seller.post("/v3/orders/1003/acknowledge"))


def test_cancel_refuses_unknown_reasons_and_shipped_units(seller: Any, bodies: Any) -> None:
    assert "cancellationReason" in description(
        seller.post("/v3/orders/1003/cancel", bodies.cancellation(reason="BECAUSE"))
    )
    reason = "CUSTOMER_REQUESTED_SELLER_TO_CANCEL"
    assert "no cancellation request" in description(
        seller.post("/v3/orders/1003/cancel", bodies.cancellation(reason=reason))
    )
    seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity="2"))
    assert "SHIPPED" in description(seller.post("/v3/orders/1003/cancel", bodies.cancellation()))


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (1.0, "must be negative"),
        (-10.01, "above the PRODUCT charge"),
        (-0.001, "more than 2 decimals"),
        (0, "is zero"),
    ],
)
def test_refund_amounts_are_negative_and_within_the_charge(seller: Any, bodies: Any, amount: float, text: str) -> None:
    assert text in description(seller.post("/v3/orders/1001/refund", bodies.refund("1001", amount=amount)))
    assert seller.order("1001")["orderLines"]["orderLine"][0]["refund"] is None


def test_a_refund_needs_a_shipped_line_and_its_own_order(seller: Any, bodies: Any) -> None:
    assert "cannot be refunded" in description(seller.post("/v3/orders/1003/refund", bodies.refund("1003")))
    assert "purchaseOrderId" in description(seller.post("/v3/orders/1001/refund", bodies.refund("1003")))


def test_the_lines_of_a_refund_share_one_mode(seller: Any, bodies: Any) -> None:
    seller.post("/v3/orders/1002/shipping", bodies.parcel(quantity="3"))
    body = bodies.refund("1002", full=True)
    body["orderRefund"]["orderLines"]["orderLine"] += bodies.refund("1002", "2")["orderRefund"]["orderLines"][
        "orderLine"
    ]
    assert "one mode" in description(seller.post("/v3/orders/1002/refund", body))


def test_acknowledge_takes_the_whole_order(seller: Any) -> None:
    reply = seller.post("/v3/orders/1002/acknowledge")
    assert reply.status_code == 200
    assert seller.statuses("1002", 1) == [("Acknowledged", "3")]
    assert seller.statuses("1002", 2) == [("Acknowledged", "1")]
    assert reply.json()["order"]["purchaseOrderId"] == "1002"


def test_a_line_is_sent_in_parts_and_the_rest_cancelled(seller: Any, bodies: Any) -> None:
    assert seller.post("/v3/orders/1002/shipping", bodies.parcel(quantity="2")).status_code == 200
    assert seller.post("/v3/orders/1002/cancel", bodies.cancellation(quantity="1")).status_code == 200
    assert seller.statuses("1002") == [("Shipped", "2"), ("Cancelled", "1")]


def test_a_parcel_is_echoed_with_its_tracking(seller: Any, bodies: Any) -> None:
    line = seller.post("/v3/orders/1003/shipping", bodies.parcel()).json()["order"]["orderLines"]["orderLine"][0]
    sent = line["orderLineStatuses"]["orderLineStatus"][-1]
    assert sent["trackingInfo"] == {
        "shipDateTime": 1795165200000,
        "carrierName": {"otherCarrier": None, "carrier": "UPS"},
        "methodCode": "Value",
        "trackingNumber": "1Z999",
        "trackingURL": "https://www.ups.com/track?tracknum=1Z999",
    }
    assert line["sellerOrderId"] == "SO-1"
    assert line["statusDate"] == 1795165200000


def test_tracking_is_replaced_by_a_partial_update(seller: Any, bodies: Any) -> None:
    seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity="2"))
    body = bodies.parcel(quantity="2", trackingNumber="1Z-new")
    body["orderShipment"]["processMode"] = "PARTIAL_UPDATE"
    assert seller.post("/v3/orders/1003/shipping", body).status_code == 200
    part = seller.order("1003")["orderLines"]["orderLine"][0]["orderLineStatuses"]["orderLineStatus"][0]
    assert (part["status"], part["trackingInfo"]["trackingNumber"]) == ("Shipped", "1Z-new")
    seller.wait(timedelta(hours=4, seconds=1))
    assert "too long ago" in description(seller.post("/v3/orders/1003/shipping", body))


def test_a_full_refund_gives_item_and_tax_back(seller: Any, bodies: Any) -> None:
    order = seller.post("/v3/orders/1001/refund", bodies.refund("1001", full=True)).json()["order"]
    line = order["orderLines"]["orderLine"][0]
    charge = line["refund"]["refundCharges"]["refundCharge"][0]["charge"]
    assert (charge["chargeAmount"]["amount"], charge["tax"]["taxAmount"]["amount"]) == (-10, -0.8)
    assert seller.statuses("1001") == [("Refund", "1")]
    assert "already refunded" in description(seller.post("/v3/orders/1001/refund", bodies.refund("1001", full=True)))


def test_a_partial_refund_leaves_the_line_where_it_is(seller: Any, bodies: Any) -> None:
    assert seller.post("/v3/orders/1001/refund", bodies.refund("1001", amount=-4, tax=-0.32)).status_code == 200
    assert seller.statuses("1001") == [("Delivered", "1")]


@pytest.mark.parametrize(
    ("past", "status"),
    [(timedelta(days=6, hours=-3, seconds=-1), "Created"), (timedelta(days=6, hours=-3), "Cancelled")],
)
def test_what_is_not_shipped_four_days_after_its_date_is_cancelled(seller: Any, past: timedelta, status: str) -> None:
    seller.wait(past)
    assert seller.statuses("1002", 2) == [(status, "1")]


def test_auto_cancel_leaves_what_was_shipped(seller: Any, bodies: Any) -> None:
    seller.post("/v3/orders/1002/shipping", bodies.parcel(quantity="2"))
    seller.wait(timedelta(days=6))
    assert seller.statuses("1002") == [("Delivered", "2"), ("Cancelled", "1")]


def test_a_parcel_arrives_by_itself_after_three_days(seller: Any, bodies: Any) -> None:
    seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity="2"))
    seller.wait(timedelta(days=3, seconds=-1))
    assert seller.statuses("1003") == [("Shipped", "2")]
    seller.wait(timedelta(seconds=1))
    assert seller.statuses("1003") == [("Delivered", "2")]


def test_two_carriers_unknown_to_answers_come_back_as_other_carrier(seller: Any, bodies: Any) -> None:
    seller.post("/v3/orders/1003/shipping", bodies.parcel(carrierName={"carrier": "ShipGlobal"}, quantity="2"))
    part = seller.order("1003")["orderLines"]["orderLine"][0]["orderLineStatuses"]["orderLineStatus"][0]
    assert part["trackingInfo"]["carrierName"] == {"otherCarrier": "ShipGlobal", "carrier": None}


def test_dates_are_epoch_milliseconds_and_blanks_explicit_nulls(seller: Any) -> None:
    order = seller.order("1002")
    assert order["orderDate"] == 1795154400000
    assert order["shippingInfo"]["postalAddress"]["address2"] is None
    line = order["orderLines"]["orderLine"][0]
    assert line["orderLineStatuses"]["orderLineStatus"][0]["trackingInfo"] is None
    assert line["charges"]["charge"][0]["chargeAmount"] == {"currency": "USD", "amount": 30}
    assert line["orderLineQuantity"] == {"unitOfMeasurement": "EACH", "amount": "3"}
